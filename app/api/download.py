"""Exports as downloads."""

import logging
from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager, ExitStack, aclosing, nullcontext

from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from app import crud
from app.api.deps import client_network
from app.core.bounds import MAX_EXPORTS, MAX_EXPORTS_OF_CLIENT
from app.core.errors import UnauthenticatedError
from app.core.places import Places
from app.core.policy import Viewer
from app.db.reader import Reader, Row
from app.exchange.writing.exporters import EXPORTERS, Format, NdJson, export_stream
from app.schemas.page import RecipeQuery

logger = logging.getLogger("app.export")


_places = Places("exports", "exports", MAX_EXPORTS, MAX_EXPORTS_OF_CLIENT)


class Download(StreamingResponse):
    """A file that is generated while it is sent. `held` is closed at its end."""

    media_type = NdJson.media_type

    held: AbstractContextManager[object] = nullcontext()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file, until the client disconnects."""
        with self.held:
            await super().__call__(scope, receive, send)

    async def stream_response(self, send: Send) -> None:
        """Send the parts. If the viewer's credentials end, close the connection."""
        try:
            await super().stream_response(send)
        except UnauthenticatedError:
            # Without the last chunk, no client takes what it has for the whole file.
            logger.info("An export was cut off: its account or token has ended.")


async def download(
    request: Request, filters: RecipeQuery, file_format: Format, viewer: Viewer
) -> Download:
    """Return the recipes that `viewer` can find and that pass the filters, the oldest first.

    If something fails on the way, the connection ends before the file does. Raises
    TooManyRequestsError and UnavailableError if enough exports run already.
    """
    client = f"user {viewer.id}" if viewer.id else await client_network(request)
    with ExitStack() as held:
        held.enter_context(_places.hold(client))
        file = await _download(request, filters, file_format, viewer)
        file.held = held.pop_all()
    return file


async def _download(
    request: Request, filters: RecipeQuery, file_format: Format, viewer: Viewer
) -> Download:
    exporter, db = EXPORTERS[file_format](), request.app.state.reader
    pages = crud.export_recipes(db, filters, viewer)
    parts = export_stream(exporter, _while_valid(db, pages, viewer) if viewer.id else pages)
    # What can be refused is refused before the answer begins.
    beginning = await anext(parts)
    if request.scope.get("is_head"):
        await parts.aclose()
    return Download(
        _joined(beginning, parts),
        headers={"Content-Disposition": f'attachment; filename="{exporter.filename}"'},
        media_type=exporter.media_type,
    )


async def _while_valid(
    db: Reader, pages: AsyncGenerator[list[Row]], viewer: Viewer
) -> AsyncGenerator[list[Row]]:
    """Yield the pages while the credentials of `viewer` are valid."""
    async with aclosing(pages):
        async for page in pages:
            yield page
            await crud.still_valid(db, viewer)


async def _joined(beginning: bytes, parts: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    # Who goes away in the middle ends the reading, too.
    async with aclosing(parts):
        yield beginning
        async for part in parts:
            yield part
