"""Gourmet Recipe Manager (.grmt): XML with an `ingredient-list`."""

from typing import Any
from xml.etree.ElementTree import Element

from app.exchange.drafts import Draft, Drafts
from app.exchange.files.xml import drafts_in, inner_text, others_in, parse_xml, text_in, texts_in
from app.exchange.formats.members import written
from app.exchange.text.numbers import yield_of
from app.exchange.text.sections import steps_of
from app.exchange.text.times import minutes_of
from app.exchange.text.values import line_of, non_empty, origin_of, plain, tags_of

_PLACED = {
    *("title", "description", "source", "link", "preptime", "cooktime", "yields", "servings"),
    *("category", "cuisine", "ingredient-list", "instructions", "modifications", "image"),
}

_UNCHECKED = {"key", "image", "preptime", "cooktime", "yields", "servings", "link"}


def read_text(text: str) -> Drafts | None:
    """Return the recipes of an export."""
    root = parse_xml(text, ("gourmetdoc",))
    return None if root is None else drafts_in(root, "recipe", _draft, _UNCHECKED)


def _draft(recipe: Element) -> Draft:
    times = {name: text_in(recipe, name) for name in ("preptime", "cooktime")}
    minutes = {name: minutes_of(text) for name, text in times.items()}
    document = non_empty(
        label=line_of(text_in(recipe, "title")),
        description=plain(text_in(recipe, "description")),
        **origin_of(text_in(recipe, "link")) | non_empty(source=text_in(recipe, "source")),
        prep_minutes=minutes["preptime"],
        cook_minutes=minutes["cooktime"],
        **yield_of(text_in(recipe, "servings"), text_in(recipe, "yields")),
        tags=tags_of("category", texts_in(recipe, "category"))
        + tags_of("cuisine", texts_in(recipe, "cuisine")),
        ingredients=_ingredients(next(recipe.iter("ingredient-list"), Element("none")), ""),
        steps=steps_of(text_in(recipe, "instructions")),
        notes=plain(text_in(recipe, "modifications")),
        extras=others_in(recipe, _PLACED)
        | {name: text for name, text in times.items() if text and minutes[name] is None},
    )
    return Draft(document)


def _ingredients(parent: Element, section: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for each in parent:
        if each.tag == "inggroup":
            found += _ingredients(each, line_of(text_in(each, "groupname")))
        elif each.tag in ("ingredient", "ingref"):
            parts = [text_in(each, name) for name in ("amount", "unit", "item")]
            line = written(*parts) if any(parts) else written("", "", inner_text(each))
            optional = each.get("optional", "").lower() == "yes" or None
            found += [line | non_empty(section=section, optional=optional)] if line else []
    return found
