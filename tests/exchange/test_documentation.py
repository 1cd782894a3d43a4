"""The examples in docs/exchange.md work."""

import json
import re
from pathlib import Path

from app.exchange.drafts import Draft
from app.schemas.recipe import RecipeDocument

PAGE = (Path(__file__).parents[2] / "docs" / "exchange.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """The only block of code in a language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


def test_the_example_is_a_line_of_an_export() -> None:
    line = json.loads(block("json"))
    assert list(line) == list(RecipeDocument.model_fields)
    assert RecipeDocument.model_validate(line).model_dump() == line


def test_the_example_of_a_format_works() -> None:
    module: dict[str, object] = {}
    exec(block("python"), module)  # noqa: S102 - It is ours, and what readers copy.
    read_json = module["read_json"]
    assert callable(read_json)
    box = {"box": [{"title": "Soup", "lines": ["1 leek", ""]}, 5, {"title": ["Pie"]}]}
    assert list(read_json(box)) == [
        Draft({"label": "Soup", "ingredients": [{"text": "1 leek"}]}),
        Draft({"label": "Pie", "ingredients": []}),
    ]
    assert read_json({"boxes": []}) is None
