"""Turn a draft into a document that can be stored, without losing anything.

What is too long for its place goes elsewhere: the rest of an ingredient into a second one, a
description into the notes, everything else unchanged into `extras`.
"""

import math
import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from pydantic import TypeAdapter, ValidationError

from app.cooking.ingredients import parse, parse_lines
from app.core.bounds import MAX_EXTRAS_DEPTH, MAX_EXTRAS_VALUES, MAX_IMPORTED_LINES
from app.core.text import cut_marks, is_blank, without_controls
from app.exchange.drafts import Draft
from app.exchange.text.values import line_of, plain
from app.schemas.document import (
    MAX_LINE,
    NutritionCreate,
    Servings,
    TagName,
    Visibility,
)
from app.schemas.recipe import RecipeDocument
from app.schemas.types import MAX_ID, Language, Minutes, Name, Quantity, Url

MAX_TAGS = 100
LEFT_OUT = "left_out"
"""The member of `extras` that names the members that were left out."""
_MAX_NAMED = 20
_MAX_LABEL = 256
_MAX_DESCRIPTION = 4000
_MAX_PARAGRAPH = 10_000
_MAX_NAME = 256
_MEASURES = ("quantity", "quantity_max", "unit")
_SPACES = re.compile(r"\s*+")

_CHECKS: dict[str, TypeAdapter[Any]] = {
    "url": TypeAdapter(Url),
    "source": TypeAdapter(Name),
    "author": TypeAdapter(Name),
    "yield_text": TypeAdapter(Name),
    "language": TypeAdapter(Language),
    "prep_minutes": TypeAdapter(Minutes),
    "cook_minutes": TypeAdapter(Minutes),
    "total_minutes": TypeAdapter(Minutes),
    "servings": TypeAdapter(Servings),
    "visibility": TypeAdapter(Visibility),
}
_TAG_NAME: TypeAdapter[str] = TypeAdapter(TagName)
_QUANTITY: TypeAdapter[float] = TypeAdapter(Quantity)
_LINES = {"source", "author", "yield_text", "language", "visibility"}


def to_document(draft: Draft) -> RecipeDocument:
    """Return the document of a draft. Raises pydantic's ValidationError if that is not possible."""
    if draft.is_ours:
        return RecipeDocument.model_validate(draft.document)
    given = draft.document
    extras = _json(given.get("extras") or {}, 0)
    document: dict[str, Any] = {}
    notes = [plain_notes(given.get("notes"))]
    label = line_of(given.get("label"))
    document["label"] = _cut(label, _MAX_LABEL)
    if label != document["label"]:
        extras["label"] = label
    description = plain(_string(given.get("description")))
    document["description"] = _cut(description, _MAX_DESCRIPTION) or None
    if len(description) > _MAX_DESCRIPTION:
        notes.insert(0, description)
    for name, check in _CHECKS.items():
        value = given.get(name)
        value = line_of(value) or None if name in _LINES else value
        _keep(document, extras, name, value, check)
    document["ingredients"] = _ingredients(given.get("ingredients") or [])
    document["steps"] = _steps(given.get("steps") or [])
    document["tags"] = _tags(given.get("tags") or [], extras)
    document["nutrition"] = _nutrition(given.get("nutrition"), extras)
    document["notes"] = "\n\n".join(filter(None, notes)) or None
    if document.get("visibility") is None:
        document.pop("visibility", None)
    document["extras"] = _bounded(extras)
    return RecipeDocument.model_validate(document)


def _keep(
    document: dict[str, Any], extras: dict[str, Any], name: str, value: Any, check: TypeAdapter[Any]
) -> None:
    """Put a value into its place, or into the extras if it does not fit."""
    if value is None:
        return
    try:
        document[name] = check.validate_python(value)
    except ValidationError:
        extras.setdefault(name, _json(value, 1))


def plain_notes(value: Any) -> str:
    """Return notes unchanged, since they are Markdown, except for forbidden characters."""
    text = _string(value).replace("\r\n", "\n").replace("\r", "\n")
    return cut_marks(without_controls(text)).strip()


# --- Parts ---------------------------------------------------------------------------------------


def _ingredients(members: Iterable[Any]) -> list[dict[str, Any]]:
    found = [_member(each) for each in islice(members, MAX_IMPORTED_LINES)]
    lines = [{**each, "text": part} for each in found for part in _pieces(each["text"], MAX_LINE)]
    if not any(set(each) - {"text"} for each in lines):
        # No format has marked the headings, so find them.
        return parse_lines(each["text"] for each in lines)
    return [_ingredient(each) for each in lines]


def _ingredient(member: dict[str, Any]) -> dict[str, Any]:
    parsed = parse(member["text"])
    if parsed["quantity"] is None:
        parsed |= {name: _measure(name, member.get(name)) for name in _MEASURES}
    for name, length in (("food", _MAX_NAME), ("note", MAX_LINE)):
        if text := _cut(line_of(member.get(name)), length):
            parsed[name] = text
    parsed["optional"] = parsed["optional"] or member.get("optional") is True
    parsed["section"] = _section(member)
    return parsed


