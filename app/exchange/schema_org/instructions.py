"""Ingredients and instructions of schema.org: text, lists and sections, nested in any way."""

import re
from collections.abc import Iterator
from typing import Any

from app.core.bounds import MAX_IMPORTED_LINES
from app.exchange.schema_org.nodes import first_of, is_a, list_of
from app.exchange.text.times import minutes_of
from app.exchange.text.values import (
    MAX_DEPTH,
    Json,
    line_of,
    lines_of,
    non_empty,
    paragraphs_of,
    text_of,
    texts_of,
)

Line = dict[str, Any]

_HEADING_TAG = re.compile(r"<h[1-6]\b[^<>]*>([^<>]*)</h[1-6]\s*>", re.IGNORECASE)
_STRONG_LINE = re.compile(r"\s*<(strong|b)>([^<>]*)</\1>\s*", re.IGNORECASE)
_HEADING = re.compile(r"#+\s++(.+)|\[([^\[\]]+)\]|([^\d.!?:]{2,80}):")
_WITHIN = ("itemListElement", "steps", "step", "hasPart", "items", "ingredients")


# --- Ingredients ---------------------------------------------------------------------------------


def ingredients_of(value: Json) -> list[Line]:
    """Return the ingredients with their sections.

    A heading without ingredients becomes an ingredient itself, so that nothing is lost.
    """
    lines: list[Line] = []
    section = heading = ""
    for text, is_heading in _ingredient_lines(value, 0):
        if heading:
            lines += [{"text": heading}] if is_heading else []
            heading = ""
        if is_heading:
            section = heading = text
        else:
            lines.append(non_empty(text=text, section=section))
        if len(lines) > MAX_IMPORTED_LINES:
            break
    return lines + ([{"text": heading}] if heading else [])


def _ingredient_lines(value: Json, depth: int) -> Iterator[tuple[str, bool]]:
    """Yield lines, each with whether it is a heading."""
    for each in list_of(value) if depth <= MAX_DEPTH else ():
        if isinstance(each, list):
            yield from _ingredient_lines(each, depth + 1)
        elif not isinstance(each, dict):
            yield from ((_heading(line) or line, bool(_heading(line))) for line in _lines(each))
        elif isinstance(within := first_of(each, *_WITHIN), list | dict):
            if name := line_of(each.get("name")):
                yield name, True
            yield from _ingredient_lines(within, depth + 1)
        else:
            amount = [line_of(each.get(name)) for name in ("amount", "value", "quantity")]
            parts = [*amount, line_of(each.get("unitText") or each.get("unit"))]
            name = line_of([each.get("text"), each.get("name")])
            line = " ".join(filter(None, [*parts, name] if name else parts)) or line_of(each)
            yield from [(line, False)] if line else []


def _lines(value: Json) -> list[str]:
    return lines_of(_marked(value))


def _marked(value: Json) -> Json:
    """Turn the HTML headings in a text into headings of Markdown."""
    if not isinstance(value, str):
        return value
    if found := _STRONG_LINE.fullmatch(value):
        return f"## {found[2].strip().removesuffix(':')}"
    return _HEADING_TAG.sub(r"\n\n## \1\n\n", value)


def _heading(line: str) -> str:
    found = _HEADING.fullmatch(line) if len(line) <= 256 else None
    return " ".join((found[1] or found[2] or found[3]).split()).removesuffix(":") if found else ""


# --- Instructions --------------------------------------------------------------------------------


def steps_of(value: Json) -> list[Line]:
    """Return the steps with their sections."""
    steps, heading = _steps(value, "", 0)
    return steps + ([{"text": heading}] if heading else [])


def _steps(value: Json, section: str, depth: int) -> tuple[list[Line], str]:
    """Return steps, and the last heading if no step follows it."""
    steps: list[Line] = []
    bare = ""
    values = list_of(value) if depth <= MAX_DEPTH else []
    if len(values) == 1 and isinstance(values[0], str):
        values = paragraphs_of(_marked(values[0]))
    for each in values:
        heading, children = _section(each)
        if heading:
            steps += [{"text": bare}] if bare else []
            section = bare = heading
        if children is not None:
            found, rest = _steps(children, section, depth + 1)
            found += [non_empty(text=rest, section=section)] if rest else []
        else:
            found = [] if heading else [non_empty(**_step(each), section=section)]
        found = [step for step in found if "text" in step]
        bare = "" if found else bare
        steps += found
        if heading and children is not None:
            section = ""
        if len(steps) > MAX_IMPORTED_LINES:
            break
    return steps, bare


def _section(value: Json) -> tuple[str, Json]:
    """Return the heading that an instruction is or has, and the instructions inside it or None."""
    if isinstance(value, list):
        return "", value
    if isinstance(value, str):
        return _heading(line_of(_marked(value))), None
    if not isinstance(value, dict):
        return "", None
    if isinstance(value.get("item"), dict):
        return "", [value["item"]]
    if list_of(value) != [value]:
        return "", list_of(value)
    children = first_of(value, *_WITHIN)
    has_steps = any(
        is_a(each, "HowToStep") if isinstance(each, dict) else not is_a(value, "HowToStep")
        for each in list_of(children)
    )
    if is_a(value, "HowToSection", "ItemList", "HowTo") or has_steps:
        name = line_of([value.get("name"), value.get("headline")])
        if is_a(value, "HowToSection") or children:
            return name, children or value.get("text")
    return "", None


def _step(value: Json) -> Line:
    if not isinstance(value, dict):
        return non_empty(text="\n".join(paragraphs_of([text_of(value)])))
    children = list_of(first_of(value, *_WITHIN))
    parts = texts_of(value.get("text")) or texts_of(value.get("description"))
    parts += [text for text in _directions(children, 0) if text not in parts]
    name = line_of(value.get("name"))
    text = "\n".join(parts) or name or text_of(value)
    times = (value.get(each) for each in ("timeRequired", "totalTime", "performTime", "cookTime"))
    short = (each for each in times if len(line_of(each)) <= 100)
    minutes = next((found for each in short if (found := minutes_of(each)) is not None), None)
    beginning = name.rstrip(".… ").casefold()
    is_own = not " ".join(text.split()).casefold().startswith(beginning)
    return non_empty(text=text, name=name if is_own else "") | (
        {} if minutes is None else {"minutes": minutes}
    )


def _directions(values: list[Any], depth: int) -> Iterator[str]:
    """Yield the texts of the directions and tips inside a step."""
    for each in values:
        if isinstance(each, dict) and depth <= MAX_DEPTH:
            within = list_of(first_of(each, *_WITHIN))
            yield from texts_of([each.get("text") or ("" if within else each)])
            yield from _directions(within, depth + 1)
        else:
            yield from texts_of(each)
