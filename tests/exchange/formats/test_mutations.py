"""Damaged files of two recipes: nothing crashes, and no recipe is made of two."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import InvalidError
from app.exchange import reading
from app.exchange.items import items_of
from tests.exchange.formats.samples import SAMPLES

FIRST = ("cornmeal", "Mix", "brown", "Mehl", "Backen")
SECOND = ("rice", "Boil", "Wasser", "Kochen")
WORDS = re.compile("|".join(rf"\b{word}\b" for word in FIRST + SECOND))


@st.composite
def damaged(draw: st.DrawFn, text: str) -> str:
    """A text with one line deleted, repeated, moved or put in, or with its end cut off."""
    lines = text.split("\n")
    place = draw(st.integers(0, len(lines) - 1))
    match draw(st.sampled_from(("delete", "repeat", "move", "insert", "cut", "change"))):
        case "delete":
            del lines[place]
        case "repeat":
            lines.insert(place, lines[place])
        case "move":
            other = draw(st.integers(0, len(lines) - 1))
            lines[place], lines[other] = lines[other], lines[place]
        case "insert":
            lines.insert(place, draw(st.text(max_size=30)))
        case "cut":
            return text[: draw(st.integers(0, len(text)))]
        case "change":
            line, piece = lines[place], draw(st.text("<>&;:-= M1[]{}\"'\t", min_size=1, max_size=3))
            at = draw(st.integers(0, len(line)))
            lines[place] = line[:at] + piece + line[at:]
    return "\n".join(lines)


def read(text: str) -> tuple[list[str], bool]:
    """The documents as JSON, and whether anything is reported."""
    try:
        items = [*items_of(reading.read_text(text))]
    except InvalidError:
        return [], True
    documents = [
        json.dumps(item.document.model_dump(mode="json"), ensure_ascii=False).replace("\\n", " ")
        for item in items
        if item.document
    ]
    return documents, any(item.error for item in items)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_file_itself_is_read_whole(name: str) -> None:
    documents, has_report = read(SAMPLES[name])
    assert len(documents) == 2
    assert not has_report


@pytest.mark.parametrize("name", SAMPLES)
@given(data=st.data())
def test_a_damaged_file_is_read_or_reported(name: str, data: Any) -> None:
    documents, has_report = read(data.draw(damaged(SAMPLES[name])))
    assert documents or has_report


@pytest.mark.parametrize("name", ["MealMaster", "RezkonvSuite", "MasterCook", "MasterCook XML"])
def test_no_recipe_is_made_of_two_if_a_line_is_missing(name: str) -> None:
    lines = SAMPLES[name].split("\n")
    for place in range(len(lines)):
        documents, _ = read("\n".join(lines[:place] + lines[place + 1 :]))
        for document in documents:
            found = set(WORDS.findall(document))
            assert found.isdisjoint(FIRST) or found.isdisjoint(SECOND), lines[place]
