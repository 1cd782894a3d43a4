from typing import Any

import pytest

from app.exchange.drafts import Draft, Unreadable
from app.exchange.formats import recipesage
from app.exchange.formats.members import NO_RECIPE
from tests.exchange.archiving import archive_of

CAKE: dict[str, Any] = {
    "@context": "http://schema.org",
    "@type": "Recipe",
    "identifier": "abc",
    "datePublished": "2024-01-02T03:04:05.000Z",
    "description": "Round.",
    "image": ["data:image/jpeg;base64,AAAA", "https://example.com/cake.jpg"],
    "name": "Cake",
    "prepTime": "PT20M",
    "totalTime": "PT1H",
    "recipeIngredient": ["[Dough]", "200 g flour", "[Icing]", "100 g sugar"],
    "recipeInstructions": [
        {"@type": "HowToStep", "text": "Heat the oven."},
        {"@type": "HowToSection", "name": "Dough"},
        {"@type": "HowToStep", "text": "Mix."},
        {"@type": "HowToStep", "text": "Bake."},
        {"@type": "HowToSection", "name": "Icing"},
        {"@type": "HowToStep", "text": "Spread."},
    ],
    "recipeYield": "12 pieces",
    "recipeCategory": ["Cakes", "Sunday"],
    "creditText": "Aunt",
    "isBasedOn": "https://example.com/cake",
    "comment": [{"@type": "Comment", "name": "Author Notes", "text": "Keeps *long*."}],
    "aggregateRating": {"@type": "AggregateRating", "ratingValue": 4, "ratingCount": 1},
}
DRAFT = Draft(
    {
        "label": "Cake",
        "description": "Round.",
        "url": "https://example.com/cake",
        "source": "Aunt",
        "prep_minutes": 20,
        "total_minutes": 60,
        "yield_text": "12 pieces",
        "tags": [{"kind": "category", "name": "Cakes"}, {"kind": "category", "name": "Sunday"}],
        "ingredients": [
            {"text": "200 g flour", "section": "Dough"},
            {"text": "100 g sugar", "section": "Icing"},
        ],
        "steps": [
            {"text": "Heat the oven."},
            {"text": "Mix.", "section": "Dough"},
            {"text": "Bake.", "section": "Dough"},
            {"text": "Spread.", "section": "Icing"},
        ],
        "notes": "Keeps *long*.",
        "extras": {
            "image": ["https://example.com/cake.jpg"],
            "identifier": "abc",
            "datePublished": "2024-01-02T03:04:05.000Z",
            "rating": 4,
        },
    }
)
EXPORT = {"recipes": [CAKE, None, {"name": "Bad"}, {"@type": "Recipe", "name": "Tea"}]}
DRAFTS = [
    DRAFT,
    Unreadable(None, NO_RECIPE),
    Unreadable("Bad", NO_RECIPE),
    Draft({"label": "Tea"}),
]


def test_an_export_with_broken_recipes() -> None:
    assert list(recipesage.read_json(EXPORT) or ()) == DRAFTS
    assert list(recipesage.read_archive(archive_of({"export.json": EXPORT})) or ()) == DRAFTS


@pytest.mark.parametrize(
    "value", [{}, [], 1, CAKE, {"recipes": []}, {"recipes": [{"name": "a", "items": []}]}]
)
def test_other_formats_are_not_read(value: Any) -> None:
    assert recipesage.read_json(value) is None
    assert recipesage.read_archive(archive_of({"a.json": value})) is None
    assert recipesage.read_archive(archive_of({"a.json": EXPORT, "b.json": EXPORT})) is None


@pytest.mark.parametrize("wrong", [None, 1, True, "a", [], {}, [None], [[1]], [{}], {"a": 1}])
def test_unexpected_values_are_no_error(wrong: Any) -> None:
    recipe = dict.fromkeys(CAKE, wrong) | {"@type": "Recipe"}
    assert len(list(recipesage.read_json({"recipes": [recipe]}) or ())) == 1
