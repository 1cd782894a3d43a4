"""Render templates, and send pages with their headers (Content-Security-Policy, caching)."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from app.api.representation import Header, Representation
from app.core.root_path import root_path
from app.web.compression import encoded
from app.web.static_files import asset
from app.web.template_filters import FILTERS

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
"""For a page whose URL is a secret. Replaces the policy of other pages."""


@cache
def _environment(root: str) -> Environment:
    """Return the environment whose links begin with `root`, the path of PUBLIC_URL."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(FILTERS)
    environment.globals["root"] = Markup(root)  # noqa: S704 - It needs no escaping.
    environment.globals["asset"] = lambda name: root + asset(name)
    # The image of link previews, whose URL must be absolute.
    environment.globals["preview_image"] = asset("card.png")
    return environment


def render(template: str, **context: Any) -> str:
    """Render a template as HTML."""
    return _environment(root_path.get()).get_template(template).render(context)


def page(
    request: Request, html: str, status: int = 200, *headers: Header, private: bool = False
) -> Response:
    """Return a page with its headers, or 304 if the browser has it already.

    A `private` page is for one reader: shared caches must not keep it. Nor is it compressed, since
    its length would reveal which part of the request is in its secrets too (the BREACH attack).
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
    # Errors are not cached, so they need no ETag.
    response = Response(body, status)
    response.raw_headers += [(b"content-type", HTML), *about, *headers]
    return response
