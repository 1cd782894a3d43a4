"""Tandoor: a ZIP archive that holds an archive with `recipe.json` for each recipe."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from app.core.errors import InvalidError
from app.exchange.drafts import Draft, Drafts, Unreadable
from app.exchange.files.archive import Archive
from app.exchange.formats.members import (
    drafts_of,
    ingredient,
    mappings_of,
    minutes,
    name_of,
    nutrition,
    rest,
    tags,
    unnamed,
)
from app.exchange.text.numbers import number_of, servings_of
from app.exchange.text.times import minutes_of
from app.exchange.text.values import line_of, non_empty, paragraphs_of, text_of
from app.schemas.document import MAX_LINE

_MAX_PROBED = 10
_MAX_REFERENCES = 500
_PLACED = {
    *("name", "description", "keywords", "steps", "working_time", "waiting_time", "internal"),
    *("nutrition", "servings", "servings_text", "source_url", "image"),
}
_REFERENCE = re.compile(r"\{\{\s?ingredients\[(\d{1,3})\]\s?\}\}")

_SCALED = re.compile(r"\{\{\s?scale\(([\d.,]{1,12})\)\s?\}\}")


def read_json(value: Any) -> Drafts | None:
    """Return the recipe of one `recipe.json`, or of a list of them."""
    values = value if isinstance(value, list) else [value]
    return drafts_of(unnamed(values), _is_recipe, _draft) if any(map(_is_recipe, values)) else None


def read_archive(archive: Archive) -> Drafts | None:
    """Return the recipes of an export, or of the archive of one recipe."""
    names = archive.named("*.zip") or archive.called("recipe.json")
    first = islice(_values(archive, names), _MAX_PROBED)
    is_known = any(_is_recipe(value) for _, value in first)
    return drafts_of(_values(archive, names), _is_recipe, _draft) if is_known else None


def _values(archive: Archive, names: Iterable[str]) -> Iterator[tuple[str, Any]]:
    for name in names:
        if not name.lower().endswith(".zip"):
            yield from archive.values([name])
            continue
        try:
            inner = archive.nested(name)
        except InvalidError as error:
            yield name, Unreadable(name, error.detail)
        else:
            recipes = inner.values(inner.called("recipe.json"))
            missing = (name, Unreadable(name, "The archive contains no recipe."))
            value = next(recipes, missing)[1]
            yield name_of(value) or name, value


def _is_recipe(value: Any) -> bool:
    return isinstance(value, Mapping) and {"name", "steps", "working_time"} <= value.keys()


def _draft(value: Mapping[str, Any]) -> Draft:
    extras = rest(value, _PLACED)
    steps = mappings_of(value.get("steps"))
    servings, words = number_of(value.get("servings")), line_of(value.get("servings_text"))
    document = non_empty(
        label=line_of(value.get("name")),
        description=text_of(value.get("description")),
        url=line_of(value.get("source_url")),
        prep_minutes=minutes(value, extras, "working_time"),
        cook_minutes=minutes(value, extras, "waiting_time"),
        servings=servings,
        yield_text=servings_of(f"{servings or ''} {words}".strip())[1] if words else None,
        tags=tags("keyword", value.get("keywords")),
        ingredients=[each for step in steps for each in _ingredients(step, len(steps) > 1)],
        steps=[each for step in steps for each in _steps(step, len(steps) > 1)],
        nutrition=nutrition(value.get("nutrition"), extras),
        extras=extras,
    )
    return Draft(document)


def _ingredients(step: Mapping[str, Any], is_one_of_several: bool) -> Iterator[dict[str, Any]]:
    section = line_of(step.get("name")) if is_one_of_several else ""
    for each in mappings_of(step.get("ingredients")):
        if each.get("is_header") is True:
            section = line_of(each.get("note"))
        elif (found := _ingredient(each)).get("text"):
            yield found | non_empty(section=section)


def _ingredient(value: Mapping[str, Any]) -> dict[str, Any]:
    amount = None if value.get("no_amount") is True else number_of(value.get("amount"))
    unit, food = (_name(value.get(member), amount) for member in ("unit", "food"))
    return ingredient(amount, unit if amount else "", food, value.get("note"))


def _name(value: Any, amount: float | None) -> str:
    """Return the name of a unit or a food, in the plural for more than one."""
    plural = value.get("plural_name") if isinstance(value, Mapping) else None
    return (line_of(plural) if amount and amount > 1 else "") or line_of(value)


def _steps(step: Mapping[str, Any], is_one_of_several: bool) -> Iterator[dict[str, Any]]:
    parts = mappings_of(step.get("ingredients"))[:_MAX_REFERENCES]
    lines = [_ingredient(each).get("text", "")[:MAX_LINE] for each in parts]
    text = _REFERENCE.sub(
        lambda found: lines[int(found[1])] if int(found[1]) < len(lines) else found[0],
        _SCALED.sub(r"\1", text_of(step.get("instruction"))),
        count=_MAX_REFERENCES,  # Each may insert a long text.
    )
    name, time = line_of(step.get("name")), minutes_of(step.get("time")) or None
    if is_one_of_several or time or name:
        heading = {"section" if is_one_of_several else "name": name}
        yield from [non_empty(text=text, minutes=time, **heading)] if text else []
    else:  # One step with the whole method, as Tandoor imports it from elsewhere.
        yield from ({"text": paragraph} for paragraph in paragraphs_of(text))
