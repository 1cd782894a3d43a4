"""NutritionInformation of schema.org, read in any unit and written in ours."""

import re
from collections.abc import Mapping
from typing import Any

from app.cooking.quantities import decimal
from app.exchange.schema_org.nodes import MAX_LINE_LENGTH, list_of
from app.exchange.text.numbers import number_of
from app.exchange.text.nutrients import converted
from app.exchange.text.values import Json, line_of, non_empty, texts_of

_NUTRIENTS = {
    "calories": ("calories", "calories"),
    "carbohydrate_g": ("carbohydrateContent", "g"),
    "cholesterol_mg": ("cholesterolContent", "mg"),
    "fat_g": ("fatContent", "g"),
    "fiber_g": ("fiberContent", "g"),
    "protein_g": ("proteinContent", "g"),
    "saturated_fat_g": ("saturatedFatContent", "g"),
    "sodium_mg": ("sodiumContent", "mg"),
    "sugar_g": ("sugarContent", "g"),
    "trans_fat_g": ("transFatContent", "g"),
    "unsaturated_fat_g": ("unsaturatedFatContent", "g"),
}
"""The numbers of Nutrition: their names in schema.org, and their units."""

_SIZE_LABEL = re.compile(r"serving size\s{0,3}:\s{0,3}", re.IGNORECASE)
_MAX_GRAMS = 20
"""More of sodium or cholesterol is not eaten: then the unit is wrong, and means milligrams."""
_AMOUNT = re.compile(r"([.,]?[\d¼-¾⅐-⅞][\d.,/¼-¾⅐-⅞]*)\s*(k?cal|kj|[a-zµμ]+|%)?", re.IGNORECASE)


def nutrition_of(value: Json) -> tuple[dict[str, Any], Json]:
    """Return Nutrition, and the nutrients that have no place in it."""
    if not isinstance(value, dict):
        value = next((each for each in list_of(value) if isinstance(each, dict)), texts_of(value))
    if not isinstance(value, dict):
        return {}, value
    size = line_of(value.get("servingSize"))
    members: dict[str, Any] = {"serving_size": _SIZE_LABEL.sub("", size) or size}
    known = {"@type", "type", "@id", "@context", "servingSize"}
    for member, (name, _) in _NUTRIENTS.items():
        short = name.removesuffix("Content")
        name = next((each for each in (name, short, f"{short}s") if value.get(each)), name)
        text = line_of(value.get(name))
        members[member] = _amount(text[:MAX_LINE_LENGTH], member)
        if members[member] is not None:
            known.add(name)
    others = {name: line_of(each) for name, each in value.items() if name not in known}
    return non_empty(**members), non_empty(**others)


def nutrition_information(nutrition: Mapping[str, Any] | None) -> dict[str, str] | None:
    """Return NutritionInformation from Nutrition; None if it has no values."""
    given = {name: value for name, value in (nutrition or {}).items() if value not in (None, "")}
    if not given:
        return None
    information = {"@type": "NutritionInformation"}
    if "serving_size" in given:
        information["servingSize"] = given["serving_size"]
    for member, (name, unit) in _NUTRIENTS.items():
        if member in given:
            information[name] = f"{decimal(given[member])} {unit}"
    return information


def _amount(text: str, member: str) -> float | None:
    """Return the number in a text, converted to the unit of a member."""
    text = re.sub(r"(?<=\d) (?=\d{3}(?!\d))", "", text)
    amounts = [(found[1], (found[2] or "").casefold()) for found in _AMOUNT.finditer(text)]
    if not amounts:
        return None
    if member == "calories":
        amounts.sort(key=lambda amount: amount[1] == "kj")  # Prefer calories to kilojoules.
    number, unit = number_of(amounts[0][0]), amounts[0][1]
    if member.endswith("_mg") and unit.startswith("g") and (number or 0) > _MAX_GRAMS:
        unit = "mg"
    return None if number is None or unit == "%" else converted(number, unit, member)
