"""Ingredients and instructions of schema.org: text, lists and sections, nested in any way."""

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

from app.cooking import quantities
from app.cooking.ingredients import read_opening
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
    plain,
    text_of,
    texts_of,
)

Line = dict[str, Any]

_HEADING_TAG = re.compile(r"<h[1-6]\b[^<>]*>([^<>]*)</h[1-6]\s*>", re.IGNORECASE)
_STRONG_LINE = re.compile(r"\s*<(strong|b)>([^<>]*)</\1>\s*", re.IGNORECASE)
_HEADING = re.compile(r"#+\s++(.+)|\[([^\[\]]+)\]|([^\d.!?:]{2,80}):")
_WITHIN = ("itemListElement", "steps", "step", "hasPart", "items", "item", "ingredients")
_FOR_THE = re.compile(
    r"(?:for the|for|f[üu]r (?:den|die|das)|pour (?:la|les?)|per (?:la|il|lo|le|i)"
    r"|para (?:el|las?|los))"
    r"\s[^\d.,;:()]{1,40}",
    re.IGNORECASE,
)
# UN/CEFACT codes, as in the example of schema.org.
_UNIT_CODES = {"GRM": "g", "KGM": "kg", "MGM": "mg", "MLT": "ml", "LTR": "l", "CLT": "cl"}
_UNIT_CODES |= {"DLT": "dl", "ONZ": "oz", "LBR": "lb", "OZA": "fl oz", "G21": "cup"}
_UNIT_CODES |= {"G24": "tbsp", "G25": "tsp"}
_WHOLE = re.compile(r"(?<![\d.,])(\d{1,6})\.0{1,2}(?![\d.,])")
_DECIMALS = re.compile(r"(?<![\d.,])\d{1,6}\.\d{4,20}(?![\d.,])")
_NEAR = Fraction(1, 2000)
_STEP_NUMBER = re.compile(r"(?<!\d)(?<!\d[.,])(\d{1,2})[.)](?!\d)")
_NUMBERED = re.compile(
    r"(?:step\s{0,3}|schritt\s{0,3})?\d{1,2}\s{0,3}[.):](?!\d)\s{0,3}", re.IGNORECASE
)
_NUMBER_NAME = re.compile(
    r"(?:step|schritt|[ée]tape|paso|passo)?\s{0,3}\d{1,2}\s{0,3}[.):]?", re.IGNORECASE
)
_GLUED = re.compile(r"(?<=[^\W\d_A-ZÀ-Þ])[.](?=[A-ZÀ-Þ])|(?<=\))[.](?=[A-ZÀ-Þ])")


# --- Ingredients ---------------------------------------------------------------------------------


def ingredients_of(value: Json) -> list[Line]:
    """Return the ingredients with their sections.

    A heading without ingredients becomes an ingredient itself, so that nothing is lost.
    """
    lines: list[Line] = []
    section = heading = ""
    for text, is_heading in _with_bare_headings([*_ingredient_lines(value, 0)]):
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


