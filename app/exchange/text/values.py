"""Single values as others write them: text in any wrapping, lists, times, amounts.

No value is trusted to have the shape that its format says: what means nothing gives the empty value
of the function's type, and never an error.
"""

import html
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from app.cooking import quantities
from app.core.text import cut_marks

Json = Any
"""What a JSON text can hold."""

MAX_DEPTH = 20
"""So deep one value may lie within others to be looked at."""

# --- Text ----------------------------------------------------------------------------------------

# A comment ends before the next "<", or each of many that never end would be read to the end.
_MARKUP = re.compile(r"<(?:/?[a-zA-Z][^<>]*|!--[^<]*?--)>")
_BREAK = re.compile(r"<(?:br|/p|/li|/div|/h[1-6]|/tr)\b[^<>]*>", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\ufeff\ud800-\udfff]")
_SPACES = re.compile(r"[^\S\n]+")
_NO_CHARACTER = re.compile(r"&#[0-9]{16,}+;?")
_WRAPPED_IN = ("@value", "text", "name", "value", "title", "@id")


def plain(text: str) -> str:
    """Text without markup, with its entities resolved (also those that were escaped twice).

    Lines stay lines, other white space becomes one blank, control characters go.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for _ in range(2):
        if "<" in text:
            text = _MARKUP.sub(" ", _BREAK.sub("\n", text))
        if "&" in text:
            text = unescape(text)
    text = cut_marks(_SPACES.sub(" ", _CONTROLS.sub("", text)))
    text = "\n".join(line.strip() for line in text.split("\n"))
    return unicodedata.normalize("NFC", re.sub(r"\n{3,}", "\n\n", text).strip())


def unescape(text: str) -> str:
    """`text` with its entities resolved."""
    # int() refuses very many digits, and fewer are already no character.
    return html.unescape(_NO_CHARACTER.sub("\ufffd", text))


def text_of(value: Json) -> str:
    """The text of whatever stands for one: a string, a number, an object, the first of a list."""
    return next(iter(texts_of(value)), "")


def line_of(value: Json) -> str:
    """As `text_of`, in one line."""
    return " ".join(text_of(value).split())


def texts_of(value: Json) -> list[str]:
    """The texts of a value or of a list of values; those that are empty are left out."""
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
        for name in _WRAPPED_IN:
            if value.get(name) not in (None, "", []):
                yield from _raw_texts(value[name], depth + 1)
                return


def lines_of(value: Json) -> list[str]:
    """The lines of a text, or of each text of a list, without the marks of a list before them."""
    lines = (line for text in texts_of(value) for line in text.split("\n"))
    return [line for line in (_BULLET.sub("", line.strip()) for line in lines) if line]


_BULLET = re.compile(r"^(?:[-*•·▢☐‣◦–]\s+|[▢☐•]\s*)")


def paragraphs_of(value: Json) -> list[str]:
    """The paragraphs of a text, which blank lines part, or where none do, its lines.

    Their numbers ("1. ", "2) ", "Step 3:") are left out.
    """
    found: list[str] = []
    for text in texts_of(value):
        parts = text.split("\n\n") if "\n\n" in text else text.split("\n")
        found += [_NUMBER.sub("", part.strip()).strip() for part in parts]
    return [part for part in found if part]


_NUMBER = re.compile(r"^(?:step\s*)?\d{1,2}\s*[.):](?!\d)\s*|^(?:[-*•])\s+", re.IGNORECASE)


def names_of(value: Json) -> list[str]:
    """Names in a list, or in one text with commas between them, each once."""
    texts = texts_of(value)
    parts = (part for text in texts for part in re.split(r"[,;\n]", text))
    unique: dict[str, str] = {}
    for name in map(str.strip, parts):
        unique.setdefault(name.casefold(), name)
    return [name for name in unique.values() if name]


# --- Numbers -------------------------------------------------------------------------------------


def number_of(value: Json) -> float | None:
    """The first number in a value: 4, "4", "4 servings", "1 ½ cups", {"value": "4"}."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value if abs(value) < 1e9 and math.isfinite(value) else None
    for text in texts_of(value):
        for start in (found.start() for found in re.finditer(r"(?<![\d.,])[\d¼-¾⅐-⅞]", text)):
            amount = quantities.read(text, start)
            if amount is not None and amount.low < 10**9:
                return quantities.number(amount.low)
    return None


_PEOPLE = re.compile(
    r"serving|serves|portion|person|people|\bppl\b|personne|porzion|racion", re.IGNORECASE
)
_SERVINGS_ALONE = re.compile(
    r"(?:serves|makes)?:?\s*[\d.,/]+\s*(?:servings?|portions?|people|persons?)?", re.IGNORECASE
)


def servings_of(value: Json) -> tuple[float | None, str | None]:
    """How many a yield serves, and its text where it says more: "4 servings", "12 cookies"."""
    texts = [" ".join(text.split()) for text in texts_of(value)]
    if isinstance(value, Mapping):
        unit = line_of(value.get("unitText") or value.get("unitCode"))
        amount = line_of(value.get("value"))
        texts = [f"{amount} {unit}".strip()] if amount else texts
    servings: float | None = None
    words = ""
    for text in texts:
        number = number_of(text)
        is_bare = bool(re.fullmatch(r"[\d.,/ ]+", text))
        if number and (is_bare or _PEOPLE.search(text)):
            servings = servings or number
        if not is_bare and len(text) > len(words):
            words = text
    if servings is None and texts and (number := number_of(texts[0])):
        servings = number if not words else None
    says_more = words and not _SERVINGS_ALONE.fullmatch(words)
    return servings, words if says_more else None


