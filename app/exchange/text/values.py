"""Plain text, lines and names out of any value that an application writes.

No value is trusted to have the shape that its format promises. A value without meaning gives the
empty value of the return type, never an error.
"""

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from app.core.text import CONTROLS, cut_marks

Json = Any
"""Any JSON value."""

MAX_DEPTH = 20
"""How deep values may be nested and still be read."""

# A comment ends before the next "<", or each of many unclosed ones would be read to the end.
_MARKUP = re.compile(r"<(?:/?[a-zA-Z][^<>]*|!--[^<]*?--)>")
_BREAK = re.compile(r"<(?:br|/p|/li|/div|/h[1-6]|/tr)\b[^<>]*>", re.IGNORECASE)
_UNWANTED = re.compile(rf"[{CONTROLS}\u00ad\u200b\ufeff]")
_SPACES = re.compile(r"[^\S\n]+")
_NO_CHARACTER = re.compile(r"&#[0-9]{16,}+;?")
_BULLET = re.compile(r"^(?:[-*•·▢☐‣◦–]\s+|[▢☐•]\s*)")
_NUMBER = re.compile(r"^(?:step\s*)?\d{1,2}\s*[.):](?!\d)\s*|^(?:[-*•])\s+", re.IGNORECASE)
TAG_KINDS = ("category", "cuisine", "diet", "method", "tool", "keyword")
# The members of an object that may hold its text, the most specific first.
_TEXT_MEMBERS = ("@value", "text", "name", "value", "title", "@id")


def plain(text: str) -> str:
    """Return text without markup and control characters, and with entities resolved.

    Entities that were escaped twice are resolved too. Line breaks stay; other white space becomes
    one blank.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for _ in range(2):
        if "<" in text:
            text = _MARKUP.sub(" ", _BREAK.sub("\n", text))
        if "&" in text:
            text = unescape(text)
    text = cut_marks(_SPACES.sub(" ", _UNWANTED.sub("", text)))
    text = "\n".join(line.strip() for line in text.split("\n"))
    return unicodedata.normalize("NFC", re.sub(r"\n{3,}", "\n\n", text).strip())


def unescape(text: str) -> str:
    """Return `text` with its HTML entities resolved."""
    # html.unescape() passes digits to int(), which raises on very many. No character has that many.
    return html.unescape(_NO_CHARACTER.sub("\ufffd", text))


def text_of(value: Json) -> str:
    """Return the text of a string, a number, an object, or the first one in a list."""
    return next(iter(texts_of(value)), "")


def line_of(value: Json) -> str:
    """Like `text_of`, on one line."""
    return " ".join(text_of(value).split())


def texts_of(value: Json) -> list[str]:
    """Return the non-empty texts of a value or of a list of values."""
    return [text for text in map(plain, _raw_texts(value, 0)) if text]


def _raw_texts(value: Json, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, bool) or value is None or depth > MAX_DEPTH:
        return
    elif isinstance(value, int | float):
        yield f"{value:g}" if isinstance(value, float) else str(value)
    elif isinstance(value, list):
        for each in value:
            yield from _raw_texts(each, depth + 1)
    elif isinstance(value, Mapping):
        for name in _TEXT_MEMBERS:
            if value.get(name) not in (None, "", []):
                yield from _raw_texts(value[name], depth + 1)
                return


def lines_of(value: Json) -> list[str]:
    """Return the lines of all texts of a value, without bullets."""
    lines = (line for text in texts_of(value) for line in text.split("\n"))
    return [line for line in (_BULLET.sub("", line.strip()) for line in lines) if line]


def paragraphs_of(value: Json) -> list[str]:
    """Return the paragraphs of all texts of a value, or the lines of a text without blank lines.

    Leading numbers ("1. ", "2) ", "Step 3:") are removed.
    """
    found: list[str] = []
    for text in texts_of(value):
        parts = text.split("\n\n") if "\n\n" in text else text.split("\n")
        found += [_NUMBER.sub("", part.strip()).strip() for part in parts]
    return [part for part in found if part]


def names_of(value: Json) -> list[str]:
    """Return the names in a list or in a text with commas, without duplicates."""
    texts = texts_of(value)
    parts = (part for text in texts for part in re.split(r"[,;\n]", text))
    unique: dict[str, str] = {}
    for name in map(str.strip, parts):
        unique.setdefault(name.casefold(), name)
    return [name for name in unique.values() if name]


def tags_of(kind: str, value: Json) -> list[dict[str, str]]:
    """Return the names in a value as tags of one kind."""
    return [{"kind": kind, "name": name} for name in names_of(value)]


def non_empty(**members: Any) -> dict[str, Any]:
    """Return the members that are neither None nor empty."""
    return {name: value for name, value in members.items() if value not in (None, "", [], {})}


def origin_of(link: Any) -> dict[str, str]:
    """Return the `url` of a recipe, or its `source` if the field holds anything else."""
    text = line_of(link)
    is_url = re.match(r"https?://", text, re.IGNORECASE)
    return non_empty(url=text) if is_url else non_empty(source=text)
