"""`recipes export`: export recipes to a file."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated, BinaryIO, cast

import typer

from app import crud
from app.core.config import Settings, get_settings
from app.core.policy import Viewer
from app.db.reader import Row, make_reader
from app.exchange.writing.exporters import EXPORTERS, Format, export_stream
from app.ops.backup.files import refuse_to_replace
from app.ops.cli.database import open_database
from app.schemas.page import RecipeQuery

_OPERATOR = Viewer(is_superuser=True)


def export(
    file: Annotated[
        Path | None, typer.Argument(help="The file to write; by default standard output.")
    ] = None,
    format: Annotated[  # noqa: A002 - The name of the option.
        Format, typer.Option(help="ndjson and zip can be imported again without loss.")
    ] = "ndjson",
    user: Annotated[
        str | None, typer.Option(metavar="EMAIL", help="Only the recipes of this user.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """Export all recipes except the trash, private ones included, while the server runs."""
    settings = get_settings()
    with open_database(settings) as transactions, _opened(file, force) as output:
        submitter_id = transactions.run_now(crud.user.id_for_operator, user) if user else None
        asyncio.run(_export(settings, output, format, submitter_id))


@contextmanager
def _opened(path: Path | None, force: bool) -> Iterator[BinaryIO]:
    """Open a file that appears under its name only when complete, or standard output."""
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    refuse_to_replace(path, force)
    temporary = NamedTemporaryFile(dir=path.parent, delete=False)  # noqa: SIM115 - It is renamed.
    try:
        with temporary as output:
            yield cast(BinaryIO, output)
            output.flush()
            os.fsync(output.fileno())
        refuse_to_replace(path, force)
        Path(temporary.name).replace(path)
    finally:
        Path(temporary.name).unlink(missing_ok=True)


async def _export(
    settings: Settings, output: BinaryIO, kind: Format, submitter_id: int | None
) -> None:
    reader = make_reader(settings)
    await reader.open()
    try:
        query = RecipeQuery(limit=1, count=True, submitter_id=submitter_id)
        total = (await crud.list_recipes(reader, query, _OPERATOR)).total or 0
        with typer.progressbar(
            length=total, label="Exporting", file=sys.stderr, hidden=not sys.stderr.isatty()
        ) as bar:
            pages = _with_progress(crud.export_recipes(reader, query, _OPERATOR), bar.update)
            async with aclosing(export_stream(EXPORTERS[kind](), pages)) as parts:
                async for part in parts:
                    output.write(part)
    finally:
        await reader.close()


async def _with_progress(
    pages: AsyncGenerator[list[Row]], show_progress: Callable[[int], None]
) -> AsyncGenerator[list[Row]]:
    """Yield the pages, and report the number of recipes of each that was written."""
    async with aclosing(pages):
        async for page in pages:
            yield page
            show_progress(len(page))
