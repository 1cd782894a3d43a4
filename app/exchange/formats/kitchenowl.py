"""KitchenOwl: the export of a household, whose recipes have `items`."""

import re
from collections.abc import Mapping
from typing import Any

from app.exchange.drafts import Draft, Drafts
from app.exchange.formats.members import drafts_of, mappings_of, minutes, rest, tags, unnamed
from app.exchange.text.numbers import number_of
from app.exchange.text.values import line_of, non_empty, origin_of, text_of

_PLACED = {
    *("name", "description", "time", "prep_time", "cook_time", "yields", "source", "items", "tags"),
    "photo",
}
_HEADING = re.compile(r"#{1,6}\s+(.*)")
_STEP = re.compile(r"(?:\d{1,3}[.)]|[-*+])\s+(.*)")


def read_json(value: Any) -> Drafts | None:
    """Return the recipes of an export, or of a list of them."""
    recipes = value.get("recipes") if isinstance(value, Mapping) else value
    is_known = any(map(_is_recipe, mappings_of(recipes)))
    return (
        drafts_of(unnamed(recipes), _is_recipe, _draft)
        if is_known and isinstance(recipes, list)
        else None
    )


def _is_recipe(value: Any) -> bool:
    return isinstance(value, Mapping) and {"name", "items"} <= value.keys()


def _draft(value: Mapping[str, Any]) -> Draft:
    extras = rest(value, _PLACED)
    description, steps = _split(text_of(value.get("description")))
    document = non_empty(
        label=line_of(value.get("name")),
        description=description,
        **origin_of(value.get("source")),
        prep_minutes=minutes(value, extras, "prep_time"),
        cook_minutes=minutes(value, extras, "cook_time"),
        total_minutes=minutes(value, extras, "time"),
        servings=number_of(value.get("yields")) or None,
        tags=tags("keyword", value.get("tags")),
        ingredients=[found for item in mappings_of(value.get("items")) if (found := _item(item))],
        steps=steps,
        extras=extras,
    )
    return Draft(document)


def _item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return an ingredient; its description is mostly its amount."""
    food, description = line_of(item.get("name")), line_of(item.get("description"))
    amount_first = number_of(description[:1]) is not None
    parts = (description, food) if amount_first else (food, description)
    text = (" " if amount_first else ", ").join(filter(None, parts))
    optional = item.get("optional") is True or None
    return non_empty(text=text, food=food, optional=optional) if text else {}


def _split(text: str) -> tuple[str, list[dict[str, Any]]]:
    """Split a text into the description and the steps: a Markdown list, or else each paragraph."""
    before: list[str] = []
    parts: list[tuple[str, list[str]]] = []  # The section and the lines of each step.
    section = ""
    is_open = has_list = False
    for line in text.split("\n"):
        if found := _HEADING.fullmatch(line):
            section, is_open = found[1].strip(), False
        elif not line:
            is_open = False
        elif found := _STEP.fullmatch(line):
            if not has_list:
                before, parts, has_list = ["\n".join(lines) for _, lines in parts], [], True
            parts.append((section, [found[1]]))
            is_open = True
        elif is_open:
            parts[-1][1].append(line)
        else:
            parts.append((section, [line]))
            is_open = True
    steps = [non_empty(text="\n".join(lines), section=section) for section, lines in parts]
    return "\n\n".join(before), steps
