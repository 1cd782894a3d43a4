"""Times: from text to minutes, and back to text for people and for machines."""

import math
import re
from collections.abc import Mapping

from app.cooking import quantities
from app.exchange.text.values import MAX_DEPTH, Json, line_of

MAX_TIME_LENGTH = 300
"""Characters of a text that may be a time."""
_MAX_MINUTES = 10_000_000

_ISO = re.compile(
    r"^\s*P(?:(?P<y>[\d.,]+)Y)?(?:(?P<mo>[\d.,]+)M)?(?:(?P<w>[\d.,]+)W)?(?:(?P<d>[\d.,]+)D)?"
    r"(?:T?(?:(?P<h>[\d.,]+)H)?(?:(?P<m>[\d.,]+)(?:M|(?=\s*$)))?(?:(?P<s>[\d.,]+)S)?)?\s*$",
    re.IGNORECASE,
)
_ISO_MINUTES = {"y": 525_600, "mo": 43_200, "w": 10_080, "d": 1440, "h": 60, "m": 1, "s": 1 / 60}
_CLOCK = re.compile(r"^\s*(\d{1,3}):([0-5]\d)(?::([0-5]\d))?\s*$")
_AMOUNT_AND_UNIT = re.compile(
    r"(?<!\d)(?P<n>\d{1,6}+\s\d/\d|\d{1,6}+(?:[.,]\d{1,6}+)?(?:\s?[¼-¾⅐-⅞])?|\d/\d|[¼-¾⅐-⅞])"
    r"\s?(?:-|–|to)?\s?(?:\d{1,6}+\s?)?(?P<u>days?|d\b|jours?|tage?|hours?|hrs?|hr\b|h\b|heures?|std\.?|stunden?|ore\b|ora\b|"
    r"horas?|minutes?|mins?|min\b|m\b|minuten|minuti|minutos?|seconds?|secs?|s\b|sekunden)",
    re.IGNORECASE,
)
# By the first letter of the unit, in all languages of the expression above.
_UNIT_MINUTES = {"d": 1440, "j": 1440, "t": 1440, "h": 60, "o": 60, "m": 1}
# The members of an object that may hold its time.
_TIME_MEMBERS = ("duration", "maxValue", "value", "@value", "name")


def minutes_of(value: Json) -> int | None:
    """Return whole minutes: ISO 8601 as people publish it ("PT1H30"), "1 h 30 min", "90" or 90.

    Less than a minute is rounded up. Return None if the value is no time, is longer than
    MAX_TIME_LENGTH, or is not a time that any recipe takes.
    """
    for _ in range(MAX_DEPTH):
        if not isinstance(value, Mapping | list):
            break
        parts = value if isinstance(value, list) else map(value.get, _TIME_MEMBERS)
        value = next((each for each in parts if each not in (None, "", [], {})), None)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _whole(value)
    text = line_of(value)
    if len(text) > MAX_TIME_LENGTH:
        return None
    if iso := _ISO.match(text):
        return _from_iso(iso)
    if clock := _CLOCK.match(text):
        seconds = clock[3] not in (None, "00")
        return _whole(int(clock[1]) * 60 + int(clock[2]) + seconds)
    if re.fullmatch(r"\d+(?:[.,]\d+)?", text):
        return _whole(_float(text))
    if re.match(r"P[T\d-]", text, re.IGNORECASE):
        return None
    amounts = [*_AMOUNT_AND_UNIT.finditer(text)]
    return _whole(sum(map(_from_words, amounts))) if amounts else None


def iso_duration(minutes: int) -> str:
    """Return an ISO 8601 duration: 90 is "PT1H30M".

    Two days are "PT48H": readers of recipes expect hours and minutes, and many know nothing else.
    """
    hours, rest = divmod(minutes, 60)
    return "PT" + (f"{hours}H" if hours else "") + (f"{rest}M" if rest or not hours else "")


def duration(minutes: int) -> str:
    """Return minutes as people write them: 85 is "1 h 25 min"."""
    hours, rest = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = (
        f"{days} day{'s' if days > 1 else ''}" if days else "",
        f"{hours} h" if hours else "",
        f"{rest} min" if rest or not minutes else "",
    )
    return " ".join(filter(None, parts))


def _from_iso(found: re.Match[str]) -> int | None:
    given = {name: found[name] for name in _ISO_MINUTES if found[name]}
    if not given:
        return None
    if given.keys() == {"mo"}:
        return _whole(_float(given["mo"]))  # "P30M" means minutes: no dish takes months.
    return _whole(sum(_float(each) * _ISO_MINUTES[name] for name, each in given.items()))


def _from_words(found: re.Match[str]) -> float:
    amount, unit = quantities.read(found["n"]), found["u"].lower()
    # "Std." and "Stunden" are hours; every other unit with an "s" is seconds.
    size = 60 if unit.startswith("st") else _UNIT_MINUTES.get(unit[0], 1 / 60)
    return float(amount.low) * size if amount else 0


def _float(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return 0


def _whole(minutes: float) -> int | None:
    if not math.isfinite(minutes) or not 0 <= minutes <= _MAX_MINUTES:
        return None
    return math.ceil(minutes) if minutes < 1 else round(minutes)
