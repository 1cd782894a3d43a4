"""Cells of a table that a spreadsheet would run as formulas (OWASP: CSV Injection).

An apostrophe before a formula makes it text. It is put after line breaks, semicolons and tabs as
well, since a program that separates cells by these begins another cell there. What has apostrophes
already gets one more, so that `restored(neutralised(text))` is `text`.
"""

import re

_BEGINS = r"=+@\-\uff1d\uff0b\uff0d\uff20"
"""What formulas begin with, also in the full width of Chinese and Japanese keyboards."""
_FORMULA = rf"(?='*+ *+[{_BEGINS}])"
_FIRST = re.compile(rf"{_FORMULA}|(?='*+[\t\r])")
_LATER = re.compile(rf"([;\t\r\n]){_FORMULA}")
_LATER_NEUTRALISED = re.compile(rf"([;\t\r\n])'{_FORMULA}")


def neutralised(cell: str) -> str:
    """`cell` with an apostrophe before whatever may be taken for a formula."""
    cell = _LATER.sub(r"\1'", cell)
    return f"'{cell}" if _FIRST.match(cell) else cell


def restored(cell: str) -> str:
    """The cell that `neutralised` has made `cell` of."""
    cell = _LATER_NEUTRALISED.sub(r"\1", cell)
    return cell[1:] if cell.startswith("'") and _FIRST.match(cell, 1) else cell
