"""Nextcloud Cookbook: a folder per recipe, with schema.org/Recipe in `recipe.json`."""

from collections.abc import Mapping
from typing import Any

from app.exchange.drafts import Drafts, Unreadable
from app.exchange.files.archive import Archive
from app.exchange.formats.members import NO_RECIPE
from app.exchange.schema_org import reading as schema_org
from app.exchange.schema_org.nodes import is_a


def read_archive(archive: Archive) -> Drafts | None:
    """Return the recipe of each `recipe.json`."""
    names = archive.called("recipe.json")
    return _drafts(archive, names) if archive.any_is(_is_recipe, names) else None


def _is_recipe(value: Any) -> bool:
    return isinstance(value, Mapping) and is_a(value, "Recipe")


def _drafts(archive: Archive, names: list[str]) -> Drafts:
    for name, value in archive.values(names):
        if isinstance(value, Unreadable):
            yield value
        elif drafts := schema_org.read_json(value):
            yield from drafts
        else:
            yield Unreadable(name, NO_RECIPE)
