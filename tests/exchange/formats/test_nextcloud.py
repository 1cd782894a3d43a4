from typing import Any

import pytest

from app.exchange.drafts import Draft, Unreadable
from app.exchange.formats import nextcloud
from app.exchange.formats.members import NO_RECIPE
from tests.exchange.archiving import archive_of

BREAD: dict[str, Any] = {
    "@context": "http://schema.org",
    "@type": "Recipe",
    "name": "Bread",
    "description": "Plain.",
    "url": "https://example.com/bread",
    "image": "",
    "prepTime": "PT0H20M",
    "cookTime": "PT1H0M",
    "totalTime": None,
    "recipeYield": 2,
    "recipeCategory": "Baking",
    "keywords": "simple,white",
    "tool": ["Oven"],
    "recipeIngredient": ["## Sponge", "5 g yeast", "## Dough", "500 g flour"],
    "recipeInstructions": ["## Sponge", "Mix.", "## Dough", "Knead.", "Bake."],
    "nutrition": {"@type": "NutritionInformation", "calories": "240 kcal"},
    "dateCreated": "2024-01-02T03:04:05+0000",
}
DRAFT = Draft(
    {
        "label": "Bread",
        "description": "Plain.",
        "url": "https://example.com/bread",
        "source": "example.com",
        "prep_minutes": 20,
        "cook_minutes": 60,
        "servings": 2,
        "tags": [
            {"kind": "category", "name": "Baking"},
            {"kind": "tool", "name": "Oven"},
            {"kind": "keyword", "name": "simple"},
            {"kind": "keyword", "name": "white"},
        ],
        "ingredients": [
            {"text": "5 g yeast", "section": "Sponge"},
            {"text": "500 g flour", "section": "Dough"},
        ],
        "steps": [
            {"text": "Mix.", "section": "Sponge"},
            {"text": "Knead.", "section": "Dough"},
            {"text": "Bake.", "section": "Dough"},
        ],
        "nutrition": {"calories": 240},
        "extras": {"dateCreated": "2024-01-02T03:04:05+0000"},
    }
)


def test_a_folder_with_broken_recipes() -> None:
    archive = archive_of(
        {
            "Recipes/Bread/full.jpg": b"JFIF",
            "Recipes/Bread/recipe.json": BREAD,
            "Recipes/Broken/recipe.json": b"{",
            "Recipes/Other/recipe.json": {"name": "Other"},
            "Recipes/Tea/recipe.json": {"@type": "Recipe", "name": "Tea"},
        }
    )
    assert list(nextcloud.read_archive(archive) or ()) == [
        DRAFT,
        Unreadable("Recipes/Broken/recipe.json", "The file is not JSON."),
        Unreadable("Recipes/Other/recipe.json", NO_RECIPE),
        Draft({"label": "Tea"}),
    ]


@pytest.mark.parametrize("value", [{}, [], 1, {"name": "a", "steps": []}])
def test_other_formats_are_not_read(value: Any) -> None:
    assert nextcloud.read_archive(archive_of({"recipe.json": value})) is None
    assert nextcloud.read_archive(archive_of({"other.json": BREAD})) is None
