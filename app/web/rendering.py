"""Templates, and the pages that are made of them."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from app.api.conditional import Header, Representation
from app.core.root_path import root_path
from app.web.compression import encoded
from app.web.formats import FILTERS
from app.web.static_files import asset

HTML = b"text/html; charset=utf-8"
PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self';"
        " img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "strict-origin-when-cross-origin",
}
_PAGE_HEADERS = [(name.lower().encode(), value.encode()) for name, value in PAGE_HEADERS.items()]
NO_REFERRER = (b"referrer-policy", b"no-referrer")
"""For a page whose own address is a secret; replaces the policy of other pages."""


@cache
def _environment(root: str) -> Environment:
    """The templates, compiled once; their links begin with `root`, the path of PUBLIC_URL."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(FILTERS)
    environment.globals["root"] = Markup(root)  # noqa: S704 - It needs no escapes.
    environment.globals["asset"] = lambda name: root + asset(name)
    # The picture of previews, whose address is absolute.
    environment.globals["preview_image"] = asset("card.png")
    return environment


def render(template: str, **context: Any) -> str:
    """The HTML of a template."""
    return _environment(root_path.get()).get_template(template).render(context)


def page(
    request: Request, html: str, status: int = 200, *headers: Header, private: bool = False
) -> Response:
    """A page with its headers; 304 where the browser has it already.

    What is `private` is one reader's: it is kept in no shared cache. Nor is it compressed, since
    its length would tell what of a request is in its secrets too (the attack named BREACH).
    """
    body = html.encode()
    given = {name for name, _ in headers}
    headers = (*(each for each in _PAGE_HEADERS if each[0] not in given), *headers)
    if private:
        about = [(b"vary", b"Cookie"), (b"cache-control", b"private, no-cache")]
    else:
        body, about = encoded(request, body, b"Cookie")
        about.append((b"cache-control", b"no-cache"))
    if status == 200:
        return Representation(request, body, HTML, status, *about, *headers)
    # Of an error there is nothing to keep.
    response = Response(body, status)
    response.raw_headers += [(b"content-type", HTML), *about, *headers]
    return response


def error_page(
    status: int, title: str, detail: str, request_id: str, headers: dict[str, str]
) -> Response:
    """The page for an error."""
    told = {"status": status, "title": title, "detail": detail, "request_id": request_id}
    html = render("error.html", **told, retry_after=int(headers.get("Retry-After", "0")))
    return HTMLResponse(html, status, {**PAGE_HEADERS, **headers})
