"""Cooklang: recipes in words, whose ingredients, tools and times are marked within the steps."""

import re
from typing import Any

from app.exchange.drafts import Draft, Drafts
from app.exchange.files.archive import Archive
from app.exchange.formats import cook_text
from app.exchange.text.sections import origin_of, yield_of
from app.exchange.text.values import given, line_of, minutes_of, plain, tags_of, texts_of

UNTITLED = "Untitled recipe"
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
_KINDS = ("category", "cuisine", "diet", "keyword")
_HEADINGS = re.compile(r"^#+ *\w", re.MULTILINE)


def read_text(text: str) -> Drafts | None:
    """The recipe that a text is, or None where it is none."""
    if text.lstrip()[:1] == "<":
        return None
    facts, body = cook_text.split(text)
    if not cook_text.has_ingredient(body) and (not facts or _HEADINGS.search(body)):
        return None
    return iter([_recipe(facts, cook_text.without_comments(body), UNTITLED)])


def read_archive(archive: Archive) -> Drafts | None:
    """The recipes of the `.cook` files of an archive, which are named after them."""
    names = archive.named("*.cook")
    texts = ((name, cook_text.split(archive.text(name))) for name in names)
    drafts = (
        _recipe(facts, cook_text.without_comments(body), name.rpartition("/")[2][:-5])
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
    document = given(
        label=line_of(found.get("label")) or title,
        description=plain("\n".join(texts_of(found.get("description")))),
        **origin_of(found.get("source")) | given(source=line_of(found.get("source_name"))),
        author=line_of(found.get("author")),
        language=line_of(found.get("language")),
        **{name: minutes_of(found.get(name)) for name in _MINUTES},
        **yield_of(found.get("servings"), found.get("yield")),
        extras=extras,
    )
    parts, tools = _parts(body)
    tags += tags_of("tool", list(tools))
    return Draft(document | parts | given(tags=tags))


def _parts(body: str) -> tuple[dict[str, Any], dict[str, None]]:
    """The ingredients, steps and notes of a recipe, and the tools, each once."""
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
            notes.append(cook_text.read(re.sub(r"^>\s?", "", block, flags=re.MULTILINE)).text)
            continue
        line = cook_text.read(block)
        for each in line.ingredients:
            member = each.member() | given(section=section)
            ingredients += [] if member in ingredients[-50:] else [member]
        tools |= dict.fromkeys(line.tools)
        steps.append(given(text=line.text, section=section, minutes=line.minutes))
    return given(ingredients=ingredients, steps=steps, notes="\n\n".join(notes)), tools


def _blocks(body: str) -> list[str]:
    """The paragraphs, of which headings and notes are some by themselves."""
    apart = re.sub(r"^([=>].*)$", r"\n\1\n", body, flags=re.MULTILINE)
    apart = re.sub(r"^(>.*)\n\n\n?(?=>)", r"\1\n", apart, flags=re.MULTILINE)
    # Without blank lines, each line is a step, as it once was.
    has_paragraphs = "\n\n" in body.strip()
    blocks = re.split(r"\n\s*\n" if has_paragraphs else r"\n+", apart)
    return [block.strip() for block in blocks if block.strip()]
