"""JSON Patches."""

import json
from typing import Any

import jsonpatch
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.diff import diff
from tests.strategies import EXPLORE

_scalars = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([0.0, 1.0, "", "a~/b"])
_names = st.sampled_from(["a", "b", "a/b", "~", "~1", "", "0", "-"])
values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(_names, inner, max_size=4),
    max_leaves=12,
)


@EXPLORE
@given(old=values, new=values)
def test_a_patch_makes_the_new_of_the_old(old: Any, new: Any) -> None:
    patch = diff(old, new)
    made = jsonpatch.apply_patch(json.loads(json.dumps(old)), patch)
    assert json.dumps(made, sort_keys=True) == json.dumps(new, sort_keys=True)


@pytest.mark.parametrize(
    ("old", "new", "patch"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": True}, [{"op": "replace", "path": "/a", "value": True}]),
        ({"a": 1}, {"a": 1.0}, [{"op": "replace", "path": "/a", "value": 1.0}]),
        ({"a": {"b": 1}}, {"a": {}}, [{"op": "remove", "path": "/a/b"}]),
        ({}, {"a/~": 1}, [{"op": "add", "path": "/a~1~0", "value": 1}]),
        ([1, 2, 3], [1, 9, 2, 3], [{"op": "add", "path": "/1", "value": 9}]),
        ([1, 2, 3, 4], [1, 4], [{"op": "remove", "path": "/1"}] * 2),
        ([{"a": 1, "b": 2}], [{"a": 1, "b": 3}], [{"op": "replace", "path": "/0/b", "value": 3}]),
        ([1], {"0": 1}, [{"op": "replace", "path": "", "value": {"0": 1}}]),
    ],
)
def test_a_patch_says_no_more_than_it_must(old: Any, new: Any, patch: list[Any]) -> None:
    assert diff(old, new) == patch


def test_long_lists_may_have_nothing_in_common() -> None:
    # To find the shortest patch would not end.
    assert len(diff(list(range(100_000)), list(range(100_000, 220_000)))) == 120_000
