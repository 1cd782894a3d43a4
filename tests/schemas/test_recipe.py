"""The recipe document: its bounds, and what stands for what."""

import json
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from app.schemas.recipe import (
    RecipeCreate,
    RecipeInDB,
    RecipePublic,
    RecipeReplace,
    RecipeSummary,
    RecipeUpdate,
)
from tests.documents import DEFAULTS, ODD, WHOLE

REQUESTS: list[type[BaseModel]] = [RecipeCreate, RecipeReplace, RecipeUpdate]
each_request = pytest.mark.parametrize("model", REQUESTS)


def faults(model: type[BaseModel], document: dict[str, Any]) -> list[tuple[int | str, ...]]:
    """The places at which a document is wrong."""
    try:
        model.model_validate({"label": "x", **document})
    except ValidationError as error:
        return [fault["loc"] for fault in error.errors()]
    return []


def test_every_member_is_taken() -> None:
    assert RecipeCreate.model_validate(WHOLE).model_dump(exclude={"submitter_id"}) == WHOLE


def test_what_is_left_out_has_a_default() -> None:
    dumped = RecipeCreate(label="Toast").model_dump(exclude={"submitter_id"})
    assert dumped == {"label": "Toast", **DEFAULTS}


@pytest.mark.parametrize("document", ODD.values(), ids=ODD.keys())
def test_a_document_is_the_same_after_json(document: dict[str, Any]) -> None:
    taken = RecipeCreate.model_validate_json(json.dumps(document))
    assert RecipeCreate.model_validate_json(taken.model_dump_json()) == taken


BOUNDS: dict[str, tuple[int, Any]] = {
    "label": (256, {"label": "{}"}),
    "description": (4_000, {"description": "{}"}),
    "source": (256, {"source": "{}"}),
    "author": (256, {"author": "{}"}),
    "notes": (50_000, {"notes": "{}"}),
    "ingredient": (1_000, {"ingredients": ["{}"]}),
    "ingredient's text": (1_000, {"ingredients": [{"text": "{}"}]}),
    "step": (10_000, {"steps": ["{}"]}),
    "step's text": (10_000, {"steps": [{"text": "{}"}]}),
    "tag": (100, {"tags": ["{}"]}),
    "tag's name": (100, {"tags": [{"kind": "diet", "name": "{}"}]}),
}


def filled(value: Any, text: str) -> Any:
    if isinstance(value, dict):
        return {name: filled(member, text) for name, member in value.items()}
    if isinstance(value, list):
        return [filled(member, text) for member in value]
    return text if value == "{}" else value


@each_request
@pytest.mark.parametrize(("bound", "document"), BOUNDS.values(), ids=BOUNDS.keys())
def test_text_is_bounded(model: type[BaseModel], bound: int, document: dict[str, Any]) -> None:
    assert faults(model, filled(document, "é" * bound)) == []
    assert len(faults(model, filled(document, "é" * (bound + 1)))) == 1


@each_request
@pytest.mark.parametrize(("member", "bound"), [("tags", 100), ("ingredients", 500), ("steps", 300)])
def test_lists_are_bounded(model: type[BaseModel], member: str, bound: int) -> None:
    assert faults(model, {member: [str(number) for number in range(bound)]}) == []
    assert faults(model, {member: [str(number) for number in range(bound + 1)]}) == [(member,)]


