"""Ingredients and instructions of schema.org: text, lists, sections, in any nesting."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.core.bounds import MAX_IMPORTED_LINES
from app.exchange.text.values import (
    MAX_DEPTH,
    Json,
    given,
    line_of,
    lines_of,
    minutes_of,
    paragraphs_of,
    text_of,
    texts_of,
)

Line = dict[str, Any]

_HEADING_TAG = re.compile(r"<h[1-6]\b[^<>]*>([^<>]*)</h[1-6]\s*>", re.IGNORECASE)
_STRONG_LINE = re.compile(r"\s*<(strong|b)>([^<>]*)</\1>\s*", re.IGNORECASE)
_HEADING = re.compile(r"#+\s++(.+)|\[([^\[\]]+)\]|([^\d.!?:]{2,80}):")
_WITHIN = ("itemListElement", "steps", "step", "hasPart", "items", "ingredients")


def list_of(value: Json) -> list[Any]:
    """The members of a list, also of one whose places are the names in an object; or the value."""
    if isinstance(value, dict) and value and all(_is_place(name) for name in value):
        return [value[place] for place in sorted(value, key=int)]
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def _is_place(name: Any) -> bool:
    return isinstance(name, str) and len(name) < 7 and name.isdecimal()


def is_a(value: Mapping[str, Any], *types: str) -> bool:
    """Whether an object is of one of the types, which may be written as addresses."""
    said = list_of(value.get("@type", value.get("type")))
    names = (re.split(r"[/#:]", each)[-1].casefold() for each in said if isinstance(each, str))
    return not {name.casefold() for name in types}.isdisjoint(names)


# --- Ingredients ---------------------------------------------------------------------------------


def ingredients_of(value: Json) -> list[Line]:
    """The lines of the ingredients under the headings among them.

    A heading with nothing below is an ingredient: nothing is lost.
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
            lines.append(given(text=text, section=section))
        if len(lines) > MAX_IMPORTED_LINES:
            break
    return lines + ([{"text": heading}] if heading else [])


def _ingredient_lines(value: Json, depth: int) -> Iterator[tuple[str, bool]]:
    """Lines, and of each whether it is a heading."""
    for each in list_of(value) if depth <= MAX_DEPTH else ():
        if isinstance(each, list):
            yield from _ingredient_lines(each, depth + 1)
        elif not isinstance(each, dict):
            yield from ((_heading(line) or line, bool(_heading(line))) for line in _lines(each))
        elif isinstance(within := _first(each, *_WITHIN), list | dict):
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
    """A text whose HTML headings are marked as headings of Markdown."""
    if not isinstance(value, str):
        return value
    if found := _STRONG_LINE.fullmatch(value):
        return f"## {found[2].strip().removesuffix(':')}"
    return _HEADING_TAG.sub(r"\n\n## \1\n\n", value)


def _heading(line: str) -> str:
    found = _HEADING.fullmatch(line) if len(line) <= 256 else None
    return " ".join((found[1] or found[2] or found[3]).split()).removesuffix(":") if found else ""


def _first(value: Mapping[str, Any], *names: str) -> Json:
    return next((value[name] for name in names if value.get(name)), None)


# --- Instructions --------------------------------------------------------------------------------


def steps_of(value: Json) -> list[Line]:
    """The steps of the instructions with their sections."""
    steps, heading = _steps(value, "", 0)
    return steps + ([{"text": heading}] if heading else [])


def _steps(value: Json, section: str, depth: int) -> tuple[list[Line], str]:
    """Steps, and a heading after them that has none."""
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
            found += [given(text=rest, section=section)] if rest else []
        else:
            found = [] if heading else [given(**_step(each), section=section)]
        found = [step for step in found if "text" in step]
        bare = "" if found else bare
        steps += found
        if heading and children is not None:
            section = ""
        if len(steps) > MAX_IMPORTED_LINES:
            break
    return steps, bare


def _section(value: Json) -> tuple[str, Json]:
    """The heading that an instruction is, or has, and the instructions in it if it has some."""
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
    children = _first(value, *_WITHIN)
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
        return given(text="\n".join(paragraphs_of([text_of(value)])))
    children = list_of(_first(value, *_WITHIN))
    parts = texts_of(value.get("text")) or texts_of(value.get("description"))
    parts += [text for text in _directions(children, 0) if text not in parts]
    name = line_of(value.get("name"))
    text = "\n".join(parts) or name or text_of(value)
    times = (value.get(each) for each in ("timeRequired", "totalTime", "performTime", "cookTime"))
    short = (each for each in times if len(line_of(each)) <= 100)
    minutes = next((found for each in short if (found := minutes_of(each)) is not None), None)
    beginning = name.rstrip(".… ").casefold()
    is_own = not " ".join(text.split()).casefold().startswith(beginning)
    return given(text=text, name=name if is_own else "") | (
        {} if minutes is None else {"minutes": minutes}
    )


def _directions(values: list[Any], depth: int) -> Iterator[str]:
    """The texts of directions and tips in a step."""
    for each in values:
        if isinstance(each, dict) and depth <= MAX_DEPTH:
            within = list_of(_first(each, *_WITHIN))
            yield from texts_of([each.get("text") or ("" if within else each)])
            yield from _directions(within, depth + 1)
        else:
            yield from texts_of(each)
