"""RecipeSage: a list of schema.org/Recipe."""

from collections.abc import Mapping
from typing import Any

from app.exchange.drafts import Draft, Drafts, Unreadable
from app.exchange.files.archive import Archive
from app.exchange.formats.members import NO_RECIPE, mappings_of, name_of
from app.exchange.schema_org import reading as schema_org
from app.exchange.text.numbers import number_of


def read_json(value: Any) -> Drafts | None:
    """Return the recipes of an export."""
    recipes = value.get("recipes") if isinstance(value, Mapping) else None
    is_known = any("@type" in each for each in mappings_of(recipes))
    return _drafts(recipes) if is_known and isinstance(recipes, list) else None


def read_archive(archive: Archive) -> Drafts | None:
    """Return the recipes of an export that some other program has zipped."""
    names = archive.named("*.json")
    return read_json(next(archive.values(names))[1]) if len(names) == 1 else None


def _drafts(recipes: list[Any]) -> Drafts:
    for recipe in recipes:
        if drafts := schema_org.read_json(recipe):
            yield from (_rated(draft, recipe) for draft in drafts)
        else:
            yield Unreadable(name_of(recipe), NO_RECIPE)


def _rated(draft: Draft | Unreadable, recipe: Any) -> Draft | Unreadable:
    """Add the rating, which is that of the owner alone."""
    rating = recipe.get("aggregateRating") if isinstance(recipe, Mapping) else None
    stars = number_of(rating.get("ratingValue")) if isinstance(rating, Mapping) else None
    if not stars or isinstance(draft, Unreadable):
        return draft
    extras = {**(draft.document.get("extras") or {}), "rating": stars}
    return draft._replace(document={**draft.document, "extras": extras})
