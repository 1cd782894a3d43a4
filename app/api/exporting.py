"""A file of recipes as the answer to a request."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.requests import Request
from starlette.responses import StreamingResponse

from app import crud
from app.core.policy import Viewer
from app.exchange.writing.exporting import EXPORTERS, Format, NdJson, exported
from app.schemas.page import RecipeQuery


class Download(StreamingResponse):
    """A file that is made while it is sent."""

    media_type = NdJson.media_type


async def download(
    request: Request, filters: RecipeQuery, file_format: Format, viewer: Viewer
) -> Download:
    """The recipes that `viewer` may find and that pass the filters, from the oldest on.

    If something fails on the way, the connection ends before the file does.
    """
    exporter = EXPORTERS[file_format]()
    parts = exported(exporter, crud.export_recipes(request.app.state.reader, filters, viewer))
    # What can be refused is refused before the answer begins.
    beginning = await anext(parts)
    if request.scope.get("is_head"):
        await parts.aclose()
    return Download(
        _joined(beginning, parts),
        headers={"Content-Disposition": f'attachment; filename="{exporter.filename}"'},
        media_type=exporter.media_type,
    )


async def _joined(beginning: bytes, parts: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    # Who goes away in the middle ends the reading, too.
    async with aclosing(parts):
        yield beginning
        async for part in parts:
            yield part
