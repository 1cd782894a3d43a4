from typing import Any

import pytest

from app.exchange.drafts import Draft, Unreadable
from app.exchange.formats import mealie
from app.exchange.formats.members import NO_RECIPE
from tests.exchange.archiving import archive_of

PANCAKES: dict[str, Any] = {
    "id": "0b9e",
    "user_id": "1",
    "slug": "pancakes",
    "name": "Pancakes",
    "description": "Thin ones.",
    "image": "AbC",
    "recipe_yield": "pancakes",
    "recipe_yield_quantity": 8.0,
    "recipe_servings": 2.0,
    "prep_time": "10 minutes",
    "perform_time": "PT20M",
    "total_time": "as long as it takes",
    "recipe_category": [{"id": "2", "name": "Breakfast, sweet", "slug": "breakfast-sweet"}],
    "tags": [{"name": "Quick"}],
    "tools": [{"name": "Pan"}],
    "rating": 4.5,
    "org_url": "https://example.com/pancakes",
    "recipe_ingredient": [
        {
            "title": "Batter",
            "quantity": 250.0,
            "unit": {"name": "gram", "abbreviation": "g"},
            "food": {"name": "flour"},
            "note": "sifted",
            "original_text": "250 g flour, sifted",
            "display": "250 gram flour sifted",
        },
        {
            "quantity": 1.5,
            "unit": {"name": "cup"},
            "food": {"name": "milk"},
            "display": "1 ¹/₂ cup milk",
        },
        {"quantity": 3, "food": {"name": "egg"}, "original_text": "2 eggs"},
        {"title": "To serve", "quantity": 1, "unit": None, "food": None, "note": "some butter"},
        {"quantity": None, "note": "", "display": ""},
        "sugar",
        7,
    ],
    "recipe_instructions": [
        {"title": "", "summary": "Mix", "text": "Stir it all."},
        {"title": "At the stove", "summary": "", "text": "Fry **both** sides."},
        {"title": "", "text": "Serve."},
        {"title": "", "text": ""},
        None,
    ],
    "nutrition": {"calories": "230", "fat_content": "7 g", "sodium_content": "0.5 g", "zinc": "1"},
    "settings": {"public": True},
    "assets": [],
    "notes": [{"title": "Rest", "text": "Let it *rest*."}, {"title": "", "text": "Or do not."}, 5],
    "extras": {"wine": "none"},
    "comments": [],
}
DOCUMENT = {
    "label": "Pancakes",
    "description": "Thin ones.",
    "url": "https://example.com/pancakes",
    "prep_minutes": 10,
    "cook_minutes": 20,
    "servings": 2.0,
    "yield_text": "8 pancakes",
    "tags": [
        {"kind": "category", "name": "Breakfast, sweet"},
        {"kind": "keyword", "name": "Quick"},
        {"kind": "tool", "name": "Pan"},
    ],
    "ingredients": [
        {
            "text": "250 g flour, sifted",
            "quantity": 250.0,
            "unit": "gram",
            "food": "flour",
            "note": "sifted",
            "section": "Batter",
        },
        {
            "text": "1 1/2 cup milk",
            "quantity": 1.5,
            "unit": "cup",
            "food": "milk",
            "section": "Batter",
        },
        {"text": "3 egg", "quantity": 3, "food": "egg", "section": "Batter"},
        {"text": "some butter", "section": "To serve"},
        {"text": "sugar", "section": "To serve"},
        {"text": "7", "section": "To serve"},
    ],
    "steps": [
        {"text": "Stir it all.", "name": "Mix"},
        {"text": "Fry **both** sides.", "section": "At the stove"},
        {"text": "Serve.", "section": "At the stove"},
    ],
    "nutrition": {"calories": 230, "fat_g": 7, "sodium_mg": 500},
    "notes": "**Rest**\n\nLet it *rest*.\n\nOr do not.",
    "extras": {
        "rating": 4.5,
        "wine": "none",
        "total_time": "as long as it takes",
        "nutrition": {"zinc": "1"},
    },
}
OLD = {
    "name": "Soup",
    "slug": "soup",
    "orgURL": "https://example.com/soup",
    "recipeYield": "4 servings",
    "recipeIngredient": ["1 onion"],
    "recipeInstructions": [{"text": "Cook."}],
    "recipeCategory": ["Dinner"],
    "tags": ["Vegan"],
    "tools": ["Pot"],
    "prepTime": "5",
    "cookTime": "1 hour",
    "dateAdded": "2020-01-02",
    "extras": None,
}
OLD_DOCUMENT = {
    "label": "Soup",
    "url": "https://example.com/soup",
    "prep_minutes": 5,
    "cook_minutes": 60,
    "servings": 4,
    "tags": [
        {"kind": "category", "name": "Dinner"},
        {"kind": "keyword", "name": "Vegan"},
        {"kind": "tool", "name": "Pot"},
    ],
    "ingredients": [{"text": "1 onion"}],
    "steps": [{"text": "Cook."}],
    "extras": {"date_added": "2020-01-02"},
}


