"""Authentication: the header Authorization (RFC 6750), and the account of a token."""

from starlette.datastructures import State
from starlette.requests import Request

from app import crud
from app.core.errors import InvalidTokenError, UnauthenticatedError
from app.core.policy import ANONYMOUS, EVERY_SCOPE, Viewer
from app.core.security import (
    API_TOKEN_PREFIX,
    MAX_TOKEN,
    Claims,
    hash_api_token,
    read_access_token,
)
from app.db.reader import Row


async def authenticate(request: Request) -> Viewer:
    """Return the viewer, anonymous without the header. Raise UnauthenticatedError."""
    given = [value for name, value in request.scope["headers"] if name == b"authorization"]
    if not given:
        return ANONYMOUS
    if len(given) > 1:
        # A proxy in front may have looked at the other one.
        raise UnauthenticatedError("Send one token, in one header Authorization.")
    scheme, _, token = given[0].decode("latin-1").partition(" ")
    if scheme.lower() != "bearer":
        raise UnauthenticatedError("Send the token as Authorization: Bearer …")
    token = token.strip()
    if len(token) > MAX_TOKEN:
        raise InvalidTokenError
    state = request.app.state
    if token.startswith(API_TOKEN_PREFIX):
        token_hash = hash_api_token(token)
        account = await crud.api_token.for_session(state.reader, token_hash)
        if account is None or not account["is_active"]:
            raise InvalidTokenError
        return _viewer(state, account, frozenset(account["scopes"]), token_hash)
    claims = read_access_token(token, state.secret)
    viewer = claims and await viewer_of(state, claims)
    if viewer is None:
        raise InvalidTokenError
    return viewer


async def viewer_of(state: State, claims: Claims) -> Viewer | None:
    """Return the viewer of a signed token, or None if the account has ended its session."""
    account = await crud.user.for_session(state.reader, claims.user_id)
    if (
        account is None
        or not account["is_active"]
        or account["token_version"] != claims.token_version
    ):
        return None
    return _viewer(state, account, EVERY_SCOPE, signed_in_at=claims.signed_in_at)


def _viewer(
    state: State,
    account: Row,
    scopes: frozenset[str],
    token_hash: str | None = None,
    signed_in_at: int = 0,
) -> Viewer:
    is_superuser = account["is_superuser"]
    return Viewer(
        account["id"],
        is_superuser,
        scopes,
        account["token_version"],
        token_hash,
        state.settings.storage_quota(is_superuser=is_superuser),
        signed_in_at,
    )
