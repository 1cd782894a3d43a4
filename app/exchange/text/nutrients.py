"""Nutrients by the names and in the units that people write."""

import re
from collections.abc import Iterable
from typing import Any

from app.exchange.text.numbers import number_of
from app.exchange.text.values import line_of, lines_of, text_of
from app.schemas.document import NutritionCreate

NUTRIENTS = tuple(name for name in NutritionCreate.model_fields if name != "serving_size")
"""The members of Nutrition that are numbers."""

_KILOJOULES_PER_KCAL = 4.184
_GRAMS = {"kg": 1000.0, "g": 1.0, "gram": 1.0, "mg": 1e-3, "milligram": 1e-3}
_GRAMS |= dict.fromkeys(("mcg", "µg", "μg", "microgram"), 1e-6)
_MEMBERS = {name.replace("_", ""): name for name in NUTRIENTS}
_MEMBERS |= {name.rpartition("_")[0].replace("_", ""): name for name in NUTRIENTS if "_" in name}
_MEMBERS |= {"energy": "calories", "kcal": "calories", "servingsize": "serving_size"}
_MEMBERS |= dict.fromkeys(("carbs", "carbohydrates", "totalcarbohydrate"), "carbohydrate_g")
_MEMBERS |= dict.fromkeys(("totalcarbohydrates", "totalcarbs"), "carbohydrate_g")
_MEMBERS |= dict.fromkeys(("fibre", "dietaryfiber", "dietaryfibre"), "fiber_g")
_MEMBERS |= {"totalfat": "fat_g", "fats": "fat_g", "saturates": "saturated_fat_g"}
_MEMBERS |= {"proteins": "protein_g", "sugars": "sugar_g", "totalsugars": "sugar_g"}
_FACT = re.compile(r"([^:\n]{1,60}):(.*)")


def nutrition_of(facts: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return Nutrition from names such as "Total Fat" or "fat_g" and amounts; skip the unknown."""
    nutrition: dict[str, Any] = {}
    for name, value in facts:
        letters = "".join(filter(str.isalpha, name.casefold()))
        member = _MEMBERS.get(letters) or _MEMBERS.get(letters.removesuffix("content"))
        amount = line_of(value) if member == "serving_size" else _amount(member or "", value)
        if member and amount not in (None, ""):
            nutrition.setdefault(member, amount)
    return nutrition


def nutrition_of_text(value: Any) -> tuple[dict[str, Any], str]:
    """Return Nutrition from lines such as "Fat: 3 g", and the other lines."""
    nutrition: dict[str, Any] = {}
    others = []
    for line in lines_of(value):
        fact = _FACT.fullmatch(line)
        found = nutrition_of([(fact[1], fact[2])]) if fact else {}
        if not found or found.keys() & nutrition.keys():
            others.append(line)
        else:
            nutrition |= found
    return nutrition, "\n".join(others)


def converted(amount: float, unit: str, member: str) -> float:
    """Return an amount in the unit of a member; an unknown unit counts as that of the member."""
    unit = unit.casefold().removesuffix("s")
    if member == "calories":
        return round(amount / _KILOJOULES_PER_KCAL, 2) if unit.startswith("kj") else amount
    grams, grams_of_member = _GRAMS.get(unit), _GRAMS.get(member.rpartition("_")[2])
    if not grams or not grams_of_member or grams == grams_of_member:
        return amount
    return round(amount * grams / grams_of_member, 4)


def _amount(member: str, value: Any) -> float | None:
    amount = number_of(value)
    unit = "".join(filter(str.isalpha, text_of(value)))
    return None if amount is None else converted(amount, unit, member)
