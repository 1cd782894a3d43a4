"""The numbers of schema.org: times, yields and nutrients, with the units that people give them."""

import re
from typing import Any

from app.exchange.schema_org.instructions import list_of
from app.exchange.schema_org.writing import NUTRIENTS
from app.exchange.text.values import (
    Json,
    given,
    line_of,
    minutes_of,
    number_of,
    servings_of,
    texts_of,
)

_LONGEST_LINE = 300  # Beyond, a time or a yield is none.


def times_of(rest: dict[str, Any]) -> dict[str, int | None]:
    """The times of a recipe. They are taken out of `rest`, but what is none and says something."""
    times = {
        "prep_minutes": _time(rest, "prepTime"),
        "cook_minutes": _time(rest, "cookTime", "performTime"),
        "total_minutes": _time(rest, "totalTime"),
    }
    if times["total_minutes"] == 0 and (times["prep_minutes"] or times["cook_minutes"]):
        times["total_minutes"] = None  # Nobody gave it, and a program wrote it nevertheless.
    return times


def _time(rest: dict[str, Any], *names: str) -> int | None:
    """The first time of these names. What is no time but says something stays in `rest`."""
    for name in names:
        text = line_of(rest.get(name))
        minutes = minutes_of(rest.get(name)) if len(text) <= _LONGEST_LINE else None
        if minutes is not None or not text or re.match(r"P[\dTN-]", text):
            rest.pop(name, None)
        if minutes is not None:
            return minutes
    return None


def yield_of(value: Json, other: Json) -> tuple[float | None, str | None]:
    """How many a recipe serves and what it yields, of its recipeYield and its yield."""
    servings, text = _served(value)
    other_servings, other_text = _served(other)
    if servings and other_servings != servings:
        text = line_of(other) or text  # Our own export has here what the number leaves out.
    return servings or other_servings, text or other_text


def _served(value: Json) -> tuple[float | None, str | None]:
    texts = [
        " ".join(line_of(each.get(name)) for name in ("value", "unitText")).strip() or line_of(each)
        if isinstance(each, dict)
        else line_of(each)
        for each in list_of(value)
    ]
    if sum(map(len, texts)) > _LONGEST_LINE:
        return None, max(texts, key=len)
    return servings_of(texts)


_GRAMS = {"kg": 1000.0, "g": 1.0, "gram": 1.0, "mg": 1e-3, "milligram": 1e-3} | dict.fromkeys(
    ("mcg", "µg", "μg", "microgram"),
    1e-6,
)
_AMOUNT = re.compile(r"([\d.,/¼-¾⅐-⅞]+)\s*(k?cal|kj|[a-zµμ]+|%)?", re.IGNORECASE)


def nutrition_of(value: Json) -> tuple[dict[str, Any], Json]:
    """The nutrients that have a place, and the others."""
    if not isinstance(value, dict):
        value = next((each for each in list_of(value) if isinstance(each, dict)), texts_of(value))
    if not isinstance(value, dict):
        return {}, value
    members: dict[str, Any] = {"serving_size": line_of(value.get("servingSize"))}
    known = {"@type", "type", "@id", "@context", "servingSize"}
    for member, (name, unit) in NUTRIENTS.items():
        text = line_of(value.get(name))
        members[member] = _nutrient(text[:_LONGEST_LINE], unit)
        if members[member] is not None or not text:
            known.add(name)
    others = {name: each for name, each in value.items() if name not in known}
    return given(**members), given(**{name: line_of(each) for name, each in others.items()})


def _nutrient(text: str, unit: str) -> float | None:
    """A number in `unit`, converted from the unit that the text says."""
    text = re.sub(r"(?<=\d)[ \u202f](?=\d{3}(?!\d))", "", text)
    amounts = [(found[1], (found[2] or "").casefold()) for found in _AMOUNT.finditer(text)]
    if not amounts:
        return None
    if unit == "calories":
        amounts.sort(key=lambda amount: amount[1] == "kj")  # Of two, that which is in calories.
    number = number_of(amounts[0][0])
    said = amounts[0][1].removesuffix("s")
    if number is None or said == "%":
        return None
    if unit == "calories":
        return round(number / 4.184, 2) if said == "kj" else number
    if said in _GRAMS and _GRAMS[said] != _GRAMS[unit]:
        return round(number * _GRAMS[said] / _GRAMS[unit], 4)
    return number
