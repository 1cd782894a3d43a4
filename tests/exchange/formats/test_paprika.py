import gzip
import json
from typing import Any

import pytest

from app.exchange.drafts import Draft, Unreadable
from app.exchange.formats import paprika
from app.exchange.formats.members import NO_RECIPE
from tests.exchange.archiving import archive_of

SOUP: dict[str, Any] = {
    "uid": "A-1",
    "name": "Soup",
    "description": "Warm.",
    "ingredients": "2 onions\n1 l water\n\nTo serve:\n• bread",
    "directions": "1. Chop.\n\n2. Cook\nslowly.\n\nTo serve:\n\nCut the bread.",
    "notes": "Better **tomorrow**.",
    "nutritional_info": "Calories: 120\nFat: 3 g\nno sugar at all",
    "servings": "Serves 4",
    "prep_time": "10 mins",
    "cook_time": "1 hr 5 min",
    "total_time": "an evening",
    "difficulty": "Easy",
    "rating": 5,
    "categories": ["Soups", "Winter, cold"],
    "source": "Grandmother",
    "source_url": "https://example.com/soup",
    "image_url": "https://example.com/soup.jpg",
    "photo": "A-1.jpg",
    "photo_data": "/9j/4AAQ",
    "photos": [],
    "created": "2024-01-02 03:04:05",
    "hash": "abc",
}
DRAFT = Draft(
    {
        "label": "Soup",
        "description": "Warm.",
        "url": "https://example.com/soup",
        "source": "Grandmother",
        "prep_minutes": 10,
        "cook_minutes": 65,
        "servings": 4,
        "tags": [
            {"kind": "category", "name": "Soups"},
            {"kind": "category", "name": "Winter, cold"},
        ],
        "ingredients": [
            {"text": "2 onions"},
            {"text": "1 l water"},
            {"text": "bread", "section": "To serve"},
        ],
        "steps": [
            {"text": "Chop."},
            {"text": "Cook\nslowly."},
            {"text": "Cut the bread.", "section": "To serve"},
        ],
        "nutrition": {"calories": 120, "fat_g": 3},
        "notes": "Better **tomorrow**.\n\n**Nutrition**\n\nno sugar at all",
        "extras": {
            "uid": "A-1",
            "difficulty": "Easy",
            "image_url": "https://example.com/soup.jpg",
            "created": "2024-01-02 03:04:05",
            "rating": 5,
            "total_time": "an evening",
        },
    }
)
BARE = {"name": "Bare", "ingredients": "", "directions": "", "source_url": None, "rating": 0}


def packed(value: Any) -> bytes:
    return gzip.compress(json.dumps(value).encode())


def test_an_export_with_broken_recipes() -> None:
    archive = archive_of(
        {
            "Soup.paprikarecipe": packed(SOUP),
            "__MACOSX/._Soup.paprikarecipe": b"of no matter",
            "Broken.paprikarecipe": packed(SOUP)[:50],
            "Other.paprikarecipe": packed([1]),
            "No.paprikarecipe": gzip.compress(b"<html>"),
            "Bare.paprikarecipe": BARE,
        }
    )
    assert list(paprika.read_archive(archive) or ()) == [
        DRAFT,
        Unreadable("Broken.paprikarecipe", "The compressed file is damaged."),
        Unreadable("Other.paprikarecipe", NO_RECIPE),
        Unreadable("No.paprikarecipe", "The file is not JSON."),
        Draft({"label": "Bare"}),
    ]


def test_recipes_are_read_without_their_archive() -> None:
    assert list(paprika.read_json(SOUP) or ()) == [DRAFT]
    assert list(paprika.read_json([SOUP, {}]) or ()) == [DRAFT, Unreadable(None, NO_RECIPE)]


@pytest.mark.parametrize("value", [{}, [], 1, {"@type": "Recipe"}, {**SOUP, "@type": "Recipe"}])
def test_other_formats_are_not_read(value: Any) -> None:
    assert paprika.read_json(value) is None
    assert paprika.read_archive(archive_of({"recipe.json": value})) is None


@pytest.mark.parametrize("wrong", [None, 1, -1, True, "a", [], {}, [None], [[1]], [{}], {"a": 1}])
def test_unexpected_values_are_no_error(wrong: Any) -> None:
    [draft] = paprika.read_json(dict.fromkeys(SOUP, wrong)) or []
    assert isinstance(draft, Draft)
