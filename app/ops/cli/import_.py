"""`recipes import`: import recipes from files of this or another application."""

import sys
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from app import crud
from app.core.config import get_settings
from app.core.errors import AppError, InvalidError
from app.core.policy import Viewer
from app.crud.recipe_import import ClaimedRecipes, Imported
from app.db.transactions import Transactions
from app.exchange import reading
from app.exchange.items import Item, chunks_of, items_of
from app.ops.cli.database import open_database
from app.schemas.importing import OnDuplicate

SHOWN = 100
"""Failures that are listed. The rest are counted."""


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
    size, hidden = path.stat().st_size, not sys.stderr.isatty()
    with (
        path.open("rb") as file,
        typer.progressbar(length=size, label=path.name, file=sys.stderr, hidden=hidden) as bar,
    ):
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
