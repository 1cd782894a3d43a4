"""Exports of Crouton."""

from typing import Any

import pytest

from app.exchange.drafts import Draft, Unreadable
from app.exchange.formats import crouton
from app.exchange.formats.members import NO_RECIPE
from app.exchange.items import items_of
from tests.exchange.archiving import archive_of


def line(order: int, kind: str, amount: Any, name: str) -> dict[str, Any]:
    quantity = {"amount": amount, "quantityType": kind}
    return {"order": order, "ingredient": {"uuid": "1", "name": name}, "quantity": quantity}


PIE: dict[str, Any] = {
    "uuid": "77",
    "name": "Apple pie",
    "serves": 8,
    "duration": 30,
    "cookingDuration": 45,
    "defaultScale": 1,
    "webLink": "https://example.org/pie",
    "sourceName": "Example Kitchen",
    "ingredients": [
        line(2, "GRAMS", 250.5, "flour"),
        line(0, "ITEM", 3, "apples"),
        line(1, "SECTION", None, "Crust"),
        {"order": 3, "ingredient": {"name": "salt"}},
        "sugar",
        line(4, "CUP", 0, ""),
    ],
    "steps": [
        {"order": 0, "isSection": True, "step": "Crust"},
        {"order": 1, "isSection": False, "step": "Knead."},
        {"order": 2, "step": None},
        {"order": 3, "step": "Bake."},
    ],
    "notes": "Best **warm**.",
    "neutritionalInfo": "Calories: 320 kcal\nVery filling",
    "tags": ["Dessert", 7],
    "images": ["aGVsbG8="],
}
READ = {
    "label": "Apple pie",
    "url": "https://example.org/pie",
    "source": "Example Kitchen",
    "prep_minutes": 30,
    "cook_minutes": 45,
    "servings": 8,
    "tags": [{"kind": "keyword", "name": "Dessert"}, {"kind": "keyword", "name": "7"}],
    "ingredients": [
        {"quantity": 3, "food": "apples", "text": "3 apples"},
        {"food": "sugar", "text": "sugar"},
        {
            "quantity": 250.5,
            "unit": "g",
            "food": "flour",
            "text": "250.5 g flour",
            "section": "Crust",
        },
        {"food": "salt", "text": "salt", "section": "Crust"},
    ],
    "steps": [{"text": "Knead.", "section": "Crust"}, {"text": "Bake.", "section": "Crust"}],
    "nutrition": {"calories": 320},
    "notes": "Best **warm**.",
    "extras": {"uuid": "77", "defaultScale": 1, "nutritionalInfo": "Very filling"},
}


def test_an_archive_with_broken_recipes() -> None:
    bare = {"name": "Bare", "duration": 5, "ingredients": {}, "steps": "Boil.", "serves": "x"}
    archive = archive_of(
        {"a.crumb": PIE, "b.crumb": b"[", "c.crumb": 4, "sub/d.crumb": bare, "photo.jpg": b""}
    )
    drafts = crouton.read_archive(archive)
    assert drafts is not None
    assert list(drafts) == [
        Draft(READ),
        Unreadable("b.crumb", "The file is not JSON."),
        Unreadable("c.crumb", NO_RECIPE),
        Draft(
            {"label": "Bare", "total_minutes": 5, "yield_text": "x", "steps": [{"text": "Boil."}]}
        ),
    ]


def test_one_recipe() -> None:
    assert list(crouton.read_json(PIE) or ()) == [Draft(READ)]


def test_other_formats_are_not_read() -> None:
    assert crouton.read_archive(archive_of({"recipe.json": PIE})) is None
    assert crouton.read_json({"name": "Toast", "steps": [], "ingredients": []}) is None
    assert crouton.read_json([PIE]) is None


ODD: list[Any] = [None, True, -1, 1e300, "", "x", [], [None, [["x"]]], {}, {"name": {"text": [7]}}]


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_unexpected_values_are_no_error(odd: Any) -> None:
    for member in PIE:
        (item,) = items_of(crouton.read_json(PIE | {member: odd}) or iter(()))
        assert item.document or member == "name"
