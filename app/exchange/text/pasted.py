"""A recipe as people write and paste it: plain text, or Markdown such as our own."""

import re
from typing import Any

from app.cooking.ingredients import read_opening
from app.exchange.drafts import Draft, Drafts
from app.exchange.text.markdown import Line, is_markdown, lines_of, link_in, unmarked
from app.exchange.text.nutrients import nutrition_of_text
from app.exchange.text.pasted_parts import ingredients_of, steps_of
from app.exchange.text.sections import yield_of
from app.exchange.text.values import given, line_of, minutes_of, servings_of, tags_of
from app.exchange.text.vocabulary import Heading, fact_of, heading_of

MAX_LENGTH = 512 * 1024
MAX_LINES = 5_000
_KINDS = ("category", "cuisine", "diet", "method", "tool", "keyword")
_MINUTES = {"prep": "prep_minutes", "cook": "cook_minutes", "total": "total_minutes"}
# What only recipes are told to have.
_OF_DISHES = {"prep", "cook", "servings", "category", "cuisine", "method", "diet"}
_BETWEEN_FACTS = re.compile(r"[|•·\t]")
# "Für 4 Personen", and what stands behind "Serves:".
_BARE_SERVINGS = re.compile(r"(?:[^\W\d]+\s)?(\d[\d.,\s–-]{0,9})(?:\s[^\W\d]+)?")
_LONG = 80


def read_text(text: str) -> Drafts | None:
    """The recipe that a text is, or None where it shows no sign of being one."""
    text = text.replace("\ufeff", "").replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) > MAX_LENGTH or text.count("\n") > MAX_LINES or text[:1] in ("<", "{"):
        return None
    pasted = _Pasted(text)
    return iter([Draft(pasted.document())]) if pasted.is_recipe() else None


