"""Exports of Mela."""

from typing import Any

import pytest

from app.exchange.drafts import Draft, Unreadable
from app.exchange.formats import mela
from app.exchange.formats.members import NO_RECIPE
from app.exchange.items import items_of
from tests.exchange.archiving import archive_of, zipped

SOUP: dict[str, Any] = {
    "id": "4B1D",
    "title": "Leek soup",
    "text": "For cold days.",
    "ingredients": "# Soup\n2 leeks\n1 l stock\n# To serve\nBread",
    "instructions": "Clean the leeks.\n# Soup\nBoil for 20 minutes.\nBlend.",
    "notes": "Freezes **well**.",
    "nutrition": "Calories: 210\nSalt: much",
    "yield": "4 servings",
    "prepTime": "15 min",
    "cookTime": "1 h 5 min",
    "totalTime": "all day long",
    "categories": ["Soup", "Winter"],
    "favorite": True,
    "link": "https://example.org/leek-soup",
    "images": ["aGVsbG8="],
}
READ = {
    "label": "Leek soup",
    "description": "For cold days.",
    "url": "https://example.org/leek-soup",
    "prep_minutes": 15,
    "cook_minutes": 65,
    "servings": 4,
    "tags": [{"kind": "category", "name": "Soup"}, {"kind": "category", "name": "Winter"}],
    "ingredients": [
        {"text": "2 leeks", "section": "Soup"},
        {"text": "1 l stock", "section": "Soup"},
        {"text": "Bread", "section": "To serve"},
    ],
    "steps": [
        {"text": "Clean the leeks."},
        {"text": "Boil for 20 minutes.", "section": "Soup"},
        {"text": "Blend.", "section": "Soup"},
    ],
    "nutrition": {"calories": 210},
    "notes": "Freezes **well**.",
    "extras": {
        "id": "4B1D",
        "favorite": True,
        "totalTime": "all day long",
        "nutrition": "Salt: much",
    },
}


def test_an_archive_with_broken_recipes() -> None:
    bare = {"title": "Bare", "ingredients": 3, "instructions": None, "link": "Aunt Rosa"}
    archive = archive_of(
        {
            "a.melarecipe": SOUP,
            "b.melarecipe": b"{broken",
            "c.melarecipe": ["no", "recipe"],
            "d.melarecipe": bare,
            "more.melarecipes": zipped({"e.melarecipe": SOUP}),
            "torn.melarecipes": b"PK\x03\x04torn",
            "read me.txt": b"hello",
        }
    )
    drafts = mela.read_archive(archive)
    assert drafts is not None
    assert list(drafts) == [
        Draft(READ),
        Unreadable("b.melarecipe", "The file is not JSON."),
        Unreadable("c.melarecipe", NO_RECIPE),
        Draft({"label": "Bare", "source": "Aunt Rosa", "ingredients": [{"text": "3"}]}),
        Draft(READ),
        Unreadable("torn.melarecipes", "The archive is damaged."),
    ]


def test_one_recipe() -> None:
    assert list(mela.read_json(SOUP) or ()) == [Draft(READ)]


def test_other_formats_are_not_read() -> None:
    assert mela.read_archive(archive_of({"recipe.json": SOUP})) is None
    assert mela.read_json([SOUP]) is None
    assert mela.read_json({"title": "Toast"}) is None


ODD: list[Any] = [None, True, -1, 1e300, "", "x", [], [None, [["x"]]], {}, {"name": {"text": [7]}}]


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_unexpected_values_are_no_error(odd: Any) -> None:
    for member in SOUP:
        (item,) = items_of(mela.read_json(SOUP | {member: odd}) or iter(()))
        assert item.document or member == "title"
