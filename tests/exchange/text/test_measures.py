"""Times and amounts as text."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.exchange.text.measures import decimal, duration, iso_duration
from app.schemas.types import MAX_MINUTES, MAX_NUMBER

# How quick the machine is does not matter.
at_leisure = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize(
    ("minutes", "machines", "people"),
    [
        (0, "PT0M", "0 min"),
        (1, "PT1M", "1 min"),
        (59, "PT59M", "59 min"),
        (60, "PT1H", "1 h"),
        (90, "PT1H30M", "1 h 30 min"),
        (24 * 60, "PT24H", "1 day"),
        (49 * 60 + 5, "PT49H5M", "2 days 1 h 5 min"),
    ],
)
def test_minutes(minutes: int, machines: str, people: str) -> None:
    assert iso_duration(minutes) == machines
    assert duration(minutes) == people


@at_leisure
@given(st.integers(0, MAX_MINUTES))
def test_a_duration_is_of_iso_8601_and_as_long(minutes: int) -> None:
    match = re.fullmatch(
        r"P(?=.)(?:([0-9]+)D)?(?:T(?=.)(?:([0-9]+)H)?(?:([0-9]+)M)?)?", iso_duration(minutes)
    )
    assert match
    days, hours, rest = (int(part or 0) for part in match.groups())
    assert (days * 24 + hours) * 60 + rest == minutes


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
