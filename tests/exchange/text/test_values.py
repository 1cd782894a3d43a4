"""Plain text, lines and names out of any value."""

from typing import Any

from app.exchange.text.values import (
    lines_of,
    names_of,
    paragraphs_of,
    plain,
    text_of,
    texts_of,
)
from tests.costs import assert_linear


def test_an_entity_that_is_no_character() -> None:
    assert plain(f"a &#{'9' * 5000}; &#0065; &#x{'f' * 5000}; b") == "a \ufffd A \ufffd b"


def test_combining_marks_take_linear_time() -> None:
    assert plain("e" + "\u0316\u0301" * 99) == plain("e" + "\u0316\u0301" * 15)
    assert_linear(lambda size: plain("e" + "\u0301\u0316" * size), 100_000)


def test_text_is_plain() -> None:
    assert plain("<p>1 cup&amp;nbsp;flour &amp;amp; <b>salt</b></p><p>x < 3</p>") == (
        "1 cup flour & salt\nx < 3"
    )
    assert plain("a\r\nb\rc\x00\x07 \u200b d") == "a\nb\nc d"
    assert plain("Cafe\u0301") == "Café"
    assert plain("<!-- nothing --><script>x</script>") == "x"
    assert plain("1 < 2 and 3 > 2") == "1 < 2 and 3 > 2"


def test_text_of_any_value() -> None:
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
