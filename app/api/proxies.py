"""Restore requests as the client sent them to the first proxy."""

from collections.abc import Sequence
from typing import Any, cast

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.core.root_path import root_path, without_root

_SCHEMES = {b"http": "http", b"https": "https", b"ws": "http", b"wss": "https"}


class TrustedProxies:
    """Take the client's address and scheme, and the request id, from trusted proxies only."""

    def __init__(self, app: ASGIApp, proxies: Sequence[str]) -> None:
        self.app = app
        # Finds the last address in X-Forwarded-For that is not a trusted proxy's.
        forwarded = ProxyHeadersMiddleware(cast(Any, self._with_scheme), list(proxies))
        self._trusted = forwarded.trusted_hosts
        # Uvicorn has other types for the same.
        self._forwarded = cast(ASGIApp, forwarded)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ignore the headers of others, who may have bypassed the proxy."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif (scope["client"] or ("",))[0] in self._trusted:
            await self._forwarded(scope, receive, send)
        else:
            scope["headers"] = [each for each in scope["headers"] if each[0] != b"x-request-id"]
            await self.app(scope, receive, send)

    async def _with_scheme(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Each proxy appends its scheme, so the first one is the client's."""
        for name, value in scope["headers"]:
            if name == b"x-forwarded-proto":
                first = value.partition(b",")[0].strip().lower()
                scope["scheme"] = _SCHEMES.get(first, scope["scheme"])
                break
        await self.app(scope, receive, send)


class PublicAddress:
    """Translate between PUBLIC_URL, which clients use, and the paths of the application.

    The path of PUBLIC_URL is taken off a request, unless a proxy has done so already, and put in
    front of the paths in its answer's headers.
    """

    def __init__(self, app: ASGIApp, scheme: str, path: str) -> None:
        self.app = app
        self._scheme = scheme
        self._root = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A proxy or a probe may send paths without the path of PUBLIC_URL."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["scheme"] = self._scheme
        if not self._root:
            await self.app(scope, receive, send)
            return
        token = root_path.set(self._root)
        scope["path"] = without_root(scope["path"])
        try:
            await self.app(scope, receive, self._below_root(send))
        finally:
            root_path.reset(token)

    def _below_root(self, send: Send) -> Send:
        root = self._root.encode()

        async def send_below_root(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    (name, _below(root, name, value)) for name, value in message["headers"]
                ]
            await send(message)

        return send_below_root


def _below(root: bytes, name: bytes, value: bytes) -> bytes:
    if name.lower() == b"location" and value.startswith(b"/"):
        return root + value
    if name.lower() == b"link" and value.startswith(b"</"):
        return b"<" + root + value[1:]
    return value
