"""JSON Patch and JSON Merge Patch."""

import copy
import json
from typing import Any

import jsonpatch
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.json_patch import make_patch, merge_patch
from tests.strategies import EXPLORE

# --- JSON Patch ----------------------------------------------------------------------------------

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
    patch = make_patch(old, new)
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
    assert make_patch(old, new) == patch


def test_long_lists_may_have_nothing_in_common() -> None:
    # To find the shortest patch would not end.
    assert len(make_patch(list(range(100_000)), list(range(100_000, 220_000)))) == 120_000


# --- JSON Merge Patch ----------------------------------------------------------------------------

# RFC 7396, appendix A: the target, the patch, the result.
CASES: list[tuple[Any, Any, Any]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]

# How quick the machine is does not matter.
at_leisure = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("target", "patch", "result"), CASES, ids=[str(case[:2]) for case in CASES]
)
def test_the_examples_of_the_rfc(target: Any, patch: Any, result: Any) -> None:
    assert merge_patch(target, patch) == result


@at_leisure
@given(JSON, JSON)
def test_neither_the_target_nor_the_patch_is_changed(target: Any, patch: Any) -> None:
    before = copy.deepcopy((target, patch))
    merge_patch(target, patch)
    assert (target, patch) == before


@at_leisure
@given(JSON, JSON)
def test_a_patch_twice_is_a_patch_once(target: Any, patch: Any) -> None:
    once = merge_patch(target, patch)
    assert merge_patch(once, patch) == once


@at_leisure
@given(st.dictionaries(st.text(max_size=2), JSON))
def test_nothing_remains_of_what_is_null(patch: dict[str, Any]) -> None:
    merged = merge_patch({}, patch)
    assert merged.keys() == {name for name, value in patch.items() if value is not None}
