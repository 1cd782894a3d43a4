"""The ingredients and the steps of a recipe that somebody has pasted."""

import re
from collections.abc import Iterator
from typing import Any

from app.cooking.ingredients import read_opening
from app.exchange.text.markdown import Line, unmarked
from app.exchange.text.sections import headed, heading_of
from app.exchange.text.values import given, line_of, minutes_of

_FOR_THE = re.compile(r"for the [^.,\d]{1,40}", re.IGNORECASE)
_NUMBER_ALONE = re.compile(r"(?:step\s*)?\d{1,2}[.):]?", re.IGNORECASE)
_OPTIONAL = re.compile(r"(?<!\\)\*\(optional\)\*$")
_TIME = re.compile(r"(?<!\\)\*\(([^()*]{1,40})\)\*$")
_NAME = re.compile(r"(?<!\\)\*\*((?:[^*\\]|\\.){1,1000})\*\*\s+(?=\S)", re.DOTALL)


def ingredients_of(lines: list[Line], is_markdown: bool) -> list[dict[str, Any]]:
    """An ingredient of each line, under the headings among them."""
    members = headed(_heading(line) or (False, line.text) for line in lines if line.kind != "blank")
    return [_ingredient(member) for member in members] if is_markdown else members


def steps_of(lines: list[Line], is_markdown: bool) -> list[dict[str, Any]]:
    """A step of each number, or where there are none, of each paragraph or line."""
    members = headed(_steps(lines))
    return [_step(member) for member in members] if is_markdown else members


def _heading(line: Line) -> tuple[bool, str] | None:
    if line.kind in ("heading", "rule"):
        return True, line_of(unmarked(line.text))
    if line.kind == "text" and not read_opening(line.text[:1000]).amounts:
        heading = heading_of(line.text.strip("*_ ")) or heading_of(line.text)
        if heading or _FOR_THE.fullmatch(line.text):
            return True, heading.strip("*_ ") or line.text
    return None


def _steps(lines: list[Line]) -> Iterator[tuple[bool, str]]:
    kinds = [line.kind for line in lines]
    while kinds and kinds[-1] == "blank":
        kinds.pop()
    is_listed = "number" in kinds or "bullet" in kinds
    is_parted = "blank" in kinds[1:]
    step: list[str] = []
    for line in [*lines, Line("rule", "", 0)]:
        heading = _heading(line)
        is_number = line.kind == "text" and _NUMBER_ALONE.fullmatch(line.text)
        continues = bool(step) and line.kind == "text" and (is_listed or is_parted)
        if step and (heading or is_number or not continues):
            yield False, "\n".join(step)
            step = []
        if heading:
            yield heading
        elif line.text and not is_number and not heading:
            step.append(line.text)


def _ingredient(member: dict[str, Any]) -> dict[str, Any]:
    text, count = _OPTIONAL.subn("", member["text"])
    return member | {"text": unmarked(text).strip()} | given(optional=True if count else None)


def _step(member: dict[str, Any]) -> dict[str, Any]:
    """A step without the marks of Markdown, of which some are its name and its time."""
    text = member["text"].strip()
    minutes = name = None
    if (time := _TIME.search(text)) and (minutes := minutes_of(time[1])) is not None:
        text = text[: time.start()].strip()
    if found := _NAME.match(text):
        name, text = unmarked(found[1]), text[found.end() :]
    return member | {"text": unmarked(text)} | given(name=name, minutes=minutes)
