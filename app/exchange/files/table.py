"""CSV with any delimiter, and cells that spreadsheets must not run as formulas."""

import csv
import re
from collections.abc import Callable
from io import StringIO
from typing import NamedTuple

from app.core.errors import InvalidError
from app.exchange.drafts import Draft, Drafts, Unreadable

MAX_ROWS = 20_000
MAX_CELLS = 2_000_000
MAX_CELL = 512 * 1024
_MAX_HEADER = 64 * 1024
_DELIMITERS = (",", ";", "\t", "|")
# The apostrophe that other applications put before a cell that looks like a formula.
_NEUTRALISED = re.compile(r"^'(?=[=+\-@\t\r])")
_SEPARATOR_LINE = re.compile(r"\ufeff?sep=.\r?\n", re.IGNORECASE)

# By default one long cell ends the whole table. Here only its row is refused.
csv.field_size_limit(2**31 - 1)


class Table(NamedTuple):
    """A table whose rows are parsed one at a time."""

    text: str
    delimiter: str
    names: list[str]
    """The columns as written."""

    @property
    def columns(self) -> set[str]:
        """The columns, spelled by `column_key`."""
        return set(map(column_key, self.names))

    def drafts(self, recipe_of: Callable[[dict[str, str]], Draft]) -> Drafts:
        """Yield a recipe for each row, made from its non-empty cells by column."""
        if self.text.count(self.delimiter) > MAX_CELLS:
            raise InvalidError(f"A table may hold {MAX_CELLS:,} cells, this one holds more.")
        reader = csv.reader(StringIO(self.text, newline=""), delimiter=self.delimiter)
        next(reader)
        for number, cells in enumerate(filter(_is_filled, reader), 1):
            if number > MAX_ROWS:
                yield Unreadable(None, f"A table may hold {MAX_ROWS:,} rows; the rest is left out.")
                return
            row = self._row(cells)
            yield row if isinstance(row, Unreadable) else recipe_of(row)

    def _row(self, cells: list[str]) -> dict[str, str] | Unreadable:
        name = cells[0][:256].strip() or None
        if any(len(cell) > MAX_CELL for cell in cells):
            return Unreadable(name, f"A cell may hold {MAX_CELL:,} characters, one holds more.")
        if any(map(str.strip, cells[len(self.names) :])):
            return Unreadable(name, "The row has more cells than the header has columns.")
        row: dict[str, str] = {}
        for column, cell in zip(self.names, cells, strict=False):
            if cell := _NEUTRALISED.sub("", cell).replace("\r\n", "\n"):
                row[column] = f"{row[column]}\n{cell}" if column in row else cell
        return row


def read_table(text: str) -> Table | None:
    """Return the table in a text, if its first line looks like a header of several columns."""
    if found := _SEPARATOR_LINE.match(text):
        text = text[found.end() :]
    text = text.removeprefix("\ufeff").lstrip("\r\n")
    beginning = text[:_MAX_HEADER]
    headers = {
        delimiter: next(csv.reader(StringIO(beginning, newline=""), delimiter=delimiter), [])
        for delimiter in _DELIMITERS
        if delimiter in beginning
    }
    if not headers:
        return None
    delimiter = max(headers, key=lambda each: len(headers[each]))
    names = [" ".join(name.split()) for name in headers[delimiter]]
    return Table(text, delimiter, names) if len(names) > 1 else None


def column_key(name: str) -> str:
    """Return one key for all spellings of a column: "Prep Time", "prep_time", "prepTime"."""
    return "".join(filter(str.isalnum, name.casefold()))


def _is_filled(cells: list[str]) -> bool:
    return any(map(str.strip, cells))


# --- Formulas ------------------------------------------------------------------------------------
#
# A spreadsheet runs cells that begin like formulas (OWASP: CSV Injection). An apostrophe before a
# formula makes it text. It is put after line breaks, semicolons and tabs as well, because a program
# that separates cells by these begins another cell there. A cell that has apostrophes already gets
# one more, so that `restore_cell(neutralise_cell(text))` is `text`.

_BEGINS = r"=+@\-\uff1d\uff0b\uff0d\uff20"
"""The first characters of formulas, also in the full width of Chinese and Japanese keyboards."""
_FORMULA = rf"(?='*+ *+[{_BEGINS}])"
_FIRST = re.compile(rf"{_FORMULA}|(?='*+[\t\r])")
_LATER = re.compile(rf"([;\t\r\n]){_FORMULA}")
_LATER_NEUTRALISED = re.compile(rf"([;\t\r\n])'{_FORMULA}")


def neutralise_cell(cell: str) -> str:
    """Put an apostrophe before everything in a cell that a spreadsheet may run as a formula."""
    cell = _LATER.sub(r"\1'", cell)
    return f"'{cell}" if _FIRST.match(cell) else cell


def restore_cell(cell: str) -> str:
    """Undo `neutralise_cell`."""
    cell = _LATER_NEUTRALISED.sub(r"\1", cell)
    return cell[1:] if cell.startswith("'") and _FIRST.match(cell, 1) else cell
