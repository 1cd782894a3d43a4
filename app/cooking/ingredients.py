"""Parse the lines in which people write ingredients, as far as they can be understood.

Every expression takes linear time, whatever the text is.
"""

# ruff: noqa: RUF001 - This module reads dashes, other signs and full-width forms.

import re
from collections.abc import Iterable
from fractions import Fraction
from itertools import islice
from typing import Any, NamedTuple

from app.cooking import quantities, units
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
    r"(?:(?:about|around|approximately|approx|roughly|ca|circa|etwa|ungefähr|rund|environ|unos|unas"
    r"|aprox)\b\.?\s*|[~≈]\s*)?"
)
_PART = "(?:juice|zest|rind|peel|saft|schale|abrieb|jus|zeste|zumo|jugo|ralladura|succo|scorza)"

_BULLET = re.compile(r"(?:[\s•●◦▪·*+–—-]|\[[ xX]?\])*+")
_OPTIONALLY = re.compile(r"[(（]?optional\b[:)）]?\s*", re.IGNORECASE)
_PART_OF = re.compile(
    rf"({_PART}(?:\s(?:and|und|et|y|e|&)\s{_PART})?)(?:\s(?:of|from|von|de|di)\s|\sd['’])",
    re.IGNORECASE,
)
_ABOUT_AMOUNT = re.compile(_ABOUT, re.IGNORECASE)
# An article means 1 only before a unit: "a little" and "un autre" count nothing.
_ARTICLE = re.compile(r"(?:an?|eine?[nr]?|une?|una|uno)(?=\s)", re.IGNORECASE)
# 9-inch, 5-spice: the number belongs to the word after it.
_HYPHENATED = re.compile(r"[-‐‑–—]\w")
_TIMES = re.compile(r"\s*(?:x(?=[\s\d])|[×✕])", re.IGNORECASE)
_SPACES = re.compile(r"\s*")
_PARENTHESES = re.compile(r"\s*[(（]([^()（）]*)[)）]")
_JOINT = re.compile(r"\s{0,3}[-‐‑]?")
# Before a unit these say how to measure it; otherwise they belong to the food: "2 large eggs".
_MODIFIERS = re.compile(
    r"(?:\s*(?:heaping|heaped|scant|level|rounded|generous|good|packed|big|large|medium|small"
    r"|gehäufte[rn]?|gestrichene[rn]?|geh|gestr|knappe?[rns]?|große?[rns]?|kleine?[rns]?"
    r"|grosses?|grande?s?|petite?s?|bonnes?|pequeñ[oa]s?|buena|piccol[oaie]|grandi)\b\.?)+",
    re.IGNORECASE,
)
_NO_FOOD = re.compile(r"\s*(?:[,，;]|$)")
_ALSO = re.compile(
    rf"\s*(?:[/|+=–—-]|(?:plus|and|or|und|oder|et|ou|y|o|e)\s)\s*{_ABOUT}", re.IGNORECASE
)
_UP_TO_NOTE = re.compile(r"(?:[^(（,，]|(?<=\d)[,，](?=\d))*+")
_OPEN = re.compile(rf"\s*[(（]\s*{_ABOUT}", re.IGNORECASE)
_CLOSE = re.compile(r"\s*[)）]")
_CLOSING = re.compile(rf"[\s(（,，:=–—]{{1,4}}{_ABOUT}(?=[\d.½⅓⅔¼¾])", re.IGNORECASE)
_AFTER_CLOSING = re.compile(r"\s*(?:[)）]\s*(?=[,，;]|$)|(?=[,，;]|$))")
# A length is the shape of the food, and 40 C are degrees.
_NO_CLOSING = re.compile(r"[\d.\s]*(?:mm|cm|inch|inches|[ct])", re.IGNORECASE)
_OF = re.compile(
    r"\s+(?:of|von|des|du|del|della|dello|di|de(?:\sla)?)\s|\s+(?:de\sl|dell|d)['’]",
    re.IGNORECASE,
)

