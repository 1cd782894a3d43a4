"""Cooklang: recipes as text, with ingredients, tools and times marked inside the steps."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from app.exchange.drafts import UNTITLED, Draft, Drafts
from app.exchange.files.archive import Archive
from app.exchange.files.simple_yaml import split_front_matter
from app.exchange.text.numbers import yield_of
from app.exchange.text.times import minutes_of
from app.exchange.text.values import (
    MAX_DEPTH,
    line_of,
    non_empty,
    origin_of,
    plain,
    tags_of,
    texts_of,
)

_MEMBERS = {
    "label": ("title", "name"),
    "description": ("description", "introduction", "summary"),
    "source": ("source", "source.url", "url", "link"),
    "source_name": ("source.name",),
    "author": ("author", "source.author"),
    "language": ("locale", "language", "lang"),
    "servings": ("servings", "serves"),
    "yield": ("yield", "yields", "makes"),
    "prep_minutes": ("prep time", "time.prep", "preptime"),
    "cook_minutes": ("cook time", "time.cook", "cooktime"),
    "total_minutes": ("time required", "time", "time.total", "duration", "total time"),
    "keyword": ("tags", "keywords"),
    "category": ("course", "category", "categories"),
    "cuisine": ("cuisine",),
    "diet": ("diet",),
}
_MEMBER_OF = {name: member for member, names in _MEMBERS.items() for name in names}
_MINUTES = ("prep_minutes", "cook_minutes", "total_minutes")
# A text with a title alone may be about anything.
_DISH_FACTS = {*_MINUTES, "servings", "yield", "category", "cuisine", "diet"}
_KINDS = ("category", "cuisine", "diet", "keyword")
_HEADINGS = re.compile(r"^#+ *\w", re.MULTILINE)
_FACT = re.compile(r">>[ \t]*([^:\n]{1,100}):(.*)")
_COMMENT = re.compile(r"\[-.*?(?:-\]|\Z)", re.DOTALL)
_LINE_COMMENT = re.compile(r"(?:^|(?<=\s))--(?!-).*")
_MARK = re.compile(
    r"""(?P<sign>[@\#~])(?P<modifiers>[@&?+-]{0,3})(?:\([^(){}\n]{1,20}\))?
    (?:
        (?P<name>[^@\#~{}\n]{0,100})\{(?P<amount>[^{}\n]{0,200})\}(?:\((?P<note>[^()\n]{1,300})\))?
        |(?P<word>[^\W\d_][\w'’-]{0,100})
    )""",  # noqa: RUF001 - Names are typeset too.
    re.VERBOSE,
)


def read_text(text: str) -> Drafts | None:
    """Return the recipe in a text, or None if it is not Cooklang."""
    if text.lstrip()[:1] == "<":
        return None
    facts, body = _split_metadata(text)
    is_dish = not _DISH_FACTS.isdisjoint(map(_MEMBER_OF.get, facts))
    if not has_ingredient(body) and (not is_dish or _HEADINGS.search(body)):
        return None
    return iter([_recipe(facts, _without_comments(body), UNTITLED)])


def read_archive(archive: Archive) -> Drafts | None:
    """Return the recipes of `.cook` files, whose names are their titles."""
    names = archive.named("*.cook")
    texts = ((name, _split_metadata(archive.text(name))) for name in names)
    drafts = (
        _recipe(facts, _without_comments(body), name.rpartition("/")[2][:-5])
        for name, (facts, body) in texts
    )
    return drafts if names else None


def _recipe(facts: dict[str, Any], body: str, title: str) -> Draft:
    found: dict[str, Any] = {}
    extras: dict[str, Any] = {}
    for name, value in facts.items():
        member = _MEMBER_OF.get(name)
        if member is None or member in found or (member in _MINUTES and minutes_of(value) is None):
            extras[name] = value
        else:
            found[member] = value
    tags = [tag for kind in _KINDS for tag in tags_of(kind, found.get(kind))]
    document = non_empty(
        label=line_of(found.get("label")) or title,
        description=plain("\n".join(texts_of(found.get("description")))),
        **origin_of(found.get("source")) | non_empty(source=line_of(found.get("source_name"))),
        author=line_of(found.get("author")),
        language=line_of(found.get("language")),
        **{name: minutes_of(found.get(name)) for name in _MINUTES},
        **yield_of(found.get("servings"), _amount(line_of(found.get("yield")))),
        extras=extras,
    )
    parts, tools = _parts(body)
    tags += tags_of("tool", list(tools))
    return Draft(document | parts | non_empty(tags=tags))


def _parts(body: str) -> tuple[dict[str, Any], dict[str, None]]:
    """Return the ingredients, steps and notes of a recipe, and its tools without duplicates."""
    ingredients: list[dict[str, Any]] = []
    steps: list[dict[str, Any]] = []
    notes: list[str] = []
    tools: dict[str, None] = {}
    section = ""
    for block in _blocks(body):
        if block.startswith("="):
            section = block.strip("= ")
            continue
        if block.startswith(">"):
            notes.append(_read_marks(re.sub(r"^>\s?", "", block, flags=re.MULTILINE)).text)
            continue
        line = _read_marks(block)
        for each in line.ingredients:
            member = each.member() | non_empty(section=section)
            ingredients += [] if member in ingredients[-50:] else [member]
        tools |= dict.fromkeys(line.tools)
        steps.append(non_empty(text=line.text, section=section, minutes=line.minutes))
    return non_empty(ingredients=ingredients, steps=steps, notes="\n\n".join(notes)), tools


def _blocks(body: str) -> list[str]:
    """Return the paragraphs; headings and notes are separate paragraphs."""
    apart = re.sub(r"^([=>].*)$", r"\n\1\n", body, flags=re.MULTILINE)
    apart = re.sub(r"^(>.*)\n\n\n?(?=>)", r"\1\n", apart, flags=re.MULTILINE)
    # Without blank lines each line is a step, as in older versions of Cooklang.
    has_paragraphs = "\n\n" in body.strip()
    blocks = re.split(r"\n\s*\n" if has_paragraphs else r"\n+", apart)
    return [block.strip() for block in blocks if block.strip()]


# --- Marks and metadata --------------------------------------------------------------------------


class _Ingredient(NamedTuple):
    """An ingredient that a step marks."""

    name: str
    amount: str
    note: str
    is_optional: bool

    def member(self) -> dict[str, Any]:
        """Return it as a member of a recipe's ingredients."""
        text = " ".join(filter(None, (self.amount, self.name)))
        text = ", ".join(filter(None, (text, self.note)))
        return non_empty(
            text=text, food=self.name, note=self.note, optional=self.is_optional or None
        )


class _Line(NamedTuple):
    """A text without its marks, and what they mark."""

    text: str
    ingredients: list[_Ingredient]
    tools: list[str]
    minutes: int | None


def _split_metadata(text: str) -> tuple[dict[str, Any], str]:
    """Return the metadata (front matter, or lines that begin with `>>`) and the remaining text."""
    facts: dict[str, Any] = {}
    text = text.replace("\r\n", "\n").lstrip("\ufeff\n ")
    if front := split_front_matter(text):
        facts, text = _flat(front[0]), front[1]
    lines = []
    for line in text.split("\n"):
        if found := _FACT.fullmatch(line.strip()):
            facts.setdefault(found[1].strip().lower(), found[2].strip())
        else:
            lines.append(line)
    return facts, "\n".join(lines)


def _without_comments(text: str) -> str:
    """Return the text without its comments."""
    text = _COMMENT.sub("", text)
    return "\n".join(_LINE_COMMENT.sub("", line).rstrip() for line in text.split("\n"))


def _read_marks(text: str) -> _Line:
    """Return a text without its marks, and what they mark."""
    ingredients: list[_Ingredient] = []
    tools: list[str] = []
    timers: list[str] = []

    def shown(found: re.Match[str]) -> str:
        is_word = found["word"] is not None
        name = (found["word"] if is_word else found["name"]).strip()
        amount = _amount((found["amount"] or "").lstrip("= "))
        if found["sign"] == "~":
            timers.append(amount)
            return amount or name
        # The step shows the name after the bar instead of the whole one.
        name, _, alias = (part.strip() for part in name.rpartition("/")[2].partition("|"))
        if not name:
            return found[0]
        if found["sign"] == "#":
            tools.append(name)
        elif "&" not in found["modifiers"] and "-" not in found["modifiers"]:
            note = (found["note"] or "").strip()
            ingredients.append(_Ingredient(name, amount, note, "?" in found["modifiers"]))
        return alias or name

    plain_text = _MARK.sub(shown, text)
    minutes = [found for each in timers if (found := minutes_of(each))]
    return _Line(" ".join(plain_text.split()), ingredients, tools, sum(minutes) or None)


def _amount(text: str) -> str:
    """Return "60*%ml" as "60 ml": the asterisk says that it scales."""
    return " ".join(text.replace("*%", " ").replace("%", " ").rstrip("* ").split())


def has_ingredient(text: str) -> bool:
    """Return whether an ingredient is marked with braces, which no other format has."""
    return any(found["sign"] == "@" and found["name"] for found in _MARK.finditer(text))


def _flat(facts: Mapping[str, Any], above: str = "", depth: int = 0) -> dict[str, Any]:
    """Return the facts by lower-case names; those of nested mappings as `time.prep`."""
    found: dict[str, Any] = {}
    for name, value in facts.items():
        key = f"{above}{name.lower()}"
        is_nested = isinstance(value, Mapping) and depth < MAX_DEPTH
        found |= _flat(value, f"{key}.", depth + 1) if is_nested else {key: value}
    return {name: value for name, value in found.items() if value not in ("", [])}
