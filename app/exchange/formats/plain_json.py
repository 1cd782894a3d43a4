"""JSON of any application (RecetteTek writes it) whose recipes have a title, ingredients, steps."""

from typing import Any

from app.exchange.drafts import Drafts
from app.exchange.files.table import column_key
from app.exchange.formats.fields import row_of
from app.exchange.formats.members import drafts_of, unnamed
from app.exchange.formats.plain_csv import MEMBER_OF, recipe_of

_PICTURES = ("pictures", "picture", "images", "image", "photos", "photo")


def read_json(value: Any) -> Drafts | None:
    """Return one recipe, or a list of them."""
    if isinstance(value, dict) and isinstance(value.get("recipes"), list):
        value = value["recipes"]
    values = value if isinstance(value, list) else [value]
    if not any(map(_is_recipe, values)):
        return None
    return drafts_of(unnamed(values), _is_recipe, lambda each: recipe_of(row_of(_fields(each))))


def _fields(value: dict[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in value.items() if name.lower() not in _PICTURES}


def _is_recipe(value: Any) -> bool:
    if not isinstance(value, dict) or "@type" in value:
        return False
    members = {MEMBER_OF.get(column_key(name)) for name, each in value.items() if each}
    return {"label", "ingredients"} <= members or {"label", "steps"} <= members
