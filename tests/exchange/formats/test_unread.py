"""Formats that are refused by name."""

import pytest

from app.core.errors import InvalidError
from app.exchange import reading
from app.exchange.formats import unread
from tests.exchange.archiving import archive_of

BODY = "\n\nToast\n\nIngredients\n2 slices bread\n\nMethod\nToast it.\n"


@pytest.mark.parametrize(
    ("beginning", "name"),
    [
        ("%PDF-1.7", "a PDF"),
        ("{\\rtf1\\ansi", "RTF"),
        ("SQLite format 3\0", "SQLite"),
        ("@@@@@ Now You're Cooking! Export Format", "Now You're Cooking"),
        ("------- Easy Recipe Deluxe -------", "Easy Recipe Deluxe"),
        ("***** Recipe from Box of Cards *****", "another application"),
        ("~~~~~ Exported by CookBox 3", "another application"),
        ('<?xml version="1.0"?><!-- Dishes --><dishes>', "root element dishes"),
        ("\ufeff<!DOCTYPE fdx><fdx>", "root element fdx"),
        ("\x01\0\0\x02", "binary"),
    ],
)
def test_a_text_is_refused_by_name(beginning: str, name: str) -> None:
    with pytest.raises(InvalidError, match=name):
        reading.read_text(beginning + BODY)


@pytest.mark.parametrize(
    ("member", "name"),
    [("word/document.xml", "Word"), ("META-INF/container.xml", "EPUB")],
)
def test_a_document_in_an_archive_is_refused_by_name(member: str, name: str) -> None:
    with pytest.raises(InvalidError, match=name):
        reading.read_archive(archive_of({member: b"<x/>", "a.txt": BODY.encode()}))


@pytest.mark.parametrize(
    "text",
    [
        "Toast" + BODY,
        "*** Recipe ***" + BODY,
        "<!DOCTYPE html><html><body></body></html>",
        "<?xml version='1.0'?>\n<!DOCTYPE html><html></html>",
        "<p>Toast</p>",
    ],
)
def test_no_other_text_is_refused(text: str) -> None:
    assert unread.read_text(text) is None
