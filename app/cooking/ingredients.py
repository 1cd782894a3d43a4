"""Parse the lines in which people write ingredients, as far as they can be understood.

Every expression takes linear time, whatever the text is.
"""

# ruff: noqa: RUF001 - This module reads dashes, other signs and full-width forms.

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import islice
from typing import Any, NamedTuple

from app.cooking import quantities, units
from app.cooking.food import choice_end, describe, is_description
from app.cooking.quantities import Amount
from app.cooking.units import Unit

# Longer parts are left out, not cut: the text has all of them.
_FOOD_LENGTH = 256
_NOTE_LENGTH = 1000
_SECTION_LENGTH = 256
# Sizes, and other units, of one amount. A line with more is no ingredient.
_MAX_AMOUNTS = 3
# Places after the food that are tried as its amount.
_MAX_PLACES = 12
# Words before a unit that describe it.
_MAX_MODIFIERS = 4


class Opening(NamedTuple):
    """The part of a line before the food: "2 (14 oz) cans", "juice of ½", "1 kg/2 lb"."""

    end: int
    low: Fraction | None = None
    high: Fraction | None = None
    unit: Unit | None = None
    notes: tuple[str, ...] = ()
    amounts: tuple[Amount, ...] = ()
    """The numbers that scale with the servings: the amount, and the same amount in other units."""
    closing: slice = slice(0, 0)
    """The place of an amount after the food: "Flour (500 g), sifted"."""


class _Measured(NamedTuple):
    amount: Amount
    unit: Unit
    end: int


_ABOUT = (
    r"(?:(?:about|up to|at least|around|approximately|approx|roughly"
    r"|ca|circa|etwa|ungefähr|rund|environ|unos|unas"
    r"|aprox)\b\.?\s*|[~≈]\s*)?"
)
_PART = (
    "(?:juice|zest|rind|peel|pulp|seeds|saft|schale|abrieb|jus|zestes?|zumo|jugo|ralladura|succo"
    "|scorza|suco|raspas?)"
)

