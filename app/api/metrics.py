"""GET /metrics, for Prometheus."""

import asyncio
import hmac
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from starlette.datastructures import State
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app import crud
from app.api.health import fault_of
from app.core import deadline
from app.core.disks import free_bytes
from app.core.errors import UnavailableError
from app.observability import metrics

READY_SECONDS = 1
"""How long a scrape waits for the database and the disk."""
_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^\[\]:]+))(?::[0-9]*)?")
# With one of these, a proxy on this machine may forward for another machine.
_FORWARDED = (
    *("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"),
    "x-real-ip",
)


async def read_metrics(request: Request) -> Response:
    """Return the metrics of all workers, within about a second even if the database hangs."""
    _admit(request)
    state = request.app.state
    check = asyncio.ensure_future(fault_of(state))
    size = asyncio.ensure_future(_database_size(state))
    disk = asyncio.get_running_loop().run_in_executor(_disk, _on_disk, state)
    # Not cancelled: queries have their own bounds, and cancelling costs more than the response.
    questions: list[asyncio.Future[Any]] = [check, size, disk]
    done, _ = await asyncio.wait(questions, timeout=READY_SECONDS)
    disk.cancel()
    last_backup, free = disk.result() if disk in done else (None, None)
    text = metrics.exposition(
        request.app.version,
        check in done and check.result() is None,
        metrics.Storage(last_backup, size.result() if size in done else None, free),
    )
    return Response(text, media_type=metrics.MEDIA_TYPE, headers={"Cache-Control": "no-store"})


async def _database_size(state: State) -> int | None:
    deadline.start(deadline.CONNECT_SECONDS)
    with suppress(UnavailableError):
        return await crud.database_size(state.reader)
    return None


def _on_disk(state: State) -> tuple[float | None, float | None]:
    """Return the time of the last backup, 0 if there is none, and the free bytes."""
    with suppress(OSError):
        made_at = state.last_backup(state.settings)
        return made_at.timestamp() if made_at else 0, free_bytes(state.settings.data_dir)
    return None, None


# A network disk that hangs blocks only this thread.
_disk = ThreadPoolExecutor(1, thread_name_prefix="disk")


def _admit(request: Request) -> None:
    """Raise 401 without the right token, or 404 if none is set and the request is not local."""
    token = request.app.state.settings.metrics_token.get_secret_value()
    if token:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        is_right = hmac.compare_digest(given.strip().encode(), token.encode())
        if scheme.lower() != "bearer" or not is_right:
            raise HTTPException(401, headers={"WWW-Authenticate": 'Bearer realm="metrics"'})
    elif not _is_local(request):
        raise HTTPException(404)


def _is_local(request: Request) -> bool:
    """Return whether the request comes from this machine, and names it as the host.

    The host matters because of DNS rebinding: a page whose own name resolves to 127.0.0.1 could
    read the metrics, in a browser on this machine.
    """
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    hosts = request.headers.getlist("host")
    if len(hosts) != 1 or not (match := _HOST.fullmatch(hosts[0].lower())):
        return False
    name = match[1] or match[2]
    return _is_loopback(request.client.host) and (name == "localhost" or _is_loopback(name))


def _is_loopback(host: str) -> bool:
    with suppress(ValueError):
        address: IPv4Address | IPv6Address = ip_address(host)
        return (getattr(address, "ipv4_mapped", None) or address).is_loopback
    return False


routes = [Route("/metrics", read_metrics, include_in_schema=False)]
