"""Links between pages (RFC 8288)."""

from starlette.requests import Request
from starlette.responses import Response


def link_next(request: Request, response: Response, cursor: str | None) -> None:
    """Add `Link: <…>; rel="next"` with the same query and the next cursor, where there is one."""
    if cursor is not None:
        url = request.url.include_query_params(cursor=cursor)
        response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