def _with_bare_headings(lines: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Mark lines such as "For the sauce", or in capitals among others that are not."""
    capitals = sum(text.isupper() for text, _ in lines)
    few = 0 < capitals * 2 <= len(lines)
    last = len(lines) - 1
    return [
        (
            text,
            is_heading
            or (number < last and bool(_FOR_THE.fullmatch(text)))
            or (few and number < last and _is_capital_heading(text)),
        )
        for number, (text, is_heading) in enumerate(lines)
    ]


def _is_capital_heading(text: str) -> bool:
    is_short = 3 < len(text) <= 60 and not any(char.isdigit() for char in text)
    return is_short and text.isupper() and "," not in text and not read_opening(text).amounts


def _tidy(line: str) -> str:
    """Remove what programs leave in a line: "((400g))", "carrot , peeled", "500.0 g", "1Â¼"."""
    if "((" in line and "))" in line:
        line = line.replace("((", "(").replace("))", ")")
    if "Â" in line:
        line = re.sub(r"Â(?=[\s¼½¾°]|$)", "", line)
    if " ," in line or " )" in line or "( " in line:
        line = line.replace(" ,", ",").replace(" )", ")").replace("( ", "(")
    if "." in line:
        line = _DECIMALS.sub(_fraction, _WHOLE.sub(r"\1", line))
    return line


def _fraction(found: re.Match[str]) -> str:
    value = Fraction(found[0])
    near = value.limit_denominator(8)
    return quantities.write(near if abs(near - value) < _NEAR else value) if value else found[0]


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
            if title := line_of(each.get("title")):
                yield title, True
            line = _tidy(_object_line(each))
            yield from [(line, False)] if line else []


def _object_line(value: dict[str, Any]) -> str:
    """Return the line of a PropertyValue, or of an ingredient as other programs write it."""
    amount = [line_of(value.get(name)) for name in ("amount", "value", "quantity")]
    code = line_of(value.get("unitCode"))
    unit = line_of(value.get("unitText") or value.get("unit")) or _UNIT_CODES.get(code, code)
    name = line_of([value.get("text"), value.get("name"), value.get("food")])
    line = " ".join(filter(None, [*amount, unit, name])) or line_of(value)
    note = line_of(value.get("note"))
    return f"{line}, {note}" if note and line and note not in line else line


def _lines(value: Json) -> list[str]:
    """Return the lines of a text. A line with only an amount belongs to the next."""
    lines: list[str] = []
    amount = ""
    for line in map(_tidy, lines_of(_marked(value))):
        if amount:
            lines.append(f"{amount} {line}")
            amount = ""
        elif len(line) <= 40 and is_amount(line):
            amount = line
        else:
            lines.append(line)
    return [*lines, amount] if amount else lines


def is_amount(line: str) -> bool:
    """Return whether a line is an amount without a food: "40 g"."""
    opening = read_opening(line)
    return bool(opening.amounts) and opening.end == len(line)


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
        values = paragraphs_of(_broken(_marked(values[0])))
    for each in values:
        heading, children = _section(each)
        if heading:
            steps += [{"text": bare}] if bare else []
            section = bare = heading
        if children is not None:
            found, rest = _steps(children, section, depth + 1)
            found += [non_empty(text=rest, section=section)] if rest else []
        else:
            found = [] if heading else _single(each, section)
        found = [step for step in found if any(map(str.isalpha, step.get("text", "")))]
        bare = "" if found else bare
        steps += found
        if heading and children is not None:
            section = ""
        if len(steps) > MAX_IMPORTED_LINES:
            break
    return steps, bare


def _broken(text: str) -> str:
    """Break a text of one line before the numbers of its steps, or where paragraphs were glued."""
    text = plain(text)
    if "\n" in text:
        return text
    breaks: list[int] = []
    number = 1
    for found in _STEP_NUMBER.finditer(text):
        start, end = found.span()
        before = text[max(start - 4, 0) : start]
        is_end = not before.strip() or before.rstrip()[-1] in ".!?:;)。"
        is_tight = before[-1:].isspace() and text[end : end + 1].isalpha()
        if int(found[1]) == number and (is_end or is_tight) and (start == 0 or number > 1):
            breaks.append(start)
            number += 1
    if len(breaks) < 2:
        breaks = [found.end() for found in _GLUED.finditer(text)]
    if len(breaks) < 2:
        return text
    places = [0, *(place for place in breaks if place), len(text)]
    return "\n".join(text[a:b].strip() for a, b in pairwise(places))


def _single(value: Json, section: str) -> list[Line]:
    """Return the step that a value is, or the steps if its text is numbered."""
    step = _step(value)
    step["text"] = text = step.get("text", "")
    parts = paragraphs_of(_broken(text)) if _NUMBERED.match(text) else [text]
    first = non_empty(**(step | {"text": parts[0] if parts else ""}), section=section)
    return [first, *(non_empty(text=part, section=section) for part in parts[1:])]


def _section(value: Json) -> tuple[str, Json]:
    """Return the heading that an instruction is or has, and the instructions inside it or None."""
    if isinstance(value, list):
        return "", value
    if isinstance(value, str):
        return _heading(line_of(_marked(value))), None
    if not isinstance(value, dict):
        return "", None
    if isinstance(value.get("item"), dict) and not is_a(value, "HowToSection"):
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
    is_own = not (
        " ".join(text.split()).casefold().startswith(beginning) or _NUMBER_NAME.fullmatch(name)
    )
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
