"""The part of YAML that recipes are written in."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exchange.files.simple_yaml import MAX_LINES, UNREAD, load_yaml, split_front_matter

LINES = st.sampled_from(
    [
        "a: b",
        "  c: |",
        "    text",
        "- x",
        "  - y: z",
        "-",
        "",
        "# no",
        "[",
        '"',
        "e: [f",
        "g]",
        "h:",
    ]
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: b\nc: 'it''s'\nd: \"x \\\"y\\\"\"", {"a": "b", "c": "it's", "d": 'x "y"'}),
        ("a: [b, \"c, d\", 'e']\nf: []", {"a": ["b", "c, d", "e"], "f": []}),
        ("a: [b,\n  c]\nd: e", {"a": ["b", "c"], "d": "e"}),
        ("a:\n- b\n- c\nd:\n  - e", {"a": ["b", "c"], "d": ["e"]}),
        ("a:\n  b: c\n  d:\n    e: f", {"a": {"b": "c", "d": {"e": "f"}}}),
        ("- a: b\n  c: d\n- a: e", [{"a": "b", "c": "d"}, {"a": "e"}]),
        ("a: |\n  b\n\n  c\nd: >-\n  e\n  f", {"a": "b\n\nc", "d": "e f"}),
        ("- Tip: stir\n- b\n  c", ["Tip: stir", "b\nc"]),
        ("a: b # a remark\nc: Mom's #1\n# none", {"a": "b", "c": "Mom's #1"}),
        (
            "Prep time: 5 min\nurl: https://a.b/c:d",
            {"Prep time": "5 min", "url": "https://a.b/c:d"},
        ),
        ("a: b\nno key\na: c", {"a": "b", UNREAD: ["no key", "a: c"]}),
        ("a:\nb: c", {"a": "", "b": "c"}),
        ("", ""),
    ],
)
def test_it_is_read(text: str, value: Any) -> None:
    assert load_yaml(text) == value


def test_it_is_bounded() -> None:
    with pytest.raises(ValueError, match="too many"):
        load_yaml("a\n" * (MAX_LINES + 1))
    deep = "".join(f"{' ' * number}a:\n" for number in range(400))
    assert isinstance(load_yaml(deep), dict)


@given(st.lists(LINES, max_size=30))
def test_any_lines_can_be_read(lines: list[str]) -> None:
    load_yaml("\n".join(lines))


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("---\na: b\n---\nText", ({"a": "b"}, "Text")),
        ("\ufeff---\r\na: b\r\n...\r\nText", ({"a": "b"}, "Text")),
        ('+++\na = "b"\n[c]\nd = 1\n+++\n', ({"a": "b", "c": {"d": 1}}, "")),
        ("+++\nnot TOML\n+++\nText", ({UNREAD: "not TOML\n"}, "Text")),
        ("---\n- a\n---\nText", ({UNREAD: ["a"]}, "Text")),
        ("Text\n---\na: b\n---\n", None),
        ("---\nText", None),
    ],
)
def test_front_matter_is_split_off(text: str, split: Any) -> None:
    assert split_front_matter(text) == split