_BULLET = re.compile(r"(?:[\s•●◦▪·*+–—▢☐☑☒□■◻◽❏❑✓✔✅➢-]|\[[ xX]?\])*+")
_OPTIONALLY = re.compile(r"[(（]?optional\b[:)）]?\s*", re.IGNORECASE)
_LABEL = re.compile(
    r"((?:(?:for|to)\s)?(?:garnish|serve|serving|decorate|topping))\s?:\s{0,3}(?=\S)", re.IGNORECASE
)
_PART_OF = re.compile(
    r"(?:(?:the|le|la|les|il|lo|el|o|der|die)\s|l['’])?"
    r"(?P<part>(?:(?:finely|freshly|coarsely)\s)?"
    r"(?:(?:grated|squeezed|pared|strained|abgeriebene)\s)?"
    rf"{_PART}(?:\s(?:grattugiata|râpé|rallada))?"
    rf"(?:\s(?:and|und|et|y|e|&)\s(?:grated\s)?{_PART})?)"
    r"(?:\s(?:of|from|von|de|di|do|da)\s|\sd['’]|\s(?=[\d½¼¾]|half\s))",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    r"(some|a little(?! gem)|(?:a )?few|a bit(?= of)|several"
    r"|etwas|einige?|ein (?:wenig|paar|bisschen)"
    r"|un peu(?= de\s| d['’])|quelques|un poco(?= d[ei]\s)|unos pocos|unas pocas|algo(?= de\s)"
    r"|qualche|um pouco(?= de\s)|litt|lidt|een beetje|trochę|trochu|trocha|немного)"
    r"(?:\s(?:of|d[ei])\s|\sd['’]|\s)",
    re.IGNORECASE,
)
# Japanese lines have the spoon before its number.
_SPOON = re.compile(r"(大さじ|小さじ|カップ)\s{0,3}(?=[\d½⅓⅔¼¾])")
_CJK_COUNTERS = "個枚本片缶"
_ABOUT_AMOUNT = re.compile(_ABOUT, re.IGNORECASE)
# An article means 1 only before a unit: "a little" and "un autre" count nothing.
_ARTICLE = re.compile(r"(?:an?|eine?[nr]?|une?|una|uno)(?=\s)(?!\s(?:few|little)\b)", re.IGNORECASE)
# 9-inch, 5-spice: the number belongs to the word after it.
_HYPHENATED = re.compile(r"[-‐‑–—]\w")
_TIMES = re.compile(r"\s*(?:x(?=[\s\d])|[×✕])", re.IGNORECASE)
_SPACES = re.compile(r"\s*")
_PARENTHESES = re.compile(r"\s*[(（]{1,2}([^()（）]*)[)）]{1,2}")
_JOINT = re.compile(r"\s{0,3}[-‐‑]?")
# Before a unit these say how to measure it; otherwise they belong to the food: "2 large eggs".
_MODIFIERS = frozenset(
    [
        "heaping",
        "heaped",
        "scant",
        "level",
        "rounded",
        "generous",
        "good",
        "packed",
        "big",
        "large",
        "medium",
        "small",
        "md",
        "med",
        "lg",
        "sm",
        "thin",
        "thick",
        "plump",
        "fat",
        "whole",
        "fresh",
        "dried",
        "long",
        "short",
        "thumb-sized",
        "thumb-size",
        "medium-size",
        "medium-sized",
        "extra-large",
        "loosely",
        "firmly",
        "lightly",
        "gehäufte",
        "gehäufter",
        "gehäuften",
        "gestrichene",
        "gestrichener",
        "gestrichen",
        "geh",
        "gestr",
        "knapp",
        "knappe",
        "knapper",
        "knappes",
        "knappen",
        "groß",
        "große",
        "großer",
        "großes",
        "großen",
        "kleine",
        "kleiner",
        "kleines",
        "kleinen",
        "kl",
        "gros",
        "grosse",
        "grosses",
        "grand",
        "grande",
        "grands",
        "grandes",
        "petit",
        "petite",
        "petits",
        "petites",
        "bonne",
        "bonnes",
        "pequeño",
        "pequeña",
        "pequeños",
        "pequeñas",
        "buena",
        "piccolo",
        "piccola",
        "piccoli",
        "piccole",
        "grandi",
    ]
)
_MODIFIER = re.compile(r"[\s,]{0,3}([^\W\d_]{2,20}(?:-[^\W\d_]{1,10})?)\.?")
# Between a unit and "of": "2 tranches fines de jambon".
_SHAPE = re.compile(
    r"\s(fines?|épaisses?|fin[ia]s?|sottili|gruesas?|finas?)(?=\sd[ei]\s|\sd['’])", re.IGNORECASE
)
_OF_A = re.compile(r"\s{1,3}of\s{1,3}(?:an?|the)(?=\s)", re.IGNORECASE)
_INCHES = re.compile(r"""\s?(?:["”″]|'')|[-‐‑]?in\b\.?""", re.IGNORECASE)
_INCH = Unit("inch", is_measure=True)
_LENGTHS = {"mm", "cm", "inch"}
# The units that a line may begin with, without a number.
_BARE_UNITS = frozenset(
    (
        "bag",
        "box",
        "bunch",
        "can",
        "dash",
        "dollop",
        "drizzle",
        "glug",
        "grind",
        "handful",
        "head",
        "knife tip",
        "knob",
        "package",
        "piece",
        "pinch",
        "punnet",
        "shake",
        "splash",
        "sprig",
        "sprinkle",
        "squeeze",
        "tub",
    )
)
# The units that a weight or length may precede as their size: "400 g tin".
_SIZED_UNITS = frozenset(
    (
        "bag",
        "ball",
        "bar",
        "block",
        "bottle",
        "box",
        "can",
        "carton",
        "container",
        "jar",
        "knob",
        "loaf",
        "package",
        "piece",
        "punnet",
        "sachet",
        "tub",
        "tube",
        "wheel",
    )
)
_GARNI = re.compile(r"\sgarni", re.IGNORECASE)
_DESCRIBED_GARLIC = re.compile(r",\s[a-z ]{1,40}\sgarlic\b", re.IGNORECASE)
_NO_FOOD = re.compile(r"\s*(?:[,，;]|$)")
_ALSO = re.compile(
    rf"\s*(?:[/|+=–—-]|(?:plus|minus|less|and|or|und|oder|et|ou|y|o|e)\s)\s*{_ABOUT}", re.IGNORECASE
)
_COMMA = re.compile(rf"\s?,\s?{_ABOUT}", re.IGNORECASE)
_SIGNS_OF_ADDED = ("+", "plus", "minus", "less", " or ", " oder ", " ou ")
_NO_FOOD_OR_NOTE = re.compile(r"[(,;\d]")
_ADDED = re.compile(
    r"(?:\s(?:plus|minus|less)\s{1,3}|\s?\+\s?|(?P<other>(?<!\d)\s(?:or|oder|ou)\s))"
    rf"{_ABOUT}(?=[\d½⅓⅔¼¾])",
    re.IGNORECASE,
)
_UP_TO_NOTE = re.compile(r"(?:[^(（,，]|(?<=\d)[,，](?=\d))*+")
_OPEN = re.compile(rf"\s*[(（]{{1,2}}\s*{_ABOUT}", re.IGNORECASE)
_CLOSE = re.compile(r"\s*[)）]")
_CLOSING = re.compile(rf"[\s(（,，:=–—]{{1,4}}{_ABOUT}(?=[\d.½⅓⅔¼¾])", re.IGNORECASE)
_AFTER_CLOSING = re.compile(r"\s*(?:[)）]\s*(?=[,，;]|$)|(?=[,，;]|$))")
# A length is the shape of the food, and 40 C are degrees.
_NO_CLOSING = re.compile(r"[\d.\s]*(?:mm|cm|inch|inches|[ct])", re.IGNORECASE)
_OF = re.compile(
    r"\s+(?:of|von|van|des|du|del|della|dello|di|do|da|de(?:\sla)?)\s|\s+(?:de\sl|dell|d)['’]",
    re.IGNORECASE,
)

