"""Paprika: a ZIP archive of recipes, each of them gzipped JSON."""

from collections.abc import Mapping
from typing import Any

from app.exchange.drafts import Draft, Drafts
from app.exchange.files.archive import Archive
from app.exchange.formats.members import drafts_of, markdown_note, minutes, rest, tags, unnamed
from app.exchange.text.numbers import servings_of
from app.exchange.text.nutrients import nutrition_of_text
from app.exchange.text.sections import ingredients_of, steps_of
from app.exchange.text.values import line_of, non_empty, text_of

_PLACED = {
    *("name", "description", "ingredients", "directions", "notes", "nutritional_info"),
    *("servings", "prep_time", "cook_time", "total_time", "categories", "source", "source_url"),
    *("rating", "hash"),
    *("photo", "photo_data", "photo_hash", "photo_large", "photo_url", "photos"),
}


def read_json(value: Any) -> Drafts | None:
    """Return one recipe, or a list of them as its service returns it."""
    values = value if isinstance(value, list) else [value]
    return drafts_of(unnamed(values), _is_recipe, _draft) if any(map(_is_recipe, values)) else None


def read_archive(archive: Archive) -> Drafts | None:
    """Return the recipes of `.paprikarecipes`."""
    names = archive.named("*.paprikarecipe")
    return drafts_of(archive.values(names), _is_recipe, _draft) if names else None


def _is_recipe(value: Any) -> bool:
    if not isinstance(value, Mapping) or "@type" in value:
        return False
    return {"name", "ingredients", "directions", "source_url"} <= value.keys()


def _draft(value: Mapping[str, Any]) -> Draft:
    extras = rest(value, _PLACED)
    if value.get("rating"):  # 0 means no rating.
        extras["rating"] = value["rating"]
    servings, yield_text = servings_of(value.get("servings"))
    nutrition, facts = nutrition_of_text(value.get("nutritional_info"))
    notes = (
        markdown_note(None, value.get("notes")),
        markdown_note("Nutrition", facts) if facts else "",
    )
    document = non_empty(
        label=line_of(value.get("name")),
        description=text_of(value.get("description")),
        url=line_of(value.get("source_url")),
        source=line_of(value.get("source")),
        prep_minutes=minutes(value, extras, "prep_time"),
        cook_minutes=minutes(value, extras, "cook_time"),
        total_minutes=minutes(value, extras, "total_time"),
        servings=servings,
        yield_text=yield_text,
        tags=tags("category", value.get("categories")),
        ingredients=ingredients_of(value.get("ingredients")),
        steps=steps_of(value.get("directions")),
        nutrition=nutrition,
        notes="\n\n".join(filter(None, notes)),
        extras=extras,
    )
    return Draft(document)
