"""Sign up, log in, one's own account."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from app import crud
from app.api.deps import AppSettings, CurrentUser, DbReader, DbWriter, SigningSecret
from app.api.problems import responses
from app.api.route import Route
from app.core.errors import Fault, ForbiddenError, InvalidError, UnauthenticatedError
from app.core.security import Claims, create_access_token, hash_password, verify_password
from app.db.reader import Row
from app.models.user import User
from app.schemas.user import AccessToken, LoginForm, UserCreate, UserMe, UserUpdate

router = APIRouter(
    prefix="/api/v1/auth", tags=["auth"], route_class=Route, responses=responses(400, 422, 503)
)


@router.post(
    "/signup", response_model=UserMe, status_code=201, responses=responses(403, 409, 413, 415)
)
async def sign_up(
    data: UserCreate, settings: AppSettings, write: DbWriter, response: Response
) -> User:
    """Make an account for yourself."""
    if settings.signup == "closed":
        raise ForbiddenError("Sign-up is closed here.")
    hashed_password = await hash_password(data.password)
    user = await write(crud.user.register, data, hashed_password)
    response.headers["Location"] = f"/api/v1/users/{user.id}"
    return user


@router.post("/login", response_model=AccessToken, responses=responses(401, 413, 415))
async def log_in(
    form: Annotated[LoginForm, Form()],
    db: DbReader,
    settings: AppSettings,
    secret: SigningSecret,
    response: Response,
) -> AccessToken:
    """Exchange e-mail address and password for an access token (RFC 6749 section 4.3)."""
    user = await crud.user.get_by_email(db, form.username)
    hashed_password = user["hashed_password"] if user and user["is_active"] else None
    matches = await verify_password(form.password, hashed_password)
    if user is None or not matches:
        raise UnauthenticatedError("The e-mail address or the password is wrong.")
    response.headers["Cache-Control"] = "no-store"
    lifetime = timedelta(minutes=settings.access_token_minutes)
    token = create_access_token(Claims(user["id"], user["token_version"]), secret, lifetime)
    return AccessToken(access_token=token, expires_in=int(lifetime.total_seconds()))


@router.get("/me", response_model=UserMe, responses=responses(401))
async def read_me(user: CurrentUser, db: DbReader) -> Row:
    """Your account."""
    return await crud.user.get_or_raise(db, user.id)


@router.patch("/me", response_model=UserMe, responses=responses(401, 409, 413, 415))
async def update_me(changes: UserUpdate, user: CurrentUser, db: DbReader, write: DbWriter) -> User:
    """Change your account. A new password needs the current one, and ends every token."""
    given = changes.model_dump(exclude_unset=True)
    if "password" in given:
        account = await crud.user.get_or_raise(db, user.id)
        current = given.get("current_password", "")
        if not await verify_password(current, account["hashed_password"]):
            fault = Fault("is missing or wrong", "password", pointer="/current_password")
            raise InvalidError("This change needs your current password.", [fault])
    password = given.get("password")
    hashed_password = password and await hash_password(password)
    return await write(crud.user.change, user.id, changes, hashed_password)


@router.delete("/me", status_code=204, responses=responses(401, 409))
async def delete_me(user: CurrentUser, write: DbWriter) -> None:
    """Delete your account and your private recipes."""
    await write(crud.user.delete, user.id)


@router.post("/logout-everywhere", status_code=204, responses=responses(401))
async def log_out_everywhere(user: CurrentUser, write: DbWriter) -> None:
    """End every token of yours, this one included."""
    await write(crud.user.end_sessions, user.id)
