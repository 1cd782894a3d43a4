"""The dependencies of routes."""

from functools import partial
from ipaddress import ip_address, ip_network
from typing import Annotated, cast

from fastapi import Depends
from starlette.requests import Request

from app.core.config import Settings
from app.core.policy import ANONYMOUS, Viewer
from app.crud import RateLimiter, check_viewer
from app.crud.deletions import Deletions
from app.db.reader import Reader
from app.db.transactions import Transactions

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