_PIECES = re.compile(
    r"[(（](?P<note>[^()（）]*)[)）]|(?P<comma>(?<!\d)[,，]|[,，](?!\d))|[(（]+(?=[(（])|[^(（,，]+|.",
    re.DOTALL,
)
# A comma between adjectives does not end the food: "boneless, skinless chicken breasts".
_ADJECTIVES = re.compile(
    r"(?:\s*(?:boneless|skinless|bone-in|skin-on|fresh|ripe|firm|large|medium|small|hot|warm|cold"
    r"|thin|thick|dry|dried|frozen|canned|cooked|raw|unsalted|low-fat|low-sodium)\b)+\s*",
    re.IGNORECASE,
)
# Phrases that end the food without a comma.
_PURPOSE = re.compile(
    r"\s(?:to (?:taste|serve|garnish)|as (?:needed|required)|if needed|for (?:the )?[a-z]+ing"
    r"|for (?:garnish|the \w+)|(?:plus|and) (?:more|extra)|optional"
    r"|nach (?:geschmack|belieben|bedarf)|zum \w+en|für (?:die|den|das) \w+"
    r"|au goût|selon (?:le|votre) goût|pour (?:servir|garnir|l[ae]s? \w+)"
    r"|al? gusto|para (?:servir|decorar|adornar|(?:el|la) \w+)"
    r"|q\.?\s?b\.?|quanto basta|a piacere|per (?:servire|guarnire|decorare|(?:il|la) \w+))(?!\w)",
    re.IGNORECASE,
)
_OPTIONAL = re.compile(
    r"(?:^|[,;(（])\s*(?:optional|if desired|wahlweise|nach wunsch|facultati(?:f|ve)"
    r"|optionnel(?:le)?|opcional(?:es)?|facoltativ[oaie]|opzional[ei])\b:?[)）]?",
    re.IGNORECASE,
)


def parse(line: str) -> dict[str, Any]:
    """Return an ingredient with `line` as its text; members that are not understood are None."""
    opening = read_opening(line)
    before, after = line[opening.end : opening.closing.start], line[opening.closing.stop :]
    food, notes = _split(before + after if opening.closing.stop else line[opening.end :])
    notes = [*opening.notes, *notes]
    note = ", ".join(filter(None, (_tidy(_OPTIONAL.sub(" ", each), ",;") for each in notes)))
    return {
        "text": line,
        "section": None,
        "quantity": None if opening.low is None else quantities.number(opening.low),
        "quantity_max": None if opening.high is None else quantities.number(opening.high),
        "unit": opening.unit.name if opening.unit else None,
        "food": food if 0 < len(food) <= _FOOD_LENGTH else None,
        "note": note if 0 < len(note) <= _NOTE_LENGTH else None,
        "optional": any(map(_OPTIONAL.search, notes)),
    }


def parse_lines(lines: Iterable[str]) -> list[dict[str, Any]]:
    """Return the ingredients of all non-blank lines, with the headings above as their sections.

    A heading without an ingredient below becomes an ingredient itself, so that nothing is lost.
    """
    ingredients: list[dict[str, Any]] = []
    section: str | None = None
    bare_heading: str | None = None
    for line in filter(str.strip, lines):
        if (heading := heading_of(line)) is None:
            ingredients.append(parse(line) | {"section": section})
            bare_heading = None
            continue
        if bare_heading is not None:
            ingredients.append(parse(bare_heading))
        section, bare_heading = heading, line
    if bare_heading is not None:
        ingredients.append(parse(bare_heading))
    return ingredients


def read_opening(text: str) -> Opening:
    """Return the opening of `text`; without an amount, only its length and notes."""
    start = _skip(_BULLET, text, 0)
    notes: list[str] = []
    if optionally := _OPTIONALLY.match(text, start):
        notes.append(optionally[0])
        start = optionally.end()
    opening = _read_amount(text, start, notes)
    return _with_closing(text, start, notes) if opening is None else opening


