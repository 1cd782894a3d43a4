"""Crouton: JSON objects with amounts in units of their own, alone or in a ZIP archive."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.exchange.drafts import Draft, Drafts, Unreadable
from app.exchange.files.archive import Archive
from app.exchange.formats.members import ingredient, minutes, rest
from app.exchange.text.nutrients import nutrition_of_text
from app.exchange.text.sections import headed, origin_of
from app.exchange.text.values import (
    given,
    line_of,
    number_of,
    plain,
    servings_of,
    tags_of,
    text_of,
)

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
    """The recipe of a `.crumb`, or None where it is none."""
    is_crumb = (
        isinstance(value, dict)
        and {"name", "steps", "ingredients"} <= value.keys()
        and not {"webLink", "serves", "neutritionalInfo"}.isdisjoint(value)
    )
    return iter([_recipe(value)]) if is_crumb else None


def read_archive(archive: Archive) -> Drafts | None:
    """The recipes of an export, or None where it is none."""
    return _recipes(archive) if archive.named("*.crumb") else None


def _recipes(archive: Archive) -> Iterator[Draft | Unreadable]:
    for name, value in archive.values(archive.named("*.crumb")):
        if isinstance(value, Unreadable):
            yield value
        else:
            is_object = isinstance(value, dict)
            yield _recipe(value) if is_object else Unreadable(name, "It is no recipe.")


def _recipe(value: dict[str, Any]) -> Draft:
    extras = rest(value, _PLACED)
    info = [value.get("neutritionalInfo"), value.get("nutritionalInfo")]
    nutrition, others = nutrition_of_text(info)
    servings, yield_text = servings_of(value.get("serves"))
    document = given(
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
        extras=extras | given(nutritionalInfo=others),
    )
    return Draft(document)


def _minutes(value: dict[str, Any], extras: dict[str, Any]) -> dict[str, Any]:
    cooking = minutes(value, extras, "cookingDuration")
    duration = minutes(value, extras, "duration")
    # It is of all, unless another one is of the cooking.
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
        found += [] if is_empty else [member | given(section=section)]
    return found


def _steps(value: Any) -> list[dict[str, Any]]:
    steps = [(each.get("isSection") is True, each.get("step")) for each in _in_order(value)]
    texts = [(is_heading, plain(text_of(step))) for is_heading, step in steps]
    return headed((is_heading, text) for is_heading, text in texts if text)


def _in_order(value: Any) -> list[Mapping[str, Any]]:
    each = value if isinstance(value, list) else [value]
    known = [
        part if isinstance(part, Mapping) else {"ingredient": part, "step": part} for part in each
    ]
    return sorted(known, key=lambda part: number_of(part.get("order")) or 0)
