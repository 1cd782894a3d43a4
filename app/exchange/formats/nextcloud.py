"""Nextcloud Cookbook: a folder for each recipe, with schema.org/Recipe in `recipe.json`."""

from collections.abc import Mapping
from typing import Any

from app.exchange.reading.archives import Archive
from app.exchange.reading.drafts import Drafts, Unreadable
from app.exchange.reading.members import NO_RECIPE
from app.exchange.reading.schema_org import drafts_of_schema_org
from app.exchange.reading.schema_org_steps import is_a

RANK = 50


def read_archive(archive: Archive) -> Drafts | None:
    """All that is `recipe.json`."""
    names = archive.named("*recipe.json")
    return _drafts(archive, names) if archive.any_is(_is_recipe, names) else None


def _is_recipe(value: Any) -> bool:
    return isinstance(value, Mapping) and is_a(value, "Recipe")


def _drafts(archive: Archive, names: list[str]) -> Drafts:
    for name, value in archive.values(names):
        if isinstance(value, Unreadable):
            yield value
        elif drafts := drafts_of_schema_org(value):
            yield from drafts
        else:
            yield Unreadable(name, NO_RECIPE)
