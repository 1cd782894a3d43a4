"""`recipes seed`: sample recipes, to try out what many of them are like."""

import sys
import time
from itertools import islice
from typing import Annotated

import typer

from app import crud
from app.cli.database import open_database
from app.core.config import get_settings
from app.sample_recipes import sample_recipes

CHUNK = 2_000
"""Recipes of one transaction: as many more would be no quicker, and keep other writers waiting."""


def seed(
    count: Annotated[int, typer.Option(min=1, help="How many recipes.")],
    random_seed: Annotated[
        int, typer.Option(help="Another number gives other recipes, the same gives the same again.")
    ] = 1,
) -> None:
    """Add sample recipes, as the first superuser's."""
    began = time.monotonic()
    with open_database(get_settings()) as writer:
        submitter_id = writer.now(crud.user.id_for_operator, None)
        documents = sample_recipes(count, random_seed)
        with typer.progressbar(
            length=count, label="Adding recipes", file=sys.stderr, hidden=not sys.stderr.isatty()
        ) as bar:
            while chunk := list(islice(documents, CHUNK)):
                writer.now(crud.recipe.add_many, chunk, submitter_id=submitter_id)
                bar.update(len(chunk))
    typer.echo(f"Added {count} recipes in {time.monotonic() - began:.1f} s.")
