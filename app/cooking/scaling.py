"""Scale a recipe to another number of servings."""

# ruff: noqa: RUF001 - This module reads apostrophes.

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from app.cooking.ingredients import parse, read_opening
from app.cooking.quantities import MAX_QUANTITY, Amount, exact, find, number, write

_ELIDED = re.compile(r"\bd['’]\Z")
_GROUPED_UNIT = re.compile(r"\s?(?:g|m)", re.IGNORECASE)
# The languages that write 1,5; all others write 1.5.
_COMMA_LANGUAGE = re.compile(
    "(?:bg|cs|da|de|el|es|et|fi|fr|hr|hu|it|lt|lv|nb|nl|no|pl|pt|ro|ru|sk|sl|sv|tr|uk)(?:-|$)",
    re.IGNORECASE,
)


def scale(recipe: Mapping[str, Any], servings: Fraction | float) -> dict[str, Any]:
    """Return `recipe`, as JSON, for another number of servings. Scaling back restores it.

    Raise ValueError if the recipe has no servings, if `servings` is not above 0, or if a quantity
    exceeds its bound.
    """
    if not recipe["servings"]:
        raise ValueError("the recipe does not say how many it serves")
    if not 0 < servings <= MAX_QUANTITY:
        raise ValueError("servings must be more than 0 and at most 1,000,000,000")
    wanted = exact(servings)
    factor = wanted / exact(recipe["servings"])
    scaled = {**recipe, "servings": number(wanted)}
    if factor == 1:
        return scaled
    point = "," if _COMMA_LANGUAGE.match(recipe["language"] or "") else "."
    if recipe["yield_text"]:
        scaled["yield_text"] = scale_text(recipe["yield_text"], factor, point)
    scaled["ingredients"] = [
        _scale_ingredient(ingredient, factor, point) for ingredient in recipe["ingredients"]
    ]
    return scaled


def scale_text(text: str, factor: Fraction, point: str = ".", quantity: float | None = None) -> str:
    """Return `text` with its amount multiplied; sizes and words stay the same.

    If no amount begins or ends the text, the amount is the first number that equals `quantity`.
    """
    parts, end = [], 0
    amounts = read_opening(text).amounts
    if not amounts and quantity is not None:
        amounts = find(text, exact(quantity))
    for amount in amounts:
        before = _ELIDED.sub("de ", text[end : amount.start])  # Not "d'2 citrons".
        parts += [before, _written(amount, factor, text, point)]
        end = amount.end
    return "".join([*parts, text[end:]])


def _written(amount: Amount, factor: Fraction, text: str, point: str) -> str:
    """Write the multiple of `amount` with the separators and spacing of the line."""
    if amount.start == amount.end:  # The line has no number: "15-ounce can".
        return f"{write(amount.low * factor, point=point)} x "
    # Before these units, three digits after a point would be read as thousands.
    most = 2 if _GROUPED_UNIT.match(text, amount.end) else 3
    is_tight = text[amount.end : amount.end + 1].isalpha()
    numbers = [
        f"{int(value * factor):,}".replace(",", amount.thousands)
        if amount.thousands and (value * factor).denominator == 1
        else write(
            value * factor,
            decimals=bool(amount.point),
            places=most,
            point="," if amount.thousands else amount.point or point,
            space="" if is_tight else " ",
        )
        for value in (amount.low, amount.high)
        if value is not None
    ]
    return amount.separator.join(numbers)


def _scale_ingredient(
    ingredient: Mapping[str, Any], factor: Fraction, point: str
) -> dict[str, Any]:
    text = ingredient["text"]
    scaled = {**ingredient, "text": scale_text(text, factor, point, ingredient["quantity"])}
    for name in ("quantity", "quantity_max"):
        if ingredient[name] is not None:
            scaled[name] = _scale_quantity(ingredient[name], factor)
    # A note that comes from the text may hold the amount in another unit. Then parse it again.
    if ingredient["note"] and ingredient["note"] == parse(text)["note"]:
        scaled["note"] = parse(scaled["text"])["note"]
    return scaled


def _scale_quantity(quantity: float, factor: Fraction) -> float | int:
    value = exact(quantity) * factor
    if value > MAX_QUANTITY:
        raise ValueError("a quantity would exceed 1,000,000,000")
    return number(value)