class _Pasted:
    """A text, with its lines parted into what they are about."""

    def __init__(self, text: str) -> None:
        self.is_markdown = is_markdown(text)
        self.label = ""
        self.facts: dict[str, list[str]] = {}
        self.parts: dict[str, list[Line]] = {}
        self.told: set[str] = set()
        self.part = "description"
        self.is_remark = False
        lines = lines_of(text)
        self.tells_ingredients = any(_is(line, "ingredients") for line in lines)
        # Notes are Markdown of their own, so they are taken as they stand.
        source, self.notes, start = text.split("\n"), [""], 0
        for line in lines:
            was_notes = self.part == "notes"
            if self.is_remark and (line.kind == "number" or line.text.endswith(":")):
                self.part = "steps"
            self.is_remark = self.is_remark and self.part == "notes"
            self._read(line)
            if was_notes and self.part != "notes":
                self.notes.append("\n".join(source[start : line.number]))
            elif self.part == "notes" and not was_notes:
                start = line.number + 1
        if self.part == "notes":
            self.notes.append("\n".join(source[start:]))

    def is_recipe(self) -> bool:
        """Whether it has ingredients, or else steps and facts, or the facts of a dish."""
        ingredients, steps = self.parts.get("ingredients", []), self.parts.get("steps", [])
        if not self.label or heading_of(self.label):
            return False  # A text that begins with a part of a recipe has no title.
        if "ingredients" in self.told:
            return any(line.text for line in ingredients)
        if ingredients and steps:
            return sum(map(_has_amount, ingredients)) > 1
        is_told = "steps" in self.told and bool(steps)
        return bool(self.facts if is_told else self.is_markdown and _OF_DISHES & self.facts.keys())

    def document(self) -> dict[str, Any]:
        """The members of the recipe."""
        first = {name: values[0] for name, values in self.facts.items()}
        if found := _BARE_SERVINGS.fullmatch(first.get("servings", "")):
            first["servings"] = f"{found[1]} servings"
        said = [self._unmarked(line.text) for line in self.parts.get("nutrition", [])]
        nutrition, others = nutrition_of_text(said)
        description = "\n".join(map(_as_written, self.parts.get("description", [])))
        return given(
            label=self.label,
            description=self._unmarked(description).strip(),
            url=first.get("url"),
            source=first.get("source"),
            author=first.get("author"),
            language=first.get("language"),
            **{member: minutes_of(first.get(name)) for name, member in _MINUTES.items()},
            **yield_of(first.get("servings"), first.get("yield")),
            tags=[tag for kind in _KINDS for tag in tags_of(kind, self.facts.get(kind))],
            ingredients=ingredients_of(self.parts.get("ingredients", []), self.is_markdown),
            steps=steps_of(self.parts.get("steps", []), self.is_markdown),
            nutrition=nutrition,
            notes="\n\n".join(filter(None, (each.strip("\n") for each in self.notes))),
            extras=given(nutrition=others),
        )

    def _read(self, line: Line) -> None:
        if not self.label:
            self.label = line_of(self._unmarked(line.text))
        elif heading := self._part_of(line):
            self._begin(heading, line)
        elif not (self.part == "description" and self._reads_facts(line)):
            self._guess(line)
            if self.part != "notes":
                self.parts.setdefault(self.part, []).append(line)

    def _part_of(self, line: Line) -> Heading | None:
        """The part that a line begins. In notes, which come last, another one must be missing."""
        heading = heading_of(line.text) if line.kind in ("heading", "text") else None
        if heading is None or (self.part == "notes" and heading.part in self.told):
            return None
        is_fact = heading.part == "steps" and minutes_of(heading.rest) is not None
        return None if is_fact else heading

    def _begin(self, heading: Heading, line: Line) -> None:
        rest = self._unmarked(heading.rest)
        self.told.add(heading.part)
        if heading.part == "notes" and rest:
            self.notes.append(rest)
            # A remark may stand anywhere; behind the steps it is as long as there are no more.
            if self.part != "steps":
                return
            self.is_remark = True
        self.part = heading.part
        if rest and heading.part == "ingredients" and servings_of(rest)[0]:
            self.facts.setdefault("servings", [rest])
        elif rest and self.part != "notes":
            self.parts.setdefault(self.part, []).append(line._replace(kind="text", text=rest))

    def _reads_facts(self, line: Line) -> bool:
        """Whether a line is made of facts, which are put into their places then."""
        texts = _BETWEEN_FACTS.split(line.text) if line.kind in ("bullet", "text") else []
        found = [(fact_of(self._unmarked(text)), text) for text in filter(str.strip, texts)]
        facts = [(*fact, text) for fact, text in found if fact and self._is_new(*fact)]
        if not facts or len(facts) < len(found):
            return False
        for name, value, text in facts:
            link = link_in(text.partition(":**")[2]) if name == "source" else None
            if link:
                self.facts |= {"url": [link[1]]} | (
                    {"source": [link[0]]} if link[0] != link[1] else {}
                )
            elif name == "source" and re.match(r"https?://", value, re.IGNORECASE):
                self.facts["url"] = [value]
            else:
                self.facts.setdefault(name, []).append(value)
        return True

    def _is_new(self, name: str, value: str) -> bool:
        is_time = name in _MINUTES
        return (name in _KINDS or name not in self.facts) and bool(
            minutes_of(value) is not None if is_time else value
        )

    def _guess(self, line: Line) -> None:
        """Begin a part that has no heading, by what its first line looks like."""
        if self.tells_ingredients or not line.text:
            return
        is_prose = len(line.text) > _LONG or (line.text.endswith(".") and line.text.count(" ") > 2)
        has_amount = _has_amount(line)
        if self.part == "description" and has_amount and not is_prose and line.kind != "number":
            self.part = "ingredients"
        elif self.part == "ingredients" and (
            line.kind == "number" or (is_prose and not has_amount)
        ):
            self.part = "steps"

    def _unmarked(self, text: str) -> str:
        return unmarked(text) if self.is_markdown else text


def _is(line: Line, part: str) -> bool:
    heading = heading_of(line.text) if line.kind in ("heading", "text") else None
    return heading is not None and heading.part == part


def _has_amount(line: Line) -> bool:
    return len(line.text) < 1000 and bool(read_opening(line.text).amounts)


def _as_written(line: Line) -> str:
    return f"- {line.text}" if line.kind == "bullet" else line.text
