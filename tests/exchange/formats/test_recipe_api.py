"""Our own exports, read back."""

import json
from typing import Any

import pytest

from app.exchange import reading
from app.exchange.drafts import Draft, Unreadable
from app.exchange.formats import recipe_api
from tests.documents import DEFAULTS, ODD, READ_ONLY, WHOLE
from tests.exchange.archiving import archive_of

TOAST: dict[str, Any] = {"label": "Toast", **DEFAULTS}
MANIFEST = {"format": "recipe-api", "version": 1}


def ndjson(*values: Any) -> str:
    return "".join(f"{json.dumps(value, ensure_ascii=False)}\n" for value in values)


def drafts(*documents: dict[str, Any]) -> list[Draft]:
    return [Draft(document, is_ours=True) for document in documents]


def test_each_line_is_a_recipe() -> None:
    found = recipe_api.read_text(ndjson(WHOLE, TOAST, {"label": "Bread"}))
    assert found is not None
    assert list(found) == drafts(WHOLE, TOAST, {"label": "Bread"})


@pytest.mark.parametrize("name", ODD)
def test_odd_values_are_not_changed(name: str) -> None:
    found = reading.read_text(ndjson(ODD[name], TOAST))
    assert list(found) == drafts(ODD[name], TOAST)


@pytest.mark.parametrize(
    "value",
    [
        WHOLE,
        [WHOLE],
        {"items": [WHOLE], "next_cursor": None},
        {"results": [WHOLE]},
        WHOLE | dict.fromkeys(READ_ONLY, 1),
    ],
    ids=["one", "a list", "a page", "a search", "as GET gives it"],
)
def test_responses_of_the_api_are_read(value: Any) -> None:
    assert list(reading.read_text(json.dumps(value))) == drafts(WHOLE)


def test_a_bad_line_does_not_end_the_file() -> None:
    lines = ndjson(TOAST, {"label": "Later", "mood": 1, "colour": 2}, [1], {"label": 7}, None)
    text = "\n" + lines + '{"label": "Cut\n\n' + ndjson(TOAST)
    found = recipe_api.read_text(text)
    assert found is not None
    assert list(found) == [
        *drafts(TOAST),
        Unreadable("Later", "It has unknown members: colour, mood."),
        Unreadable(None, "Line 4 is not a JSON object."),
        Unreadable(None, "This is not a recipe: it has no label."),
        Unreadable(None, "Line 6 is not a JSON object."),
        Unreadable(None, "Line 7 is not a JSON object."),
        *drafts(TOAST),
    ]


def test_names_of_unknown_members_are_cut() -> None:
    found = recipe_api.read_text(ndjson({"label": "x", "a" * 99: 1, "b": 2, "c": 3, "d": 4}))
    reason = f"It has unknown members: {'a' * 64}, b, c, …."
    assert list(found or ()) == [Unreadable("x", reason)]


@pytest.mark.parametrize(
    "text",
    ["", "\n\n", "Toast", "[1]\n", '{"name": "Toast"}\n', '{"label": 1}\n', "null", "\n" * 100]
    + ['{"@type": "Recipe", "label": "Toast"}', "name,label\nToast,1\n", "\x00\ud800"],
)
def test_other_formats_are_not_read(text: str) -> None:
    assert recipe_api.read_text(text) is None


@pytest.mark.parametrize(
    "value",
    [None, 1, "label", [], {}, [[]], {"name": "Toast"}, {"items": [1]}, {"items": {"label": "x"}}]
    + [{"@type": "Recipe", "label": "Toast"}, {"label": ["Toast"]}],
)
def test_other_values_are_not_read(value: Any) -> None:
    assert recipe_api.read_json(value) is None


@pytest.mark.parametrize("folder", ["", "My recipes/"])
def test_the_archive_is_read(folder: str) -> None:
    files = {
        f"{folder}manifest.json": MANIFEST,
        f"{folder}recipes.ndjson": ndjson(WHOLE, {"x": 1}, TOAST).encode(),
        "else.txt": b"",
    }
    assert list(reading.read_archive(archive_of(files))) == [
        *drafts(WHOLE),
        Unreadable(None, "This is not a recipe: it has no label."),
        *drafts(TOAST),
    ]


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"recipes.ndjson": ndjson(TOAST).encode()},
        {"manifest.json": b"{", "recipes.ndjson": ndjson(TOAST).encode()},
        {"manifest.json": {"format": "else"}, "recipes.ndjson": ndjson(TOAST).encode()},
        {"manifest.json": [], "recipes.ndjson": ndjson(TOAST).encode()},
    ],
)
def test_other_archives_are_not_read(files: dict[str, Any]) -> None:
    assert recipe_api.read_archive(archive_of(files)) is None