@pytest.mark.parametrize("filler", ["x", "é", "🍮", '"', "\n"], ids=ascii)
def test_the_whole_document_has_512_kib(filler: str) -> None:
    size = len(json.dumps(filler, ensure_ascii=False).encode()) - 2
    for kib, fits in ((500, True), (513, False)):
        text = filler * (kib * 1024 // size)
        found = faults(RecipeCreate, {"extras": {"a": text}})
        assert (found == []) == fits


@each_request
@pytest.mark.parametrize(
    "document",
    [
        {"visibility": "secret"},
        {"tags": [{"kind": "colour", "name": "red"}]},
        {"tags": [{"kind": "diet"}]},
        {"tags": [{"kind": "diet", "name": ""}]},
        {"tags": [{"kind": "diet", "name": "x", "id": 5}]},
        {"ingredients": [""]},
        {"ingredients": [" "]},
        {"ingredients": [{"food": "egg"}]},
        {"ingredients": [["egg"]]},
        {"steps": [{"text": "x", "minutes": -1}]},
        {"steps": [{"text": "x", "minutes": "5"}]},
        {"servings": 0},
        {"servings": -4},
        {"prep_minutes": -1},
        {"prep_minutes": 2.5},
        {"nutrition": {"calories": "230 kcal"}},
        {"nutrition": {"calories": -1}},
        {"nutrition": {"joules": 1}},
        {"nutrition": []},
        {"language": "english language"},
        {"url": "javascript:alert(1)"},
        {"extras": ["a"]},
        {"extras": {"a": 2**63}},
        {"extras": {"a": float("inf")}},
        {"extras": {"a": "\ud800"}},
        {"extras": {"a\0": 1}},
        {"colour": "red"},
        {"label_key": "x"},
        {"deleted_at": None},
    ],
    ids=str,
)
def test_what_breaks_a_rule_is_one_fault(model: type[BaseModel], document: dict[str, Any]) -> None:
    assert len(faults(model, document)) == 1


@pytest.mark.parametrize("minutes", [5_000_000, 10_000_000])
def test_a_sum_is_a_total_that_may_be_sent_back(minutes: int) -> None:
    document = {"label": "x", "prep_minutes": minutes, "cook_minutes": minutes}
    if not faults(RecipeCreate, document):
        taken = RecipeCreate.model_validate(document).model_dump(exclude={"submitter_id"})
        assert faults(RecipeReplace, taken) == []


def test_a_tag_is_told_from_another_by_kind_and_folded_name() -> None:
    tags = ["Soup", "soup", {"kind": "diet", "name": "soup"}, "SOUP", "Söup"]
    taken = RecipeCreate.model_validate({"label": "x", "tags": tags}).tags
    assert [(tag.kind, tag.name) for tag in taken] == [
        ("keyword", "Soup"),
        ("diet", "soup"),
        ("keyword", "Söup"),
    ]


def test_an_update_of_nothing_sets_nothing() -> None:
    assert RecipeUpdate.model_validate({}).model_dump(exclude_unset=True) == {}


def test_an_update_tells_null_from_absent() -> None:
    dumped = RecipeUpdate.model_validate({"notes": None}).model_dump(exclude_unset=True)
    assert dumped == {"notes": None}


@pytest.mark.parametrize("member", ["label", "visibility", "id", "version", "created_at"])
def test_an_update_takes_no_null_for(member: str) -> None:
    with pytest.raises(ValidationError):
        RecipeUpdate.model_validate({member: None})


@pytest.mark.parametrize(
    "given", [1_700_000_000, 0.5, "1700000000", "2026-11-01", True, None], ids=repr
)
def test_a_moment_is_written_as_one(given: object) -> None:
    with pytest.raises(ValidationError):
        RecipeUpdate.model_validate({"created_at": given})


def test_what_is_stored_has_what_is_answered() -> None:
    assert RecipeSummary.model_fields.keys() <= RecipePublic.model_fields.keys()
    assert RecipePublic.model_fields.keys() < RecipeInDB.model_fields.keys()
    hidden = RecipeInDB.model_fields.keys() - RecipePublic.model_fields.keys()
    assert hidden == {"label_key", "source_key", "url_key", "deleted_at"}


def test_what_is_answered_may_be_sent_back() -> None:
    assert RecipePublic.model_fields.keys() == RecipeReplace.model_fields.keys()
    assert RecipePublic.model_fields.keys() == RecipeUpdate.model_fields.keys()