_PIECES = re.compile(
    r"(?<=[^\W\d_])\((?:s|es|n|en|e|er|a|as|i)\)"
    r"|[(（]{1,2}(?P<note>[^()（）]*)[)）]{1,2}|(?P<comma>(?<!\d)[,，]|[,，](?!\d))"
    r"|[(（]+(?=[(（])|[^(（,，]+|.",
    re.DOTALL | re.IGNORECASE,
)
# Phrases that end the food without a comma.
_PURPOSE = re.compile(
    r"\s(?:(?:or )?to (?:taste|serve|garnish)|such as|preferably|ideally|or so|at room temperature"
    r"|cut(?= (?:into|in|on) )|see (?:note|recipe)|(?:mixed|dissolved|blended) (?:with|in)"
    r"|plus (?:an?|about|some|additional)|plus(?= \d)"
    r"|\+(?= \d)"
    r"|as (?:needed|required)|if needed|for (?:the )?[a-z-]+ing"
    r"|for (?:garnish|the \w+)|(?:plus|and) (?:more|extra)|optional"
    r"|zum abschmecken|nach (?:geschmack|belieben|bedarf)|zum \w+en|für (?:die|den|das) \w+"
    r"|au goût|selon (?:le|votre) goût|pour (?:servir|garnir|l[ae]s? \w+)"
    r"|al? gusto|para (?:servir|decorar|adornar|(?:el|la) \w+)"
    r"|q\.?\s?b\.?|quanto basta|a piacere|per (?:servire|guarnire|decorare|(?:il|la) \w+))(?!\w)",
    re.IGNORECASE,
)
# "4 chicken breasts 750g"
_TRAILING_MEASURE = re.compile(r"(?<=[^\W\d_])\s\d{1,5}\s?(?:g|kg|ml|oz|lbs?)$", re.IGNORECASE)
_OPTIONAL = re.compile(
    r"(?:^|[,;(（])\s*(?:optional|if desired|wahlweise|nach wunsch|facultati(?:f|ve)"
    r"|optionnel(?:le)?|opcional(?:es)?|facoltativ[oaie]|opzional[ei])\b:?[)）]?",
    re.IGNORECASE,
)


def parse(line: str) -> dict[str, Any]:
    """Return an ingredient with `line` as its text; members that are not understood are None."""
    opening = read_opening(line)
    before, after = line[opening.end : opening.closing.start], line[opening.closing.stop :]
    name, notes = _split(before + after if opening.closing.stop else line[opening.end :])
    food, described, unit = describe(
        name, opening.unit, is_counted=opening.low is not None and opening.unit is None
    )
    unit = opening.unit or unit
    notes = [*opening.notes, *described, *notes]
    note = ", ".join(filter(None, (_tidy(_OPTIONAL.sub(" ", each), ",;") for each in notes)))
    return {
        "text": line,
        "section": None,
        "quantity": None if opening.low is None else quantities.number(opening.low),
        "quantity_max": None if opening.high is None else quantities.number(opening.high),
        "unit": unit.name if unit else None,
        "food": food if 0 < len(food) <= _FOOD_LENGTH else None,
        "note": note if 0 < len(note) <= _NOTE_LENGTH else None,
        "optional": any(map(_OPTIONAL.search, notes)),
    }


