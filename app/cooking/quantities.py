"""Read and write amounts exactly, as people write them.

A comma is a decimal comma (1,5), unless it separates thousands: 1,000 is a thousand, but 0,125 is
an eighth, because thousands never begin with 0. A point is a decimal point (1.125 cups), except
before three digits and "g" or "ml": 1.500 g is 1500 g, because no one weighs thousandths of a gram.
"""

# ruff: noqa: RUF001 - This module reads dashes, fraction slashes and full-width forms.

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

MAX_QUANTITY = 1_000_000_000
MAX_DENOMINATOR = 1000

# exact() could take a quantity for another fraction only within this distance. Quantities that are
# scaled by fractions bounded by MAX_DENOMINATOR, too, are farther apart.
_TOLERANCE = Fraction(1, 2 * MAX_DENOMINATOR**3)
# Numbers that find() reads in a line.
_MAX_PLACES = 24
# Above this, no one measures fractions: 83.3 g, not 83 ⅓ g.
_LEAST_WITHOUT_FRACTIONS = 20


class Amount(NamedTuple):
    """A number or a range in a text, with the separators it is written with."""

    start: int
    end: int
    low: Fraction
    high: Fraction | None = None
    separator: str = ""
    """The text between the numbers of a range: " to "."""
    point: str = ""
    """The decimal separator, if there is one."""
    thousands: str = ""
    """A point that separates thousands."""


@lru_cache(1 << 12, typed=True)
def exact(number: Fraction | float) -> Fraction:
    """Return the fraction that a number stands for: 0.3333333333 is 1/3, 0.33 is 33/100.

    It is the nearest one with a denominator of at most MAX_DENOMINATOR if they agree in nine
    digits, else the decimal as written. So quantities with such denominators survive being scaled
    and scaled back, with floats stored in between.
    """
    written = Fraction(str(number))
    near = written.limit_denominator(MAX_DENOMINATOR)
    return near if abs(near - written) <= _TOLERANCE * min(written, Fraction(1)) else written


def number(value: Fraction) -> float | int:
    """Return a number for JSON: whole numbers as integers."""
    return value.numerator if value.denominator == 1 else float(value)


def decimal(value: float) -> str:
    """Write a number with all its digits and no exponent: 1e-7 is "0.0000001", 4.0 is "4"."""
    return f"{Decimal(repr(value)).normalize():f}"


_GLYPHS = {glyph: exact(unicodedata.numeric(glyph)) for glyph in "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞⅐⅑⅒"}
# People read a quarter at a glance, but not a seventh.
_WRITTEN = {value: glyph for glyph, value in _GLYPHS.items() if glyph not in "⅐⅑⅒"}

# No articles, because "a little" is no number.
_WORDS = {
    word: value
    for value, words in {
        1: "one",
        2: "two zwei deux dos due dois duas",
        3: "three drei trois tres tre três",
        4: "four vier quatre cuatro quattro quatro",
        5: "five fünf cinq cinco cinque",
        6: "six sechs seis sei",
        7: "seven sieben sept siete sette",
        8: "eight acht huit ocho otto",
        9: "nine neun neuf nueve nove",
        10: "ten zehn dix diez dieci",
        11: "eleven elf",
        12: "twelve zwölf",
    }.items()
    for word in words.split()
}
# "Five spice" is a powder.
_WORD = (
    rf"(?:{'|'.join(_WORDS)})(?![\w-]|\s?-?(?:spices?|seeds?|grains?|épices|gewürz|especias"
    r"|spezie|cheeses?|beans?)\b)"
)
_HALF = (
    r"(?:(?:a\s)?half(?:\san?)?|(?:eine?[nrs]?\s)?halbe?[mnrs]?|(?:une?\s)?demie?"
    r"|(?:una?\s)?medi[ao]|(?:una?\s)?mezz[ao])(?![\w’'-]|\s(?:and|n|&)\s)"
)
# A number does not begin with 0: 00 is a kind of flour. Twelve digits are more than enough, and
# int() is slow for many digits and raises for very many.
_WHOLE = r"(?:[0０](?!\d)|(?![0０])(?>\d{1,12}))"
_NUMBER = re.compile(
    rf"""
    (?:
        (?:(?P<whole>{_WHOLE}|{_WORD})(?:\s(?:and|&|und|et|y|e)\s|と|\s?[-‐‑–—]?\s?(?!{_HALF})))?
        (?:
            (?P<glyph>[{"".join(_GLYPHS)}])
            |(?P<over>(?>\d{{1,6}}))\s?[/⁄∕／]\s?(?P<under>(?>\d{{1,6}}))(?:(?:rd|th)s?\b)?
            |(?P<half>{_HALF})
        )
        |(?P<grouped>(?![0０])\d{{1,3}}(?:[,'’\u2009\u202f]\d{{3}}){{1,3}})(?:\.\d{{1,20}})?
        |(?P<pointed>(?![0０])\d{{1,3}}(?:\.\d{{3}}){{1,3}})
            (?=(?:\s?[-–]\s?[\d.]{{1,11}})?\s?(?:g|gr|ml|gramm[eio]?|grammes|gramos?|gramas?)(?!\w))
        |(?:{_WHOLE})?(?P<point>[.,．，])\d{{1,20}}
        |{_WHOLE}
        |(?P<word>{_WORD})(?!\s(?:and|quarter|third))
    )
    # Not the beginning of something else: 1/2/3, 1.2.3, 80 %, 30°, "1. Flour".
    (?!\d|[/⁄∕／]|[.,．，]\d|\.\s|\s?[%‰°％])
    """,
    re.VERBOSE | re.IGNORECASE,
)
_GROUPING = re.compile(r"[,'’\u2009\u202f]")
_START = re.compile(rf"(?<![\w.,，．/⁄∕／])(?=[\d.{''.join(_GLYPHS)}])")
SEPARATOR = re.compile(
    r"\s{0,3}[-‐‑–—−~〜～]{1,2}\s{0,3}|\s{1,3}(?:to|or|bis|oder|à|a|ou|o|hasta)\s{1,3}",
    re.IGNORECASE,
)
"""The text between the numbers of a range."""


