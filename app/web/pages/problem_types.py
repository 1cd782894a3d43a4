"""What the types of problem documents mean, for those who follow the link in one."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.api.links import base_url
from app.api.problems import BY_SLUG
from app.core.errors import NotFoundError
from app.web.rendering import page, render


async def problem_type(request: Request) -> Response:
    """One type of problem."""
    kind = BY_SLUG.get(request.path_params["slug"])
    if kind is None:
        raise NotFoundError("There is no such type of problem.")
    return page(request, render("problem_type.html", kind=kind, site=base_url(request)))


routes = [Route("/problems/{slug}", problem_type)]
