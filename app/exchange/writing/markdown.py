"""Write a whole recipe as Markdown (CommonMark) for people to read.

Text is escaped only where it would become markup. Notes are Markdown already and stay unchanged;
they come last, so markup that they leave open ends with them.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from typing import Any

from app.cooking.quantities import decimal
from app.exchange.text.nutrients import NUTRIENTS
from app.exchange.text.sections import Member, by_section
from app.exchange.text.times import duration

# The characters that are markup within a line, in CommonMark or in GitHub's extensions. An
# ampersand is markup only if it begins a character reference.
_INLINE = re.compile(r"[\\`*_\[\]<#|~$]|&(?=#?\w+;)")
# Line beginnings of lists, quotations and underlines of headings.
_BLOCK = re.compile(r"^([0-9]+(?=[.)](?:\s|$))|(?=[-+=>]))")
_DESTINATION = re.compile(r"[\\<>]|&(?=#?\w+;)")

_TAGS = {
    "category": "Category",
    "cuisine": "Cuisine",
    "diet": "Diet",
    "method": "Cooking method",
    "tool": "Tools",
    "keyword": "Keywords",
}


def to_markdown(recipe: Mapping[str, Any]) -> str:
    """Return a Markdown document whose title is the label of the recipe."""
    nutrition = _nutrition(recipe["nutrition"]) if recipe["nutrition"] else ""
    notes = (recipe["notes"] or "").rstrip()
    blocks = [
        f"# {_inline(recipe['label'])}",
        _text(recipe["description"] or ""),
        _facts(recipe),
        *_part("Ingredients", recipe["ingredients"], _ingredient),
        *_part("Method", recipe["steps"], _step),
        f"## Nutrition per serving\n\n{nutrition}" if nutrition else "",
        f"## Notes\n\n{notes}" if notes else "",
    ]
    return "\n\n".join(filter(None, blocks)) + "\n"


# --- Parts of the recipe -------------------------------------------------------------------------


def _facts(recipe: Mapping[str, Any]) -> str:
    times = (
        ("Preparation", "prep_minutes"),
        ("Cooking", "cook_minutes"),
        ("Total", "total_minutes"),
    )
    facts = [
        ("Author", _inline(recipe["author"] or "")),
        ("Source", _source(recipe)),
        *((name, duration(recipe[key])) for name, key in times if recipe[key] is not None),
        ("Serves", _number(recipe["servings"]) if recipe["servings"] else ""),
        ("Makes", _inline(recipe["yield_text"] or "")),
        *((name, _tags(recipe, kind)) for kind, name in _TAGS.items()),
        ("Language", recipe["language"] or ""),
    ]
    return _definitions(facts)


def _source(recipe: Mapping[str, Any]) -> str:
    url = recipe["url"]
    name = _inline(recipe["source"] or url or "")
    return f"[{name}](<{_escaped(_DESTINATION, url)}>)" if url else name


def _tags(recipe: Mapping[str, Any], kind: str) -> str:
    return ", ".join(_inline(tag["name"]) for tag in recipe["tags"] if tag["kind"] == kind)


def _part(title: str, members: list[Member], item: Callable[[int, Member], str]) -> list[str]:
    """Return the blocks of the ingredients or the steps, numbered across sections."""
    blocks: list[str] = []
    numbers = count(1)
    for section, run in by_section(members):
        if section:
            blocks.append(f"### {_inline(section)}")
        elif blocks:
            blocks.append("---")  # Only another heading ends a section, so a rule ends it here.
        blocks.append("\n".join(item(next(numbers), member) for member in run))
    return [f"## {title}", *blocks] if blocks else []


def _ingredient(_: int, ingredient: Member) -> str:
    text = _text(ingredient["text"])
    says_so = "optional" in text.lower()
    return _item("- ", text if says_so or not ingredient["optional"] else f"{text} *(optional)*")


def _step(number: int, step: Member) -> str:
    name, text = _inline(step["name"] or ""), _text(step["text"])
    # Many sites repeat the beginning of a step as its name.
    if name and not step["text"].startswith(step["name"]):
        text = f"**{name}** {text}"
    if step["minutes"] is not None:
        text = f"{text} *({duration(step['minutes'])})*"
    return _item(f"{number}. ", text)


def _nutrition(nutrition: Mapping[str, Any]) -> str:
    facts = [("Serving size", _inline(nutrition["serving_size"] or ""))]
    for member in NUTRIENTS:
        if (value := nutrition[member]) is not None:
            name, _, unit = member.rpartition("_") if "_" in member else (member, "", "kcal")
            facts.append((name.replace("_", " ").capitalize(), f"{_number(value)} {unit}"))
    return _definitions(facts)


# --- Markdown ------------------------------------------------------------------------------------


def _number(number: float) -> str:
    return decimal(round(number, 2))


def _escaped(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(r"\\\g<0>", text)


def _definitions(facts: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"- **{name}:** {value}" for name, value in facts if value)


def _item(marker: str, text: str) -> str:
    """Return a list item with its other lines indented like the first."""
    return marker + re.sub(r"\n(?=.)", "\n" + " " * len(marker), text)


def _inline(text: str) -> str:
    """Return text escaped for one line."""
    return _escaped(_INLINE, re.sub(r"[ \t\n]+", " ", text).strip())


def _text(text: str) -> str:
    """Return text escaped as paragraphs, with its line breaks."""
    lines = [_BLOCK.sub(r"\1\\", _inline(line)) for line in text.split("\n")]
    paragraphs = re.split(r"\n{2,}", "\n".join(lines).strip("\n"))
    return "\n\n".join(paragraph.replace("\n", "\\\n") for paragraph in paragraphs)
