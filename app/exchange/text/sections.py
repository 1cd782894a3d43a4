"""Ingredients and steps under their headings, read from text and grouped for writing."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from app.cooking.ingredients import parse_lines
from app.exchange.text.values import lines_of, non_empty, paragraphs_of

Member = Mapping[str, Any]
"""An ingredient or a step."""

_HEADING = re.compile(r"#{1,6}\s++(.+)|\[([^\[\]]+)\]|([^.!?:\n]{1,60}):")


def ingredients_of(value: Any) -> list[dict[str, Any]]:
    """Return the lines of a value as ingredients, under the headings among them."""
    return [
        non_empty(text=each["text"], section=each["section"])
        for each in parse_lines(lines_of(value))
    ]


def steps_of(value: Any) -> list[dict[str, Any]]:
    """Return the paragraphs or lines of a value as steps, under the headings among them."""
    parts: list[tuple[bool, str]] = []
    for paragraph in paragraphs_of(value):
        first, _, rest = paragraph.partition("\n")
        if heading := step_heading(first):
            parts.append((True, heading))
            parts += [(False, rest)] if rest else []
        else:
            parts.append((False, paragraph))
    return under_headings(parts)


def step_heading(line: str) -> str:
    """Return the heading in a line of the steps: `# Sauce`, `[Sauce]`, `For the sauce:`."""
    found = _HEADING.fullmatch(line.strip())
    return "".join(filter(None, found.groups())).strip(" #:") if found else ""


def under_headings(parts: Iterable[tuple[bool, str]]) -> list[dict[str, Any]]:
    """Turn pairs of is-heading and text into members with sections; an empty heading ends one.

    A heading without text below becomes a member itself, so that nothing is lost.
    """
    members: list[dict[str, Any]] = []
    section = unused = ""
    for is_heading, text in parts:
        if not is_heading:
            members.append(non_empty(text=text, section=section))
            unused = ""
            continue
        members += [{"text": unused}] if unused else []
        section = unused = text
    return [*members, {"text": unused}] if unused else members


def by_section(members: Iterable[Member]) -> Iterator[tuple[str, list[Member]]]:
    """Group consecutive members with the same heading; an empty heading means none."""
    for section, run in groupby(members, key=_section):
        yield section, list(run)


def _section(member: Member) -> str:
    return " ".join((member["section"] or "").split())
