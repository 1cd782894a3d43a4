"""Numbers, servings and yields."""

from typing import Any

import pytest

from app.exchange.text.numbers import number_of, servings_of


@pytest.mark.parametrize(
    ("value", "servings", "words"),
    [
        ("4 servings", 4, None),
        ("4", 4, None),
        (4, 4, None),
        ("Serves: 4", 4, None),
        ("Serves 4-6", 4, "Serves 4-6"),
        (["4", "4 servings"], 4, None),
        ("12 cookies", None, "12 cookies"),
        ("4-6", 4, "4-6"),
        ("8 to 10", 8, "8 to 10"),
        ("Makes 12", 12, None),
        ("4 Portion(en)", 4, None),
        ("4 Portionen", 4, None),
        ("4 personnes", 4, None),
        ("Für 4 Personen", 4, None),
        ("para 4 personas", 4, None),
        ("Four servings", 4, None),
        ("two loaves", None, "two loaves"),
        ([4, 6], 4, None),
        ({"minValue": 4, "maxValue": 6}, 4, "4-6"),
        ({"minValue": 4, "maxValue": 6, "unitText": "servings"}, 4, "4-6 servings"),
        (["12", "12 cookies"], 12, "12 cookies"),
        ("1 loaf", None, "1 loaf"),
        ({"@type": "QuantitativeValue", "value": "6", "unitText": "servings"}, 6, None),
        ("makes 2 dozen", None, "makes 2 dozen"),
        ("a few", None, "a few"),
        ("", None, None),
        (None, None, None),
        ([None, {}], None, None),
    ],
    ids=repr,
)
def test_yields(value: Any, servings: float | None, words: str | None) -> None:
    assert servings_of(value) == (servings, words)


def test_numbers() -> None:
    values = [4, "4", "about 4", "1 ½ cups", "1,5", {"value": "7"}, ["", "9"], "none", None, True]
    assert [number_of(each) for each in values] == [4, 4, 4, 1.5, 1.5, 7, 9, None, None, None]
    assert number_of("1" * 400) is None
