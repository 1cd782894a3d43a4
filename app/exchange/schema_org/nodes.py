"""Access to JSON-LD values, in which anything may be a list, an object or a string."""

import re
from collections.abc import Mapping
from typing import Any

from app.exchange.text.values import Json

MAX_LINE_LENGTH = 300
"""Characters of a text that may be a time, a yield or a nutrient."""


def list_of(value: Json) -> list[Any]:
    """Return a list as it is, and any other non-empty value as a list of one.

    An object whose names are all numbers is a list, too: {"0": …, "1": …}.
    """
    if isinstance(value, dict) and value and all(map(_is_index, value)):
        return [value[index] for index in sorted(value, key=int)]
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def _is_index(name: Any) -> bool:
    return isinstance(name, str) and len(name) < 7 and name.isdecimal()


def is_a(value: Mapping[str, Any], *types: str) -> bool:
    """Return whether an object has one of the types, whose names may be written as URLs."""
    names = list_of(value.get("@type", value.get("type")))
    found = (re.split(r"[/#:]", name)[-1].casefold() for name in names if isinstance(name, str))
    return not {name.casefold() for name in types}.isdisjoint(found)


def first_of(value: Mapping[str, Any], *names: str) -> Json:
    """Return the first of these members that holds something."""
    return next((value[name] for name in names if value.get(name)), None)
