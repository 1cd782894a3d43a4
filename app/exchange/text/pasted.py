"""A recipe as people write and paste it: plain text, or Markdown such as our own export."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from app.cooking.ingredients import read_opening
from app.exchange.drafts import Draft, Drafts
from app.exchange.text.markdown import Line, is_markdown, lines_of, link_in, unmarked
from app.exchange.text.numbers import servings_of, yield_of
from app.exchange.text.nutrients import nutrition_of_text
from app.exchange.text.sections import step_heading, under_headings
from app.exchange.text.times import minutes_of
from app.exchange.text.values import TAG_KINDS, line_of, non_empty, tags_of
from app.exchange.text.vocabulary import Heading, fact_of, heading_of

MAX_LENGTH = 512 * 1024
MAX_LINES = 5_000
_MINUTES = {"prep": "prep_minutes", "cook": "cook_minutes", "total": "total_minutes"}
# Facts that only recipes have.
_DISH_FACTS = {"prep", "cook", "servings", "category", "cuisine", "method", "diet"}
_BETWEEN_FACTS = re.compile(r"[|•·\t]")
# "Für 4 Personen", and what follows "Serves:".
_BARE_SERVINGS = re.compile(r"(?:[^\W\d]+\s)?(\d[\d.,\s–-]{0,9})(?:\s[^\W\d]+)?")
_PROSE_LENGTH = 80
_FOR_THE = re.compile(r"for the [^.,\d]{1,40}", re.IGNORECASE)
_NUMBER_ALONE = re.compile(r"(?:step\s*)?\d{1,2}[.):]?", re.IGNORECASE)
_URL = re.compile(r"<?(https?://[^\s<>]{4,2000})>?", re.IGNORECASE)
_HASHTAGS = re.compile(r"(?:#[^\W\d_][\w-]{0,60}[\s,]*+)+")
_KEYCAP = re.compile(r"^[ \t]*(\d)\ufe0f?\u20e3[ \t]*", re.MULTILINE)
_CHECK_BOX = re.compile(
    r"^[ \t]*(?:[-*][ \t]+)?(?:\[[ xX]?\]|[\u2610-\u2612\u2705\u2713\u2714\u25a1\u25a2])[ \t]+",
    re.MULTILINE,
)
_EMOJI = re.compile(
    r"^([ \t]*(?:(?:[-*]|#{1,6})[ \t]+)?)"
    r"(?:[\u2600-\u27bf\U0001f000-\U0001faff][\ufe0f\u200d]?){1,10}[ \t]*",
    re.MULTILINE,
)
_SENTENCE_ENDS = (".", "!", "?", "。")
_OPTIONAL = re.compile(r"(?<!\\)\*\(optional\)\*$")
_TIME = re.compile(r"(?<!\\)\*\(([^()*]{1,40})\)\*$")
_NAME = re.compile(r"(?<!\\)\*\*((?:[^*\\]|\\.){1,1000})\*\*\s+(?=\S)", re.DOTALL)


def read_text(text: str) -> Drafts | None:
    """Return the recipe in a text, or None if nothing shows that it is one."""
    text = text.replace("\ufeff", "").replace("\r\n", "\n").replace("\r", "\n").strip()
    text = _EMOJI.sub(r"\1", _CHECK_BOX.sub("- ", _KEYCAP.sub(r"\1. ", text)))
    if len(text) > MAX_LENGTH or text.count("\n") > MAX_LINES or text[:1] in ("<", "{"):
        return None
    pasted = _Pasted(text)
    return iter([Draft(pasted.document())]) if pasted.is_recipe() else None


class _Pasted:
    """A text, with its lines sorted into the parts of a recipe."""

    def __init__(self, text: str) -> None:
        self.is_markdown = is_markdown(text)
        self.label = ""
        self.facts: dict[str, list[str]] = {}
        self.parts: dict[str, list[Line]] = {}
        self.named_parts: set[str] = set()
        self.part = "description"
        self.is_remark = False
        lines = lines_of(text)
        self.names_ingredients = any(_is(line, "ingredients") for line in lines)
        # Notes are Markdown, so they are copied from the source.
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
        """Return whether it has ingredients, or else steps and facts, or the facts of a dish."""
        ingredients, steps = self.parts.get("ingredients", []), self.parts.get("steps", [])
        if not self.label or heading_of(self.label):
            return False  # A text that begins with a heading such as "Ingredients" has no title.
        if "ingredients" in self.named_parts:
            return any(line.text for line in ingredients)
        if ingredients and steps:
            return sum(map(_has_amount, ingredients)) > 1
        has_named_steps = "steps" in self.named_parts and bool(steps)
        return bool(
            self.facts if has_named_steps else self.is_markdown and _DISH_FACTS & self.facts.keys()
        )

    def document(self) -> dict[str, Any]:
        """Return the members of the recipe."""
        first = {name: values[0] for name, values in self.facts.items()}
        if found := _BARE_SERVINGS.fullmatch(first.get("servings", "")):
            first["servings"] = f"{found[1]} servings"
        nutrients = [self._unmarked(line.text) for line in self.parts.get("nutrition", [])]
        nutrition, others = nutrition_of_text(nutrients)
        description = "\n".join(map(_as_written, self.parts.get("description", [])))
        return non_empty(
            label=self.label,
            description=self._unmarked(description).strip(),
            url=first.get("url"),
            source=first.get("source"),
            author=first.get("author"),
            language=first.get("language"),
            **{member: minutes_of(first.get(name)) for name, member in _MINUTES.items()},
            **yield_of(first.get("servings"), first.get("yield")),
            tags=[tag for kind in TAG_KINDS for tag in tags_of(kind, self.facts.get(kind))],
            ingredients=_ingredients_of(self.parts.get("ingredients", []), self.is_markdown),
            steps=_steps_of(self.parts.get("steps", []), self.is_markdown),
            nutrition=nutrition,
            notes="\n\n".join(filter(None, (each.strip("\n") for each in self.notes))),
            extras=non_empty(nutrition=others),
        )

    def _read(self, line: Line) -> None:
        if not self.label:
            self.label = line_of(self._unmarked(line.text))
        elif heading := self._part_of(line):
            self._begin(heading, line)
        elif self.part != "notes" and self._reads_origin(line):
            return
        elif not (self.part == "description" and self._reads_facts(line)):
            self._guess(line)
            if self.part != "notes":
                self.parts.setdefault(self.part, []).append(line)

    def _part_of(self, line: Line) -> Heading | None:
        """Return the part that a line begins. Notes end only where a missing part begins."""
        heading = heading_of(line.text) if line.kind in ("heading", "text") else None
        if heading is None or (self.part == "notes" and heading.part in self.named_parts):
            return None
        is_fact = heading.part == "steps" and minutes_of(heading.rest) is not None
        return None if is_fact else heading

    def _begin(self, heading: Heading, line: Line) -> None:
        rest = self._unmarked(heading.rest)
        self.named_parts.add(heading.part)
        if heading.part == "notes" and rest:
            self.notes.append(rest)
            # A remark may be anywhere. After the steps, it goes on until the next step.
            if self.part != "steps":
                return
            self.is_remark = True
        self.part = heading.part
        if rest and heading.part == "ingredients" and servings_of(rest)[0]:
            self.facts.setdefault("servings", [rest])
        elif rest and self.part != "notes":
            self.parts.setdefault(self.part, []).append(line._replace(kind="text", text=rest))

    def _reads_origin(self, line: Line) -> bool:
        """Return whether a line is only an address or hashtags, and keep them."""
        if (url := _URL.fullmatch(line.text)) and "url" not in self.facts:
            self.facts["url"] = [url[1]]
            return True
        if _HASHTAGS.fullmatch(line.text):
            names = line.text.replace("#", " ").replace(",", " ").split()
            self.facts.setdefault("keyword", []).append(", ".join(names))
            return True
        return False

    def _reads_facts(self, line: Line) -> bool:
        """Return whether a line consists of facts, and keep them."""
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
        return (name in TAG_KINDS or name not in self.facts) and bool(
            minutes_of(value) is not None if is_time else value
        )

    def _guess(self, line: Line) -> None:
        """Begin a part without a heading if the line looks like its first one."""
        if self.names_ingredients or not line.text:
            return
        is_prose = len(line.text) > _PROSE_LENGTH or (
            line.text.endswith(".") and line.text.count(" ") > 2
        )
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


# --- Ingredients and steps ------------------------------------------------------------------------


def _ingredients_of(lines: list[Line], is_markdown: bool) -> list[dict[str, Any]]:
    """Return an ingredient for each line, under the headings among them."""
    members = under_headings(
        _member_heading(line) or (False, line.text) for line in lines if line.kind != "blank"
    )
    return [_ingredient(member) for member in members] if is_markdown else members


def _steps_of(lines: list[Line], is_markdown: bool) -> list[dict[str, Any]]:
    """Return a step for each number, or without numbers, for each paragraph or line.

    Lines of a paragraph are wrapped, and so belong together, if most do not end as sentences do.
    """
    members = under_headings(_steps(lines))
    return [_step(member) for member in members] if is_markdown else members


def _member_heading(line: Line) -> tuple[bool, str] | None:
    if line.kind in ("heading", "rule"):
        return True, line_of(unmarked(line.text))
    if line.kind == "text" and not read_opening(line.text[:1000]).amounts:
        heading = step_heading(line.text.strip("*_ ")) or step_heading(line.text)
        if heading or _FOR_THE.fullmatch(line.text):
            return True, heading.strip("*_ ") or line.text
    return None


def _steps(lines: list[Line]) -> Iterator[tuple[bool, str]]:
    kinds = [line.kind for line in lines]
    while kinds and kinds[-1] == "blank":
        kinds.pop()
    is_listed = "number" in kinds or "bullet" in kinds
    inner = [one.text for one, other in pairwise(lines) if one.kind == other.kind == "text"]
    sentences = sum(text.endswith(_SENTENCE_ENDS) for text in inner)
    has_paragraphs = "blank" in kinds[1:] and 2 * sentences <= len(inner)
    step: list[str] = []
    for line in [*lines, Line("rule", "", 0)]:
        heading = _member_heading(line)
        is_number = line.kind == "text" and _NUMBER_ALONE.fullmatch(line.text)
        continues = bool(step) and line.kind == "text" and (is_listed or has_paragraphs)
        if step and (heading or is_number or not continues):
            yield False, "\n".join(step)
            step = []
        if heading:
            yield heading
        elif line.text and not is_number and not heading:
            step.append(line.text)


def _ingredient(member: dict[str, Any]) -> dict[str, Any]:
    text, count = _OPTIONAL.subn("", member["text"])
    return member | {"text": unmarked(text).strip()} | non_empty(optional=True if count else None)


def _step(member: dict[str, Any]) -> dict[str, Any]:
    """Remove the marks of Markdown, which may mark the name and the time of the step."""
    text = member["text"].strip()
    minutes = name = None
    if (time := _TIME.search(text)) and (minutes := minutes_of(time[1])) is not None:
        text = text[: time.start()].strip()
    if found := _NAME.match(text):
        name, text = unmarked(found[1]), text[found.end() :]
    return member | {"text": unmarked(text)} | non_empty(name=name, minutes=minutes)
