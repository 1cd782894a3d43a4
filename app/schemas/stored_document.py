"""Read stored documents. Members that an old one lacks get the defaults of the schema."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from app.schemas.document import Ingredient, Nutrition, Step, TagPublic
from app.schemas.recipe import RecipeDocument

PARTS: Mapping[str, type[BaseModel]] = {
    "tags": TagPublic,
    "ingredients": Ingredient,
    "steps": Step,
    "nutrition": Nutrition,
}
"""The members that hold objects."""


def read_document(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stored document, such as a snapshot, with the members of today's schema.

    Members that it lacks get their defaults, and members that the schema lacks are left out, so a
    snapshot is readable without a migration.
    """
    return {
        name: _read_part(PARTS.get(name), stored[name]) if name in stored else _default(field)
        for name, field in RecipeDocument.model_fields.items()
    }


def is_current(stored: Mapping[str, Any]) -> bool:
    """Return whether the objects of a stored document have exactly the members of the schema."""
    return all(
        each.keys() == model.model_fields.keys()
        for name, model in PARTS.items()
        for each in _objects(stored.get(name))
    )


def _read_part(model: type[BaseModel] | None, value: Any) -> Any:
    if model is None or value is None:
        return value
    if isinstance(value, list):
        return [_complete(model, each) for each in value]
    return _complete(model, value)


def _complete(model: type[BaseModel], value: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value[name] if name in value else _default(field)
        for name, field in model.model_fields.items()
    }


def _objects(value: Any) -> list[Mapping[str, Any]]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _default(field: FieldInfo) -> Any:
    return field.get_default(call_default_factory=True)
