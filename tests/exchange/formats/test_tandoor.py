from typing import Any

import pytest

from app.exchange.drafts import Draft, Unreadable
from app.exchange.formats import tandoor
from app.exchange.formats.members import NO_RECIPE
from tests.exchange.archiving import archive_of, zipped


def _ingredient(amount: float, unit: str | None, called: str, **others: Any) -> dict[str, Any]:
    return {
        "food": {"name": called, "plural_name": f"{called}s", "ignore_shopping": False},
        "unit": {"name": unit, "plural_name": None} if unit else None,
        "amount": amount,
        "note": "",
        "is_header": False,
        "no_amount": False,
        **others,
    }


PIE: dict[str, Any] = {
    "name": "Pie",
    "description": "A pie.",
    "keywords": [{"name": "sweet", "description": ""}, {"name": "Autumn, late"}],
    "steps": [
        {
            "name": "Dough",
            "instruction": "Knead {{ ingredients[0] }} and {{ingredients[9]}}.\n\n*Rest.*",
            "ingredients": [
                _ingredient(250, "g", "flour", food={"name": "flour"}, note="sifted"),
                _ingredient(0, "pinch", "salt", no_amount=True, food={"name": "salt"}),
            ],
            "time": 15,
            "order": 0,
        },
        {
            "name": "Filling",
            "instruction": "Slice.",
            "ingredients": [
                _ingredient(4, None, "apple"),
                {"food": None, "unit": None, "amount": 0, "note": "On top", "is_header": True},
                _ingredient(1, "cup", "walnut"),
            ],
            "time": 0,
            "order": 1,
        },
        {"name": "", "instruction": "", "ingredients": []},
        None,
    ],
    "working_time": 30,
    "waiting_time": 0,
    "internal": True,
    "nutrition": {
        "carbohydrates": 30.5,
        "fats": 10,
        "proteins": 2,
        "calories": 250,
        "source": "me",
    },
    "servings": 8,
    "servings_text": "slices",
    "source_url": "https://example.com/pie",
}
DRAFT = Draft(
    {
        "label": "Pie",
        "description": "A pie.",
        "url": "https://example.com/pie",
        "prep_minutes": 30,
        "servings": 8,
        "yield_text": "8 slices",
        "tags": [
            {"kind": "keyword", "name": "sweet"},
            {"kind": "keyword", "name": "Autumn, late"},
        ],
        "ingredients": [
            {
                "text": "250 g flour, sifted",
                "quantity": 250,
                "unit": "g",
                "food": "flour",
                "note": "sifted",
                "section": "Dough",
            },
            {"text": "salt", "food": "salt", "section": "Dough"},
            {"text": "4 apples", "quantity": 4, "food": "apples", "section": "Filling"},
            {
                "text": "1 cup walnut",
                "quantity": 1,
                "unit": "cup",
                "food": "walnut",
                "section": "On top",
            },
        ],
        "steps": [
            {
                "text": "Knead 250 g flour, sifted and {{ingredients[9]}}.\n\n*Rest.*",
                "minutes": 15,
                "section": "Dough",
            },
            {"text": "Slice.", "section": "Filling"},
        ],
        "nutrition": {"carbohydrate_g": 30.5, "fat_g": 10, "protein_g": 2, "calories": 250},
        "extras": {"nutrition": {"source": "me"}},
    }
)
TEA: dict[str, Any] = {
    "name": "Tea",
    "steps": [{"instruction": "1. Boil.\n2. Wait.", "ingredients": []}],
    "working_time": 0,
    "waiting_time": 5,
    "servings": 2,
    "servings_text": "servings",
    "properties": [{"name": "caffeine"}],
}
TEA_DRAFT = Draft(
    {
        "label": "Tea",
        "cook_minutes": 5,
        "servings": 2,
        "steps": [{"text": "Boil."}, {"text": "Wait."}],
        "extras": {"properties": [{"name": "caffeine"}]},
    }
)


def test_an_export_with_broken_recipes() -> None:
    export = {
        "1.zip": zipped({"recipe.json": PIE, "image.jpg": b"JFIF"}),
        "2.zip": b"broken",
        "3.zip": zipped({"image.jpg": b""}),
        "4.zip": zipped({"recipe.json": {"name": "Bad"}}),
        "5.zip": zipped({"recipe.json": TEA}),
    }
    assert list(tandoor.read_archive(archive_of(export)) or ()) == [
        DRAFT,
        Unreadable("2.zip", "The archive is damaged."),
        Unreadable("3.zip", "The archive contains no recipe."),
        Unreadable("Bad", NO_RECIPE),
        TEA_DRAFT,
    ]


def test_the_archive_of_one_recipe_is_read() -> None:
    archive = archive_of({"recipe.json": PIE, "image.jpg": b"JFIF"})
    assert list(tandoor.read_archive(archive) or ()) == [DRAFT]


def test_a_recipe_is_read_without_its_archive() -> None:
    assert list(tandoor.read_json(PIE) or ()) == [DRAFT]
    assert list(tandoor.read_json([TEA, 1]) or ()) == [TEA_DRAFT, Unreadable(None, NO_RECIPE)]


@pytest.mark.parametrize("value", [{}, [], 1, {"name": "Ours", "steps": []}, {"@type": "Recipe"}])
def test_other_formats_are_not_read(value: Any) -> None:
    assert tandoor.read_json(value) is None
    assert tandoor.read_archive(archive_of({"recipe.json": value})) is None
    assert tandoor.read_archive(archive_of({"a.zip": zipped({"a.txt": b""})})) is None


@pytest.mark.parametrize("wrong", [None, 1, -1, True, "a", [], {}, [None], [[1]], [{}], {"a": 1}])
def test_unexpected_values_are_no_error(wrong: Any) -> None:
    values = [
        dict.fromkeys(PIE, wrong),
        {**PIE, "steps": [dict.fromkeys(PIE["steps"][0], wrong)]},
        {**PIE, "steps": [{"ingredients": [dict.fromkeys(_ingredient(1, "g", "a"), wrong)]}]},
    ]
    assert len(list(tandoor.read_json(values) or ())) == 3


def test_references_to_long_ingredients_are_bounded() -> None:
    step = {
        "instruction": "{{ingredients[0]}}" * 100_000,
        "ingredients": [_ingredient(1, "g", "a" * 100_000)],
    }
    [draft] = tandoor.read_json({**PIE, "steps": [step]}) or []
    assert len(str(draft)) < 4_000_000
