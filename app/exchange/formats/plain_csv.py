"""CSV of any origin (My Recipe Box writes it too), known by its columns, and our own."""

from typing import Any

from app.exchange.drafts import Draft, Drafts
from app.exchange.files.archive import Archive
from app.exchange.files.archive_texts import drafts_in
from app.exchange.files.formulas import restored
from app.exchange.files.lenient_json import load_json
from app.exchange.files.table import read_table
from app.exchange.formats.table_rows import MEMBER_OF, recipe_of
from app.exchange.text.nutrients import nutrition_of
from app.exchange.text.sections import headed
from app.exchange.text.values import given, number_of
from app.schemas.recipe import RecipeDocument

_OURS = {name.replace("_", "") for name in RecipeDocument.model_fields}
_KINDS = {"keyword", "category", "cuisine", "diet", "tool", "method"}
_TEXTS = ("label", "description", "url", "source", "author", "language", "yield_text", "notes")
_NUMBERS = ("prep_minutes", "cook_minutes", "total_minutes", "servings")


def read_text(text: str) -> Drafts | None:
    """The recipes of a table, or None where it is none or has no columns of a recipe."""
    table = read_table(text)
    if table is None:
        return None
    if table.columns >= _OURS:
        return table.drafts(_ours)
    members = set(map(MEMBER_OF.get, table.columns))
    if "label" not in members or members.isdisjoint({"ingredients", "steps"}):
        return None
    return table.drafts(recipe_of)


def read_archive(archive: Archive) -> Drafts | None:
    """The recipes of the tables in an archive, or None where there are none."""
    return drafts_in(archive, "*.csv", read_text)


# --- Our own, whose text is as it was written ----------------------------------------------------


def _ours(row: dict[str, str]) -> Draft:
    cells = {name.casefold().replace(" ", "_"): restored(cell) for name, cell in row.items()}
    document: dict[str, Any] = {
        name: cells[name] for name in (*_TEXTS, "visibility") if name in cells
    }
    numbers = {name: _number(cells.get(name)) for name in _NUMBERS}
    others = {name: each for name, each in cells.items() if name not in RecipeDocument.model_fields}
    parts = cells.get("steps", "").split("\n\n")
    document |= given(
        **numbers,
        tags=[_tag(line) for line in cells.get("tags", "").splitlines() if line.strip()],
        ingredients=headed(map(_part, _filled(cells.get("ingredients", "").split("\n")))),
        steps=headed(map(_part, _filled(parts))),
        nutrition=_nutrition(cells.get("nutrition", "")),
        extras=_extras(cells.get("extras", "")) | others,
    )
    return Draft(document)


def _number(cell: str | None) -> Any:
    """The number in a cell, or what else is in it, which is put aside where it is checked."""
    number = number_of(cell)
    if number is None or not float(number).is_integer():
        return number or cell
    return int(number)


def _tag(line: str) -> dict[str, str]:
    kind, _, name = line.partition(":")
    return {"kind": kind, "name": name} if kind in _KINDS else {"kind": "keyword", "name": line}


def _filled(parts: list[str]) -> list[str]:
    return [part.strip("\n") for part in parts if part.strip()]


def _part(part: str) -> tuple[bool, str]:
    return (True, part[2:].strip()) if part.startswith("##") else (False, part)


def _nutrition(cell: str) -> dict[str, Any]:
    facts = (line.partition(":") for line in cell.split("\n"))
    return nutrition_of((name, value) for name, _, value in facts)


def _extras(cell: str) -> dict[str, Any]:
    try:
        value = load_json(cell or "{}")
    except ValueError:
        value = cell
    return value if isinstance(value, dict) else {"extras": value}
