"""MasterCook: texts in columns (.mxp), and XML (.mx2)."""

import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from app.exchange.drafts import OUTSIDE, Draft, Drafts, Unreadable
from app.exchange.files.xml import drafts_in, inner_text, others_in, parse_xml, text_in, texts_in
from app.exchange.formats.members import written
from app.exchange.text.numbers import yield_of
from app.exchange.text.sections import steps_of
from app.exchange.text.times import minutes_of
from app.exchange.text.values import line_of, non_empty, origin_of, plain, tags_of

_HEADER = re.compile(
    r"^[ \t]*\*[ \t]{0,8}Exported[ \t]{1,4}from[ \t]{1,8}MasterCook[^\n]{0,60}$",
    re.MULTILINE | re.IGNORECASE,
)
_PROBED = 64 * 1024
_FACTS = {
    "recipe by": "author",
    "serving size": "servings",
    "preparation time": "prep",
    "cook time": "cook",
    "cooking time": "cook",
    "start to finish time": "total",
    "categories": "category",
    "yield": "yield",
    "source": "source",
}
_FACT = re.compile(r"\A\s{0,4}([A-Za-z][A-Za-z ]{2,24}?)\s{0,12}:(.*)")
_SECOND_FACT = re.compile(r"(?<=\s\s\s)(?=[A-Z][A-Za-z ]{3,24}:)")
_RULE = re.compile(r"\A\s{0,4}(?:-{4,}\s{1,8}){1,3}-{4,}\s*")
_END = re.compile(r"\A\s*(?:- ){8,}-?\s*")
_COLUMNS = (10, 24)
_WIDTH = 76


def read_text(text: str) -> Drafts | None:
    """Return the recipes of an export."""
    if _HEADER.search(text[:_PROBED]):
        return _cards(text)
    root = parse_xml(text, ("mx2",))
    return None if root is None else drafts_in(root, "rcpe", _draft, {"summ", "nam"})


# --- Text ----------------------------------------------------------------------------------------


def _cards(text: str) -> Drafts:
    outside, *cards = _HEADER.split(text.expandtabs().replace("\r\n", "\n").replace("\r", "\n"))
    for card in cards:
        lines, unknown = _split(card.split("\n"))
        yield Draft(_document(lines))
        if unknown:
            yield Unreadable(line_of("\n".join(unknown))[:80], OUTSIDE)
    if outside.strip():
        yield Unreadable(line_of(outside)[:80], OUTSIDE)


def _split(lines: list[str]) -> tuple[list[str], list[str]]:
    """Return the lines of one recipe, and those of another one whose header is missing."""
    end = next((n for n, line in enumerate(lines) if _END.fullmatch(line)), len(lines)) + 1
    return (lines[:end], lines[end:]) if any(map(_RULE.fullmatch, lines[end:])) else (lines, [])


def _document(lines: list[str]) -> dict[str, Any]:
    rule = next((n for n, line in enumerate(lines) if _RULE.fullmatch(line)), None)
    title, facts, before = _head(lines if rule is None else lines[:rule])
    ingredients: list[str] = []
    rest = [] if rule is None else lines[rule + 1 :]
    previous = ""
    while rest and rest[0].strip():
        _add_ingredient(ingredients, rest[0], previous)
        previous = rest.pop(0)
    end = next((n for n, line in enumerate(rest) if _END.fullmatch(line)), len(rest))
    steps: list[str] = []
    for paragraph in before + _paragraphs(rest[:end]):
        found = _FACT.fullmatch(paragraph)
        name = _FACTS.get(found[1].lower()) if found else None
        if found and name in ("source", "yield") and name not in facts:
            facts[name] = found[2].strip(' "')
        else:
            steps.append(paragraph)
    minutes = {name: minutes_of(facts.get(name)) for name in ("prep", "cook", "total")}
    return non_empty(
        label=title,
        author=line_of(facts.get("author")),
        **origin_of(facts.get("source")),
        **{f"{name}_minutes": each or None for name, each in minutes.items()},
        **yield_of(facts.get("servings"), facts.get("yield")),
        tags=tags_of("category", re.sub(r"\s{2,}", "\n", facts.get("category", ""))),
        ingredients=[_member(line) for line in ingredients],
        steps=steps_of("\n\n".join(steps)),
        notes="\n\n".join(_paragraphs(rest[end + 1 :])),
        extras={
            name: facts[name] for name, each in minutes.items() if each is None and facts.get(name)
        },
    )


