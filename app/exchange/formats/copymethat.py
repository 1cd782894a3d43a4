"""CopyMeThat: a ZIP archive with one HTML page, in which the parts of each recipe have ids."""

import re
from collections.abc import Callable
from typing import Any

from app.exchange.drafts import Draft, Drafts
from app.exchange.files.archive import Archive
from app.exchange.html.tree import Node, parse_divs
from app.exchange.text.numbers import servings_of
from app.exchange.text.sections import under_headings
from app.exchange.text.times import minutes_of
from app.exchange.text.values import line_of, non_empty, origin_of, plain, tags_of

_HAS_NAME = re.compile(r"\sid\s?=\s?[\"']?name\b")


def read_archive(archive: Archive) -> Drafts | None:
    """Return the recipes of an export."""
    return archive.drafts("*.html", read_text)


def read_text(text: str) -> Drafts | None:
    """Return the recipes of the page of an export."""
    if "recipeIngredients" not in text or "recipeInstructions" not in text:
        return None
    recipes = parse_divs(text, "recipe") if _HAS_NAME.search(text) else None
    return map(_recipe, recipes) if recipes else None


def _recipe(recipe: Node) -> Draft:
    parts = _by_id(recipe)
    servings, yield_text = servings_of(_text(parts.get("recipeYield")))
    link = parts["original_link"].attributes.get("href") if "original_link" in parts else ""
    info = parts["extra_info"].nodes() if "extra_info" in parts else ()
    marks = {node.attributes["id"]: True for node in info if "id" in node.attributes}
    rating = line_of(_text(parts.get("ratingValue")))
    document = non_empty(
        label=line_of(_text(parts.get("name"))),
        description=plain(_text(parts.get("description"))),
        **origin_of(link or _text(parts.get("original_link"))),
        prep_minutes=minutes_of(_text(parts.get("prepTime"))) or None,
        cook_minutes=minutes_of(_text(parts.get("cookTime"))) or None,
        servings=servings,
        yield_text=yield_text,
        tags=tags_of("keyword", _texts(recipe, lambda node: "recipeCategory" in _classes(node))),
        ingredients=_members(parts.get("recipeIngredients")),
        steps=_members(parts.get("recipeInstructions")),
        notes="\n\n".join(_texts(parts.get("recipeNotes"), lambda node: node.tag == "li")),
    )
    marks = {name: value for name, value in marks.items() if name not in ("rating", "ratingValue")}
    return Draft(document | non_empty(extras=marks | non_empty(rating=rating)))


def _by_id(recipe: Node) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for node in recipe.nodes():
        found.setdefault(node.attributes.get("id", ""), node)
    return found


def _classes(node: Node) -> list[str]:
    return node.words("class")


def _text(node: Node | None) -> str:
    return node.text() if node else ""


def _texts(within: Node | None, matches: Callable[[Node], bool]) -> list[str]:
    nodes = within.outermost(matches) if within else ()
    return [text for node in nodes if (text := plain(node.text()))]


def _members(part: Node | None) -> list[dict[str, Any]]:
    """Return the items of a list, some of which are headings."""
    items = part.outermost(lambda node: node.tag == "li") if part else ()
    texts = ((any("subheader" in word for word in _classes(node)), node.text()) for node in items)
    return under_headings((is_heading, plain(text)) for is_heading, text in texts if plain(text))
