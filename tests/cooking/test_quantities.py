"""Amounts as people write them."""

import re
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.cooking.quantities import (
    MAX_DENOMINATOR,
    MAX_QUANTITY,
    decimal,
    exact,
    number,
    read,
    write,
)

# How quick the machine is does not matter.
at_leisure = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

F = Fraction

# --- Reading -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("0", 0),
        ("12", 12),
        ("1000000000", MAX_QUANTITY),
        ("1.5", F(3, 2)),
        (".5", F(1, 2)),
        ("1,5", F(3, 2)),
        ("0,125", F(1, 8)),
        ("1.125", F(9, 8)),
        ("1,000", 1000),
        ("12,500", 12_500),
        ("1,000,000", 1_000_000),
        ("1,234.5", F(2469, 2)),
        ("1'000", 1000),
        ("1’500", 1500),
        ("1\u202f000", 1000),
        ("1/2", F(1, 2)),
        ("11/2", F(11, 2)),
        ("1 / 2", F(1, 2)),
        ("1⁄2", F(1, 2)),
        ("½", F(1, 2)),
        ("⅓", F(1, 3)),
        ("⅞", F(7, 8)),
        ("⅒", F(1, 10)),
        ("1 1/2", F(3, 2)),
        ("1-1/2", F(3, 2)),
        ("1½", F(3, 2)),
        ("1 ½", F(3, 2)),
        ("1\u00a0½", F(3, 2)),
        ("1 and 1/2", F(3, 2)),
        ("1 & ½", F(3, 2)),
        ("2 et demi", F(5, 2)),
        ("1 y media", F(3, 2)),
        ("2 e mezzo", F(5, 2)),
        ("one and a half", F(3, 2)),
        ("half an", F(1, 2)),
        ("Half a", F(1, 2)),
        ("a half", F(1, 2)),
        ("eine halbe", F(1, 2)),
        ("halber", F(1, 2)),
        ("une demi", F(1, 2)),
        ("media", F(1, 2)),
        ("mezza", F(1, 2)),
        ("Two", 2),
        ("drei", 3),
        ("six", 6),
        ("zwölf", 12),
        ("1/3rd", F(1, 3)),
        ("0.3333333333", F(1, 3)),
        ("0.6666666666666666", F(2, 3)),
        ("0.33", F(33, 100)),
        ("１２", 12),
        ("１．５", F(3, 2)),
        ("１／２", F(1, 2)),
        ("٣", 3),
    ],
)
def test_a_number_is_read(text: str, value: Fraction) -> None:
    for ending in ("", " cups", ", sifted"):
        amount = read(f"~{text}{ending}", 1)
        assert amount is not None
        assert (amount.low, amount.high) == (value, None)
        assert (amount.start, amount.end) == (1, 1 + len(text))


@pytest.mark.parametrize(
    ("text", "low", "high", "separator"),
    [
        ("2-3", 2, 3, "-"),
        ("2–3", 2, 3, "–"),
        ("2 — 3", 2, 3, " — "),
        ("2〜3", 2, 3, "〜"),
        ("2 to 3", 2, 3, " to "),
        ("2 or 3", 2, 3, " or "),
        ("2 bis 3", 2, 3, " bis "),
        ("2 oder 3", 2, 3, " oder "),
        ("2 à 3", 2, 3, " à "),
        ("2 ou 3", 2, 3, " ou "),
        ("2 a 3", 2, 3, " a "),
        ("2 o 3", 2, 3, " o "),
        ("two or three", 2, 3, " or "),
        ("1½–2", F(3, 2), 2, "–"),
        ("½-¾", F(1, 2), F(3, 4), "-"),
        ("1/2-1", F(1, 2), 1, "-"),
        ("1-1/2-2", F(3, 2), 2, "-"),
        ("1-1 ½", 1, F(3, 2), "-"),
        ("1 1/2 - 2 1/2", F(3, 2), F(5, 2), " - "),
        ("1,5 – 2", F(3, 2), 2, " – "),
        ("2-2", 2, 2, "-"),
    ],
)
def test_a_range_is_read(text: str, low: Fraction, high: Fraction, separator: str) -> None:
    amount = read(text)
    assert amount is not None
    assert (amount.low, amount.high, amount.separator) == (low, high, separator)
    assert amount.end == len(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "flour",
        "00",
        "007",
        "80%",
        "80 % cocoa",
        "30°",
        "1. Flour",
        "1/0",
        "1 1/0",
        "1/2/3",
        "1.2.3",
        "1,0000,0",
        "1-3/2",
        "3-2",
        "-",
        "²",
        "a",
        "half and half",
        "half-and-half",
        "half & half",
        "one-pot",
        "one quarter",
        "three-quarters",
        "demi-glace",
        "thirteen",
        "five spice",
        # Letters that count as an I where case does not matter.
        "dre\u0131",
        "DRE\u0130",
        "1000000001",
        "1,000,000,001",
        "9" * 5000,
        "0." + "9" * 5000,
        "1/" + "9" * 5000,
    ],
    ids=lambda text: text[:20] or "nothing",
)
def test_other_text_is_not_read(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "point"), [("1.5", "."), ("1,5", ","), ("1–1,5", ","), ("1,000", ""), ("1 ½", "")]
)
def test_the_decimal_separator_is_known(text: str, point: str) -> None:
    amount = read(text)
    assert amount is not None
    assert amount.point == point


