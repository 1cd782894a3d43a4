"""Cells of a table that a spreadsheet would run as formulas (OWASP: CSV Injection).

An apostrophe before a formula makes it text. It is put after line breaks, semicolons and tabs as
well, since a program that separates cells by these begins another cell there. What has apostrophes
already gets one more, so that `restored(neutralised(text))` is `text`.
"""

import re

_BEGINS = r"=+@\-\uff1d\uff0b\uff0d\uff20"
"""What formulas begin with, also in the full width of Chinese and Japanese keyboards."""
_PLAIN = re.compile(rf"(?<![^;\t\r\n])(?='*+ *+[{_BEGINS}])|\A(?='*+[\t\r])")
_NEUTRALISED = re.compile(rf"(?<![^;\t\r\n])'(?='*+ *+[{_BEGINS}])|\A'(?='*+[\t\r])")


def neutralised(cell: str) -> str:
    """`cell` with an apostrophe before whatever may be taken for a formula."""
    return _PLAIN.sub("'", cell)


def restored(cell: str) -> str:
    """The cell that `neutralised` has made `cell` of."""
    return _NEUTRALISED.sub("", cell)
