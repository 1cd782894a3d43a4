"""Krecipes (.kreml): XML with `krecipes-recipe`, alone or in an archive."""

from typing import Any
from xml.etree.ElementTree import Element

from app.exchange.drafts import Draft, Drafts
from app.exchange.files.xml import drafts_in, others_in, parse_xml, text_in, texts_in
from app.exchange.formats.members import written
from app.exchange.text.numbers import yield_of
from app.exchange.text.sections import steps_of
from app.exchange.text.times import minutes_of
from app.exchange.text.values import line_of, non_empty, tags_of

_DESCRIPTION, _INGREDIENTS = "krecipes-description", "krecipes-ingredients"
_PARTS = {_DESCRIPTION, _INGREDIENTS, "krecipes-instructions"}
_PLACED = {"title", "author", "category", "yield", "serving", "preparation-time", "pictures"}

_UNCHECKED = {"type", "pic"}


def read_text(text: str) -> Drafts | None:
    """Return the recipes of an export."""
    root = parse_xml(text, ("krecipes",))
    return None if root is None else drafts_in(root, "krecipes-recipe", _draft, _UNCHECKED)


def _draft(recipe: Element) -> Draft:
    head = next(recipe.iter(_DESCRIPTION), Element(_DESCRIPTION))
    made = next(head.iter("yield"), Element("yield"))
    time = text_in(head, "preparation-time")
    minutes = minutes_of(time)
    servings = f"{_amount(made)} {text_in(made, 'type')}".strip() or text_in(head, "serving")
    document = non_empty(
        label=line_of(text_in(head, "title")),
        author=", ".join(map(line_of, texts_in(head, "author"))),
        prep_minutes=minutes or None,
        **yield_of(servings, None),
        tags=tags_of("category", texts_in(head, "cat")),
        ingredients=_ingredients(next(recipe.iter(_INGREDIENTS), Element("none")), ""),
        steps=steps_of(text_in(recipe, "krecipes-instructions")),
        extras=others_in(head, _PLACED)
        | others_in(recipe, _PARTS)
        | non_empty(preparation_time=time if minutes is None else None),
    )
    return Draft(document)


def _ingredients(parent: Element, section: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for each in parent:
        if each.tag == "ingredient-group":
            found += _ingredients(each, line_of(each.get("name", "")))
        elif each.tag == "ingredient":
            own = {child.tag: child for child in each if child.tag != "substitutes"}
            unit, food, note = (
                text_in(own[name], name) if name in own else "" for name in ("unit", "name", "prep")
            )
            amount = _amount(own["amount"]) if "amount" in own else ""
            line = written(amount, unit, food, note)
            found += [line | non_empty(section=section)] if line else []
            found += _substitutes(each, section)
    return found


def _substitutes(ingredient: Element, section: str) -> list[dict[str, Any]]:
    lists = (each for each in ingredient if each.tag == "substitutes")
    lines = [line for each in lists for line in _ingredients(each, section)]
    return [line | {"text": f"or {line['text']}", "optional": True} for line in lines]


def _amount(parent: Element) -> str:
    """Return an amount, which may be a range."""
    bounds = [text for name in ("min", "max") for text in texts_in(parent, name)]
    return "-".join(bounds) or text_in(parent, "amount")
