"""The credentials of a viewer, read when a request begins and compared again later.

A request is admitted when it begins, and may last for minutes: its body comes slowly, or it is a
stream. In the meantime an account can be disabled and a token revoked. So every transaction of a
request starts with `check_viewer`, and an export calls `still_valid` between its pages.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.core.errors import InvalidTokenError
from app.core.policy import Viewer
from app.db.driver import Driver
from app.db.reader import CompiledQuery, Reader, Row
from app.db.types import utc_now
from app.models.user import ApiToken, User

_COLUMNS = (User.id, User.is_active, User.is_superuser, User.token_version)
_ACCOUNT = select(*_COLUMNS).where(User.id == bindparam("id"))
_TOKEN = (
    select(*_COLUMNS, ApiToken.scopes, ApiToken.expires_at)
    .join_from(ApiToken, User, ApiToken.user_id == User.id)
    .where(ApiToken.token_hash == bindparam("token_hash"))
)
_ACCOUNT_AND_TOKEN = _TOKEN.where(User.id == bindparam("id"))
_OF_ACCOUNT, _OF_TOKEN = CompiledQuery(_ACCOUNT), CompiledQuery(_TOKEN)
# By whether the viewer came with an API token. A statement is compiled for one side.
_IN_TRANSACTION = {False: CompiledQuery(_ACCOUNT), True: CompiledQuery(_ACCOUNT_AND_TOKEN)}
_OF_READER = {False: _OF_ACCOUNT, True: CompiledQuery(_ACCOUNT_AND_TOKEN)}


async def find_account(db: Reader, user_id: int) -> Row | None:
    """Return what a signed token is checked against, or None."""
    return await db.first(_OF_ACCOUNT, {"id": user_id})


async def find_account_of_token(db: Reader, token_hash: str) -> Row | None:
    """Return the account of an API token with its scopes, or None. It may be disabled."""
    row = await db.first(_OF_TOKEN, {"token_hash": token_hash})
    return row.parsed() if row and row["expires_at"] > utc_now() else None


def check_viewer(session: Session, viewer: Viewer) -> None:
    """Raise InvalidTokenError if the account or the token of `viewer` has ended since."""
    statement = _IN_TRANSACTION[viewer.token_hash is not None]
    rows = Driver(session).select(statement, _parameters(viewer))
    _compare(viewer, rows[0] if rows else None)


async def still_valid(db: Reader, viewer: Viewer) -> None:
    """As `check_viewer`, for those who only read."""
    statement = _OF_READER[viewer.token_hash is not None]
    row = await db.first(statement, _parameters(viewer))
    _compare(viewer, row and row.parsed())


def _parameters(viewer: Viewer) -> Mapping[str, Any]:
    token = {} if viewer.token_hash is None else {"token_hash": viewer.token_hash}
    return {"id": viewer.id, **token}


def _compare(viewer: Viewer, row: Row | None) -> None:
    if (
        row is None
        or not row["is_active"]
        or row["token_version"] != viewer.token_version
        or (viewer.is_superuser and not row["is_superuser"])
    ):
        raise InvalidTokenError
    if viewer.token_hash is not None and (
        row["expires_at"] <= utc_now() or not viewer.scopes <= set(row["scopes"])
    ):
        raise InvalidTokenError
