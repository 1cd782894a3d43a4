"""Plan to Eat: CSV, alone or in a ZIP archive, and the text of older versions."""

import re

from app.exchange.drafts import Draft, Drafts
from app.exchange.files.archive import Archive
from app.exchange.files.table import column_key, read_table
from app.exchange.formats.plain_csv import recipe_of

_COLUMNS = {"title", "ingredients", "directions", "url", "preptime", "cooktime", "createdat"}
_RULE = re.compile(r"^-{10,}[ \t]*\r?$", re.MULTILINE)
_FACT = re.compile(r"[ \t]*([A-Z][A-Za-z ]{1,30}):(.*)")
_MULTILINE = {"Ingredients", "Directions"}


def read_text(text: str) -> Drafts | None:
    """Return the recipes of an export."""
    table = read_table(text)
    if table and table.columns >= _COLUMNS:
        return table.drafts(_recipe)
    if _RULE.search(text) and re.search(r"^\s*Title:", text) and "\nDirections:" in text:
        return (_recipe(_row(part)) for part in _RULE.split(text) if part.strip())
    return None


def read_archive(archive: Archive) -> Drafts | None:
    """Return the recipes of all tables in an archive."""
    return archive.drafts("*.csv", read_text)


def _recipe(row: dict[str, str]) -> Draft:
    for column in row:
        if column_key(column) == "ingredients":
            # An empty amount and unit leave their commas before the food.
            row[column] = re.sub(r"^[,\s]+", "", row[column], flags=re.MULTILINE)
        elif column_key(column) == "tags":
            row[column] = row[column].replace("^", ",")
    return recipe_of(row)


def _row(part: str) -> dict[str, str]:
    """Turn a recipe of the older text into a row: facts, then ingredients and directions."""
    row: dict[str, str] = {}
    column = "Notes"
    for line in map(str.strip, part.splitlines()):
        if column in _MULTILINE and line != "Directions:":
            row[column] = f"{row[column]}\n{line}"
        elif found := _FACT.fullmatch(line):
            column = found[1]
            row[column] = found[2].strip().strip('"')
        else:
            row[column] = f"{row.get(column, '')}\n{line}"
    return row
