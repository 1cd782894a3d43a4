"""Numbers, servings and yields: "1 ½", "4 servings", "12 cookies"."""

import math
import re
from collections.abc import Mapping
from typing import Any

from app.cooking import quantities
from app.exchange.text.values import Json, line_of, non_empty, texts_of

_PEOPLE = re.compile(
    r"serving|serves|portion|person|people|\bppl\b|personne|porzion|racion", re.IGNORECASE
)
_SERVINGS_ALONE = re.compile(
    r"(?:serves|makes)?:?\s*[\d.,/]+\s*(?:servings?|portions?|people|persons?)?", re.IGNORECASE
)


def number_of(value: Json) -> float | None:
    """Return the first number in a value: 4, "4", "4 servings", "1 ½ cups", {"value": "4"}."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value if abs(value) < 1e9 and math.isfinite(value) else None
    for text in texts_of(value):
        for start in (found.start() for found in re.finditer(r"(?<![\d.,])[\d¼-¾⅐-⅞]", text)):
            amount = quantities.read(text, start)
            if amount is not None and amount.low < 10**9:
                return quantities.number(amount.low)
    return None


def servings_of(value: Json) -> tuple[float | None, str | None]:
    """Return the servings of a yield, and its text if it says more: "4 servings", "12 cookies"."""
    texts = [" ".join(text.split()) for text in texts_of(value)]
    if isinstance(value, Mapping):
        unit = line_of(value.get("unitText") or value.get("unitCode"))
        amount = line_of(value.get("value"))
        texts = [f"{amount} {unit}".strip()] if amount else texts
    servings: float | None = None
    words = ""
    for text in texts:
        number = number_of(text)
        is_bare = bool(re.fullmatch(r"[\d.,/ ]+", text))
        if number and (is_bare or _PEOPLE.search(text)):
            servings = servings or number
        if not is_bare and len(text) > len(words):
            words = text
    if servings is None and texts and (number := number_of(texts[0])):
        servings = number if not words else None
    says_more = words and not _SERVINGS_ALONE.fullmatch(words)
    return servings, words if says_more else None


def yield_of(servings: Any, made: Any) -> dict[str, Any]:
    """Return `servings` and `yield_text` from a field for each: "4 portions" and "12 rolls"."""
    served, serving_text = servings_of(servings)
    others, made_text = servings_of(made)
    if served and others and not made_text:
        made_text = line_of(made) if others != served else None
    text = made_text or serving_text
    if served is None and others is None and text is None:
        text = line_of(servings) or line_of(made)
    return non_empty(servings=served or others, yield_text=text)
