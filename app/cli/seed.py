"""`recipes seed`: sample recipes, to try out what many of them are like."""

import asyncio
import sys
import time
from itertools import islice
from typing import Annotated

import typer

from app import crud
from app.cli.database import open_database
from app.core.config import Settings, get_settings
from app.core.errors import NotFoundError
from app.db.reader import make_reader
from app.sample_recipes import sample_recipes
from app.schemas.user import UserMe

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
    settings = get_settings()
    with open_database(settings) as writer:
        submitter_id = asyncio.run(_first_superuser(settings))
        documents = sample_recipes(count, random_seed)
        with typer.progressbar(
            length=count, label="Adding recipes", file=sys.stderr, hidden=not sys.stderr.isatty()
        ) as bar:
            while chunk := list(islice(documents, CHUNK)):
                writer.now(crud.recipe.add_many, chunk, submitter_id=submitter_id)
                bar.update(len(chunk))
    typer.echo(f"Added {count} recipes in {time.monotonic() - began:.1f} s.")


async def _first_superuser(settings: Settings) -> int:
    """The id of the superuser who was made first. Raises NotFoundError where there is none."""
    reader = make_reader(settings)
    await reader.open()
    try:
        cursor: str | None = None
        while True:
            page = await crud.user.page(
                reader, sort="created_at", limit=100, cursor=cursor, view=UserMe
            )
            for user in page.items:
                if user["is_superuser"]:
                    return int(user["id"])
            cursor = page.next_cursor
            if cursor is None:
                raise NotFoundError(
                    "There is no superuser: `recipes user create EMAIL --superuser` makes one."
                )
    finally:
        await reader.close()
