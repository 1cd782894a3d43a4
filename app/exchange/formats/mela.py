"""Mela: JSON objects with Markdown text, alone or in a ZIP archive."""

from collections.abc import Iterator
from typing import Any

from app.core.errors import InvalidError
from app.exchange.drafts import Draft, Drafts, Unreadable
from app.exchange.files.archive import Archive
from app.exchange.formats.members import drafts_of, is_object, minutes, rest
from app.exchange.text.numbers import servings_of
from app.exchange.text.nutrients import nutrition_of_text
from app.exchange.text.sections import ingredients_of, steps_of
from app.exchange.text.values import line_of, non_empty, origin_of, plain, tags_of, text_of

_PLACED = {"title", "text", "link", "prepTime", "cookTime", "totalTime", "yield", "categories"}
_PLACED |= {"ingredients", "instructions", "nutrition", "notes", "images"}


def read_json(value: Any) -> Drafts | None:
    """Return the recipe of a `.melarecipe`."""
    is_mela = (
        isinstance(value, dict)
        and {"title", "ingredients", "instructions"} <= value.keys()
        and not {"link", "yield", "text", "images"}.isdisjoint(value)
    )
    return iter([_recipe(value)]) if is_mela else None


def read_archive(archive: Archive) -> Drafts | None:
    """Return the recipes of a `.melarecipes`, or of several of them in one archive."""
    if archive.named("*.melarecipe") or archive.named("*.melarecipes"):
        return _recipes(archive)
    return None


def _recipes(archive: Archive) -> Iterator[Draft | Unreadable]:
    yield from drafts_of(archive.values(archive.named("*.melarecipe")), is_object, _recipe)
    for name in archive.named("*.melarecipes"):
        try:
            yield from _recipes(archive.nested(name))
        except InvalidError as error:
            yield Unreadable(name, error.detail)


def _recipe(value: dict[str, Any]) -> Draft:
    extras = rest(value, _PLACED)
    nutrition, others = nutrition_of_text(value.get("nutrition"))
    servings, yield_text = servings_of(value.get("yield"))
    document = non_empty(
        label=line_of(value.get("title")),
        description=plain(text_of(value.get("text"))),
        **origin_of(value.get("link")),
        prep_minutes=minutes(value, extras, "prepTime"),
        cook_minutes=minutes(value, extras, "cookTime"),
        total_minutes=minutes(value, extras, "totalTime"),
        servings=servings,
        yield_text=yield_text,
        tags=tags_of("category", value.get("categories")),
        ingredients=ingredients_of(value.get("ingredients")),
        steps=steps_of(value.get("instructions")),
        nutrition=nutrition,
        notes=text_of(value.get("notes")),
        extras=extras | non_empty(nutrition=others),
    )
    return Draft(document)
