"""What surrounds every request, as pure ASGI: each layer costs a microsecond or two.

BaseHTTPMiddleware would cost a hundred, and a task of its own for each request.
"""

import logging
import re
import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import respond
from app.core.logging import request_id

logger = logging.getLogger("app.request")

_GOOD_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class RequestId:
    """Gives each request an id, in X-Request-ID and in the log, and answers for our faults."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A good id of the client is kept, so that it can follow its request through our log."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        sent = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        given = sent.decode("latin-1")
        current = given if _GOOD_ID.fullmatch(given) else secrets.token_hex(8)
        token = request_id.set(current)
        header = (b"x-request-id", current.encode())
        started = False

        async def send_with_id(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = [*message["headers"], header]
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        except ClientDisconnect:
            logger.info("%s %s: the client went away", scope["method"], scope["path"])
        except Exception:
            logger.exception("%s %s failed", scope["method"], scope["path"])
            if started:
                raise
            await respond(scope, 500)(scope, receive, send_with_id)
        finally:
            request_id.reset(token)


class CanonicalRequest:
    """Routes know one form: no trailing slash, and GET for HEAD (whose body is left out)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer `/recipes/` as `/recipes`, without a redirect that would lose a body."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path: str = scope["path"]
        if len(path) > 1 and path[-1] == "/":
            scope = {**scope, "path": path.rstrip("/") or "/"}
        if scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}
            send = _without_body(send)
        await self.app(scope, receive, send)


def _without_body(send: Send) -> Send:
    async def send_head(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return send_head


class BodyLimit:
    """Refuses a body that is larger than `maximum` bytes: as declared, or as soon as it is.

    Starlette's own limit answers a declared length in plain text, past our problem documents.
    """

    def __init__(self, app: ASGIApp, maximum: int) -> None:
        self.app = app
        self.maximum = maximum

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A declared length is checked before a byte is read, a chunked body while it is."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        if declared.isdecimal() and int(declared) > self.maximum:
            response = respond(scope, 413)
            # The body is still on its way and will not be read.
            MutableHeaders(raw=response.raw_headers)["connection"] = "close"
            await response(scope, receive, send)
            return
        received = 0

        async def receive_bounded() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.maximum:
                raise HTTPException(413, headers={"Connection": "close"})
            return message

        await self.app(scope, receive_bounded, send)