def _read_amount(text: str, start: int, before: list[str]) -> Opening | None:
    """Return the opening with the amount at `start`, or None if there is none."""
    notes = before.copy()
    if part := _PART_OF.match(text, start):
        notes.append(part[1])
        start = part.end()
    start = _skip(_ABOUT_AMOUNT, text, start)
    amount = quantities.read(text, start)
    # 7up is not seven of anything, and an article counts only units.
    needs_unit = amount is None or text[amount.end : amount.end + 1].isalpha()
    if amount is None and (article := _ARTICLE.match(text, start)):
        amount = Amount(start, article.end(), Fraction(1))
    if amount is None or _HYPHENATED.match(text, amount.end):
        return None

    sizes, end = _read_sizes(text, amount.end)
    notes += sizes
    if (modifiers := _MODIFIERS.match(text, end)) and _find_unit(text, modifiers.end()):
        notes.append(modifiers[0].strip())
        end = modifiers.end()
    found = _find_unit(text, end)
    if found is None:
        if needs_unit and end == amount.end:
            return None
        return Opening(end, amount.low, amount.high, None, tuple(notes), (amount,))
    return _with_unit(text, amount, *found, notes)


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
    if others:
        amounts += others
        notes.append(text[end:stop].strip(" /|=–—-"))
        end = stop
    # A cup is 240 ml, so two are 480; but two cans of 400 g are cans of 400 g.
    if unit.is_measure and (first := _measured(_OPEN, text, _skip(_UP_TO_NOTE, text, end))):
        others, stop = _read_others(text, first.end)
        if _CLOSE.match(text, stop):
            amounts += [first.amount, *others]
    if parentheses := _PARENTHESES.match(text, end):
        notes.append(parentheses[1])
        end = parentheses.end()
    end = _skip(_OF, text, end)
    return Opening(end, low, high, unit, tuple(notes), tuple(amounts))


def _with_closing(text: str, start: int, notes: list[str]) -> Opening:
    """Return the opening of a line that may end with a weight or a volume instead."""
    places = _CLOSING.finditer(text, start + 1, start + 1 + _FOOD_LENGTH)
    for place in islice(places, _MAX_PLACES):
        measured = _measured(_SPACES, text, place.end())
        if measured is None or not measured.unit.is_measure:
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
        sizes.append(text[measured.amount.start : measured.end])
        end = measured.end
    return sizes, end


def _read_others(text: str, end: int) -> tuple[list[Amount], int]:
    """Return the same amount in other units, which may follow: "/2 lb", "+ 2 tbsp"."""
    others: list[Amount] = []
    while len(others) < _MAX_AMOUNTS and (measured := _measured(_ALSO, text, end)):
        others.append(measured.amount)
        end = measured.end
    return others, end


def _measured(before: re.Pattern[str], text: str, end: int) -> _Measured | None:
    """Return the amount with a unit that follows a match of `before`."""
    match = before.match(text, end)
    amount = match and quantities.read(text, match.end())
    found = amount and units.find(text, _skip(_JOINT, text, amount.end))
    return _Measured(amount, *found) if amount and found else None


def _find_unit(text: str, end: int) -> tuple[Unit, int] | None:
    """Return the unit that comes next; in "5 cloves", cloves are not a unit but the food."""
    found = units.find(text, _skip(_SPACES, text, end))
    return found if found and (found[0].is_measure or not _NO_FOOD.match(text, found[1])) else None


def _skip(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    return match.end() if match else start


def _split(text: str) -> tuple[str, list[str]]:
    """Return the food, and the notes in parentheses and after the comma that ends the food."""
    food: list[str] = []
    notes: list[str] = []
    for piece in _PIECES.finditer(text):
        if piece["comma"] and not (food and _ADJECTIVES.fullmatch(food[-1])):
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
    return _tidy(name, ".:;*/|–—-"), notes


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
