"""Nutrients by the names and in the units that people write."""

from typing import Any

import pytest

from app.exchange.schema_org.nodes import MAX_LINE_LENGTH
from app.exchange.schema_org.nutrition import nutrition_information
from app.exchange.schema_org.nutrition import nutrition_of as nutrition_of_schema_org
from app.exchange.text.nutrients import NUTRIENTS, converted, nutrition_of, nutrition_of_text
from app.schemas.document import NutritionCreate


@pytest.mark.parametrize(
    ("name", "member"),
    [
        ("Calories", "calories"),
        ("Energy", "calories"),
        ("kcal", "calories"),
        ("Fat", "fat_g"),
        ("fat_g", "fat_g"),
        ("fatContent", "fat_g"),
        ("Total Fat", "fat_g"),
        ("Fats", "fat_g"),
        ("Saturated Fat", "saturated_fat_g"),
        ("saturatedFatContent", "saturated_fat_g"),
        ("Saturates", "saturated_fat_g"),
        ("Trans fat", "trans_fat_g"),
        ("unsaturated-fat", "unsaturated_fat_g"),
        ("Carbs", "carbohydrate_g"),
        ("Carbohydrates", "carbohydrate_g"),
        ("Total carbohydrate", "carbohydrate_g"),
        ("Total Carbs", "carbohydrate_g"),
        ("Dietary Fibre", "fiber_g"),
        ("Fiber", "fiber_g"),
        ("Sugars", "sugar_g"),
        ("Total sugars", "sugar_g"),
        ("Proteins", "protein_g"),
        ("SODIUM", "sodium_mg"),
        ("cholesterol_mg", "cholesterol_mg"),
    ],
)
def test_names(name: str, member: str) -> None:
    assert nutrition_of([(name, 7)]) == {member: 7}


def test_every_number_of_nutrition_is_known_by_its_name() -> None:
    assert {*NUTRIENTS, "serving_size"} == set(NutritionCreate.model_fields)
    for member in NUTRIENTS:
        assert nutrition_of([(member, 7)]) == {member: 7}


@pytest.mark.parametrize("name", ["Vitamin C", "content", "", "servings"])
def test_other_names_are_left_out(name: str) -> None:
    assert nutrition_of([(name, 7)]) == {}


@pytest.mark.parametrize(
    ("name", "value", "member", "amount"),
    [
        ("calories", "240 kcal", "calories", 240),
        ("calories", "1004 kJ", "calories", 239.96),
        ("fat", "3 g", "fat_g", 3),
        ("fat", "1,5", "fat_g", 1.5),
        ("fat", "500 mg", "fat_g", 0.5),
        ("fat", "500 milligrams", "fat_g", 0.5),
        ("sodium", "1 g", "sodium_mg", 1000),
        ("sodium", "2 grams", "sodium_mg", 2000),
        ("sodium", "1200 mg", "sodium_mg", 1200),
        ("sodium", "500 mcg", "sodium_mg", 0.5),
        ("serving size", "1 slice", "serving_size", "1 slice"),
    ],
)
def test_units(name: str, value: str, member: str, amount: Any) -> None:
    assert nutrition_of([(name, value)]) == {member: amount}


@pytest.mark.parametrize("value", ["", None, "none", [], "a lot", "5%"])
def test_values_without_a_number_are_left_out(value: Any) -> None:
    assert nutrition_of([("fat", value)]) == {}


def test_the_first_of_two_values_counts() -> None:
    assert nutrition_of([("fat", "none"), ("fat", 1), ("total fat", 2)]) == {"fat_g": 1}


def test_a_text_is_split_into_nutrients_and_other_lines() -> None:
    text = "Calories: 240\nFat: 3 g\nRich in iron\nTotal fat: 4 g\nVitamin C: 5 mg\nFiber 2 g"
    nutrition, others = nutrition_of_text(text)
    assert nutrition == {"calories": 240, "fat_g": 3}
    assert others == "Rich in iron\nTotal fat: 4 g\nVitamin C: 5 mg\nFiber 2 g"
    assert nutrition_of_text(None) == ({}, "")


def test_units_are_converted_once() -> None:
    """Text and schema.org/NutritionInformation give the same numbers."""
    for member, name in (
        ("calories", "calories"),
        ("fat_g", "fatContent"),
        ("sodium_mg", "sodiumContent"),
    ):
        for text in ("1004 kJ", "3 g", "0.7 kg", "12.34 mg", "1,5 grams", "5 mcg", "9"):
            found, _ = nutrition_of_schema_org({name: text})
            assert found == nutrition_of([(member, text)])


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1 004 kcal", 1004),
        ("1\u202f004 KCAL", 1004),
        ("2 1500 kcal", 2),
        ("½ kcal", 0.5),
        ("1004 KJ / 240 Kcal", 240),
        ("about 100 KJ", 23.9),
    ],
)
def test_amounts_of_schema_org(text: str, amount: float) -> None:
    assert nutrition_of_schema_org({"calories": text}) == ({"calories": amount}, {})


def test_an_amount_of_schema_org_that_is_no_number_is_kept_as_text() -> None:
    assert nutrition_of_schema_org({"fatContent": ".5 g"}) == ({}, {"fatContent": ".5 g"})


def test_micrograms_of_schema_org() -> None:
    for letter in "µμ":
        found = nutrition_of_schema_org({"sodiumContent": f"500 {letter}g"})
        assert found == ({"sodium_mg": 0.5}, {})


def test_an_amount_of_schema_org_after_a_long_text_is_not_read() -> None:
    text = "x" * MAX_LINE_LENGTH + " 3 g"
    assert nutrition_of_schema_org({"fatContent": text}) == ({}, {"fatContent": text})


def test_names_of_json_ld_are_no_nutrients() -> None:
    names = {"@type": "a", "type": "b", "@id": "c", "@context": "d"}
    assert nutrition_of_schema_org(names) == ({}, {})


@pytest.mark.parametrize("nutrition", [None, {}, {"serving_size": "", "fat_g": None}])
def test_no_values_are_no_information(nutrition: dict[str, Any] | None) -> None:
    assert nutrition_information(nutrition) is None


def test_converted() -> None:
    assert converted(1, "g", "sodium_mg") == converted(1, "Grams", "sodium_mg") == 1000
    assert converted(1, "kg", "fat_g") == 1000
    assert converted(12.34567, "mg", "fat_g") == 0.0123
    assert converted(0.123456, "g", "fat_g") == 0.123456
    assert converted(3, "slices", "fat_g") == 3
    assert converted(100, "kJ", "calories") == 23.9
    assert converted(100, "cal", "calories") == 100
