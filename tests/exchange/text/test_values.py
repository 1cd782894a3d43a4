"""Single values as they are published, and what is made of them."""

from typing import Any

import pytest

from app.exchange.text.values import (
    lines_of,
    minutes_of,
    names_of,
    number_of,
    paragraphs_of,
    plain,
    servings_of,
    text_of,
    texts_of,
)
from tests.costs import assert_linear, calls_of


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
        ("PTH30MS", None),
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
        ("30-40 min", 30),
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


def test_a_number_that_is_no_character() -> None:
    assert plain(f"a &#{'9' * 5000}; &#0065; &#x{'f' * 5000}; b") == "a \ufffd A \ufffd b"


def test_marks_take_time_by_their_number_alone() -> None:
    assert plain("e" + "\u0316\u0301" * 99) == plain("e" + "\u0316\u0301" * 15)
    assert_linear(lambda size: plain("e" + "\u0301\u0316" * size), 100_000)


def test_a_long_text_is_no_time() -> None:
    assert minutes_of("1 hour, " + "or 5 min, " * 20) == 160
    for piece in ("1", "1 ", "1/", "1 1/2 ", "½", "1.", "1 - ", "P1", "1 min "):
        for opening in ("", "1 h ", "P"):
            assert minutes_of((opening + piece * 1000)[:301]) is None
            for text in (opening + piece * 90, opening + piece * 100_000):
                assert calls_of(minutes_of, text) < 1500


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


def test_text_is_plain() -> None:
    assert plain("<p>1 cup&amp;nbsp;flour &amp;amp; <b>salt</b></p><p>x < 3</p>") == (
        "1 cup flour & salt\nx < 3"
    )
    assert plain("a\r\nb\rc\x00\x07 \u200b d") == "a\nb\nc d"
    assert plain("Cafe\u0301") == "Café"
    assert plain("<!-- nothing --><script>x</script>") == "x"
    assert plain("1 < 2 and 3 > 2") == "1 < 2 and 3 > 2"


def test_text_of_whatever_stands_for_it() -> None:
    values = [
        "a",
        5,
        2.5,
        {"text": "b"},
        {"@value": "c"},
        {"name": {"text": "d"}},
        [["e"]],
        [[], {}],
    ]
    assert [text_of(each) for each in values] == ["a", "5", "2.5", "b", "c", "d", "e", ""]
    assert texts_of(["a", None, True, {"name": "b"}, [["c", ""]]]) == ["a", "b", "c"]
    nested: Any = "deep"
    for _ in range(900):
        nested = [nested]
    assert texts_of(nested) == []


def test_lines_paragraphs_and_names() -> None:
    assert lines_of("- a\n* b\n• c\n\n1 cup") == ["a", "b", "c", "1 cup"]
    assert lines_of(["a\nb", {"text": "c"}]) == ["a", "b", "c"]
    assert paragraphs_of("1. Mix.\n2) Bake 2.5 min.") == ["Mix.", "Bake 2.5 min."]
    assert paragraphs_of("Mix\nwell.\n\nBake.") == ["Mix\nwell.", "Bake."]
    assert names_of("a, b;A\nc") == ["a", "b", "c"]
    assert names_of(["a", {"name": "b"}, "a"]) == ["a", "b"]
