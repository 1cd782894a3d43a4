"""The middlewares, as pure ASGI: each costs a microsecond or two.

BaseHTTPMiddleware would cost a hundred, and another task for each request.
"""

import logging
import re
import secrets
from collections.abc import Collection, Container, Iterable, Mapping
from time import perf_counter
from urllib.parse import quote

from fastapi.routing import iter_route_contexts
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.bodies import URLENCODED
from app.api.errors import respond
from app.core import deadline
from app.observability import metrics
from app.observability.logging import request_id, request_route
from app.observability.request_log import ACCESS
from app.observability.tracing import hide_query

logger = logging.getLogger("app.request")

_GOOD_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

CLIENT_CLOSED_REQUEST = 499
"""The status in the log and the metrics if the client left before the answer."""
# Polled all the time, so the log has their errors only.
QUIET = {"/livez", "/readyz", "/metrics"}

SECURITY_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    # No other site embeds it. This does not restrict what CORS allows.
    (b"cross-origin-resource-policy", b"same-origin"),
]
"""Tell a browser that an answer is only data. Pages set their own."""
_HSTS = (b"strict-transport-security", b"max-age=31536000")
# Caches revalidate every copy, and shared caches keep nothing made for one user.
_SHARED = [(b"cache-control", b"no-cache"), (b"vary", b"Authorization")]
_PRIVATE = [(b"cache-control", b"private, no-cache"), (b"vary", b"Authorization")]


class RequestMiddleware:
    """Adds the request id, the access log line, the metrics and the common headers.

    One middleware for all of them, since each that wraps `send` costs every request.
    """

    def __init__(self, app: ASGIApp, hsts: bool, is_traced: bool) -> None:
        self.app = app
        self.hsts = hsts
        self.is_traced = is_traced
        self._templates: dict[object, str] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Keep a well-formed X-Request-ID, by which clients find their request in the log."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given, caching = "", _SHARED
        for name, value in scope["headers"]:
            if name == b"x-request-id":
                given = value.decode("latin-1")
            elif name == b"authorization":
                caching = _PRIVATE
        if self.is_traced and scope["query_string"]:
            hide_query()
        if b"key=" in scope["query_string"]:
            # The key of a share link: what it opens belongs in no shared cache.
            caching = _PRIVATE
        current = given if _GOOD_ID.fullmatch(given) else secrets.token_hex(8)
        token = request_id.set(current)
        request_route.set(lambda: self._route(scope))
        began, status = perf_counter(), CLIENT_CLOSED_REQUEST
        method, path = scope["method"], scope.get("raw_path") or scope["path"].encode()
        metrics.begin_request()

        async def send_complete(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message["headers"], (b"x-request-id", current.encode())]
                said = {name for name, _ in headers}
                headers += [header for header in SECURITY_HEADERS if header[0] not in said]
                if b"cache-control" not in said:
                    headers += caching
                if self.hsts and scope["scheme"] == "https":
                    headers.append(_HSTS)
                message["headers"] = headers
            await send(message)

        try:
            await self.app(scope, receive, send_complete)
        finally:
            seconds, route = perf_counter() - began, self._route(scope)
            metrics.end_request(method, route, status, seconds)
            if scope["path"] not in QUIET or status >= 400:
                client = scope.get("client")
                viewer = scope.get("canonical", scope).get("viewer")
                address, user = client[0] if client else "-", viewer.id if viewer else 0
                line = (method, path.decode("latin-1"), route, status, seconds, address, user)
                ACCESS.note(*line)
            request_id.reset(token)

    def _route(self, scope: Scope) -> str:
        """Return the path of the matched route, as it was declared."""
        if self._templates is None:
            self._templates = {
                each.endpoint or getattr(each, "app", None): each.path_format or ""
                for each in iter_route_contexts(scope["app"].routes)
            }
        endpoint = scope.get("canonical", scope).get("endpoint")
        return self._templates.get(endpoint, metrics.UNMATCHED)


class ServerErrors:
    """Answers 500 for unexpected exceptions, whose text goes to the log only."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """If the response has started, re-raise: the server then closes the connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def send_noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, send_noted)
        except ClientDisconnect:
            logger.info("%s %s: the client went away", scope["method"], quote(scope["path"]))
        except Exception:
            metrics.FAULTS.add()
            logger.exception("%s %s failed", scope["method"], quote(scope["path"]))
            if started:
                raise
            await respond(scope, 500)(scope, receive, send)


_HOST = re.compile(rb"(\[[0-9a-f:.]+\]|[a-z0-9_-][a-z0-9_.-]*?)\.?(?::[0-9]*)?")
_PROBES = {"/livez", "/readyz", "/metrics"}


REPORT_SECONDS = 60
"""Log refused hosts at most once in this time, since anyone can send any number of them."""