@at_leisure
@given(st.text(alphabet="0123456789 ./,-–½⅓⁄１'toandhlfOne", max_size=30))
def test_any_text_can_be_read(text: str) -> None:
    amount = read(text)
    if amount is not None:
        assert 0 <= amount.low <= MAX_QUANTITY
        assert amount.high is None or amount.low <= amount.high <= MAX_QUANTITY
        assert 0 < amount.end <= len(text)


# --- Writing -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (F(0), "0"),
        (F(3), "3"),
        (F(1, 2), "½"),
        (F(3, 2), "1 ½"),
        (F(2, 3), "⅔"),
        (F(14, 5), "2 ⅘"),
        (F(7, 6), "1 ⅙"),
        (F(15, 8), "1 ⅞"),
        (F(39, 2), "19 ½"),
        # Where a fraction is too fine, or none that people know.
        (F(41, 2), "20.5"),
        (F(250, 3), "83.3"),
        (F(800, 3), "267"),
        (F(225, 2), "112.5"),
        (F(1, 7), "0.143"),
        (F(1, 16), "0.0625"),
        (F(1001, 1000), "1.001"),
        (F(21, 20), "1.05"),
        (F(1, 3000), "0.000333"),
        (F(999_999, 1_000_000), "1"),
        (F(1_000_000), "1000000"),
    ],
)
def test_a_quantity_is_written_for_people(value: Fraction, text: str) -> None:
    assert write(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (F(3, 2), "1,5"),
        (F(1, 3), "0,333"),
        (F(15, 8), "1,88"),
        (F(1, 8), "0,125"),
        (F(2), "2"),
        (F(5, 4), "1,25"),
    ],
)
def test_a_quantity_is_written_with_decimals_where_the_line_has_them(
    value: Fraction, text: str
) -> None:
    assert write(value, decimals=True, point=",") == text


def test_a_quantity_is_written_without_space_where_the_line_has_none() -> None:
    assert write(F(3, 2), space="") == "1½"


@at_leisure
@given(st.integers(0, 19), st.sampled_from([2, 3, 4, 5, 6, 8]), st.integers(0, 7))
def test_a_written_fraction_is_read_back(whole: int, denominator: int, numerator: int) -> None:
    value = whole + F(numerator % denominator, denominator)
    amount = read(write(value))
    assert amount is not None
    assert amount.low == value


@at_leisure
@given(st.decimals(0, 100_000, places=3), st.sampled_from(".,"))
def test_a_written_decimal_is_read_back(value: Decimal, point: str) -> None:
    amount = read(write(F(value), decimals=True, point=point))
    assert amount is not None
    # A third decimal behind a comma would make thousands of it.
    error = abs(amount.low - F(value))
    assert error == 0 if point == "." else error <= F(value) / 200


# --- Numbers as they are stored ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "value"),
    [
        (0, F(0)),
        (2, F(2)),
        (1.5, F(3, 2)),
        (0.1, F(1, 10)),
        (0.3333333333, F(1, 3)),
        (1 / 3, F(1, 3)),
        (1.6666666667, F(5, 3)),
        (0.333, F(333, 1000)),
        (0.12345, F(2469, 20_000)),
        (1e-7, F(1, 10_000_000)),
        (1_000_000.0005, F(2_000_000_001, 2000)),
        (F(22, 7), F(22, 7)),
    ],
)
def test_a_stored_number_stands_for_a_fraction(stored: float, value: Fraction) -> None:
    assert exact(stored) == value


@at_leisure
@given(st.fractions(0, 1_000_000, max_denominator=MAX_DENOMINATOR))
def test_a_fraction_survives_being_stored(value: Fraction) -> None:
    assert exact(number(value)) == value


def test_whole_numbers_are_stored_as_integers() -> None:
    assert repr(number(F(4, 2))) == "2"
    assert repr(number(F(3, 2))) == "1.5"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (4, "4"), (4.0, "4"), (30.5, "30.5"), (10**9, "1000000000"), (1e-7, "0.0000001")],
)
def test_a_number_has_no_exponent(value: float, text: str) -> None:
    assert decimal(value) == text


@at_leisure
@given(st.integers(0, MAX_QUANTITY) | st.floats(0, MAX_QUANTITY))
def test_a_number_keeps_its_digits(value: float) -> None:
    text = decimal(value)
    assert re.fullmatch(r"[0-9]+(\.[0-9]*[1-9])?", text)
    assert float(text) == value
