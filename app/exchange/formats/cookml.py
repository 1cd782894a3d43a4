"""CookML: German XML, whose ingredients have their amounts as attributes."""

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from app.exchange.drafts import Draft, Drafts
from app.exchange.files.xml import drafts_in, inner_text, parse_xml, text_in, texts_in
from app.exchange.formats.members import written
from app.exchange.text.numbers import yield_of
from app.exchange.text.sections import steps_of
from app.exchange.text.times import minutes_of
from app.exchange.text.values import line_of, non_empty, origin_of, plain, tags_of

_PLACED = {"title", "servingqty", "servingtype", "timecook", "timeallqty", "timeprepqty", "rid"}


def read_text(text: str) -> Drafts | None:
    """Return the recipes of a document."""
    root = parse_xml(text, ("cookml",))
    return None if root is None else drafts_in(root, "recipe", _draft)


def _draft(recipe: Element) -> Draft:
    head = next(recipe.iter("head"), Element("head"))
    steps = texts_in(recipe, "step") or [
        text for each in recipe.iter("preparation") if (text := inner_text(each))
    ]
    servings = f"{head.get('servingqty', '')} {head.get('servingtype', '')}".strip()
    document = non_empty(
        label=line_of(head.get("title", "")) or line_of(text_in(head, "title")),
        language=recipe.get("lang"),
        description=plain(text_in(recipe, "content")),
        **origin_of(text_in(recipe, "sourceline")),
        prep_minutes=minutes_of(head.get("timeprepqty")) or None,
        cook_minutes=minutes_of(head.get("timecook")) or None,
        total_minutes=minutes_of(head.get("timeallqty")) or None,
        **yield_of(servings, None),
        tags=tags_of("category", texts_in(head, "cat")),
        ingredients=[line for part in recipe.iter("part") for line in _ingredients(part)],
        steps=steps_of("\n\n".join(steps)),
        notes="\n\n".join(
            inner_text(each) for each in recipe.iter() if each.tag in ("hint", "remark", "comment")
        ),
        extras={name: value for name, value in head.items() if name not in _PLACED and value},
    )
    return Draft(document)


def _ingredients(part: Element) -> Iterator[dict[str, Any]]:
    section = line_of(part.get("title", ""))
    for each in part.iter("ingredient"):
        note = ", ".join(filter(None, (text_in(each, "inote"), each.get("state", ""))))
        food = each.get("item", "") or inner_text(each)
        if line := written(each.get("qty", ""), each.get("unit", ""), food, note):
            yield line | non_empty(section=section)