def _head(lines: list[str]) -> tuple[str, dict[str, str], list[str]]:
    """Return the title, the facts and all other paragraphs before the ingredients."""
    title = last = ""
    facts: dict[str, str] = {}
    others: list[str] = []
    for line in lines:
        if not line.strip() or re.match(r"\s{0,4}Amount\s+Measure", line):
            last = ""
            continue
        if not title:
            title = line_of(line)
            continue
        for part in _SECOND_FACT.split(line):
            found = _FACT.fullmatch(part)
            name = _FACTS.get(found[1].strip().lower()) if found else None
            if found and name and name not in facts:
                facts[name], last = found[2].strip(), name
            elif last and line.startswith("   "):
                facts[last] += f"   {part.strip()}"
            else:
                others.append(line_of(part))
    return title, facts, others


def _add_ingredient(ingredients: list[str], line: str, previous: str) -> None:
    amount, name = line[: _COLUMNS[1]].strip(), line[_COLUMNS[1] :].strip()
    first = name.partition(" ")[0]
    if ingredients and not amount and len(previous.rstrip()) + len(first) >= _WIDTH:
        ingredients[-1] = f"{ingredients[-1]} {name}"
    else:
        ingredients.append(line_of(line))


def _member(line: str) -> dict[str, Any]:
    text, _, note = line.partition(" -- ")
    return {"text": ", ".join(filter(None, (text, note.strip())))}


def _paragraphs(lines: list[str]) -> list[str]:
    paragraphs = "\n".join(lines).split("\n\n")
    return [text for each in paragraphs if (text := line_of(each))]


# --- XML -----------------------------------------------------------------------------------------

_PLACED = {"serv", "yield", "prpt", "ttim", "cats", "ingr", "dirs", "desc", "srce", "note", "alts"}


def _draft(recipe: Element) -> Draft:
    served, made = (next(recipe.iter(name), Element(name)) for name in ("serv", "yield"))
    times = {name: next(recipe.iter(name), Element(name)) for name in ("prpt", "ttim")}
    document = non_empty(
        label=line_of(recipe.get("name", "")),
        author=line_of(recipe.get("author", "")),
        description=plain(text_in(recipe, "desc")),
        **origin_of(text_in(recipe, "srce")),
        prep_minutes=minutes_of(times["prpt"].get("elapsed")) or None,
        total_minutes=minutes_of(times["ttim"].get("elapsed")) or None,
        **yield_of(served.get("qty"), f"{made.get('qty', '')} {made.get('unit', '')}".strip()),
        tags=tags_of("category", texts_in(recipe, "catt")),
        ingredients=[*_ingredients(recipe)],
        steps=[{"text": text} for text in map(plain, texts_in(recipe, "dirt")) if text],
        notes="\n\n".join(filter(None, (*texts_in(recipe, "note"), *texts_in(recipe, "alts")))),
        extras=others_in(recipe, _PLACED),
    )
    return Draft(document)


def _ingredients(recipe: Element) -> Iterator[dict[str, Any]]:
    section = ""
    for each in recipe.iter("ingr"):
        if each.get("code", "").upper() == "S":
            section = line_of(each.get("name", ""))
            continue
        note = text_in(each, "iprp")
        food = each.get("name", "") or inner_text(each)
        if line := written(each.get("qty", ""), each.get("unit", ""), food, note):
            yield line | non_empty(section=section)
