from typing import Any

import pytest

from app.exchange.drafts import Draft, Unreadable
from app.exchange.formats import mealie_backup
from app.exchange.formats.members import NO_RECIPE
from tests.exchange.archiving import archive_of

TABLES: dict[str, Any] = {
    "alembic_version": [{"version_num": "abc"}],
    "recipes": [
        {
            "id": "0b9e-1",
            "group_id": "1",
            "name": "Pancakes",
            "name_normalized": "pancakes",
            "description": None,
            "recipe_yield": "2 servings",
            "org_url": "https://example.com/pancakes",
            "rating": 3,
        },
        "broken",
        {"id": "0b9e-2", "name": "Water"},
    ],
    "recipes_ingredients": [
        {"recipe_id": "0b9e1", "position": 1, "quantity": 2, "unit_id": None, "food_id": "e"},
        {
            "recipe_id": "0b9e1",
            "position": 0,
            "title": "Batter",
            "quantity": 250,
            "unit_id": "g",
            "food_id": "f",
            "note": "sifted",
            "original_text": None,
        },
        {"recipe_id": "of none", "position": 0, "note": "lost"},
        None,
    ],
    "ingredient_units": [{"id": "g", "name": "gram"}],
    "ingredient_foods": [{"id": "e", "name": "egg"}, {"id": "f", "name": "flour"}],
    "recipe_instructions": [
        {"recipe_id": "0b9e1", "position": 1, "title": "", "text": "Fry."},
        {"recipe_id": "0b9e1", "position": 0, "title": "Batter", "text": "Stir."},
        {"recipe_id": "0b9e2", "position": 0, "text": "Pour."},
    ],
    "categories": [{"id": "c", "name": "Breakfast"}],
    "recipes_to_categories": [{"recipe_id": "0b9e1", "category_id": "c"}],
    "tags": [{"id": "t", "name": "Quick"}],
    "recipes_to_tags": [
        {"recipe_id": "0b9e1", "tag_id": "t"},
        {"recipe_id": "0b9e1", "tag_id": "gone"},
    ],
    "tools": [{"id": "p", "name": "Pan"}],
    "recipes_to_tools": [{"recipe_id": "0b9e1", "tool_id": "p"}],
    "recipe_nutrition": [{"id": 1, "recipe_id": "0b9e1", "calories": "230", "fat_content": None}],
    "notes": [{"id": 1, "recipe_id": "0b9e2", "title": "Cold", "text": "Best from the tap."}],
    "recipe_comments": [{"id": 1, "recipe_id": "0b9e1", "user_id": "1", "text": "Good!"}],
    "api_extras": [{"id": 1, "recipee_id": "0b9e1", "key_name": "wine", "value": "none"}],
}
DRAFTS = [
    Draft(
        {
            "label": "Pancakes",
            "url": "https://example.com/pancakes",
            "servings": 2,
            "tags": [
                {"kind": "category", "name": "Breakfast"},
                {"kind": "keyword", "name": "Quick"},
                {"kind": "tool", "name": "Pan"},
            ],
            "ingredients": [
                {
                    "text": "250 gram flour, sifted",
                    "quantity": 250,
                    "unit": "gram",
                    "food": "flour",
                    "note": "sifted",
                    "section": "Batter",
                },
                {"text": "2 egg", "quantity": 2, "food": "egg", "section": "Batter"},
            ],
            "steps": [
                {"text": "Stir.", "section": "Batter"},
                {"text": "Fry.", "section": "Batter"},
            ],
            "nutrition": {"calories": 230},
            "extras": {"rating": 3, "comments": [{"text": "Good!"}], "wine": "none"},
        }
    ),
    Unreadable(None, NO_RECIPE),
    Draft(
        {
            "label": "Water",
            "steps": [{"text": "Pour."}],
            "notes": "**Cold**\n\nBest from the tap.",
        }
    ),
]


def test_recipes_are_joined_from_the_tables() -> None:
    archive = archive_of({"data/recipes/1/images/original.webp": b"", "database.json": TABLES})
    assert list(mealie_backup.read_archive(archive) or ()) == DRAFTS


@pytest.mark.parametrize("value", [{}, [], {"recipes": []}, {"recipes": [], "items": []}])
def test_other_formats_are_not_read(value: Any) -> None:
    assert mealie_backup.read_json(value) is None
    assert mealie_backup.read_archive(archive_of({"database.json": value})) is None
    assert mealie_backup.read_archive(archive_of({"a.json": TABLES})) is None


def test_a_broken_database_is_not_read() -> None:
    assert mealie_backup.read_archive(archive_of({"database.json": b"{"})) is None


@pytest.mark.parametrize("wrong", [None, 1, "a", [], {}, [None], [[1]], [{}], [{"id": []}]])
def test_unexpected_values_are_no_error(wrong: Any) -> None:
    list(mealie_backup.read_json(dict.fromkeys(TABLES, wrong)) or ())
    for name in TABLES:
        list(mealie_backup.read_json({**TABLES, name: wrong}) or ())


def test_shared_rows_and_names_are_read_quickly() -> None:
    count = 1000
    tables = {
        "recipes": [{"id": 1, "name": "Same"}] * count,
        "recipes_ingredients": [{"recipe_id": 1, "food_id": 1}] * count,
        "ingredient_foods": [{"id": 1, "name": "a" * 100_000}],
    }
    drafts = list(mealie_backup.read_json(tables) or ())
    assert len(drafts) == count
    assert len(str(drafts)) < count * 2000
