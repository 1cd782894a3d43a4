"""The Recipe objects in a JSON-LD value, with the objects that they refer to by @id."""

import re
from collections.abc import Mapping
from typing import Any

from app.exchange.schema_org.instructions import ingredients_of
from app.exchange.schema_org.nodes import first_of, is_a
from app.exchange.text.values import MAX_DEPTH, Json, line_of

Recipe = dict[str, Any]
"""An object of the type Recipe."""

INGREDIENTS = ("recipeIngredient", "ingredients", "ingredient")
STEPS = ("recipeInstructions", "instructions", "step")
_MAX_COPIED = 200_000
_NAMES = {
    name.lower(): name
    for name in (
        *("recipeIngredient", "recipeInstructions", "itemListElement", "recipeYield"),
        *("prepTime", "cookTime", "totalTime"),
    )
}


def recipes_in(value: Json) -> list[Recipe]:
    """Return each Recipe in a value once, in order, with its references resolved."""
    found, nodes = _walk(value)
    graph = _Graph(nodes)
    recipes: list[Recipe] = []
    places: dict[Any, int] = {}
    for node in found:
        recipe = {_local_name(name): graph.resolved(each) for name, each in node.items()}
        keys = _identity(recipe)
        place = next((places[key] for key in keys if key in places), len(recipes))
        if place == len(recipes):
            recipes.append(recipe)
        elif len(recipe) > len(recipes[place]):
            recipes[place] = recipe
        places |= dict.fromkeys(keys, place)
    return recipes


def _walk(value: Json) -> tuple[list[Recipe], dict[str, Recipe]]:
    """Return the recipes that are not inside others, and all objects with an @id."""
    recipes: list[Recipe] = []
    nodes: dict[str, Recipe] = {}
    waiting = [(value, False)]
    while waiting:
        each, is_within = waiting.pop()
        if isinstance(each, list):
            waiting += [(member, is_within) for member in reversed(each)]
        elif isinstance(each, dict):
            if is_a(each, "Recipe") and not is_within:
                recipes.append(each)
                is_within = True
            name = each.get("@id")
            if isinstance(name, str) and len(each) > len(nodes.get(name, ())):
                nodes[name] = each
            waiting += [(member, is_within) for member in reversed(each.values())]
    return recipes, nodes


def _identity(recipe: Recipe) -> list[Any]:
    """Return the keys of a recipe: two recipes that share one of them are the same."""
    lines = [line["text"] for line in ingredients_of(first_of(recipe, *INGREDIENTS))]
    name = recipe.get("@id")
    keys: list[Any] = [name] if isinstance(name, str) and name else []
    if not lines:
        lines = [repr(first_of(recipe, *STEPS))]
    return [*keys, (line_of(recipe.get("name")), *lines)]


def _local_name(name: str) -> str:
    """Return the name of a member without its vocabulary, in the case of schema.org."""
    name = re.sub(r"^(?:https?://schema\.org/|schema:)", "", name)
    return _NAMES.get(name.lower(), name)


class _Graph:
    """The objects of a file by their @id. Bounds how much of them is copied into references."""

    def __init__(self, nodes: Mapping[str, Recipe]) -> None:
        self.nodes = nodes
        self.left = _MAX_COPIED

    def resolved(self, value: Json) -> Json:
        """Return a value with the objects that it refers to, each only once."""
        return self._resolved(value, set(), False, 0)

    def _resolved(self, value: Json, seen: set[str], is_copy: bool, depth: int) -> Json:
        if not isinstance(value, list | dict):
            return value
        if depth > MAX_DEPTH or self.left < 0:
            return None
        self.left -= is_copy
        if isinstance(value, list):
            return [self._resolved(each, seen, is_copy, depth + 1) for each in value]
        name = value.get("@id")
        if isinstance(name, str) and name in self.nodes and value.keys() <= {"@id", "@type"}:
            if name not in seen:
                seen.add(name)
                return self._resolved(self.nodes[name], seen, True, depth + 1)
        elif "@list" in value or "@set" in value:
            return self._resolved(value.get("@list", value.get("@set")), seen, is_copy, depth + 1)
        return {
            _local_name(name): self._resolved(each, seen, is_copy, depth + 1)
            for name, each in value.items()
        }
