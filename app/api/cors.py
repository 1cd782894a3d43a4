"""Which pages of other origins may call the API (CORS)."""

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.errors import respond

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
_REQUEST_HEADERS = ["Authorization", "Idempotency-Key", "If-Match", "If-None-Match", "X-Request-ID"]
_ANSWER_HEADERS = [
    *("ETag", "Idempotency-Replayed", "Link", "Location", "RateLimit", "RateLimit-Policy"),
    *("Retry-After", "WWW-Authenticate", "X-Request-ID"),
]


class Cors(CORSMiddleware):
    """Starlette's, for the pages of `origins`; a preflight is refused with a problem document."""

    def __init__(self, app: ASGIApp, origins: Collection[str]) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=_METHODS,
            allow_headers=_REQUEST_HEADERS,
            expose_headers=_ANSWER_HEADERS,
            # A caller shows its token. Cookies are for our own pages: with them another site would
            # act as whoever is signed in there.
            allow_credentials=False,
            max_age=3600,
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        """What a page may send, or why not."""
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
