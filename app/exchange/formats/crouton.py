"""Crouton: JSON objects with its own units, alone or in a ZIP archive."""

from collections.abc import Mapping
from typing import Any

from app.exchange.drafts import Draft, Drafts
from app.exchange.files.archive import Archive
from app.exchange.formats.members import drafts_of, ingredient, is_object, minutes, rest
from app.exchange.text.numbers import number_of, servings_of
from app.exchange.text.nutrients import nutrition_of_text
from app.exchange.text.sections import under_headings
from app.exchange.text.values import line_of, non_empty, origin_of, plain, tags_of, text_of

_UNITS = {
    "ITEM": "",
    "TEASPOON": "tsp",
    "TABLESPOON": "tbsp",
    "MILLS": "ml",
    "GRAMS": "g",
    "KGS": "kg",
    "POUND": "lb",
    "OUNCE": "oz",
    "LITRES": "l",
    "DECILITER": "dl",
}
_PLACED = {"name", "serves", "duration", "ingredients", "steps", "notes", "webLink", "sourceName"}
_PLACED |= {"cookingDuration", "neutritionalInfo", "nutritionalInfo", "tags", "images"}


def read_json(value: Any) -> Drafts | None:
    """Return the recipe of a `.crumb`."""
    is_crumb = (
        isinstance(value, dict)
        and {"name", "steps", "ingredients"} <= value.keys()
        and not {"webLink", "serves", "neutritionalInfo"}.isdisjoint(value)
    )
    return iter([_recipe(value)]) if is_crumb else None


def read_archive(archive: Archive) -> Drafts | None:
    """Return the recipes of an export."""
    names = archive.named("*.crumb")
    return drafts_of(archive.values(names), is_object, _recipe) if names else None


def _recipe(value: dict[str, Any]) -> Draft:
    extras = rest(value, _PLACED)
    info = [value.get("neutritionalInfo"), value.get("nutritionalInfo")]
    nutrition, others = nutrition_of_text(info)
    servings, yield_text = servings_of(value.get("serves"))
    document = non_empty(
        label=line_of(value.get("name")),
        **origin_of(value.get("sourceName")) | origin_of(value.get("webLink")),
        **_minutes(value, extras),
        servings=servings,
        yield_text=yield_text,
        tags=tags_of("keyword", value.get("tags")),
        ingredients=_ingredients(value.get("ingredients")),
        steps=_steps(value.get("steps")),
        nutrition=nutrition,
        notes=text_of(value.get("notes")),
        extras=extras | non_empty(nutritionalInfo=others),
    )
    return Draft(document)


def _minutes(value: dict[str, Any], extras: dict[str, Any]) -> dict[str, Any]:
    cooking = minutes(value, extras, "cookingDuration")
    duration = minutes(value, extras, "duration")
    # The duration is the total time, unless there is a cooking time.
    return {"prep_minutes" if cooking else "total_minutes": duration, "cook_minutes": cooking}


def _ingredients(value: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    section = ""
    for each in _in_order(value):
        quantity = each.get("quantity")
        quantity = quantity if isinstance(quantity, Mapping) else {}
        kind = line_of(quantity.get("quantityType"))
        food = line_of(each.get("ingredient"))
        if kind == "SECTION":
            section = food
            continue
        unit = _UNITS.get(kind, kind.lower())
        member = ingredient(quantity.get("amount"), unit, food, None)
        is_empty = not food and "quantity" not in member
        found += [] if is_empty else [member | non_empty(section=section)]
    return found


def _steps(value: Any) -> list[dict[str, Any]]:
    steps = [(each.get("isSection") is True, each.get("step")) for each in _in_order(value)]
    texts = [(is_heading, plain(text_of(step))) for is_heading, step in steps]
    return under_headings((is_heading, text) for is_heading, text in texts if text)


def _in_order(value: Any) -> list[Mapping[str, Any]]:
    each = value if isinstance(value, list) else [value]
    known = [
        part if isinstance(part, Mapping) else {"ingredient": part, "step": part} for part in each
    ]
    return sorted(known, key=lambda part: number_of(part.get("order")) or 0)
