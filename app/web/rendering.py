"""Templates and static files."""

from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.api.conditional import Representation
from app.web.formats import FILTERS

FOLDER = Path(__file__).parent

PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "strict-origin-when-cross-origin",
}

HTML = b"text/html; charset=utf-8"
_PAGE_HEADERS = [(name.lower().encode(), value.encode()) for name, value in PAGE_HEADERS.items()]


@cache
def asset(name: str) -> str:
    """The URL of a static file; it changes with the content, so that it may be kept for ever."""
    content = (FOLDER / "static" / name).read_bytes()
    return f"/static/{name}?v={blake2b(content, digest_size=6).hexdigest()}"


class Static(StaticFiles):
    """The static files; one asked for by its version never changes."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, with how long it may be kept."""
        response = await super().get_response(path, scope)
        query = scope["query_string"].decode("latin-1")
        versioned = response.status_code < 400 and asset(path).endswith(f"?{query}")
        lifetime = "max-age=31536000, immutable" if versioned else "max-age=3600"
        response.headers["Cache-Control"] = f"public, {lifetime}"
        return response


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(FILTERS)
    environment.globals["asset"] = asset
    return environment


# One environment for the process: its templates are compiled once.
_templates = _environment()


def render(template: str, **context: Any) -> str:
    """The HTML of a template."""
    return _templates.get_template(template).render(context)


def page(request: Request, html: str) -> Response:
    """A page with its headers; 304 where the browser has it already."""
    return Representation(request, html.encode(), HTML, 200, *_PAGE_HEADERS)


def error_page(
    status: int, title: str, detail: str, request_id: str, headers: dict[str, str]
) -> Response:
    """The page for an error."""
    html = render("error.html", status=status, title=title, detail=detail, request_id=request_id)
    return HTMLResponse(html, status, {**PAGE_HEADERS, **headers})
