"""Write recipes as rows of CSV, for spreadsheets."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson

from app.cooking.quantities import decimal
from app.exchange.files.table import neutralise_cell
from app.exchange.text.sections import Member, by_section
from app.schemas.recipe import RecipeDocument


def header() -> bytes:
    """Return the names of the columns."""
    return _written([list(RecipeDocument.model_fields)])


def rows(recipes: Iterable[Mapping[str, Any]]) -> bytes:
    """Return a row for each recipe."""
    return _written([_cell(name, recipe[name]) for name in recipe] for recipe in recipes)


def _written(lines: Iterable[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue().encode()


def _cell(name: str, value: Any) -> str:
    if value in (None, "", [], {}):
        return ""
    return neutralise_cell(_CELLS.get(name, str)(value))


def _tags(tags: list[Member]) -> str:
    return "\n".join(f"{tag['kind']}:{tag['name']}" for tag in tags)


def _ingredients(ingredients: list[Member]) -> str:
    return "\n".join(_under_headings(ingredients, lambda each: " ".join(each["text"].split())))


def _steps(steps: list[Member]) -> str:
    return "\n\n".join(_under_headings(steps, _step))


def _step(step: Member) -> str:
    # A blank line would begin another step.
    text = "\n".join(filter(str.strip, step["text"].split("\n")))
    name = " ".join((step["name"] or "").split())
    return f"{name}: {text}" if name and not text.startswith(name) else text


def _under_headings(members: list[Member], text: Callable[[Member], str]) -> Iterable[str]:
    is_first = True
    for section, run in by_section(members):
        if section or not is_first:
            yield f"## {section}".strip()
        yield from map(text, run)
        is_first = False


def _nutrition(nutrition: Mapping[str, Any]) -> str:
    given = {name: value for name, value in nutrition.items() if value is not None}
    return "\n".join(
        f"{name}: {value if isinstance(value, str) else decimal(value)}"
        for name, value in given.items()
    )


_CELLS: dict[str, Callable[[Any], str]] = {
    "servings": decimal,
    "tags": _tags,
    "ingredients": _ingredients,
    "steps": _steps,
    "nutrition": _nutrition,
    "extras": lambda extras: orjson.dumps(extras).decode(),
}
