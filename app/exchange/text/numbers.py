"""Numbers, servings and yields: "1 ½", "4 servings", "12 cookies"."""

import math
import re
from collections.abc import Mapping
from typing import Any

from app.cooking import quantities
from app.exchange.text.values import Json, line_of, non_empty, texts_of

_PERSONS = (
    r"servings?|serves|portion(?:s|en|er|i|\(en\)|\(s\))?|persons?|people|ppl|personen|personnes?|persone"
    r"|personas?|comensales|porzion[ei]|raci[oó]n(?:es)?|porciones|porç(?:ão|ões)|pessoas?|porties?|personer"
    r"|porcj[aei]|os[oó]b[ay]?|porce|porc[ií]|порци[яий]|человек|人分|人前|adag|fő"
)
_PEOPLE = re.compile(rf"(?<![^\W\d_])(?:{_PERSONS})(?![^\W\d_])", re.IGNORECASE)
_NUMERAL = r"[\d.,/¼-¾⅐-⅞]+"
_RANGE_ALONE = re.compile(rf"{_NUMERAL}\s?(?:-|–|to|bis|à|a)\s?{_NUMERAL}", re.IGNORECASE)
_SERVINGS_ALONE = re.compile(
    rf"(?:serves|makes|for|für|pour|per|para|voor|för|för|til)?:?\s*(?:{_NUMERAL}|[^\W\d_]+)"
    rf"\s*(?:{_PERSONS})?\.?",
    re.IGNORECASE,
)
_NUMBER_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7}
_NUMBER_WORDS |= {"eight": 8, "nine": 9, "ten": 10, "twelve": 12}


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
    """Return the servings of a yield, and its text if it says more: "4 servings", "12 cookies".

    Of a range they are the lower end, and the text is kept.
    """
    texts = [" ".join(text.split()) for text in texts_of(value)]
    if isinstance(value, Mapping):
        texts = _quantity_texts(value) or texts
    servings: float | None = None
    words = ""
    for text in texts:
        number = number_of(text) or _in_words(text)
        is_bare, is_range = re.fullmatch(r"[\d.,/ ]+", text), _RANGE_ALONE.fullmatch(text)
        if number and (is_bare or is_range or _PEOPLE.search(text)):
            servings = servings or number
        if not is_bare and len(text) > len(words):
            words = text
    alone = _SERVINGS_ALONE.fullmatch(words)
    if servings is None and texts and (number := number_of(texts[0])):
        servings = number if not words or alone else None
    return servings, words if words and not (alone and servings) else None


def _quantity_texts(value: Mapping[str, Any]) -> list[str]:
    """Return the text of a QuantitativeValue: an amount or a range, and its unit."""
    unit = line_of(value.get("unitText") or value.get("unitCode"))
    amount = line_of(value.get("value"))
    if not amount:
        ends = [line_of(value.get(name)) for name in ("minValue", "maxValue")]
        amount = "-".join(dict.fromkeys(filter(None, ends)))
    return [f"{amount} {unit}".strip()] if amount else []


def _in_words(text: str) -> int | None:
    return _NUMBER_WORDS.get(text.partition(" ")[0].casefold())


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