def camel(value: Any) -> Any:
    if isinstance(value, list):
        return [camel(each) for each in value]
    if not isinstance(value, dict):
        return value
    names = {"org_url": "orgURL"}
    return {
        names.get(name, name[0] + name.title().replace("_", "")[1:]): camel(each)
        for name, each in value.items()
    }


@pytest.mark.parametrize("value", [PANCAKES, camel(PANCAKES)], ids=["export", "API"])
def test_a_recipe_is_read_whole(value: Any) -> None:
    assert list(mealie.read_json(value) or ()) == [Draft(DOCUMENT)]


def test_a_recipe_from_before_1_0_is_read_whole() -> None:
    assert list(mealie.read_json(OLD) or ()) == [Draft(OLD_DOCUMENT)]


@pytest.mark.parametrize(
    "value", [[PANCAKES, {"name": "Bad"}, OLD], {"items": [PANCAKES, {"name": "Bad"}, OLD]}]
)
def test_several_come_in_a_list_or_a_page(value: Any) -> None:
    assert list(mealie.read_json(value) or ()) == [
        Draft(DOCUMENT),
        Unreadable("Bad", NO_RECIPE),
        Draft(OLD_DOCUMENT),
    ]


def test_the_archive_of_one_recipe_is_read() -> None:
    archive = archive_of({"original.webp": b"RIFF", "pancakes.json": PANCAKES})
    assert list(mealie.read_archive(archive) or ()) == [Draft(DOCUMENT)]


def test_an_archive_of_many_with_broken_recipes() -> None:
    archive = archive_of(
        {
            "settings/settings.json": {"name": "of no matter"},
            "recipes/a/a.json": b"{",
            "recipes/pancakes/pancakes.json": PANCAKES,
            "recipes/b/b.json": [],
            "recipes/soup/soup.json": OLD,
        }
    )
    assert list(mealie.read_archive(archive) or ()) == [
        Unreadable("recipes/a/a.json", "The file is not JSON."),
        Draft(DOCUMENT),
        Unreadable("recipes/b/b.json", NO_RECIPE),
        Draft(OLD_DOCUMENT),
    ]


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        {"name": "Ours", "ingredients": []},
        {"@type": "Recipe", "name": "A page's", "slug": "a", "recipeIngredient": []},
        "recipe_ingredient",
    ],
)
def test_other_formats_are_not_read(value: Any) -> None:
    assert mealie.read_json(value) is None
    assert mealie.read_archive(archive_of({"a.json": value})) is None


@pytest.mark.parametrize("wrong", [None, 1, True, "a", [], {}, [None], [[1]], [{}], {"a": [1]}])
def test_unexpected_values_are_no_error(wrong: Any) -> None:
    [draft] = mealie.read_json(dict.fromkeys(PANCAKES, wrong)) or []
    assert isinstance(draft, Draft)
