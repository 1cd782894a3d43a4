"""`recipes compact`, `recipes reindex` and `recipes seed`."""

import time
from itertools import islice
from typing import Annotated

import typer

from app import crud
from app.core.config import get_settings
from app.ops.backup import postgresql, sqlite
from app.ops.backup.operations import database_errors
from app.ops.cli.common import open_database, operator_settings, progress_bar
from app.ops.reindex import reindex as write_index
from app.search import index as search_index

CHUNK = 2_000
"""Recipes of one transaction. More would be no faster, and would block other writers longer."""


def compact() -> None:
    """Give the space of deleted rows back to the disk. Others can read in the meantime.

    On PostgreSQL the space stays in its files, free for new rows, and others can also write.
    """
    settings = operator_settings()
    file = settings.database_file
    with open_database(settings), database_errors():
        if file is None:
            postgresql.vacuum(settings)
            typer.echo("The space of deleted rows is free for new ones; PostgreSQL keeps it.")
            return
        before = file.stat().st_size
        sqlite.compact(file)
    sizes = [f"{size / 2**20:,.1f} MiB" for size in (before, file.stat().st_size)]
    typer.echo(f"{file} took {sizes[0]} and takes {sizes[1]}.")


def reindex() -> None:
    """Rebuild the search index, while the server runs."""
    done = 0
    with open_database(get_settings()) as transactions:
        length = transactions.run_now(search_index.count)
        with progress_bar(length, "Indexing") as bar:
            for count in write_index(transactions):
                done += count
                bar.update(count)
    typer.echo(f"Wrote the search index of {done} recipes.")


def seed(
    count: Annotated[int, typer.Option(min=1, help="How many recipes.")],
    random_seed: Annotated[
        int, typer.Option(help="Another number gives other recipes, the same gives the same again.")
    ] = 1,
) -> None:
    """Add demo recipes, to try out large collections. They belong to the first superuser."""
    # Its word lists are needed by no other command, and an installed wheel lacks them.
    from benchmarks.demo.recipes import demo_recipes

    began = time.monotonic()
    with open_database(get_settings()) as transactions:
        submitter_id = transactions.run_now(crud.user.id_for_operator, None)
        documents = demo_recipes(count, random_seed)
        with progress_bar(count, "Adding recipes") as bar:
            while chunk := list(islice(documents, CHUNK)):
                transactions.run_now(crud.recipe.add_many, chunk, submitter_id=submitter_id)
                bar.update(len(chunk))
    typer.echo(f"Added {count} recipes in {time.monotonic() - began:.1f} s.")
