"""The static files: few and small, so they are kept in memory."""

from functools import cache
from hashlib import blake2b
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.api.representation import Representation
from app.core.errors import NotFoundError
from app.web.compression import encoded

FOLDER = Path(__file__).parent / "static"

_TYPES = {
    ".css": b"text/css; charset=utf-8",
    ".js": b"text/javascript; charset=utf-8",
    ".png": b"image/png",
    ".svg": b"image/svg+xml",
}


@cache
def _content(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


@cache
def asset(name: str) -> str:
    """Return the URL of a static file, which changes with its content."""
    return f"/static/{name}?v={blake2b(_content(name), digest_size=6).hexdigest()}"


async def static_file(request: Request) -> Response:
    """Send a file. A URL with its current version can be cached for ever."""
    name = request.path_params["name"]
    if name not in _NAMES:
        raise NotFoundError("There is no such file.")
    versioned = asset(name).endswith(f"?{request.url.query}")
    lifetime = b"max-age=31536000, immutable" if versioned else b"max-age=3600"
    body, headers = encoded(request, _content(name))
    headers.append((b"cache-control", b"public, " + lifetime))
    return Representation(request, body, _TYPES[Path(name).suffix], 200, *headers)


# Listed at import, so that no name from a request reaches the file system.
_NAMES = {path.name for path in FOLDER.iterdir() if path.suffix in _TYPES}

routes = [Route("/static/{name}", static_file)]