def parse_lines(lines: Iterable[str]) -> list[dict[str, Any]]:
    """Return the ingredients of all non-blank lines, with the headings above as their sections."""
    lines = list(filter(str.strip, lines))
    return [parse(lines[index]) | {"section": section} for index, section in under_headings(lines)]


def under_headings(lines: Sequence[str | None]) -> list[tuple[int, str | None]]:
    """Return the index and the section of every line except the headings.

    A heading without a line below stays a line, so that nothing is lost. None ends a section.
    """
    found: list[tuple[int, str | None]] = []
    section: str | None = None
    bare_heading: int | None = None
    for index, line in enumerate(lines):
        heading = None if line is None else heading_of(line)
        if bare_heading is not None and (heading is not None or line is None):
            found.append((bare_heading, None))
        bare_heading = None if heading is None else index
        section = heading if heading is not None or line is None else section
        if heading is None:
            found.append((index, section))
    if bare_heading is not None:
        found.append((bare_heading, None))
    return found


def read_opening(text: str) -> Opening:
    """Return the opening of `text`; without an amount, only its length and notes."""
    start = _skip(_BULLET, text, 0)
    notes: list[str] = []
    if optionally := _OPTIONALLY.match(text, start):
        notes.append(optionally[0])
        start = optionally.end()
    if label := _LABEL.match(text, start):
        notes.append(label[1])
        start = label.end()
    if (opening := _read_amount(text, start, notes)) is not None:
        return opening
    opening = _with_closing(text, start, notes)
    return opening if opening.amounts else _without_number(text, start, notes)


def _read_amount(text: str, start: int, before: list[str]) -> Opening | None:
    """Return the opening with the amount at `start`, or None if there is none."""
    notes = before.copy()
    part = None
    if not text[start : start + 1].isdigit():
        if part := _PART_OF.match(text, start):
            notes.append(part["part"])
            start = part.end()
        start = _skip(_ABOUT_AMOUNT, text, start)
    amount = quantities.read(text, start)
    # 7up is not seven of anything, and an article counts only units: "a pinch", and in
    # "the juice of a lemon" fruits.
    needs_unit = amount is None or text[amount.end : amount.end + 1].isalpha()
    if amount is None and (article := _ARTICLE.match(text, start)):
        amount = Amount(start, article.end(), Fraction(1))
        needs_unit = part is None
    if amount is None:
        return None
    if sized := _with_size(text, amount, notes):
        return sized
    if _HYPHENATED.match(text, amount.end):
        return None

    sizes, end = _read_sizes(text, _skip(_OF_A, text, amount.end))
    notes += sizes
    found = _find_unit(text, end)
    if found is None and (modified := _modified_unit(text, end)):
        modifiers, found = modified
        notes.append(modifiers)
    if found is None:
        if needs_unit and end == amount.end:
            return None
        amounts = (amount, *_added(text, end))
        return Opening(end, amount.low, amount.high, None, tuple(notes), amounts)
    return _with_unit(text, amount, *found, notes)


def _with_size(text: str, amount: Amount, notes: list[str]) -> Opening | None:
    """Return the opening of a line that begins with a size, not a number: "15-ounce can"."""
    end = _skip(_JOINT, text, amount.end)
    is_inches = False
    found = units.find(text, end)
    if found is None and (inches := _INCHES.match(text, amount.end)):
        is_inches = not inches[0][-2:].isalpha()
        found = _INCH, inches.end()
    if found is None or not found[0].is_measure:
        return None
    _, end = _read_others(text, found[1])
    size = text[amount.start : end]
    is_hyphenated = bool(_HYPHENATED.match(text, amount.end))
    counted = _find_unit(text, end)
    if counted and (counted[0].name in _SIZED_UNITS or is_hyphenated or is_inches):
        unit, end = counted
        if unit.is_measure:
            return None
        implied = Amount(amount.start, amount.start, Fraction(1))
        end = _skip(_OF, text, end)
        return Opening(end, Fraction(1), None, unit, (*notes, size), (implied,))
    if is_inches or (is_hyphenated and found[0].name in _LENGTHS):
        return Opening(end, notes=(*notes, size))
    return None