def read(text: str, start: int = 0) -> Amount | None:
    """Return the amount at `start`: "1 ½", "1-1/2", "2 to 3", "½–¾", "1,5", "half a".

    Return None if there is no amount, if it exceeds MAX_QUANTITY, or if a range runs backwards.
    """
    first = _NUMBER.match(text, start)
    low = first and _value(first)
    if not first or low is None:
        return None
    separator = SEPARATOR.match(text, first.end())
    second = separator and _NUMBER.match(text, separator.end())
    thousands = "." if first["pointed"] else ""
    if not separator or not second:
        return Amount(start, first.end(), low, point=_point(first), thousands=thousands)
    high = _value(second)
    if high is None or high < low:
        return None
    point = _point(first) or _point(second)
    return Amount(start, second.end(), low, high, separator[0], point, thousands)


def find(text: str, value: Fraction) -> tuple[Amount, ...]:
    """Return the first amount in `text` that equals `value` or begins with it, or nothing.

    Only the first _MAX_PLACES are read.
    """
    places = islice(_START.finditer(text), _MAX_PLACES)
    amounts = (read(text, place.end()) for place in places)
    return tuple(islice((each for each in amounts if each and each.low == value), 1))


def write(
    value: Fraction,
    *,
    decimals: bool = False,
    point: str = ".",
    space: str = " ",
    places: int = 3,
) -> str:
    """Write `value` for people: "1 ½", or "0.143" if it is no common fraction.

    Decimals are exact up to `places`, else rounded to three digits. `point` is the decimal
    separator; `space` goes between a whole number and its fraction.
    """
    whole, part = divmod(value, 1)
    if not part:
        return str(whole)
    if not decimals and value < _LEAST_WITHOUT_FRACTIONS and part in _WRITTEN:
        return f"{whole}{space}{_WRITTEN[part]}" if whole else _WRITTEN[part]
    quotient = Decimal(value.numerator) / value.denominator
    # Three digits after a comma would be read as thousands.
    most = 2 if point == "," else places
    digits = most if (value * 10**most).denominator == 1 else max(0, 2 - quotient.adjusted())
    text = str(quotient.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))
    return (text.rstrip("0").rstrip(".") if digits else text).replace(".", point)


def _value(found: re.Match[str]) -> Fraction | None:
    if found["glyph"] or found["half"] or found["under"]:
        value = _mixed(found)
    elif found["word"]:
        value = _whole(found["word"])
    elif found["grouped"]:
        value = exact(Fraction(_GROUPING.sub("", found[0])))
    elif found["pointed"]:
        value = Fraction(int(found[0].replace(".", "")))
    else:
        value = exact(Fraction(found[0].replace(found["point"] or ".", ".")))
    return value if value is not None and value <= MAX_QUANTITY else None


def _mixed(found: re.Match[str]) -> Fraction | None:
    """Return a fraction, plus the whole number before it if the fraction is less than one."""
    if found["under"]:
        under = int(found["under"])
        part = Fraction(int(found["over"]), under) if under else None
    else:
        part = _GLYPHS.get(found["glyph"], Fraction(1, 2))
    if part is None or not found["whole"]:
        return part
    whole = _whole(found["whole"])
    return whole + part if whole is not None and part < 1 else None


def _whole(text: str) -> Fraction | None:
    # The expression ignores case in more letters than casefold(), so DREİ is not found in _WORDS.
    value = _WORDS.get(text.casefold()) if text.isalpha() else int(text)
    return None if value is None else Fraction(value)


def _point(found: re.Match[str]) -> str:
    if found["grouped"]:
        return "." if "." in found[0] else ""
    return unicodedata.normalize("NFKC", found["point"] or "")
