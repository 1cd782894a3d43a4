"""Web pages and JSON-LD as files, whose format nobody names."""

from io import BytesIO
from typing import Any

import pytest

from app.exchange.drafts import Draft
from app.exchange.formats import schema_org, web_page
from app.exchange.reading import read as read_file
from tests.exchange.html.test_page import JSON, READ, TOAST, script


@pytest.mark.parametrize(
    "text",
    [
        f"<!DOCTYPE html><html>{script(TOAST)}</html>",
        f"\n<html>{script(TOAST)}",
        f"Saved from the web\n<body>{script(TOAST)}",
        script(TOAST),
    ],
)
def test_a_web_page(text: str) -> None:
    drafts = web_page.read_text(text)
    assert drafts is not None
    assert list(drafts) == [Draft(READ)]


@pytest.mark.parametrize("text", ["", "Toast\n\n1 slice bread", "<html>", "a <b>bold</b> line"])
def test_what_is_none(text: str) -> None:
    assert web_page.read_text(text) is None


def test_json_ld() -> None:
    value: Any = {"@graph": [TOAST]}
    drafts = schema_org.read_json(value)
    assert drafts is not None
    assert list(drafts) == [Draft(READ)]


@pytest.mark.parametrize("content", [JSON, f"[{JSON}]", f"<html><head>{script(TOAST)}"])
def test_files(content: str) -> None:
    assert list(read_file(BytesIO(content.encode()))) == [Draft(READ)]
