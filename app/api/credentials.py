"""Who asks: what the header Authorization says (RFC 6750)."""

from starlette.requests import Request

from app import crud
from app.core.errors import InvalidTokenError, UnauthenticatedError
from app.core.policy import ANONYMOUS, EVERY_SCOPE, Viewer
from app.core.security import API_TOKEN_PREFIX, MAX_TOKEN, hash_api_token, read_access_token


async def authenticate(request: Request) -> Viewer:
    """The viewer; without the header, anybody. Raises UnauthenticatedError for a bad one."""
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
    signed_in_at = 0
    if token.startswith(API_TOKEN_PREFIX):
        token_hash = hash_api_token(token)
        account = await crud.api_token.for_session(state.reader, token_hash)
        if account is None or not account["is_active"]:
            raise InvalidTokenError
        scopes = frozenset(account["scopes"])
    else:
        token_hash = None
        claims = read_access_token(token, state.secret)
        account = claims and await crud.user.for_session(state.reader, claims.user_id)
        if (
            claims is None
            or account is None
            or not account["is_active"]
            or account["token_version"] != claims.token_version
        ):
            raise InvalidTokenError
        scopes, signed_in_at = EVERY_SCOPE, claims.signed_in_at
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
