"""What people write in a field of text: lines with headings among them, yields, origins."""

import re
from collections.abc import Iterable
from typing import Any

from app.cooking.ingredients import parse_lines
from app.exchange.text.values import given, line_of, lines_of, paragraphs_of, servings_of

_HEADING = re.compile(r"#{1,6}\s++(.+)|\[([^\[\]]+)\]|([^.!?:\n]{1,60}):")


def ingredients_of(value: Any) -> list[dict[str, Any]]:
    """The ingredients of lines, under the headings that are among them."""
    return [
        given(text=each["text"], section=each["section"]) for each in parse_lines(lines_of(value))
    ]


def steps_of(value: Any) -> list[dict[str, Any]]:
    """The steps of paragraphs or lines, under the headings that are among them."""
    parts: list[tuple[bool, str]] = []
    for paragraph in paragraphs_of(value):
        first, _, rest = paragraph.partition("\n")
        if heading := heading_of(first):
            parts.append((True, heading))
            parts += [(False, rest)] if rest else []
        else:
            parts.append((False, paragraph))
    return headed(parts)


def heading_of(line: str) -> str:
    """The heading that a line of the steps is: `# Sauce`, `[Sauce]`, `For the sauce:`."""
    found = _HEADING.fullmatch(line.strip())
    return "".join(filter(None, found.groups())).strip(" #:") if found else ""


def headed(parts: Iterable[tuple[bool, str]]) -> list[dict[str, Any]]:
    """Texts as members, under those that are said to be headings; an empty one ends a section.

    A heading that nothing follows is kept as a member, so that nothing is lost.
    """
    members: list[dict[str, Any]] = []
    section = bare = ""
    for is_heading, text in parts:
        if not is_heading:
            members.append(given(text=text, section=section))
            bare = ""
            continue
        members += [{"text": bare}] if bare else []
        section = bare = text
    return [*members, {"text": bare}] if bare else members


def origin_of(link: Any) -> dict[str, str]:
    """Where a recipe comes from: its URL, or what else people write in that place."""
    text = line_of(link)
    is_url = re.match(r"https?://", text, re.IGNORECASE)
    return given(url=text) if is_url else given(source=text)


def yield_of(servings: Any, made: Any) -> dict[str, Any]:
    """The servings and the yield, where there is a field for each: "4 portions", "12 rolls"."""
    served, serving_text = servings_of(servings)
    others, made_text = servings_of(made)
    if served and others and not made_text:
        made_text = line_of(made) if others != served else None
    text = made_text or serving_text
    if served is None and others is None and text is None:
        text = line_of(servings) or line_of(made)
    return given(servings=served or others, yield_text=text)
