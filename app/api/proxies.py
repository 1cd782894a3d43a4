"""Requests as the client sent them, before proxies passed them on."""

from collections.abc import Sequence

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

_SCHEMES = {b"http": "http", b"https": "https", b"ws": "http", b"wss": "https"}


class TrustedProxies:
    """Takes the client's address and scheme, and a request's id, from trusted proxies only."""

    def __init__(self, app: ASGIApp, proxies: Sequence[str]) -> None:
        self.app = app
        # Finds the last address in X-Forwarded-For that is not a trusted proxy's.
        self._forwarded = ProxyHeadersMiddleware(self._with_scheme, list(proxies))  # type: ignore[arg-type] # Uvicorn has types of its own for the same.

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Drop what others say; they may have come past the proxy."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif (scope["client"] or ("",))[0] in self._forwarded.trusted_hosts:
            await self._forwarded(scope, receive, send)  # type: ignore[arg-type]
        else:
            scope["headers"] = [each for each in scope["headers"] if each[0] != b"x-request-id"]
            await self.app(scope, receive, send)

    async def _with_scheme(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Each proxy in a row adds its scheme: the first in the list is what the client used."""
        for name, value in scope["headers"]:
            if name == b"x-forwarded-proto":
                first = value.partition(b",")[0].strip().lower()
                scope["scheme"] = _SCHEMES.get(first, scope["scheme"])
                break
        await self.app(scope, receive, send)
