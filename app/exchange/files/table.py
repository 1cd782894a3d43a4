"""Tables as text: CSV of any delimiter, as spreadsheets and other applications write it."""

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
# What was put before a cell so that no spreadsheet takes it for a formula.
_NEUTRALISED = re.compile(r"^'(?=[=+\-@\t\r])")
_SEPARATOR_LINE = re.compile(r"\ufeff?sep=.\r?\n", re.IGNORECASE)

# The default ends the reading at the first long cell; here the row is refused, not the table.
csv.field_size_limit(2**31 - 1)


class Table(NamedTuple):
    """A table with its header read; its rows are read as they are asked for."""

    text: str
    delimiter: str
    names: list[str]
    """The columns as they are written."""

    @property
    def columns(self) -> set[str]:
        """The columns as `key` makes them."""
        return set(map(key, self.names))

    def drafts(self, recipe_of: Callable[[dict[str, str]], Draft]) -> Drafts:
        """The recipes of the rows, each made of its cells that are not empty by their columns."""
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
    """The table that a text is, if its first line looks like a header of several columns."""
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


def key(name: str) -> str:
    """A column's name however it is spelled: "Prep Time", "prep_time", "prepTime"."""
    return "".join(filter(str.isalnum, name.casefold()))


def _is_filled(cells: list[str]) -> bool:
    return any(map(str.strip, cells))
