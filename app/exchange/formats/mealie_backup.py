"""A full backup of Mealie: the tables of its database as JSON."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from app.exchange.drafts import Drafts, Unreadable
from app.exchange.files.archive import Archive
from app.exchange.formats.mealie import draft_of
from app.exchange.formats.members import NO_RECIPE, mappings_of, rest
from app.exchange.text.numbers import number_of
from app.exchange.text.values import line_of

READS_ALL = True
"""Its other files are settings and pictures."""
_MAX_NAME = 256  # Many rows may refer to one name.
_Row = Mapping[str, Any]
_TAGS = {
    "recipe_category": ("recipes_to_categories", "category_id", "categories"),
    "tags": ("recipes_to_tags", "tag_id", "tags"),
    "tools": ("recipes_to_tools", "tool_id", "tools"),
}


def read_archive(archive: Archive) -> Drafts | None:
    """Return the recipes of `database.json`."""
    names = archive.called("database.json")
    return read_json(next(archive.values(names))[1]) if names else None


def read_json(value: Any) -> Drafts | None:
    """Return the recipes of the tables."""
    is_backup = isinstance(value, Mapping) and {"recipes", "recipes_ingredients"} <= value.keys()
    return _drafts(value) if is_backup else None


def _drafts(tables: Mapping[str, Any]) -> Drafts:
    parts = {
        "recipe_ingredient": _grouped(tables, "recipes_ingredients"),
        "recipe_instructions": _grouped(tables, "recipe_instructions"),
        "nutrition": _grouped(tables, "recipe_nutrition"),
        "notes": _grouped(tables, "notes"),
        "comments": _grouped(tables, "recipe_comments"),
    }
    extras = _grouped(tables, "api_extras", "recipee_id")
    units = _named(tables, "ingredient_units")
    foods = _named(tables, "ingredient_foods")
    tags = {
        member: (_grouped(tables, joining), column, _named(tables, table))
        for member, (joining, column, table) in _TAGS.items()
    }
    rows = tables["recipes"]
    for row in rows if isinstance(rows, list) else []:
        if not isinstance(row, Mapping):
            yield Unreadable(None, NO_RECIPE)
            continue
        key = _key(row.get("id"))
        recipe: dict[str, Any] = {**row}
        # pop() uses each row once, even if several recipes have the same id.
        for member, grouped in parts.items():
            recipe[member] = grouped.pop(key, [])
        recipe["recipe_ingredient"] = [
            {
                **each,
                "unit": units.get(_key(each.get("unit_id"))),
                "food": foods.get(_key(each.get("food_id"))),
            }
            for each in recipe["recipe_ingredient"]
        ]
        recipe["nutrition"] = next(iter(recipe["nutrition"]), None)
        recipe["comments"] = [rest(each, _OF_A_COMMENT) for each in recipe["comments"]]
        recipe["extras"] = {
            line_of(each.get("key_name")): each.get("value") for each in extras.pop(key, [])
        }
        for member, (joined, column, names) in tags.items():
            recipe[member] = [names.get(_key(each.get(column))) for each in joined.pop(key, [])]
        yield draft_of(recipe)


_OF_A_COMMENT = {"id", "recipe_id", "user_id", "update_at", "updated_at"}


def _grouped(
    tables: Mapping[str, Any], table: str, column: str = "recipe_id"
) -> defaultdict[str, list[_Row]]:
    """Return the rows of each recipe in order."""
    groups: defaultdict[str, list[_Row]] = defaultdict(list)
    for row in sorted(mappings_of(tables.get(table)), key=_position):
        groups[_key(row.get(column))].append(row)
    return groups


def _named(tables: Mapping[str, Any], table: str) -> dict[str, str]:
    rows = mappings_of(tables.get(table))
    return {_key(row.get("id")): line_of(row.get("name"))[:_MAX_NAME] for row in rows}


def _position(row: _Row) -> float:
    return number_of(row.get("position")) or 0


def _key(value: Any) -> str:
    """Return an id without the hyphens that only some versions write."""
    return line_of(value).replace("-", "")
