"""What routes declare that they need."""

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

# All of these are asynchronous, also where nothing is awaited: a plain function would run in a
# thread, which takes longer than the read itself.


async def reader(request: Request) -> Reader:
    """The reading side of the database."""
    return cast(Reader, request.app.state.reader)


async def transactions(request: Request) -> Transactions:
    """Transactions, none of which does anything for a viewer whose credentials have ended."""
    return transactions_for(request, request.scope.get("viewer", ANONYMOUS))


def transactions_for(request: Request, viewer: Viewer) -> Transactions:
    """Transactions on behalf of `viewer`: each compares the credentials with the database first."""
    transactions: Transactions = request.app.state.transactions
    if viewer.id == 0:
        return transactions
    return transactions.on_behalf_of(viewer.id, partial(check_viewer, viewer=viewer))


async def settings(request: Request) -> Settings:
    """The settings of this application."""
    return cast(Settings, request.app.state.settings)


async def viewer(request: Request) -> Viewer:
    """Who asks: somebody whom the policy lets in, or the route would not have come here."""
    return cast(Viewer, request.scope["viewer"])


async def secret(request: Request) -> str:
    """The secret that signs tokens."""
    return cast(str, request.app.state.secret)


async def deletions(request: Request) -> Deletions:
    """What finishes the deletion of an account that has many recipes."""
    return cast(Deletions, request.app.state.deletions)


async def rate_limiter(request: Request) -> RateLimiter:
    """What says whether something may be done once more."""
    return cast(RateLimiter, request.app.state.rate_limiter)


async def client_network(request: Request) -> str:
    """Where the request comes from: an IPv4 address, or the network that one IPv6 customer has."""
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