def _without_number(text: str, start: int, notes: list[str]) -> Opening:
    """Return the opening of a line that has no number: "pinch of salt", "a few sprigs thyme"."""
    if vague := _VAGUE.match(text, start):
        notes = [*notes, vague[1]]
        start = vague.end()
    found = _find_unit(text, start)
    if found is None and (modified := _modified_unit(text, start)):
        modifiers, found = modified
        notes = [*notes, modifiers]
    is_drops = bool(found and vague and found[0].name == "drop")
    if found is None or not (found[0].name in _BARE_UNITS or is_drops):
        return Opening(start, notes=tuple(notes))
    unit, end = found
    return Opening(_skip(_OF, text, end), unit=unit, notes=tuple(notes))


def _modified_unit(text: str, start: int) -> tuple[str, tuple[Unit, int]] | None:
    """Return the words that say how a unit is measured, and the unit: "2 large bunches"."""
    end = start
    for _ in range(_MAX_MODIFIERS):
        word = _MODIFIER.match(text, end)
        if word is None or word[1].lower() not in _MODIFIERS:
            return None
        end = word.end()
        if found := _find_unit(text, end):
            return text[start:end].strip(), found
    return None


def _with_unit(text: str, amount: Amount, unit: Unit, end: int, notes: list[str]) -> Opening:
    amounts, low, high = [amount], amount.low, amount.high
    upper = _measured(quantities.SEPARATOR, text, end)
    ounces = _measured(_SPACES, text, end)
    if upper and upper.unit == unit and high is None and upper.amount.low > low:
        # "100 g – 150 g": a range that names its unit twice.
        high, end = upper.amount.low, upper.end
        amounts.append(upper.amount)
    elif ounces and (unit.name, ounces.unit.name) == ("lb", "oz") and high is None:
        low, end = low + ounces.amount.low / 16, ounces.end
        amounts.append(ounces.amount)

    others, stop = _read_others(text, end)
    if not others and unit.is_measure and (second := _measured(_COMMA, text, end)):
        # "1 tablespoon, 1 teaspoon cumin"
        is_added = second.unit.is_measure and second.unit.name not in _LENGTHS
        others, stop = ([second.amount], second.end) if is_added else ([], end)
    if others:
        amounts += others
        notes.append(text[end:stop].strip(" /|=–—-,"))
        end = stop
    # A cup is 240 ml, so two are 480; but two cans of 400 g are cans of 400 g.
    if unit.is_measure and (first := _measured(_OPEN, text, _skip(_UP_TO_NOTE, text, end))):
        others, stop = _read_others(text, first.end)
        if _CLOSE.match(text, stop):
            amounts += [first.amount, *others]
    known = {each.start for each in amounts}
    amounts += [each for each in _added(text, end) if each.start not in known]
    if parentheses := _PARENTHESES.match(text, end):
        notes.append(parentheses[1])
        end = parentheses.end()
    if shape := _SHAPE.match(text, end):
        notes.append(shape[1])
        end = shape.end()
    end = _skip(_OF, text, end)
    return Opening(end, low, high, unit, tuple(notes), tuple(sorted(amounts)))


def _added(text: str, end: int) -> list[Amount]:
    """Return the amounts that are added after the food, or instead: "2 medium or 1 large"."""
    if not any(map(text.__contains__, _SIGNS_OF_ADDED)):
        return []
    added = []
    for place in islice(_ADDED.finditer(text, end, end + _FOOD_LENGTH), _MAX_AMOUNTS):
        if place["other"] and _NO_FOOD_OR_NOTE.search(text, end, place.start()):
            continue
        amount = quantities.read(text, place.end())
        measured = _measured(_SPACES, text, place.end())
        if amount and not (measured and measured.unit.name in _LENGTHS):
            added.append(amount)
    return added


def _with_closing(text: str, start: int, notes: list[str]) -> Opening:
    """Return the opening of a line that may end with a weight or a volume instead."""
    if not text.isascii() and (spoon := _SPOON.search(text, start, start + _FOOD_LENGTH)):
        amount, found = quantities.read(text, spoon.end()), units.find(spoon[1])
        if amount and found:
            span = slice(spoon.start(), amount.end)
            return Opening(start, amount.low, amount.high, found[0], tuple(notes), (amount,), span)
    places = _CLOSING.finditer(text, start + 1, start + 1 + _FOOD_LENGTH)
    for place in islice(places, _MAX_PLACES):
        measured = _measured(_SPACES, text, place.end())
        if measured is None or measured.unit.name in _LENGTHS:
            continue
        if not measured.unit.is_measure and text[measured.end - 1] not in _CJK_COUNTERS:
            continue
        end = _AFTER_CLOSING.match(text, measured.end)
        if end and not _NO_CLOSING.fullmatch(text, place.end(), measured.end):
            amount, span = measured.amount, slice(place.start(), end.end())
            return Opening(
                start, amount.low, amount.high, measured.unit, tuple(notes), (amount,), span
            )
    return Opening(start, notes=tuple(notes))


