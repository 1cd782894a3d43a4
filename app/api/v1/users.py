"""Accounts, for superusers, and public profiles."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from app import crud
from app.api.deps import AppDeletions, CurrentViewer, DbReader, DbTransactions, RequestPrecondition
from app.api.links import link_next
from app.api.passwords import Confirm
from app.api.problems import responses
from app.api.route import Route
from app.core.password_rules import PERSONAL, refuse_personal
from app.core.policy import Scope, Who, allow
from app.core.security import hash_password
from app.crud.base import PageOfRows
from app.db.reader import Row
from app.models.user import User
from app.schemas.page import Page, PageQuery
from app.schemas.types import PathId
from app.schemas.user import UserCreateByAdmin, UserMe, UserPublic, UserUpdateByAdmin

router = APIRouter(
    prefix="/api/v1/users",
    tags=["users"],
    route_class=Route,
    responses=responses(400, 422, 503),
)


@router.get("", response_model=Page[UserMe])
@allow(Who.SUPERUSER, Scope.READ)
async def list_users(
    query: Annotated[PageQuery, Query()],
    db: DbReader,
    request: Request,
    response: Response,
) -> PageOfRows:
    """All accounts, the latest first."""
    page = await crud.user.list_all(db, query)
    link_next(request, response, page.next_cursor)
    return page


@router.post("", response_model=UserMe, status_code=201, responses=responses(409, 415))
@allow(Who.SUPERUSER, Scope.WRITE)
async def create_user(
    data: UserCreateByAdmin, transactions: DbTransactions, response: Response
) -> User:
    """Create an account."""
    refuse_personal(data.password, data.email, data.first_name, data.surname)
    hashed_password = await hash_password(data.password)
    user = await transactions.run(crud.user.register, data, hashed_password)
    response.headers["Location"] = f"{router.prefix}/{user.id}"
    return user


@router.get("/{user_id}", response_model=UserMe | UserPublic, responses=responses(404))
@allow(Who.ANYONE, Scope.READ)
async def read_user(user_id: PathId, viewer: CurrentViewer, db: DbReader) -> Row:
    """The public profile of an account. Superusers see the whole account.

    The names are null for others while the account has no public recipe.
    """
    if viewer.is_superuser:
        return await crud.user.get_or_raise(db, user_id, view=UserMe)
    profile = await crud.user.profile(db, user_id, viewer)
    if profile is None:
        raise crud.user.not_found()
    return profile


@router.patch("/{user_id}", response_model=UserMe, responses=responses(404, 409, 412, 415, 428))
@allow(Who.SUPERUSER, Scope.WRITE)
async def update_user(
    user_id: PathId,
    changes: UserUpdateByAdmin,
    viewer: CurrentViewer,
    db: DbReader,
    transactions: DbTransactions,
    precondition: RequestPrecondition,
) -> User:
    """Change an account. A new password revokes all its tokens.

    An API token changes neither the password nor the e-mail address.
    """
    given = changes.model_dump(exclude_unset=True)
    hashed_password = None
    if "password" in given:
        viewer.need_log_in()
        account = await crud.user.get_or_raise(db, user_id) | given
        refuse_personal(given["password"], *(account[name] for name in PERSONAL))
        hashed_password = await hash_password(given["password"])
    return await transactions.run(
        crud.user.change_other, user_id, viewer, changes, hashed_password, precondition
    )


@router.delete("/{user_id}", status_code=204, responses=responses(404, 409, 412, 428))
@allow(Who.SUPERUSER, Scope.ACCOUNT)
async def delete_user(
    user_id: PathId,
    viewer: CurrentViewer,
    confirm: Confirm,
    transactions: DbTransactions,
    precondition: RequestPrecondition,
    deletions: AppDeletions,
) -> None:
    """Delete an account and its private recipes. Its other recipes stay, without a submitter.

    The account, its tokens and its names are gone at once. Many recipes take longer than the
    answer: they follow some at a time. For your own account this needs a recent log-in, as
    `DELETE /auth/me` does.
    """
    if user_id == viewer.id:
        await confirm(None)
    if not await transactions.run(crud.user.delete, user_id, precondition):
        deletions.note_begun()
