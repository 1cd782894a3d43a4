"""The dependencies of routes, and how a request is authenticated."""

from functools import partial
from ipaddress import ip_address, ip_network
from typing import Annotated, cast

from fastapi import Depends, params
from starlette.datastructures import State
from starlette.requests import Request

from app import crud
from app.core.config import Settings
from app.core.errors import InvalidTokenError, UnauthenticatedError
from app.core.policy import ANONYMOUS, EVERY_SCOPE, Viewer
from app.core.preconditions import Precondition
from app.core.security import (
    API_TOKEN_PREFIX,
    MAX_TOKEN,
    Claims,
    hash_api_token,
    read_access_token,
)
from app.crud import RateLimiter, check_viewer
from app.crud.deletions import Deletions
from app.db.reader import Reader, Row
from app.db.transactions import Transactions

# --- Authentication: the header Authorization (RFC 6750) ------------------------------------------


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
        account = await crud.find_account_of_token(state.reader, token_hash)
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
    account = await crud.find_account(state.reader, claims.user_id)
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
    settings: Settings = state.settings
    is_superuser = account["is_superuser"]
    return Viewer(
        account["id"],
        is_superuser,
        scopes,
        account["token_version"],
        token_hash,
        None if is_superuser else settings.account_quota_mb * 1024**2 or None,
        signed_in_at,
    )


# --- Dependencies --------------------------------------------------------------------------------

# All are asynchronous, even if they await nothing: FastAPI would run a plain function in a thread,
# which takes longer than the read itself.


async def reader(request: Request) -> Reader:
    """Return the reader of the database."""
    return cast(Reader, request.app.state.reader)


async def transactions(request: Request) -> Transactions:
    """Return transactions that fail if the credentials of the viewer have ended."""
    return transactions_for(request, request.scope.get("viewer", ANONYMOUS))


def transactions_for(request: Request, viewer: Viewer) -> Transactions:
    """Return transactions that first compare the credentials of `viewer` with the database."""
    transactions: Transactions = request.app.state.transactions
    if viewer.id == 0:
        return transactions
    return transactions.on_behalf_of(viewer.id, partial(check_viewer, viewer=viewer))


async def settings(request: Request) -> Settings:
    """Return the settings."""
    return cast(Settings, request.app.state.settings)


async def viewer(request: Request) -> Viewer:
    """Return the viewer, admitted by the rule of the route."""
    return cast(Viewer, request.scope["viewer"])


async def secret(request: Request) -> str:
    """Return the secret that signs tokens."""
    return cast(str, request.app.state.secret)


async def deletions(request: Request) -> Deletions:
    """Return the worker that finishes deletions of large accounts."""
    return cast(Deletions, request.app.state.deletions)


async def rate_limiter(request: Request) -> RateLimiter:
    """Return the rate limiter."""
    return cast(RateLimiter, request.app.state.rate_limiter)


async def client_network(request: Request) -> str:
    """Return the IPv4 address of the client, or its IPv6 /64 network."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if address.version == 4:
        return host
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ip_network((address, 64), strict=False))


DbReader = Annotated[Reader, Depends(reader)]
DbTransactions = Annotated[Transactions, Depends(transactions)]
AppSettings = Annotated[Settings, Depends(settings)]
CurrentViewer = Annotated[Viewer, Depends(viewer)]
SigningSecret = Annotated[str, Depends(secret)]
AppDeletions = Annotated[Deletions, Depends(deletions)]
AppRateLimiter = Annotated[RateLimiter, Depends(rate_limiter)]
ClientNetwork = Annotated[str, Depends(client_network)]

# --- Preconditions -------------------------------------------------------------------------------

# A list that comes in several lines is one list (RFC 9110 section 5.3).
IfMatchHeader = Annotated[
    list[str] | None,
    params.Header(alias="If-Match", description="The ETag that you mean to change."),
]
IfNoneMatchHeader = Annotated[
    list[str] | None,
    params.Header(alias="If-None-Match", description="ETags that it must not have, or `*`."),
]


async def precondition(
    settings: AppSettings, if_match: IfMatchHeader = None, if_none_match: IfNoneMatchHeader = None
) -> Precondition:
    """Return the precondition of a request that changes what is stored."""
    return Precondition.from_headers(if_match, if_none_match, is_required=settings.require_if_match)


async def optional_precondition(
    if_match: IfMatchHeader = None, if_none_match: IfNoneMatchHeader = None
) -> Precondition:
    """Return the precondition of a request that may leave it out under REQUIRE_IF_MATCH too."""
    return Precondition.from_headers(if_match, if_none_match, is_required=False)


RequestPrecondition = Annotated[Precondition, Depends(precondition)]
OptionalPrecondition = Annotated[Precondition, Depends(optional_precondition)]
