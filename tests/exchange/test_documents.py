"""Drafts become documents within all bounds, and lose nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.exchange.documents import to_document
from app.exchange.drafts import Draft


def document(**members: Any) -> dict[str, Any]:
    given_ = {"label": "Soup", **members}
    return to_document(Draft(given_)).model_dump()


def test_a_long_label_is_cut_and_kept() -> None:
    found = document(label="so " * 200)
    assert len(found["label"]) <= 256
    assert found["label"].endswith("…")
    assert found["extras"]["label"] == ("so " * 200).strip()


def test_a_long_description_goes_on_in_the_notes() -> None:
    text = "word " * 1000
    found = document(description=text, notes="Mine.")
    assert len(found["description"]) <= 4000
    assert found["notes"] == f"{text.strip()}\n\nMine."


def test_a_long_line_becomes_two() -> None:
    line, step = "very long " * 150, "and so on " * 1500
    found = document(ingredients=[line, "1 leek"], steps=[{"text": step, "name": "Cook"}])
    texts = [each["text"] for each in found["ingredients"]]
    assert " ".join(texts) == f"{line.strip()} 1 leek"
    assert max(map(len, texts)) <= 1000
    steps = [each["text"] for each in found["steps"]]
    assert " ".join(steps) == step.strip()
    assert [each["name"] for each in found["steps"]] == ["Cook", None]


def test_values_without_a_place_go_to_the_extras() -> None:
    found = document(
        url="ftp://example.com",
        servings=0,
        prep_minutes=-1,
        author="x" * 300,
        language="English!",
        nutrition={"calories": 100, "fat_g": "much"},
        extras={"rating": 5, "big": 10**30, "odd": float("inf"), "nul\0": "a\0b"},
    )
    assert [found[name] for name in ("url", "servings", "prep_minutes", "author")] == [None] * 4
    assert found["nutrition"]["calories"] == 100
    assert found["extras"] == {
        "rating": 5,
        "big": str(10**30),
        "odd": None,
        "nul": "ab",
        "url": "ftp://example.com",
        "servings": 0,
        "prep_minutes": -1,
        "author": "x" * 300,
        "language": "English!",
        "fat_g": "much",
    }


def test_plain_lines_are_parsed_under_their_headings() -> None:
    found = document(ingredients=["For the dough:", "200 g flour", "1 egg (optional)"])
    assert [(each["section"], each["text"]) for each in found["ingredients"]] == [
        ("For the dough", "200 g flour"),
        ("For the dough", "1 egg (optional)"),
    ]
    flour, egg = found["ingredients"]
    assert (flour["quantity"], flour["unit"], flour["food"]) == (200, "g", "flour")
    assert egg["optional"]


def test_parsed_ingredients_of_a_format_are_kept() -> None:
    (found,) = document(
        ingredients=[
            {
                "text": "flour, sieved",
                "quantity": 2,
                "unit": "cups",
                "food": "flour",
                "section": "A",
            }
        ]
    )["ingredients"]
    assert found == {
        "text": "flour, sieved",
        "section": "A",
        "quantity": 2,
        "quantity_max": None,
        "unit": "cups",
        "food": "flour",
        "note": "sieved",
        "optional": False,
    }


def test_tags_beyond_the_bound_go_to_the_extras() -> None:
    tags = [{"kind": "keyword", "name": f"tag {number}"} for number in range(120)]
    found = document(tags=[*tags, {"kind": "keyword", "name": "TAG 1"}, "x" * 101])
    assert len(found["tags"]) == 100
    assert found["extras"]["tags"] == [f"tag {n}" for n in range(100, 120)] + ["x" * 101]


@pytest.mark.parametrize(
    "members", [{"label": ""}, {"label": None}, {"ingredients": ["1 leek"] * 501}]
)
def test_drafts_that_cannot_be_recipes_are_refused(members: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        document(**members)


def test_our_own_export_is_unchanged_or_refused() -> None:
    draft = {"label": "Soup", "ingredients": ["For the dough:"], "servings": 0}
    with pytest.raises(ValidationError):
        to_document(Draft(draft, is_ours=True))


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
MEMBERS = ["description", "url", "source", "author", "language", "prep_minutes", "servings"]
LISTS = ["ingredients", "steps", "tags"]


@given(
    st.dictionaries(st.sampled_from([*MEMBERS, "nutrition", "notes", "yield_text"]), ANY),
    st.dictionaries(st.sampled_from(LISTS), st.lists(ANY, max_size=5)),
    st.dictionaries(st.text(max_size=5), ANY, max_size=4),
)
def test_any_value_becomes_a_document(
    members: dict[str, Any], lists: dict[str, Any], extras: dict[str, Any]
) -> None:
    found = document(**members, **lists, extras=extras)
    assert found["label"] == "Soup"
