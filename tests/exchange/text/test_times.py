"""Times read from text and written as text."""

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.exchange.text.times import duration, iso_duration, minutes_of
from app.schemas.types import MAX_MINUTES
from tests.costs import calls_of

# How quick the machine is does not matter.
at_leisure = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("PT1H30M", 90),
        ("PT1H30", 90),
        ("PT45", 45),
        ("PT90S", 2),
        ("PT20S", 1),
        ("PT0M", 0),
        ("P0DT0H45M", 45),
        ("P0Y0M0DT0H35M0.000S", 35),
        ("P1DT2H", 1560),
        ("P30M", 30),
        ("pt1h", 60),
        ("10M", 10),
        ("PT1.5H", 90),
        ("PTNaNM", None),
        ("PTH30MS", 30),
        ("PTH5M", 5),
        ("PT0D1H30M", 90),
        ("PT32 M", 32),
        ("PT20 Mins", 20),
        ("PT-476070H19M32S", None),
        ("P", None),
        ("", None),
        (None, None),
        (True, None),
        (float("nan"), None),
        (-5, None),
        (10**9, None),
        (45, 45),
        ("45", 45),
        ("90 minutes", 90),
        ("1 h 30 min", 90),
        ("1 hr 5 mins", 65),
        ("1 ½ hours", 90),
        ("about 1 hour", 60),
        ("1 h 30", 90),
        ("1 hr 20", 80),
        ("1h30", 90),
        ("1h 05m", 65),
        ("1 hour and 15", 75),
        ("1:30 h", 90),
        ("1 heure 15", 75),
        ("1 uur 15 minuten", 75),
        ("1 godz. 15 min", 75),
        ("1 timme 15 minuter", 75),
        ("1 hodina 15 minut", 75),
        ("1 time 15 minutter", 75),
        ("1 час 15 минут", 75),
        ("1時間15分", 75),
        ("1 óra 30 perc", 90),
        ("30分", 30),
        ("1 unknown 30 min", None),
        # The upper end of a range.
        ("30-40 min", 40),
        ("10 mins to 30 mins", 30),
        ("1 hour 5 mins - 1 hour 15 mins", 75),
        ("30 minutes to 1 hour", 60),
        ("1 h 30 - 40 min", 100),
        ("1h30 - 2h", 120),
        ("1 to 1 ½ hours", 90),
        ({"minValue": "PT20M"}, 20),
        ({"minValue": "PT20M", "maxValue": "PT30M"}, 30),
        ("2 Std. 10 Minuten", 130),
        ("1:30", 90),
        ("overnight", None),
        ({"@type": "Duration"}, None),
        ({"@type": "Duration", "duration": "PT5M"}, 5),
        (["PT5M", "PT9M"], 5),
    ],
    ids=repr,
)
def test_times(value: Any, expected: int | None) -> None:
    assert minutes_of(value) == expected


def test_a_long_text_is_not_a_time() -> None:
    assert minutes_of("1 hour, " + "or 5 min, " * 20) == 160
    for piece in ("1", "1 ", "1/", "1 1/2 ", "½", "1.", "1 - ", "P1", "1 min "):
        for opening in ("", "1 h ", "P"):
            assert minutes_of((opening + piece * 1000)[:301]) is None
            for text in (opening + piece * 90, opening + piece * 100_000):
                assert calls_of(minutes_of, text) < 1500


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
def test_minutes_are_written(minutes: int, machines: str, people: str) -> None:
    assert iso_duration(minutes) == machines
    assert duration(minutes) == people


@at_leisure
@given(st.integers(0, MAX_MINUTES))
def test_a_duration_is_valid_iso_8601_of_the_same_length(minutes: int) -> None:
    match = re.fullmatch(
        r"P(?=.)(?:([0-9]+)D)?(?:T(?=.)(?:([0-9]+)H)?(?:([0-9]+)M)?)?", iso_duration(minutes)
    )
    assert match
    days, hours, rest = (int(part or 0) for part in match.groups())
    assert (days * 24 + hours) * 60 + rest == minutes
