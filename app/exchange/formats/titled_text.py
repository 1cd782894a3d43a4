"""Texts whose recipes begin with "Title:", as Saffron and Pepperplate write them."""

import re

from app.exchange.drafts import Drafts
from app.exchange.files.table import column_key
from app.exchange.formats.plain_csv import MEMBER_OF, recipe_of

MAX_LENGTH = 4 * 2**20
_TITLE = re.compile(
    r"\A(?:title|recipe title|recipe name|titel)[ \t]{0,8}:[ \t]*(?=\S)", re.IGNORECASE
)
_FIELD = re.compile(r"\A([A-Za-z][A-Za-z ]{1,24}?)[ \t]{0,8}(?::(.*)|)")
_PARTS = ("ingredients", "steps", "notes", "nutrition")


def read_text(text: str) -> Drafts | None:
    """Return the recipes of a text; each begins with its title."""
    text = text.strip("\ufeff \r\n\t")
    if len(text) > MAX_LENGTH or not _TITLE.match(text):
        return None
    rows: list[dict[str, str]] = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if _TITLE.match(line):
            rows.append({})
            column = ""
        column = _add(rows[-1], column, line)
    is_recipe = any(
        {MEMBER_OF.get(column_key(name)) for name in row} & {"ingredients", "steps"} for row in rows
    )
    return map(recipe_of, rows) if is_recipe else None


def _add(row: dict[str, str], column: str, line: str) -> str:
    """Add a line to a field, or begin the next one; return the field that follows."""
    found = _FIELD.fullmatch(line.rstrip())
    name, value = (found[1], (found[2] or "").strip()) if found else ("", "")
    member, current = (MEMBER_OF.get(column_key(each)) for each in (name, column))
    # Only a heading ends these parts, which may have lines with colons.
    is_inside = current in _PARTS
    is_heading = member in _PARTS and member != current and not (is_inside and value)
    is_fact = found is not None and found[2] is not None and not is_inside
    if is_heading or (is_fact and name not in row):
        row[name] = "\n".join(filter(None, (row.get(name), value)))
        return name
    row[column] = f"{row[column]}\n{line.strip()}" if column in row else line.strip()
    return column
