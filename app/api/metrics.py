"""What Prometheus reads, for those who may."""

import asyncio
import hmac
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.api.health import fault_of
from app.core import metrics

READY_SECONDS = 1
# With one of these another machine may be asking, through a proxy on this one.
_FORWARDED = (
    *("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"),
    "x-real-ip",
)


async def read_metrics(request: Request) -> Response:
    """All metrics of all workers. Whether the server is ready is asked for a second at most."""
    _admit(request)
    state = request.app.state
    check = asyncio.ensure_future(fault_of(state))
    # It ends by its own bounds: to cancel a question to a database costs more than the answer.
    done, _ = await asyncio.wait([check], timeout=READY_SECONDS)
    is_ready = bool(done) and check.result() is None
    text = metrics.exposition(request.app.version, is_ready)
    return Response(text, media_type=metrics.MEDIA_TYPE, headers={"Cache-Control": "no-store"})


def _admit(request: Request) -> None:
    """Raises HTTPException: 401 without the token, or 404 where there is none and it is not us."""
    token = request.app.state.settings.metrics_token.get_secret_value()
    if token:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        is_right = hmac.compare_digest(given.strip().encode(), token.encode())
        if scheme.lower() != "bearer" or not is_right:
            raise HTTPException(401, headers={"WWW-Authenticate": 'Bearer realm="metrics"'})
    elif not _is_local(request):
        raise HTTPException(404)


def _is_local(request: Request) -> bool:
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    with suppress(ValueError):
        address: IPv4Address | IPv6Address = ip_address(request.client.host)
        return (getattr(address, "ipv4_mapped", None) or address).is_loopback
    return False


routes = [Route("/metrics", read_metrics, include_in_schema=False)]
