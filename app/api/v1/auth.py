"""Sign up, log in, your account and its API tokens."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query
from starlette.requests import Request
from starlette.responses import Response

from app import crud
from app.api.deps import (
    AppDeletions,
    AppRateLimiter,
    AppSettings,
    ClientNetwork,
    CurrentViewer,
    DbReader,
    DbTransactions,
    RequestPrecondition,
    SigningSecret,
)
from app.api.links import link_next
from app.api.passwords import ClientPassword, Confirm, count_sign_up, register
from app.api.problems import responses
from app.api.route import Route
from app.core.errors import Fault, ForbiddenError, InvalidError, UnauthenticatedError
from app.core.password_rules import PERSONAL, refuse_personal
from app.core.policy import Scope, Who, allow
from app.core.security import Claims, create_access_token, hash_password, new_api_token
from app.crud import user_storage
from app.crud.base import PageOfRows
from app.db.reader import Row
from app.models.user import User
from app.schemas.page import Page, PageQuery
from app.schemas.types import PathId
from app.schemas.user import (
    AccessToken,
    AccountConfirmation,
    ApiTokenCreate,
    ApiTokenIssued,
    ApiTokenPublic,
    LoginForm,
    StorageOfMe,
    UserCreate,
    UserMe,
    UserUpdate,
)

router = APIRouter(
    prefix="/api/v1/auth", tags=["auth"], route_class=Route, responses=responses(400, 422, 503)
)


UNCONFIRMED = AccountConfirmation()


async def open_sign_up(settings: AppSettings) -> None:
    """Raise ForbiddenError if sign-up is closed, whatever the body is."""
    if settings.signup == "closed":
        raise ForbiddenError("Sign-up is closed here.")


@router.post(
    "/signup",
    response_model=UserMe,
    status_code=201,
    dependencies=[Depends(open_sign_up)],
    responses=responses(403, 409, 415, 429),
)
@allow(Who.ANYONE, None)
async def sign_up(
    data: UserCreate,
    limiter: AppRateLimiter,
    network: ClientNetwork,
    transactions: DbTransactions,
    response: Response,
) -> User:
    """Create your account."""
    user = await register(data, limiter, network, transactions)
    response.headers["Location"] = f"/api/v1/users/{user.id}"
    return user


@router.post("/login", response_model=AccessToken, responses=responses(401, 415, 429))
@allow(Who.ANYONE, None)
async def log_in(
    form: Annotated[LoginForm, Form()],
    db: DbReader,
    is_password_of: ClientPassword,
    settings: AppSettings,
    secret: SigningSecret,
    response: Response,
) -> AccessToken:
    """Exchange e-mail address and password for an access token (RFC 6749 section 4.3)."""
    account = await crud.user.get_by_email(db, form.username)
    if not await is_password_of(form.username, account, form.password) or account is None:
        raise UnauthenticatedError("The e-mail address or the password is wrong.")
    response.headers["Cache-Control"] = "no-store"
    lifetime = timedelta(minutes=settings.access_token_minutes)
    token = create_access_token(Claims(account["id"], account["token_version"]), secret, lifetime)
    return AccessToken(access_token=token, expires_in=int(lifetime.total_seconds()))


@router.get("/me", response_model=UserMe)
@allow(Who.USER, Scope.ACCOUNT)
async def read_me(viewer: CurrentViewer, db: DbReader) -> Row:
    """Your account."""
    return await crud.user.get_or_raise(db, viewer.id, view=UserMe)


@router.get("/me/storage", response_model=StorageOfMe)
@allow(Who.USER, Scope.ACCOUNT)
async def read_storage(viewer: CurrentViewer, db: DbReader) -> StorageOfMe:
    """The storage that your recipes and versions take, and your quota."""
    used = await user_storage.used_by(db, viewer.id)
    return StorageOfMe(used=used, quota=viewer.storage_quota)


@router.patch("/me", response_model=UserMe, responses=responses(409, 412, 415, 428, 429))
@allow(Who.USER, Scope.ACCOUNT)
async def update_me(
    changes: UserUpdate,
    viewer: CurrentViewer,
    db: DbReader,
    is_password_of: ClientPassword,
    confirm: Confirm,
    limiter: AppRateLimiter,
    network: ClientNetwork,
    transactions: DbTransactions,
    precondition: RequestPrecondition,
) -> User:
    """Change your account. A new password requires the current one, and revokes every token.

    Another e-mail address needs the current password too, unless you logged in a moment ago.
    """
    given = changes.model_dump(exclude_unset=True)
    account = await crud.user.get_or_raise(db, viewer.id)
    hashed_password = None
    changes_email = given.get("email", account["email"]) != account["email"]
    if "password" in given:
        current = given.get("current_password")
        if current is None or not await is_password_of(account["email"], account, current):
            fault = Fault("is missing or wrong", "password", pointer="/current_password")
            raise InvalidError("This change needs your current password.", [fault])
        kept = {name: given.get(name, account[name]) for name in PERSONAL}
        refuse_personal(given["password"], *kept.values())
        hashed_password = await hash_password(given["password"], network)
    elif changes_email:
        await confirm(given.get("current_password"))
    if changes_email:
        # That an address is taken is as much to know as at sign-up.
        await count_sign_up(limiter, network)
    return await transactions.run(
        crud.user.change_own, viewer, changes, hashed_password, precondition
    )


@router.delete("/me", status_code=204, responses=responses(409, 412, 415, 428, 429))
@allow(Who.USER, Scope.ACCOUNT)
async def delete_me(
    viewer: CurrentViewer,
    confirm: Confirm,
    transactions: DbTransactions,
    precondition: RequestPrecondition,
    deletions: AppDeletions,
    confirmation: AccountConfirmation = UNCONFIRMED,
) -> None:
    """Delete your account and your private recipes. Many recipes are deleted in steps.

    This needs your current password, unless you logged in a moment ago.
    """
    await confirm(confirmation.current_password)
    if not await transactions.run(crud.user.delete, viewer.id, precondition):
        deletions.note_begun()


@router.post("/logout-everywhere", status_code=204)
@allow(Who.USER, Scope.ACCOUNT)
async def log_out_everywhere(viewer: CurrentViewer, transactions: DbTransactions) -> None:
    """Revoke all your tokens: this one, those of other devices, and API tokens."""
    await transactions.run(crud.user.end_sessions, viewer)


@router.get("/tokens", response_model=Page[ApiTokenPublic])
@allow(Who.USER, Scope.ACCOUNT)
async def list_tokens(
    query: Annotated[PageQuery, Query()],
    viewer: CurrentViewer,
    db: DbReader,
    request: Request,
    response: Response,
) -> PageOfRows:
    """Your API tokens, the latest first. The tokens themselves are not stored."""
    page = await crud.api_token.list_own(db, query, viewer)
    link_next(request, response, page.next_cursor)
    return page


@router.post(
    "/tokens",
    response_model=ApiTokenIssued,
    status_code=201,
    responses=responses(409, 415, 429),
)
@allow(Who.USER, Scope.ACCOUNT)
async def create_token(
    data: ApiTokenCreate,
    viewer: CurrentViewer,
    confirm: Confirm,
    transactions: DbTransactions,
    response: Response,
) -> ApiTokenIssued:
    """Create an API token. It is shown only once.

    This needs your current password, unless you logged in a moment ago.
    """
    await confirm(data.current_password)
    token = new_api_token()
    made = await transactions.run(crud.api_token.issue, data, viewer, token)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Location"] = f"{router.prefix}/tokens/{made.id}"
    return ApiTokenIssued(**ApiTokenPublic.model_validate(made).model_dump(), token=token)


@router.delete("/tokens/{token_id}", status_code=204, responses=responses(404))
@allow(Who.USER, Scope.ACCOUNT)
async def delete_token(
    token_id: PathId, viewer: CurrentViewer, transactions: DbTransactions
) -> None:
    """Revoke an API token."""
    await transactions.run(crud.api_token.revoke, token_id, viewer)
