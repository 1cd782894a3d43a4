"""RecipeSage: its recipes as schema.org/Recipe in a list."""

from collections.abc import Mapping
from typing import Any

from app.exchange.drafts import Draft, Drafts, Unreadable
from app.exchange.files.archive import Archive
from app.exchange.formats.members import NO_RECIPE, mappings_of, name_of
from app.exchange.schema_org.reading import drafts_of_schema_org
from app.exchange.text.values import number_of


def read_json(value: Any) -> Drafts | None:
    """The recipes of an export."""
    recipes = value.get("recipes") if isinstance(value, Mapping) else None
    is_known = any("@type" in each for each in mappings_of(recipes))
    return _drafts(recipes) if is_known and isinstance(recipes, list) else None


def read_archive(archive: Archive) -> Drafts | None:
    """An archive with one export, as some systems make of it on their own."""
    names = archive.named("*.json")
    return read_json(next(archive.values(names))[1]) if len(names) == 1 else None


def _drafts(recipes: list[Any]) -> Drafts:
    for recipe in recipes:
        if drafts := drafts_of_schema_org(recipe):
            yield from (_rated(draft, recipe) for draft in drafts)
        else:
            yield Unreadable(name_of(recipe), NO_RECIPE)


def _rated(draft: Draft | Unreadable, recipe: Any) -> Draft | Unreadable:
    """With the rating, which is that of its owner and not of many."""
    rating = recipe.get("aggregateRating") if isinstance(recipe, Mapping) else None
    stars = number_of(rating.get("ratingValue")) if isinstance(rating, Mapping) else None
    if not stars or isinstance(draft, Unreadable):
        return draft
    extras = {**(draft.document.get("extras") or {}), "rating": stars}
    return draft._replace(document={**draft.document, "extras": extras})
