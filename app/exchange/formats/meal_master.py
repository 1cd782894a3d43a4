"""MealMaster (.mmf): recipes in columns of fixed width, between lines of M or hyphens."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from app.cooking.ingredients import parse, read_opening
from app.exchange.drafts import OUTSIDE, Draft, Drafts, Unreadable
from app.exchange.text.numbers import yield_of
from app.exchange.text.sections import under_headings
from app.exchange.text.values import line_of, non_empty, origin_of, plain, tags_of

_MAX_LOOSE = 80
"""Characters of an ingredient that is not in columns."""
_PROBED = 64 * 1024


class Layout(NamedTuple):
    """The lines that separate the parts of a recipe."""

    header: re.Pattern[str]
    end: re.Pattern[str]
    section: re.Pattern[str]
    ingredient: re.Pattern[str]
    continuation: re.Pattern[str]
    units: dict[str, str]
    """Codes of units that need another name to be understood."""


_HEADER = re.compile(r"\s{0,3}(?:M{5}|-{5})[^\n]{0,80}meal-?\s?master", re.IGNORECASE)
LAYOUT = Layout(
    header=_HEADER,
    end=re.compile(r"\A(?:M{5}|-{5})[M-]*"),
    section=re.compile(r"\A(?:M{5}|-{5})-*+([^-\s].*)"),
    ingredient=re.compile(r"\A([ \d./,-]{7}) ([A-Za-z ]{2}) (\S.*)"),
    continuation=re.compile(r"\A-{1,2}(?=\S)\s*(.*)"),
    units={
        "bn": "bunch",
        "cn": "can",
        "ct": "carton",
        "dr": "drop",
        "ds": "dash",
        "ea": "",
        "fl": "fl oz",
        "ga": "gallon",
        "lg": "large",
        "md": "medium",
        "pn": "pinch",
        "sl": "slice",
        "sm": "small",
        "ts": "tsp",
        "x": "",
    },
)
_COLUMNS = (41, 40, 42, 39)
"""Places at which programs begin the second column."""
_FACTS = {
    "label": ("title", "titel"),
    "category": ("categories", "category", "kategorien", "kategorie"),
    "servings": ("yield", "servings", "menge", "portionen"),
    "author": ("author", "autor"),
    "source": ("source", "quelle"),
}
_FACT_OF = {name: fact for fact, names in _FACTS.items() for name in names}
_FACT = re.compile(r"\s{0,20}([A-Za-z]{4,12})\s{0,10}:(.*)")
_NUMBERED = re.compile(r"(?:step\s+)?\d{1,2}[.)]\s", re.IGNORECASE)


def read_text(text: str) -> Drafts | None:
    """Return the recipes of an export."""
    beginning = text[:_PROBED].split("\n")
    return read_cards(text, LAYOUT) if any(map(_HEADER.match, beginning)) else None


def read_cards(text: str, layout: Layout) -> Drafts:
    """Return the recipes between the header and end lines of a layout."""
    outside: list[str] = []
    card: list[str] | None = None
    has_title = False
    for line in map(str.rstrip, text.replace("\r\n", "\n").replace("\r", "\n").split("\n")):
        fact = _FACT.fullmatch(line)
        is_title = fact is not None and _FACT_OF.get(fact[1].lower()) == "label"
        is_header = bool(layout.header.match(line))
        if is_header or (is_title and (card is None or has_title)):
            if card is not None:
                yield from _read_card(card, layout)
            card, has_title = [], False
        elif card is not None and layout.end.fullmatch(line.strip()):
            yield from _read_card(card, layout)
            card = None
            continue
        if card is None:
            outside += [line] if line.strip() else []
        elif not is_header:
            card.append(line)
            has_title = has_title or is_title
    if card is not None:
        yield from _read_card(card, layout)
    if outside:
        yield Unreadable(line_of(outside[0]) or None, OUTSIDE)


def _read_card(lines: list[str], layout: Layout) -> Iterator[Draft | Unreadable]:
    if not any(map(str.strip, lines)):
        yield Unreadable(None, "The recipe is empty.")
    else:
        card = _Card(layout)
        for line in lines:
            card.read(line)
        yield Draft(card.document())


class _Card:
    """One recipe, read line by line: facts, ingredients, then paragraphs."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._facts: dict[str, str] = {}
        self._ingredients: list[tuple[bool, str]] = []
        self._columns: tuple[list[str], list[str]] = ([], [])
        self._steps: list[tuple[bool, str]] = []
        self._paragraph: list[str] = []
        self._notes: list[str] = []
        self._section = ""
        self._is_source = False

    def read(self, line: str) -> None:
        """Read the next line."""
        if self._is_source and line.strip():
            self._facts["source"] = f"{self._facts.get('source', '')} {line.strip()}".strip()
        elif not line.strip():
            self._is_source = False
            self._end_paragraph()
        elif found := self._layout.section.fullmatch(line.strip()):
            self._begin_section(line_of(found[1].rstrip("-=M ") or found[1]))
        elif not self._reads_before_steps(line):
            self._continue_steps(line)

    def document(self) -> dict[str, Any]:
        """Return the members of the recipe."""
        self._end_paragraph()
        self._end_columns()
        self._steps += [(False, self._section)] if self._section else []
        facts = self._facts
        return non_empty(
            label=line_of(facts.get("label")),
            author=line_of(facts.get("author")),
            **origin_of(facts.get("source")),
            **yield_of(facts.get("servings"), None),
            tags=tags_of("category", facts.get("category")),
            ingredients=[_prepared(each) for each in under_headings(self._ingredients)],
            steps=under_headings(self._steps),
            notes="\n".join(self._notes),
        )

    def _reads_before_steps(self, line: str) -> bool:
        has_steps = self._steps or self._paragraph
        return not has_steps and (self._reads_fact(line) or self._reads_ingredients(line))

    def _reads_fact(self, line: str) -> bool:
        found = None if self._ingredients or any(self._columns) else _FACT.fullmatch(line)
        fact = _FACT_OF.get(found[1].lower()) if found else None
        if found and fact and fact not in self._facts:
            self._facts[fact] = found[2].strip()
            return True
        return False

    def _begin_section(self, name: str) -> None:
        self._end_paragraph()
        self._end_columns()
        if name.casefold() in ("quelle", "source"):
            self._is_source = True
            return
        self._steps += [(False, self._section)] if self._section else []
        self._section = name

    # --- Ingredients

    def _reads_ingredients(self, line: str) -> bool:
        line = line.expandtabs()
        for place in _COLUMNS:
            left, right = line[:place].rstrip(), line[place:]
            is_apart = line[place - 1 : place] == " "
            if is_apart and self._is_column(right) and self._is_column(left):
                self._add(left, 0)
                self._add(right, 1)
                return True
        if not self._is_column(line) and not self._is_loose(line):
            return False
        self._add(line, 0)
        return True

    def _is_column(self, text: str) -> bool:
        return bool(self._layout.ingredient.fullmatch(text))

    def _is_loose(self, line: str) -> bool:
        """Return whether a line is short and begins with an amount, although not in a column."""
        text = line.strip()
        is_short = len(text) < _MAX_LOOSE and not text.endswith(".")
        return is_short and not _NUMBERED.match(text) and bool(read_opening(text).amounts)

    def _add(self, text: str, column: int) -> None:
        lines = self._columns[column] or self._columns[0]
        found = self._layout.ingredient.fullmatch(text)
        food = (found[3] if found else text).strip()
        if lines and (more := self._layout.continuation.fullmatch(food)):
            lines[-1] = f"{lines[-1]} {more[1]}"
            return
        if found:
            code = found[2].strip()
            unit = self._layout.units.get(code.lower(), code)
            food = " ".join(filter(None, (*found[1].split(), unit, food)))
        self._columns[column].append(line_of(plain(food)))

    def _end_columns(self) -> None:
        members = [(False, text) for lines in self._columns for text in lines if text]
        if members and self._section:
            self._ingredients.append((True, self._section))
            self._section = ""
        self._ingredients += members
        self._columns = ([], [])

    # --- Steps

    def _continue_steps(self, line: str) -> None:
        self._end_columns()
        text = line.strip()
        if text.startswith(":"):
            self._notes.append(text.strip(": "))
            return
        if _NUMBERED.match(text):
            self._end_paragraph()
        self._paragraph.append(text)

    def _end_paragraph(self) -> None:
        if not self._paragraph:
            return
        if self._section:
            self._steps.append((True, self._section))
            self._section = ""
        text = line_of(" ".join(self._paragraph))
        self._steps.append(
            (False, _NUMBERED.sub("", text, count=1) if _NUMBERED.match(text) else text)
        )
        self._paragraph = []


def _prepared(member: dict[str, Any]) -> dict[str, Any]:
    """Take what follows a semicolon, which only these formats use, for the preparation."""
    if ";" not in member["text"]:
        return member
    parsed = parse(member["text"].replace(";", ","))
    return member | non_empty(food=parsed["food"], note=parsed["note"])
