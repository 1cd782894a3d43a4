"""JSON as people publish it, and hostile JSON."""

from typing import Any

import pytest

from app.exchange.files.lenient_json import MAX_VALUES, load_json


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": [1, 2]}', {"a": [1, 2]}),
        ('{"a": [1, 2,],\n}', {"a": [1, 2]}),
        ('{"a": "one\ntwo\tthree\x07"}', {"a": "one\ntwo\tthree\x07"}),
        ('{"a": "x,]"}', {"a": "x,]"}),
        ('{"a": "x\\",]", "b": [1,],}', {"a": 'x",]', "b": [1]}),
        ('  {"a": 1};\n', {"a": 1}),
        ('{"a": NaN}', {"a": None}),
        ("[]", []),
    ],
    ids=repr,
)
def test_small_mistakes_are_tolerated(text: str, expected: Any) -> None:
    assert load_json(text) == expected
    assert load_json(text.encode()) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"a" 1}',
        "[1 2]",
        "[" * 100_000,
        '{"a":' * 100_000,
        '["' + '\\"' * 1_000_000,
        "[" + ", " * 500_000 + "x",
        "[" + "[]," * (MAX_VALUES // 2 + 1) + "[]]",
    ],
    ids=["nothing", "open", "colon", "comma", "deep", "deeper", "quotes", "commas", "many"],
)
def test_invalid_and_hostile_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - Whichever the parser has.
        load_json(text)
