"""`recipes seed`: demo recipes in any number, to try out large collections."""

import sys
import time
from itertools import islice
from typing import Annotated

import typer

from app import crud
from app.core.config import get_settings
from app.ops.cli.database import open_database

CHUNK = 2_000
"""Recipes of one transaction. More would be no quicker, and would block other writers longer."""


def seed(
    count: Annotated[int, typer.Option(min=1, help="How many recipes.")],
    random_seed: Annotated[
        int, typer.Option(help="Another number gives other recipes, the same gives the same again.")
    ] = 1,
) -> None:
    """Add demo recipes, as the first superuser's."""
    # Its word lists are needed by no other command, and an installed wheel lacks them.
    from benchmarks.demo.recipes import demo_recipes

    began = time.monotonic()
    with open_database(get_settings()) as transactions:
        submitter_id = transactions.run_now(crud.user.id_for_operator, None)
        documents = demo_recipes(count, random_seed)
        with typer.progressbar(
            length=count, label="Adding recipes", file=sys.stderr, hidden=not sys.stderr.isatty()
        ) as bar:
            while chunk := list(islice(documents, CHUNK)):
                transactions.run_now(crud.recipe.add_many, chunk, submitter_id=submitter_id)
                bar.update(len(chunk))
    typer.echo(f"Added {count} recipes in {time.monotonic() - began:.1f} s.")
