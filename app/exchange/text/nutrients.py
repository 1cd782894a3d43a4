"""Nutrients by the names and in the units that people write."""

import re
from collections.abc import Iterable
from typing import Any

from app.exchange.text.numbers import number_of
from app.exchange.text.values import line_of, lines_of, text_of
from app.schemas.document import NutritionCreate

NUTRIENTS = tuple(name for name in NutritionCreate.model_fields if name != "serving_size")
"""The members of Nutrition that are numbers."""

KILOJOULES_PER_KCAL = 4.184
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


def _amount(member: str, value: Any) -> float | None:
    amount = number_of(value)
    unit = "".join(filter(str.isalpha, text_of(value).casefold()))
    if amount is None:
        return None
    if member == "calories" and unit.startswith("kj"):
        return round(amount / KILOJOULES_PER_KCAL, 1)
    if member.endswith("_mg") and unit in ("g", "gram", "grams"):
        return amount * 1000
    if member.endswith("_g") and unit in ("mg", "milligrams"):
        return amount / 1000
    return amount