def _measure(name: str, value: Any) -> Any:
    if name == "unit":
        return _cut(line_of(value), 100) or None
    try:
        return _QUANTITY.validate_python(value) or None
    except ValidationError:
        return None


def _steps(members: Iterable[Any]) -> list[dict[str, Any]]:
    steps = []
    for each in map(_member, islice(members, MAX_IMPORTED_LINES)):
        name = line_of(each.get("name"))
        text = each["text"] or name
        if len(name) > _MAX_NAME:
            name, text = "", f"{name}\n\n{text}" if each["text"] else name
        step: dict[str, Any] = {"section": _section(each), "name": None, "minutes": None}
        _keep(step, {}, "minutes", each.get("minutes"), _CHECKS["total_minutes"])
        for number, part in enumerate(_pieces(text, _MAX_PARAGRAPH)):
            is_first = number == 0
            named = name if is_first and name and name != part else None
            steps.append({**step, "text": part, "name": named})
            step["minutes"] = None
    return steps


def _member(value: Any) -> dict[str, Any]:
    """Return an ingredient or a step as an object with a text, which may be empty."""
    if not isinstance(value, Mapping):
        return {"text": plain(_string(value))}
    return {**value, "text": plain(_string(value.get("text")))}


def _section(member: Mapping[str, Any]) -> str | None:
    return _cut(line_of(member.get("section")), _MAX_NAME) or None


def _tags(tags: Iterable[Any], extras: dict[str, Any]) -> list[dict[str, str]]:
    kept: dict[tuple[str, str], dict[str, str]] = {}
    others = []
    for tag in tags:
        kind = str(tag.get("kind") or "keyword") if isinstance(tag, Mapping) else "keyword"
        name = line_of(tag.get("name") if isinstance(tag, Mapping) else tag)
        try:
            _TAG_NAME.validate_python(name)
        except ValidationError:
            others += [name] if name else []
            continue
        if (kind, name.casefold()) in kept or len(kept) < MAX_TAGS:
            kept.setdefault((kind, name.casefold()), {"kind": kind, "name": name})
        else:
            others.append(name)
    if others:
        extras.setdefault("tags", _json(others, 0))
    return list(kept.values())


def _nutrition(value: Any, extras: dict[str, Any]) -> dict[str, Any] | None:
    if not isinstance(value, Mapping):
        return None
    kept: dict[str, Any] = {}
    for name in NutritionCreate.model_fields:
        check: TypeAdapter[Any] = _CHECKS["source"] if name == "serving_size" else _QUANTITY
        _keep(kept, extras, name, value.get(name), check)
    return {name: each for name, each in kept.items() if each not in (None, "")} or None


# --- Text and JSON -------------------------------------------------------------------------------


def _string(value: Any) -> str:
    return value if isinstance(value, str) else line_of(value)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


def _pieces(text: str, length: int) -> list[str]:
    """Split a text between words into pieces of at most `length`; none if it is blank."""
    pieces = []
    start = 0
    while len(text) - start > length:
        end = max(text.rfind(space, start + 1, start + length) for space in " \n")
        end = end if end > 0 else start + length
        pieces.append(text[start:end].rstrip())
        start = end + len(_SPACES.match(text, end)[0])  # type: ignore[index]  # It always matches.
    text = text[start:]
    return pieces if is_blank(text) else [*pieces, text]


def _bounded(extras: dict[str, Any]) -> dict[str, Any]:
    """Replace the members that have too many values by their names."""
    sizes = {name: _count(value) for name, value in extras.items()}
    if sum(sizes.values()) <= MAX_EXTRAS_VALUES:
        return extras
    dropped: dict[str, None] = {}
    left = MAX_EXTRAS_VALUES - _MAX_NAMED - 1
    for name, size in sizes.items():
        if size <= left:
            left -= size
        else:
            dropped[name] = None
    kept = {name: value for name, value in extras.items() if name not in dropped}
    return kept | {LEFT_OUT: [_cut(name, _MAX_NAME) for name in islice(dropped, _MAX_NAMED)]}


def _count(value: Any) -> int:
    """Count the values in JSON, including the outermost."""
    members = value.values() if isinstance(value, dict) else value
    return 1 + sum(map(_count, members)) if isinstance(value, dict | list) else 1


def _json(value: Any, depth: int) -> Any:
    """Return a value as JSON that both databases can store."""
    if isinstance(value, str):
        return without_controls(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if abs(value) <= MAX_ID else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if depth > MAX_EXTRAS_DEPTH:
        return None
    if isinstance(value, Mapping):
        return {without_controls(str(name)): _json(each, depth + 1) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_json(each, depth + 1) for each in value]
    return str(value)
