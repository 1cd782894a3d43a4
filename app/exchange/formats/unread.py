"""Formats that are known but not read: they are refused by name, before they pass for text."""

import re

from app.core.errors import InvalidError
from app.exchange.drafts import Drafts
from app.exchange.files.archive import Archive

_PROBED = 4096
# What a text begins with; of binary files, as Windows-1252.
_BEGINNINGS = (
    ("%PDF", "a PDF"),
    ("{\\rtf", "an RTF document"),
    ("SQLite format 3", "an SQLite database"),
    ("\u00d0\u00cf\x11\u00e0", "a document of an older Microsoft Office"),
    ("7z\u00bc\u00af", "a 7-Zip archive"),
    ("Rar!", "a RAR archive"),
    ("\u2030PNG", "a picture"),
    ("GIF8", "a picture"),
    ("\u00ff\u00d8\u00ff", "a picture"),
    ("BEGIN:VCARD", "a list of contacts"),
    ("BEGIN:VCALENDAR", "a calendar"),
)
_TEXTS = (
    (re.compile(r"@{3,} ?now you're cooking", re.IGNORECASE), "Now You're Cooking"),
    (re.compile(r"[^\w\n]{0,60}easy recipe deluxe", re.IGNORECASE), "Easy Recipe Deluxe"),
    (re.compile(r"[^\w\n]{0,60}accuchef", re.IGNORECASE), "AccuChef"),
    (re.compile(r"[^\w\n]{3,60}(?:exported|recipe|rezept)s? (?:from|by|via|mit) ", re.IGNORECASE),
     "another application"),
)  # fmt: skip
_XML = re.compile(r"\s{0,100}<(?:\?xml|![a-z]+|!--)", re.IGNORECASE)
_ROOT = re.compile(r"<([a-z][\w:.-]{0,60})", re.IGNORECASE)
_HTML = re.compile(r"<!(?:doctype html\b|--)", re.IGNORECASE)
_HTML_ROOTS = {"html", "head", "body"}
_ARCHIVES = (
    ("word/document.xml", "a Word document"),
    ("xl/workbook.xml", "an Excel workbook: export it as CSV"),
    ("ppt/presentation.xml", "a PowerPoint presentation"),
    ("meta-inf/container.xml", "an e-book (EPUB)"),
    ("meta-inf/manifest.xml", "an OpenDocument file"),
)


def read_text(text: str) -> Drafts | None:
    """Raise InvalidError if the text is of one of these formats."""
    beginning = text[:_PROBED].lstrip("\ufeff \r\n\t")
    for opening, name in _BEGINNINGS:
        if beginning.startswith(opening):
            raise _refusal(name)
    if "\0" in beginning:
        raise InvalidError("This is a binary file of no known format, and cannot be read.")
    first = beginning.partition("\n")[0]
    for pattern, name in _TEXTS:
        if pattern.match(first):
            raise _refusal(f"an export of {name}")
    if _XML.match(beginning):
        root = _ROOT.search(beginning)
        if root and not _HTML.match(beginning) and root[1].lower() not in _HTML_ROOTS:
            raise _refusal(f"XML with the root element {root[1]}")
    return None


def read_archive(archive: Archive) -> Drafts | None:
    """Raise InvalidError if the archive is a document of an office application."""
    names = {name.lower() for name in archive.names}
    for member, name in _ARCHIVES:
        if member in names:
            raise _refusal(name)
    return None


def _refusal(name: str) -> InvalidError:
    return InvalidError(f"This is {name}, which cannot be read.")
