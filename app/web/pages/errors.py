"""The error page, and the explanation of each type of problem."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from app.api.links import base_url
from app.api.problems import BY_SLUG
from app.core.errors import NotFoundError
from app.web.rendering import PAGE_HEADERS, page, render


def error_page(
    status: int, title: str, detail: str, request_id: str, headers: dict[str, str]
) -> Response:
    """Return the page for an error."""
    html = render(
        "error.html",
        status=status,
        title=title,
        detail=detail,
        request_id=request_id,
        retry_after=int(headers.get("Retry-After", "0")),
    )
    return HTMLResponse(html, status, {**PAGE_HEADERS, **headers})


async def problem_type(request: Request) -> Response:
    """Explain a type of problem, for people who follow the link in a problem document."""
    kind = BY_SLUG.get(request.path_params["slug"])
    if kind is None:
        raise NotFoundError("There is no such type of problem.")
    return page(request, render("problem_type.html", kind=kind, site=base_url(request)))


routes = [Route("/problems/{slug}", problem_type)]