def _read_sizes(text: str, end: int) -> tuple[list[str], int]:
    """Return the sizes after the number: "(14 oz)", "x 400 g", "14-oz"."""
    sizes = []
    for _ in range(_MAX_AMOUNTS):
        if parentheses := _PARENTHESES.match(text, end):
            sizes.append(parentheses[1])
            end = parentheses.end()
            continue
        end = _skip(_TIMES, text, end)
        measured = _measured(_SPACES, text, end)
        if measured is None or not measured.unit.is_measure:
            break
        _, end = _read_others(text, measured.end)
        sizes.append(text[measured.amount.start : end])
    return sizes, end


def _read_others(text: str, end: int) -> tuple[list[Amount], int]:
    """Return the same amount in other units, which may follow: "/2 lb", "+ 2 tbsp"."""
    others: list[Amount] = []
    while len(others) < _MAX_AMOUNTS and (measured := _measured(_ALSO, text, end)):
        others.append(measured.amount)
        end = measured.end
        ounces = _measured(_SPACES, text, end) if measured.unit.name == "lb" else None
        if ounces and ounces.unit.name == "oz":  # "500 g/1 lb 2 oz"
            others.append(ounces.amount)
            end = ounces.end
    return others, end


def _measured(before: re.Pattern[str], text: str, end: int) -> _Measured | None:
    """Return the amount with a unit that follows a match of `before`."""
    match = before.match(text, end)
    amount = match and quantities.read(text, match.end())
    found = amount and units.find(text, _skip(_JOINT, text, amount.end))
    if amount and not found and (inches := _INCHES.match(text, amount.end)):
        found = _INCH, inches.end()
    return _Measured(amount, *found) if amount and found else None


def _find_unit(text: str, end: int) -> tuple[Unit, int] | None:
    """Return the unit that comes next; in "5 cloves", cloves are not a unit but the food."""
    found = units.find(text, _skip(_SPACES, text, end))
    if found is None or found[0].is_measure:
        return found
    unit, stop = found
    if _NO_FOOD.match(text, stop):
        # "2 cloves, minced garlic"
        if unit.name != "clove" or not _DESCRIBED_GARLIC.match(text, stop):
            return None
        return unit, stop + 1
    return None if unit.name == "bunch" and _GARNI.match(text, stop) else found


def _skip(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    return match.end() if match else start


def _split(text: str) -> tuple[str, list[str]]:
    """Return the food, and the notes in parentheses and after the comma that ends the food."""
    food: list[str] = []
    notes: list[str] = []
    start = 0
    for piece in _PIECES.finditer(text):
        if start and piece.start() < start:
            continue
        if piece["comma"] and not (food and is_description(food[-1])):
            if food and (end := choice_end(text, piece.end())):
                food.append(text[piece.start() : end])
                start = end
                continue
            notes.append(text[piece.end() :])
            break
        if piece["note"] is None:
            food.append(piece[0])
        else:
            food.append(" ")
            notes.append(piece["note"])
    name = "".join(food)
    if (purpose := _PURPOSE.search(name)) and name[: purpose.start()].strip():
        notes.insert(0, name[purpose.start() :])
        name = name[: purpose.start()]
    if measure := _TRAILING_MEASURE.search(name, max(0, len(name) - 20)):
        notes.insert(0, name[measure.start() :])
        name = name[: measure.start()]
    return _tidy(name, ".:;*/|–—-,"), notes


def heading_of(line: str) -> str | None:
    """Return the section that a line such as `For the sauce:` begins, or None."""
    text = line.strip()
    if text.startswith("#"):
        hashes, _, name = text.partition(" ")
        name = name if not hashes.strip("#") else ""
    elif text.startswith("[") and text.endswith("]"):
        name = text[1:-1]
    elif text.endswith((":", "：")) and not read_opening(text).amounts:
        name = text[:-1]
    else:
        return None
    name = _tidy(name, ":：")
    return name if 0 < len(name) <= _SECTION_LENGTH else None


def _tidy(text: str, ends: str) -> str:
    """Return `text` with single spaces and without `ends` at its ends."""
    return " ".join(text.split()).strip(f" {ends}")
