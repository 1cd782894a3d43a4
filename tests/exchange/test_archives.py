"""Archives whose files are read one by one."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from app.core.errors import InvalidError
from app.exchange import reading
from app.exchange.drafts import Unreadable
from app.exchange.writing.markdown import to_markdown
from app.schemas.recipe import RecipeDocument
from tests.exchange.archiving import archive_of, zipped
from tests.exchange.formats.test_meal_master import CAKES, RICE

TOAST = b"# Toast\n\n## Ingredients\n- 2 slices bread\n\n## Method\n1. Toast.\n"
EGGS = b"Eggs\n\nIngredients\n2 eggs\n\nMethod\nBoil.\n"
PAGE = b"""<!DOCTYPE html><html><body><script type="application/ld+json">
{"@type": "Recipe", "name": "Pie", "recipeIngredient": ["1 apple"]}</script></body></html>"""


def schema_org(name: str) -> dict[str, Any]:
    """A recipe with the members of schema.org."""
    members = {"recipeIngredient": ["1 egg"], "recipeInstructions": "Boil."}
    return {"@type": "Recipe", "name": name, **members}


def labels(files: Mapping[str, Any]) -> list[Any]:
    """The titles of the recipes, and what else is reported."""
    return [
        each if isinstance(each, Unreadable) else each.document["label"]
        for each in reading.read_archive(archive_of(files))
    ]


def test_files_of_different_formats_are_read() -> None:
    files = {
        "toast.md": TOAST,
        "sub/eggs.txt": EGGS,
        "pie.html": PAGE,
        "soup.json": schema_org("Soup"),
        "old.mmf": (CAKES + RICE).encode(),
        "stew.cook": b"Add @salt{1%g} to the @beef{}.",
        "list.csv": b"name,ingredients\nTea,water\n",
    }
    found = labels(files)
    assert sorted(found) == sorted(
        ["Toast", "Eggs", "Pie", "Soup", "Corn Cakes", "Plain Rice", "stew", "Tea"]
    )


def test_each_file_without_a_recipe_is_reported() -> None:
    files = {"README.md": b"Mine.", "a.pdf": b"%PDF-1.4", "toast.md": TOAST, "toast.jpg": b"x"}
    assert labels(files) == [
        Unreadable("README.md", reading.UNKNOWN),
        Unreadable("a.pdf", "This is a PDF, which cannot be read."),
        "Toast",
    ]


def test_a_file_that_is_not_of_the_format_of_its_archive_is_read() -> None:
    files = {"one/recipe.json": schema_org("Soup"), "pie.json": schema_org("Pie")}
    assert sorted(labels({**files, "soup-recipe.json": schema_org("Stew")})) == [
        *("Pie", "Soup", "Stew")
    ]


def test_files_that_a_format_cannot_read_are_read_by_another() -> None:
    mealie = {"name": "Stew", "slug": "stew", "recipe_ingredient": [{"note": "1 egg"}]}
    files = {"a.json": mealie, "b.json": schema_org("Pie"), "c.json": {"x": 1}}
    assert labels(files) == ["Stew", "Pie", Unreadable("c.json", reading.UNKNOWN)]


def test_json_of_schema_org_is_read_whatever_the_names() -> None:
    assert labels({f"{name}.json": schema_org(name) for name in "abc"}) == ["a", "b", "c"]
    assert labels({f"{name}-recipe.json": schema_org(name) for name in "abc"}) == ["a", "b", "c"]


def test_the_name_of_a_file_is_the_title_of_a_recipe_without_one() -> None:
    body = b"## Ingredients\n- 2 slices bread\n\n## Method\n1. Toast.\n"
    assert labels({"Vault/Cheese toast.md": body}) == ["Cheese toast"]
    assert labels({"Toast.txt": b"Ingredients\n2 slices bread\n\nMethod\nToast.\n"}) == ["Toast"]


def test_text_may_be_windows_1252() -> None:
    text = "Crème\n\nIngredients\n2 eggs\n\nMethod\nBoil.\n".encode("cp1252")
    assert labels({"a.txt": text}) == ["Crème"]


def test_an_archive_in_an_archive_is_read() -> None:
    assert labels({"inner.zip": zipped({"toast.md": TOAST}), "eggs.txt": EGGS}) == ["Toast", "Eggs"]


def test_an_archive_without_any_recipe_is_refused() -> None:
    with pytest.raises(InvalidError, match="no recipe was found"):
        labels({"a.txt": b"Hello.", "b.json": {"x": 1}})
    with pytest.raises(InvalidError, match="PDF"):
        labels({"a.pdf": b"%PDF-1.4", "a.jpg": b"x"})


def test_a_broken_file_spoils_no_other() -> None:
    broken = json.dumps(schema_org("Soup"))[:-9].encode()
    assert labels({"a.json": broken, "b.json": schema_org("Pie")}) == [
        Unreadable("a.json", reading.UNKNOWN),
        "Pie",
    ]


def test_a_backup_of_mealie_may_be_in_a_folder() -> None:
    tables = {"recipes": [{"id": "1", "name": "Soup"}], "recipes_ingredients": []}
    files = {"backup/database.json": tables, "backup/templates/recipes.md": b"Mine."}
    assert labels(files) == ["Soup"]


def test_recipes_of_kitchenowl_may_be_a_list() -> None:
    owl = {"name": "Soup", "items": [{"name": "egg", "description": "1"}]}
    assert labels({"export.json": [owl, {**owl, "name": "Stew"}]}) == ["Soup", "Stew"]


def test_our_own_markdown_is_read() -> None:
    members = {"ingredients": [{"text": "2 slices bread"}], "steps": [{"text": "Toast it."}]}
    documents = [RecipeDocument.model_validate({"label": name, **members}) for name in ("A", "B")]
    pages = {f"{each.label}.md": to_markdown(each.model_dump()).encode() for each in documents}
    assert labels(pages) == ["A", "B"]
