"""robots.txt, sitemap.xml and feed.xml.

They list what anonymous visitors can find, also for signed-in users.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from markupsafe import escape
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app import crud
from app.api.links import base_url
from app.api.representation import Representation
from app.core.errors import NotFoundError
from app.core.root_path import root_path
from app.core.threads import compute
from app.crud.listing.sitemap import MAX_PART
from app.db.reader import Row
from app.schemas.recipe import FeedEntry
from app.web.compression import encoded
from app.web.pages.recipe import path_of
from app.web.rendering import render

LATEST = 20

_PART = re.compile("0|[1-9][0-9]{0,17}")
_TEXT = b"text/plain; charset=utf-8"
_XML = b"application/xml; charset=utf-8"
_ATOM = b"application/atom+xml; charset=utf-8"
_NO_CACHE = (b"cache-control", b"no-cache")

_BEGIN = '<?xml version="1.0" encoding="utf-8"?>\n<{} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'

# XML must not contain them (https://www.w3.org/TR/xml/#charsets).
_NOT_XML = dict.fromkeys((0xFFFE, 0xFFFF))

# What needs a log-in, is no page, or is an endless list.
_DISALLOWED = [
    *("/api/", "/recipes?", "/recipes/*/edit", "/recipes/*/history"),
    *("/recipes/new", "/import", "/export", "/trash", "/login", "/logout", "/signup"),
]


async def robots(request: Request) -> Response:
    """Send the rules for crawlers (RFC 9309), and the address of the sitemap."""
    lines = ["User-agent: *", *(f"Disallow: {root_path.get()}{path}" for path in _DISALLOWED), ""]
    lines.append(f"Sitemap: {base_url(request)}/sitemap.xml\n")
    return await _document(request, _TEXT, lambda: "\n".join(lines))


async def sitemap(request: Request) -> Response:
    """Send the URLs of all recipes, or an index of the parts (https://www.sitemaps.org)."""
    db, site = request.app.state.reader, base_url(request)
    parts = await crud.sitemap_parts(db)
    if len(parts) > 1:
        return await _document(request, _XML, lambda: _index(site, parts))
    rows = await crud.sitemap_part(db, parts[0]) if parts else []
    return await _document(request, _XML, lambda: _addresses(site, rows))


async def sitemap_part(request: Request) -> Response:
    """Send one part of the sitemap."""
    number, rows = request.path_params["number"], []
    if _PART.fullmatch(number) and int(number) <= MAX_PART:
        rows = await crud.sitemap_part(request.app.state.reader, int(number))
    if not rows:
        raise NotFoundError("The sitemap has no such part.")
    return await _document(request, _XML, lambda: _addresses(base_url(request), rows))


async def feed(request: Request) -> Response:
    """Send the latest recipes as a feed (Atom, RFC 4287)."""
    rows = await crud.recipe.latest(request.app.state.reader, LATEST, FeedEntry)
    site = base_url(request)

    def write() -> str:
        recipes = [row.parsed() for row in rows]
        # The format needs a time even if there are no recipes.
        times = [recipe["updated_at"] for recipe in recipes] or [datetime(1970, 1, 1, tzinfo=UTC)]
        return render("feed.xml", site=site, recipes=recipes, updated_at=max(times), path=path_of)

    return await _document(request, _ATOM, write)


def _index(site: str, parts: Iterable[int]) -> str:
    entries = (
        f"<sitemap><loc>{escape(site)}/sitemap-{number}.xml</loc></sitemap>\n" for number in parts
    )
    return f"{_BEGIN.format('sitemapindex')}{''.join(entries)}</sitemapindex>\n"


def _addresses(site: str, rows: Iterable[Row]) -> str:
    begin = f"<url><loc>{escape(site)}"

    def entry(row: Row) -> str:
        changed = row["updated_at"].isoformat(timespec="seconds")
        # A path needs no escaping: slugs are percent-encoded.
        return f"{begin}{path_of(row)}</loc><lastmod>{changed}</lastmod></url>\n"

    return f"{_BEGIN.format('urlset')}{''.join(map(entry, rows))}</urlset>\n"


async def _document(request: Request, media_type: bytes, write: Callable[[], str]) -> Response:
    """Send what `write` returns. A long document takes time, so it is made in a thread."""

    def make() -> tuple[bytes, list[tuple[bytes, bytes]]]:
        return encoded(request, write().translate(_NOT_XML).encode())

    body, headers = await compute(make)
    return Representation(request, body, media_type, 200, _NO_CACHE, *headers)


routes = [
    Route("/robots.txt", robots),
    Route("/sitemap.xml", sitemap),
    Route("/sitemap-{number}.xml", sitemap_part),
    Route("/feed.xml", feed),
]
