"""`recipes import` and `recipes export`."""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from itertools import islice
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated, BinaryIO, NamedTuple, cast

import typer

from app import crud
from app.core.config import Settings, get_settings
from app.core.errors import AppError, InvalidError
from app.core.policy import Viewer
from app.crud.recipe_import import ClaimedRecipes, Imported
from app.db.reader import Row, make_reader
from app.db.transactions import Transactions
from app.exchange import reading
from app.exchange.items import Item, chunks_of, items_of
from app.exchange.writing.exporters import EXPORTERS, Format, export_stream
from app.ops.backup.files import refuse_to_replace
from app.ops.cli.common import open_database, progress_bar
from app.schemas.importing import OnDuplicate
from app.schemas.page import RecipeQuery

_OPERATOR = Viewer(is_superuser=True)
SHOWN = 100
"""Failures that are listed. The rest are counted."""


# --- Import --------------------------------------------------------------------------------------


class _Failure(NamedTuple):
    file: str
    item: str
    name: str
    reason: str


def import_(
    files: Annotated[
        list[Path], typer.Argument(help="Files of any known format.", exists=True, dir_okay=False)
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Report what would happen, and store nothing.")
    ] = False,
    on_duplicate: Annotated[
        OnDuplicate, typer.Option(help="What to do with a recipe that already exists.")
    ] = "skip",
    user: Annotated[
        str | None, typer.Option(help="The submitter; by default the first superuser.")
    ] = None,
) -> None:
    """Import recipes. Existing ones are skipped, so it can be run again.

    Exit status 1 if any recipe failed; the others are imported.
    """
    counts: Counter[str] = Counter()
    failures: list[_Failure] = []
    with open_database(get_settings()) as transactions:
        viewer = Viewer(transactions.run_now(crud.user.id_for_operator, user))
        for path in files:
            for each in _import(transactions, viewer, path, on_duplicate, dry_run):
                counts[each.status] += 1
                if each.error is not None and len(failures) < SHOWN:
                    index = "" if each.item.index < 0 else str(each.item.index)
                    reason = _reason_of(each.error)
                    failures.append(_Failure(path.name, index, each.item.name or "", reason))
    summary = ", ".join(f"{counts[name]} {name}" for name in ("created", "updated", "skipped"))
    typer.echo(f"{'Would be: ' if dry_run else ''}{summary}, {counts['failed']} failed.")
    if failures:
        _show(failures, counts["failed"])
        raise typer.Exit(1)


def _import(
    transactions: Transactions, viewer: Viewer, path: Path, on_duplicate: OnDuplicate, dry_run: bool
) -> Iterator[Imported]:
    claimed = ClaimedRecipes()
    size = path.stat().st_size
    with path.open("rb") as file, progress_bar(size, path.name) as bar:
        try:
            items = items_of(reading.read_file(file))
        except InvalidError as error:
            yield Imported(Item(-1, None, None), "failed", error=error)
            return
        for chunk in chunks_of(items):
            results = transactions.run_now(
                crud.import_items,
                chunk,
                viewer,
                claimed,
                on_duplicate=on_duplicate,
                dry_run=dry_run,
            )
            claimed.add(results)
            bar.update(file.tell() - bar.pos)
            yield from results
        bar.update(size - bar.pos)


def _reason_of(error: AppError) -> str:
    faults = error.faults if isinstance(error, InvalidError) else ()
    places = (f"{fault.pointer or ''} {fault.detail}".strip() for fault in islice(faults, 3))
    return "; ".join([error.detail, *places])


def _show(failures: list[_Failure], number: int) -> None:
    """Print a table of failures."""
    rows = [_Failure("FILE", "ITEM", "NAME", "REASON"), *failures]
    widths = [min(40, max(map(len, column))) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell[:width].ljust(width) for cell, width in zip(row[:-1], widths, strict=False)]
        typer.echo("  ".join([*cells, row.reason]), err=True)
    if number > len(failures):
        typer.echo(f"… and {number - len(failures)} more.", err=True)


# --- Export --------------------------------------------------------------------------------------


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
        with progress_bar(total, "Exporting") as bar:
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
