"""Recipes whose fields are texts, lists or objects under names that people chose."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.exchange.text.values import MAX_DEPTH, line_of, text_of

_HEADINGS = ("section", "group", "heading", "name", "title")
_LISTS = ("ingredients", "items", "steps", "directions", "instructions", "list")
_AMOUNTS = ("amount", "quantity", "qty", "amounts")
_FOODS = ("name", "item", "ingredient", "food", "text", "step", "direction", "instruction", "title")
_STEPS = ("directions", "instructions", "method", "steps", "preparation", "procedure")


def row_of(fields: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields as texts, for `plain_csv.recipe_of`: one line or paragraph an entry."""
    row: dict[str, str] = {}
    for name, value in _flat(fields, "", 0):
        gap = "\n\n" if name.strip().lower() in _STEPS else "\n"
        if text := gap.join(_entries(value, 0)):
            row[name] = f"{row[name]}\n{text}" if name in row else text
    return row


def _flat(fields: Mapping[str, Any], above: str, depth: int) -> Iterator[tuple[str, Any]]:
    """Yield the fields, of which objects of single values are fields themselves: time, source."""
    for name, value in fields.items():
        is_group = isinstance(value, Mapping) and depth < MAX_DEPTH
        if is_group and not any(isinstance(each, list | Mapping) for each in value.values()):
            yield from _flat(value, f"{above}{name} ", depth + 1)
        else:
            yield f"{above}{name}", value


def _entries(value: Any, depth: int) -> Iterator[str]:
    """Yield the lines or paragraphs of a value; a heading is marked by `# `."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, list):
        for each in value:
            yield from _entries(each, depth + 1)
    elif isinstance(value, Mapping):
        yield from _of_object(value, depth)
    elif text := value.strip() if isinstance(value, str) else _plain(value):
        yield text


def _of_object(value: Mapping[str, Any], depth: int) -> Iterator[str]:
    lists = {name: each for name, each in value.items() if isinstance(each, list | Mapping)}
    if not lists:
        yield _line(value)
        return
    heading = _first(value, _HEADINGS)
    for name, each in lists.items():
        is_named = name.lower() in _LISTS
        title = heading if is_named else name
        yield from [f"# {title}"] if title else []
        yield from _entries(each, depth + 1)


def _line(value: Mapping[str, Any]) -> str:
    """Return an ingredient or a step that is an object on one line."""
    names = {name.lower(): name for name in value}
    parts = [_first(value, each) for each in (_AMOUNTS, ("unit", "units", "measure"), _FOODS)]
    if not parts[2]:
        return ", ".join(f"{name}: {_plain(each)}" for name, each in value.items())
    used = {*_AMOUNTS, "unit", "units", "measure", *_FOODS}
    others = [_plain(value[name]) for lower, name in names.items() if lower not in used]
    return ", ".join(filter(None, (" ".join(filter(None, parts)), *others)))


def _first(value: Mapping[str, Any], names: tuple[str, ...]) -> str:
    found = {name.lower(): each for name, each in value.items()}
    return next((text for name in names if (text := line_of(found.get(name)))), "")


def _plain(value: Any) -> str:
    return text_of(value) or ("" if value is None or isinstance(value, bool) else str(value)[:1000])
