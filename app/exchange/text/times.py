"""Times: from text to minutes, and back to text for people and for machines."""

import math
import re
from collections.abc import Mapping
from itertools import pairwise

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
_CLOCK = re.compile(
    r"(\d{1,3}):([0-5]\d)(?::([0-5]\d))?(?: ?(?:h|hrs?|hours?|std)\.?)?", re.IGNORECASE
)
# What begins like ISO 8601 and is not: "PT20 Mins", "PTH5M".
_LIKE_ISO = re.compile(r"\s*P(?=[T\d])([\d.,\sa-z]{1,30}+)", re.IGNORECASE)
_LIKE_ISO_PART = re.compile(r"(\d{1,6}+(?:[.,]\d{1,6}+)?)\s?([dhms])", re.IGNORECASE)
_SECOND = 1 / 60
_UNITS = {
    1440: "d day days jour jours tag tage tagen día días dia dias giorno giorni dag dagen dagar"
    " dage dager dzień dni den dny dní deň день дня дней nap 日 日間",
    60: "h hr hrs hour hours std stunde stunden heure heures hora horas ora ore uur uren u tim"
    " timme timmar time timer godz godzina godziny godzin hod hodina hodiny hodin hodín ч час часа"
    " часов óra 時間 小时",
    1: "m mn min mins minute minutes minuten minuti minuto minutos minut minuter minutt minutter"
    " minuta minuty minút minúta minúty мин минута минуты минут perc 分 分間 分钟",
    _SECOND: "s sec secs second seconds sek sekunde sekunden seconde secondes secondi secondo"
    " segundo segundos sekund sekunder sekunda sekundy сек секунда секунды секунд 秒",
}
"""What each unit is in minutes."""
_SIZES = {name: size for size, names in _UNITS.items() for name in names.split()}
_UNIT = "|".join(sorted(_SIZES, key=len, reverse=True))
_AMOUNT = re.compile(
    r"(?<![\d.,/])(?P<n>\d{1,6}+\s\d/\d|\d{1,6}+(?:[.,]\d{1,6}+)?(?:\s?[¼-¾⅐-⅞])?|\d/\d|[¼-¾⅐-⅞])"
    rf"(?:[\s-]?(?P<u>{_UNIT})(?![^\W\d_])\.?)?",
    re.IGNORECASE,
)
_RANGE = re.compile(
    r"\s?(?:-|–|—|~|to|or|bis|oder|à|ou|a|o|al|tot|of|till|til|do|až|до)\s?", re.IGNORECASE
)
_AND = re.compile(r"\s?(?:,|&|and|und|et|e|y|en|og|och|i|a|и)?\s?", re.IGNORECASE)
_WORD = re.compile(r"\s?[^\W\d_]+")
# The members of an object that may hold its time.
_TIME_MEMBERS = ("duration", "maxValue", "value", "minValue", "@value", "name")


def minutes_of(value: Json) -> int | None:
    """Return whole minutes: ISO 8601 as people publish it ("PT1H30"), "1 h 30 min", "90" or 90.

    Of a range it is the upper end. Less than a minute is rounded up. Return None if the value is no
    time, is longer than MAX_TIME_LENGTH, is not a time that any recipe takes, or has a number whose
    unit is unknown.
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
    if clock := _CLOCK.fullmatch(text):
        seconds = clock[3] not in (None, "00")
        return _whole(int(clock[1]) * 60 + int(clock[2]) + seconds)
    if re.fullmatch(r"\d+(?:[.,]\d+)?", text):
        return _whole(_float(text))
    if re.match(r"P[T\d-]", text, re.IGNORECASE):
        like_iso = _LIKE_ISO.fullmatch(text)
        parts = _LIKE_ISO_PART.findall(like_iso[1]) if like_iso else []
        total = sum(_float(amount) * _ISO_MINUTES[unit.lower()] for amount, unit in parts)
        return _whole(total) if parts else None
    minutes = _from_words(text)
    return None if minutes is None else _whole(minutes)


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


def _from_words(text: str) -> float | None:
    """Return the sum of the amounts in a text, or the upper end of a range of them."""
    amounts = [*_AMOUNT.finditer(text)]
    gaps = [text[one.end() : other.start()] for one, other in pairwise(amounts)]
    total = lower = 0.0
    before: float | None = None
    for index, found in enumerate(amounts):
        size, gap = _size(found), gaps[index - 1] if index else None
        if size is None:
            is_lower = index < len(gaps) and _RANGE.fullmatch(gaps[index])
            upper = _size(amounts[index + 1]) if is_lower else None
            if gap is not None and before == 60 and upper != 1 and _AND.fullmatch(gap):
                size = 1  # "1 h 30"
            elif upper is None and _WORD.match(text, found.end()):
                return None
        if size is not None:
            if before is not None and gap is not None and _RANGE.fullmatch(gap):
                lower, total = max(lower, total), 0.0
            total += _amount(found) * size
        before = size
    return max(lower, total) if any(map(_size, amounts)) else None


def _size(found: re.Match[str]) -> float | None:
    return _SIZES[found["u"].lower()] if found["u"] else None


def _amount(found: re.Match[str]) -> float:
    amount = quantities.read(found["n"].lstrip("0"))
    return float(amount.low) if amount else 0


def _float(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return 0


def _whole(minutes: float) -> int | None:
    if not math.isfinite(minutes) or not 0 <= minutes <= _MAX_MINUTES:
        return None
    return math.ceil(minutes) if minutes < 1 else round(minutes)
