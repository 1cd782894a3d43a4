"""RecipeML: XML with `head`, `ingredients` and `directions`."""

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from app.exchange.drafts import Draft, Drafts
from app.exchange.files.xml import drafts_in, inner_text, others_in, parse_xml, text_in, texts_in
from app.exchange.formats.members import written
from app.exchange.text.numbers import yield_of
from app.exchange.text.times import minutes_of
from app.exchange.text.values import line_of, non_empty, origin_of, plain, tags_of

_PLACED = {"title", "subtitle", "categories", "yield", "preptime", "source"}


def read_text(text: str) -> Drafts | None:
    """Return the recipes of a document."""
    root = parse_xml(text, ("recipeml",))
    return None if root is None else drafts_in(root, "recipe", _draft, {"timeunit", "qty"})


def _draft(recipe: Element) -> Draft:
    head = next(recipe.iter("head"), Element("head"))
    ingredients = next(recipe.iter("ingredients"), Element("ingredients"))
    directions = next(recipe.iter("directions"), Element("directions"))
    times = {
        each.get("type", "").lower(): line_of(inner_text(each)) for each in head.iter("preptime")
    }
    minutes = {name: minutes_of(text) for name, text in times.items()}
    prep = next((each for name, each in minutes.items() if "cook" not in name), None)
    unread = {f"{name} time".strip(): times[name] for name, each in minutes.items() if each is None}
    document = non_empty(
        label=line_of(text_in(head, "title")),
        description=plain(text_in(recipe, "description")),
        **origin_of(text_in(head, "source")),
        prep_minutes=prep,
        cook_minutes=minutes.get("cooking") or minutes.get("cook"),
        **yield_of(_joined(next(head.iter("yield"), head)), None),
        tags=tags_of("category", texts_in(head, "cat")),
        ingredients=[*_ingredients(ingredients)],
        steps=[non_empty(text=plain(inner_text(each))) for each in directions.iter("step")]
        or [{"text": text} for text in [plain(inner_text(directions))] if text],
        notes="\n\n".join(texts_in(recipe, "note")),
        extras=others_in(head, _PLACED)
        | others_in(recipe, {"head", "description", "ingredients", "directions", "note"})
        | unread,
    )
    return Draft(document)


def _ingredients(parent: Element, section: str = "") -> Iterator[dict[str, Any]]:
    for each in parent:
        if each.tag == "ing-div":
            title = next(each.iter("title"), None)
            yield from _ingredients(each, line_of(inner_text(title)) if title is not None else "")
        elif each.tag == "ing":
            amounts = [_joined(amount) for amount in each.iter("amt")]
            preps = ", ".join(texts_in(each, "prep"))
            found = written(" ".join(amounts), "", text_in(each, "item"), preps)
            if found:
                yield found | non_empty(section=section, optional=_is_optional(each))


def _is_optional(ingredient: Element) -> bool | None:
    return ingredient.get("optional", "").lower() == "yes" or None


def _joined(amount: Element) -> str:
    """Return an amount and its unit; a range has two amounts."""
    if amount.tag == "head":
        return ""
    bounds = [text for name in ("q1", "q2") for text in texts_in(amount, name)]
    number = "-".join(bounds) or " ".join(texts_in(amount, "qty"))
    parts = [number, text_in(amount, "unit")]
    return " ".join(filter(None, parts)) or inner_text(amount)