# --- Times ---------------------------------------------------------------------------------------

_ISO = re.compile(
    r"^\s*P(?:(?P<y>[\d.,]+)Y)?(?:(?P<mo>[\d.,]+)M)?(?:(?P<w>[\d.,]+)W)?(?:(?P<d>[\d.,]+)D)?"
    r"(?:T?(?:(?P<h>[\d.,]+)H)?(?:(?P<m>[\d.,]+)(?:M|(?=\s*$)))?(?:(?P<s>[\d.,]+)S)?)?\s*$",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"^\s*(\d{1,3}):([0-5]\d)(?::([0-5]\d))?\s*$")
_SAID = re.compile(
    r"(?<!\d)(?P<n>\d{1,6}+\s\d/\d|\d{1,6}+(?:[.,]\d{1,6}+)?(?:\s?[¼-¾⅐-⅞])?|\d/\d|[¼-¾⅐-⅞])"
    r"\s?(?:-|–|to)?\s?(?:\d{1,6}+\s?)?(?P<u>days?|d\b|jours?|tage?|hours?|hrs?|hr\b|h\b|heures?|std\.?|stunden?|ore\b|ora\b|"
    r"horas?|minutes?|mins?|min\b|m\b|minuten|minuti|minutos?|seconds?|secs?|s\b|sekunden)",
    re.IGNORECASE,
)
MAX_TIME = 300
"""Characters of a text that may be a time."""
_UNIT = {"d": 1440, "j": 1440, "t": 1440, "h": 60, "o": 60}
_MAX_MINUTES = 10_000_000


def minutes_of(value: Json) -> int | None:
    """Whole minutes: ISO 8601 as it is published ("PT1H30", "PT90S"), "1 h 30 min", "90", 90.

    Seconds alone round up to a minute. None if it is no time, or none that a recipe takes, or a
    text of more than MAX_TIME characters.
    """
    for _ in range(MAX_DEPTH):
        if not isinstance(value, Mapping | list):
            break
        parts = value if isinstance(value, list) else map(value.get, _TIMES_ARE_IN)
        value = next((each for each in parts if each not in (None, "", [], {})), None)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _whole(value)
    text = line_of(value)
    if len(text) > MAX_TIME:
        return None
    if iso := _ISO.match(text):
        return _of_iso(iso)
    if clock := _CLOCK.match(text):
        seconds = clock[3] not in (None, "00")
        return _whole(int(clock[1]) * 60 + int(clock[2]) + seconds)
    if re.fullmatch(r"\d+(?:[.,]\d+)?", text):
        return _whole(_float(text))
    if re.match(r"P[T\d-]", text, re.IGNORECASE):
        return None
    said = [*_SAID.finditer(text)]
    return _whole(sum(map(_minutes_said, said))) if said else None


_TIMES_ARE_IN = ("duration", "maxValue", "value", "@value", "name")


def _of_iso(found: re.Match[str]) -> int | None:
    sizes = {"y": 525_600, "mo": 43_200, "w": 10_080, "d": 1440, "h": 60, "m": 1, "s": 1 / 60}
    given = {name: found[name] for name in sizes if found[name]}
    if given.keys() == {"mo"}:
        sizes["mo"] = 1  # "P30M" is meant in minutes: no dish takes months.
    return (
        _whole(sum(_float(each) * sizes[name] for name, each in given.items())) if given else None
    )


def _minutes_said(found: re.Match[str]) -> float:
    amount, unit = quantities.read(found["n"]), found["u"].lower()
    size = 60 if unit.startswith("st") else _UNIT.get(unit[0], 1 if unit[0] == "m" else 1 / 60)
    return float(amount.low) * size if amount else 0


def _float(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return 0


def _whole(minutes: float | None) -> int | None:
    if minutes is None or not math.isfinite(minutes) or not 0 <= minutes <= _MAX_MINUTES:
        return None
    return math.ceil(minutes) if minutes < 1 else round(minutes)


# --- Members of a recipe -------------------------------------------------------------------------


def tags_of(kind: str, value: Json) -> list[dict[str, str]]:
    """Tags of one kind."""
    return [{"kind": kind, "name": name} for name in names_of(value)]


def sectioned(lines: Iterable[str], heading: re.Pattern[str]) -> list[dict[str, Any]]:
    """Lines as ingredients or steps under the headings among them: group 1 of `heading` is one."""
    members: list[dict[str, Any]] = []
    section: str | None = None
    for line in lines:
        if found := heading.fullmatch(line):
            section = found[1].strip() or None
        else:
            members.append({"text": line} | ({"section": section} if section else {}))
    return members


def given(**members: Any) -> dict[str, Any]:
    """The members that have a value: neither None nor empty."""
    return {name: value for name, value in members.items() if value not in (None, "", [], {})}
