"""Validation errors as faults: every place, and nothing of the input."""

from typing import Any

import pytest
from pydantic import ValidationError

from app.core.errors import Fault
from app.schemas.faults import MAX_FAULTS, faults_of, faults_of_request, pointer
from app.schemas.recipe import RecipeCreate

MARK = "an-unmistakable-mark"


def faults(document: Any) -> list[Fault]:
    with pytest.raises(ValidationError) as error:
        RecipeCreate.model_validate(document)
    return faults_of(error.value)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((), ""),
        (("label",), "/label"),
        (("tags", 0, "name"), "/tags/0/name"),
        (("",), "/"),
        (("a/b", "m~n", "~1"), "/a~1b/m~0n/~01"),
        (("x" * 100, "é" * 100), "/" + "x" * 64 + "/" + "é" * 64),
    ],
    ids=str,
)
def test_a_place_is_a_json_pointer(path: tuple[str | int, ...], expected: str) -> None:
    assert pointer(path) == expected


def test_every_place_has_its_fault() -> None:
    found = faults({"servings": "x", "steps": [{"text": 5}, {}], "colour": 1})
    assert {fault.pointer: fault.code for fault in found} == {
        "/label": "missing",
        "/servings": "float_type",
        "/steps/0/text": "string_type",
        "/steps/1/text": "missing",
        "/colour": "extra_forbidden",
    }
    assert all(fault.parameter is None for fault in found)


@pytest.mark.parametrize(
    "document",
    [
        {"label": [MARK]},
        {"label": MARK * 100},
        {"label": f"{MARK}\0"},
        {"label": "x", "url": f"javascript:{MARK}"},
        {"label": "x", "language": MARK * 5},
        {"label": "x", "visibility": MARK},
        {"label": "x", "servings": MARK},
        {"label": "x", "tags": MARK},
        {"label": "x", "tags": [{"kind": MARK, "name": MARK}]},
        {"label": "x", "nutrition": {"calories": MARK}},
        {"label": "x", "extras": {"a": f"{MARK}\0"}},
        {"label": "x", "colour": MARK},
        MARK,
        [MARK],
    ],
    ids=str,
)
def test_no_fault_repeats_the_input(document: Any) -> None:
    assert MARK not in repr(faults(document))


def test_the_faults_are_bounded() -> None:
    assert len(faults({"label": "x", "steps": [5] * 300})) == MAX_FAULTS


def test_a_request_has_pointers_and_parameters() -> None:
    errors = [
        {"loc": ("body", "tags", 0), "type": "a", "msg": "one"},
        {"loc": ("query", "limit"), "type": "b", "msg": "two"},
        {"loc": ("path", "recipe_id"), "type": "c", "msg": "three"},
        {"loc": ("header", "if-match"), "type": "d", "msg": "four"},
        {"loc": ("body",), "type": "missing", "msg": "five"},
    ]
    assert faults_of_request(errors) == [
        Fault("one", "a", pointer="/tags/0"),
        Fault("two", "b", parameter="limit"),
        Fault("three", "c", parameter="recipe_id"),
        Fault("four", "d", parameter="if-match"),
        Fault("is missing", "missing", pointer=""),
    ]


def test_a_place_is_named_once() -> None:
    errors = [{"loc": ("body", "a"), "type": kind, "msg": kind} for kind in ("int", "str", "list")]
    assert faults_of_request(errors) == [Fault("int", "int", pointer="/a")]