class AllowedHosts:
    """Refuses requests for other hosts; `*.example.com` allows all subdomains.

    This stops DNS rebinding: a page whose own name resolves to this server could read it.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        self.app = app
        encoded = [host.encode() for host in hosts]
        self.names = {host for host in encoded if not host.startswith(b"*")}
        self.endings = tuple(host[1:] for host in encoded if host.startswith(b"*"))
        self._reported_at = -float(REPORT_SECONDS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Probes are allowed under any name, since they come by address."""
        if scope["type"] == "http" and scope["path"] not in _PROBES and not self._serves(scope):
            self._report(scope)
            detail = "The header Host does not name a host that is served here."
            await respond(scope, 400, detail)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _report(self, scope: Scope) -> None:
        now = perf_counter()
        if now - self._reported_at >= REPORT_SECONDS:
            self._reported_at = now
            hosts = [value for name, value in scope["headers"] if name == b"host"]
            given = b", ".join(hosts)[:255].decode("latin-1")
            logger.warning(
                "Refused a request for the host %r: ALLOWED_HOSTS does not name it", given
            )

    def _serves(self, scope: Scope) -> bool:
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1:
            return False
        if hosts[0] in self.names:
            return True
        match = _HOST.fullmatch(hosts[0].lower())
        return match is not None and (match[1] in self.names or match[1].endswith(self.endings))


class CanonicalRequest:
    """Removes the trailing slash, and turns HEAD into GET without a body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer `/recipes/` as `/recipes`; a redirect would lose the body."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked, path = scope, scope["path"]
        if len(path) > 1 and path[-1] == "/":
            scope = {**scope, "path": path.rstrip("/") or "/"}
        if scope["method"] == "HEAD":
            # Lets a long export skip its work.
            scope = {**scope, "method": "GET", "is_head": True}
            send = _without_body(send)
        if scope is not asked:
            # The outer middlewares find the route and the viewer in it.
            asked["canonical"] = scope
        await self.app(scope, receive, send)


def _without_body(send: Send) -> Send:
    async def send_head(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return send_head


class BodyLimit:
    """Refuses a body that is larger than `maximum` bytes.

    `larger` has the paths with another limit, which does not apply to urlencoded forms. `endless`
    has the paths that accept a stream, with its media type. Starlette's own limit would answer in
    plain text instead of a problem document.
    """

    def __init__(
        self,
        app: ASGIApp,
        maximum: int,
        larger: Mapping[str, int],
        endless: Mapping[str, str],
    ) -> None:
        self.app = app
        self.maximum = maximum
        self.larger = larger
        self.endless = endless

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check a declared length before reading, and a chunked body while reading."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if headers.get("content-encoding", "identity").lower() != "identity":
            # A compressed body may become a thousand times as large (RFC 9110 section 15.5.16).
            accepts = {"Accept-Encoding": "identity", "Connection": "close"}
            detail = "The body must not have a Content-Encoding."
            await respond(scope, 415, detail, headers=accepts)(scope, receive, send)
            return
        maximum = most = self.larger.get(scope["path"], self.maximum)
        if maximum > self.maximum:
            media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
            if media_type == self.endless.get(scope["path"]):
                await self.app(scope, receive, send)
                return
            if media_type == URLENCODED:
                # Pages may answer a form without reading it.
                most = self.maximum
        declared = headers.get("content-length", "0")
        if declared.isdecimal() and int(declared) > maximum:
            response = respond(scope, 413)
            # The rest of the body will not be read.
            MutableHeaders(raw=response.raw_headers)["connection"] = "close"
            await response(scope, receive, send)
            return
        received = 0

        async def receive_bounded() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise HTTPException(413, headers={"Connection": "close"})
            return message

        await self.app(scope, receive_bounded, send)


# --- Deadlines -----------------------------------------------------------------------------------


class Deadline:
    """Set the deadline to which every wait within a request keeps (`app.core.deadline`).

    `unhurried` paths have none: they take as long as their data is large, and each of their
    transactions and reads has its own bounds.
    """

    def __init__(self, app: ASGIApp, unhurried: Container[str], seconds: float) -> None:
        self.app = app
        self.unhurried = unhurried
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Start the clock again with each part of the body: a slow upload costs no time."""
        if scope["type"] != "http" or scope["path"] in self.unhurried:
            await self.app(scope, receive, send)
        elif scope["method"] in ("GET", "HEAD"):
            deadline.start(self.seconds)
            await self.app(scope, receive, send)
        else:
            deadline.start(self.seconds)

            async def receive_noted() -> Message:
                message = await receive()
                deadline.start(self.seconds)
                return message

            await self.app(scope, receive_noted, send)


# --- CORS ----------------------------------------------------------------------------------------

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
_REQUEST_HEADERS = ["Authorization", "Idempotency-Key", "If-Match", "If-None-Match", "X-Request-ID"]
_ANSWER_HEADERS = [
    *("ETag", "Idempotency-Replayed", "Link", "Location", "RateLimit", "RateLimit-Policy"),
    *("Retry-After", "WWW-Authenticate", "X-Request-ID"),
]


class Cors(CORSMiddleware):
    """Starlette's middleware, which refuses a preflight with a problem document."""

    def __init__(self, app: ASGIApp, origins: Collection[str]) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=_METHODS,
            allow_headers=_REQUEST_HEADERS,
            expose_headers=_ANSWER_HEADERS,
            # API clients send tokens. With cookies, another site could act as the signed-in user.
            allow_credentials=False,
            max_age=3600,
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        """Return Starlette's answer, or the refusal as a problem document."""
        answer = super().preflight_response(request_headers)
        return answer if answer.status_code == 200 else _Refusal(answer)


class _Refusal(Response):
    def __init__(self, plain: Response) -> None:
        super().__init__()
        self.plain = plain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        detail = f"{bytes(self.plain.body).decode()}."
        headers = dict(self.plain.headers)
        del headers["content-type"], headers["content-length"]
        answer = respond(scope, self.plain.status_code, detail, headers=headers)
        await answer(scope, receive, send)
