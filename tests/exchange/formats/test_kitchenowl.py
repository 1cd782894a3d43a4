from typing import Any

import pytest

from app.exchange.drafts import Draft, Unreadable
from app.exchange.formats import kitchenowl
from app.exchange.formats.members import NO_RECIPE

CURRY: dict[str, Any] = {
    "name": "Curry",
    "description": "Hot.\n\n## Paste\n\n1. Grind\n   all.\n2. Fry.\n\n## Curry\n- Add @water.\n",
    "time": 45,
    "photo": "abc.jpg",
    "cook_time": 30,
    "prep_time": 0,
    "yields": 4,
    "source": "https://example.com/curry",
    "items": [
        {"name": "Chilli", "description": "2", "optional": True},
        {"name": "Rice", "description": "cooked", "optional": False},
        {"name": "Salt", "description": ""},
        {"name": "", "description": None},
        None,
    ],
    "tags": ["hot", "Thai, green"],
    "server_curated": True,
}
DRAFT = Draft(
    {
        "label": "Curry",
        "description": "Hot.",
        "url": "https://example.com/curry",
        "cook_minutes": 30,
        "total_minutes": 45,
        "servings": 4,
        "tags": [{"kind": "keyword", "name": "hot"}, {"kind": "keyword", "name": "Thai, green"}],
        "ingredients": [
            {"text": "2 Chilli", "food": "Chilli", "optional": True},
            {"text": "Rice, cooked", "food": "Rice"},
            {"text": "Salt", "food": "Salt"},
        ],
        "steps": [
            {"text": "Grind\nall.", "section": "Paste"},
            {"text": "Fry.", "section": "Paste"},
            {"text": "Add @water.", "section": "Curry"},
        ],
        "extras": {"server_curated": True},
    }
)
PLAIN = {"name": "Tea", "description": "Boil.\n\nWait,\nlong.", "items": [], "source": "my aunt"}
PLAIN_DRAFT = Draft(
    {
        "label": "Tea",
        "source": "my aunt",
        "steps": [{"text": "Boil."}, {"text": "Wait,\nlong."}],
    }
)


def test_an_export_with_broken_recipes() -> None:
    export = {"items": [], "recipes": [CURRY, "broken", {"name": "Bad"}, PLAIN]}
    assert list(kitchenowl.read_json(export) or ()) == [
        DRAFT,
        Unreadable(None, NO_RECIPE),
        Unreadable("Bad", NO_RECIPE),
        PLAIN_DRAFT,
    ]


@pytest.mark.parametrize(
    "value", [{}, [], 1, {"recipes": []}, {"recipes": 1}, {"recipes": [{"@type": "Recipe"}]}]
)
def test_other_formats_are_not_read(value: Any) -> None:
    assert kitchenowl.read_json(value) is None


@pytest.mark.parametrize("wrong", [None, 1, -1, True, "a", [], {}, [None], [[1]], [{}], {"a": 1}])
def test_unexpected_values_are_no_error(wrong: Any) -> None:
    recipes = [
        dict.fromkeys(CURRY, wrong),
        {**CURRY, "items": [dict.fromkeys(CURRY["items"][0], wrong)]},
    ]
    assert len(list(kitchenowl.read_json({"recipes": recipes}) or ())) == 2
