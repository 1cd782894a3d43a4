"""Numbers, servings and yields."""

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.exchange.text.numbers import decimal, number_of, servings_of
from app.schemas.types import MAX_NUMBER

# How quick the machine is does not matter.
at_leisure = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


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


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (4, "4"), (4.0, "4"), (30.5, "30.5"), (10**9, "1000000000"), (1e-7, "0.0000001")],
)
def test_a_number_has_no_exponent(number: float, text: str) -> None:
    assert decimal(number) == text


@at_leisure
@given(st.integers(0, MAX_NUMBER) | st.floats(0, MAX_NUMBER))
def test_a_number_keeps_its_digits(number: float) -> None:
    text = decimal(number)
    assert re.fullmatch(r"[0-9]+(\.[0-9]*[1-9])?", text)
    assert float(text) == number
