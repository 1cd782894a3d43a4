"""Mealie: recipes as its pages and its API export them, also before version 1.0."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from app.exchange.drafts import Draft, Drafts
from app.exchange.files.archive import Archive
from app.exchange.formats.members import (
    drafts_of,
    ingredient,
    mappings_of,
    markdown_note,
    minutes,
    nutrition,
    rest,
    tags,
    unnamed,
)
from app.exchange.text.numbers import number_of, servings_of
from app.exchange.text.values import line_of, non_empty, text_of

_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PLACED = {
    *("name", "description", "org_url", "tags", "recipe_category", "tools", "recipe_cuisine"),
    *("recipe_yield", "recipe_servings", "recipe_yield_quantity", "notes", "extras", "nutrition"),
    *("prep_time", "cook_time", "perform_time", "total_time"),
    *("recipe_ingredient", "recipe_instructions"),
    # Members that are of use only to that installation.
    *("id", "user_id", "group_id", "household_id", "slug", "image", "settings", "assets"),
    *("date_updated", "update_at", "updated_at", "is_ocr_recipe"),
    *("name_normalized", "description_normalized"),
}


def read_json(value: Any) -> Drafts | None:
    """Return one recipe, a list of them, or a page of them."""
    if isinstance(value, Mapping) and isinstance(value.get("items"), list):
        value = value["items"]
    values = value if isinstance(value, list) else [value]
    return (
        drafts_of(unnamed(values), _is_recipe, draft_of) if any(map(_is_recipe, values)) else None
    )


def read_archive(archive: Archive) -> Drafts | None:
    """Return one recipe in `<slug>.json`, or many in `recipes/<slug>/<slug>.json`."""
    names = archive.named("*recipes/*.json") or archive.named("*.json")
    return (
        drafts_of(archive.values(names), _is_recipe, draft_of)
        if archive.any_is(_is_recipe, names)
        else None
    )


def draft_of(value: Mapping[str, Any]) -> Draft:
    """Return a recipe from a dump of Mealie's model."""
    value = _snake(value)
    extras = rest(value, _PLACED)
    if isinstance(value.get("extras"), Mapping):
        extras |= value["extras"]
    quantity = number_of(value.get("recipe_yield_quantity"))
    yields = line_of(value.get("recipe_yield"))
    servings, yield_text = servings_of(f"{quantity:g} {yields}" if quantity else yields)
    cook = [minutes(value, extras, name) for name in ("perform_time", "cook_time")]
    document = non_empty(
        label=line_of(value.get("name")),
        description=text_of(value.get("description")),
        url=line_of(value.get("org_url")),
        prep_minutes=minutes(value, extras, "prep_time"),
        cook_minutes=next(filter(None, cook), None),
        total_minutes=minutes(value, extras, "total_time"),
        servings=number_of(value.get("recipe_servings")) or servings,
        yield_text=yield_text,
        tags=tags("category", value.get("recipe_category"))
        + tags("keyword", value.get("tags"))
        + tags("cuisine", value.get("recipe_cuisine"))
        + tags("tool", value.get("tools")),
        ingredients=list(_ingredients(value.get("recipe_ingredient"))),
        steps=list(_steps(value.get("recipe_instructions"))),
        nutrition=nutrition(value.get("nutrition"), extras),
        notes=_notes(value.get("notes")),
        extras=extras,
    )
    return Draft(document)


def _is_recipe(value: Any) -> bool:
    if not isinstance(value, Mapping) or "name" not in value:
        return False
    if "recipe_ingredient" in value or "recipe_instructions" in value:
        return True
    # Its API uses the names of schema.org.
    is_schema_org = "@type" in value or "@context" in value
    return not is_schema_org and "slug" in value and "recipeIngredient" in value


def _snake(value: Any) -> dict[str, Any]:
    """Return an object with the names of Mealie's models: `orgURL` becomes `org_url`."""
    if not isinstance(value, Mapping):
        return {}
    return {_CAPITAL.sub("_", str(name)).lower(): each for name, each in value.items()}


def _ingredients(value: Any) -> Iterator[dict[str, Any]]:
    section = ""
    for each in value if isinstance(value, list) else []:
        members = _snake(each)
        section = line_of(members.get("title")) or section
        found = _ingredient(members) if members else {"text": line_of(each)}
        if found.get("text"):
            yield found | non_empty(section=section)


def _ingredient(members: dict[str, Any]) -> dict[str, Any]:
    quantity = number_of(members.get("quantity"))
    unit, food = line_of(members.get("unit")), line_of(members.get("food"))
    note = line_of(members.get("note"))
    original = line_of(members.get("original_text"))
    if not unit and not food:
        # Mealie gives an ingredient that is only a line the quantity 1, which means nothing.
        plain = note or original or line_of(members.get("display"))
        return {"text": plain} if quantity in (None, 0, 1) else ingredient(quantity, "", "", plain)
    composed = ingredient(quantity, unit, food, note)
    # Fractions are shown in small figures: ¹/₂.
    shown = unicodedata.normalize("NFKC", line_of(members.get("display")))
    # If the original text has another amount, the ingredient was corrected later.
    is_current = (number_of(original) or None) == (quantity or None)
    return composed | non_empty(text=original if is_current and original else shown)


def _steps(value: Any) -> Iterator[dict[str, Any]]:
    section = ""
    for each in value if isinstance(value, list) else [value]:
        members = _snake(each) or {"text": each}
        section = line_of(members.get("title")) or section
        step = non_empty(text=text_of(members.get("text")), name=line_of(members.get("summary")))
        if step:
            yield step | non_empty(section=section)


def _notes(value: Any) -> str:
    notes = (markdown_note(note.get("title"), note.get("text")) for note in mappings_of(value))
    return "\n\n".join(filter(None, notes))
