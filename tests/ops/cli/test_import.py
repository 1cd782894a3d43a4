"""`recipes import`: files, duplicates and failures."""

import re
from pathlib import Path

from fastapi.testclient import TestClient

from tests.databases import rows
from tests.factories import Account, create_user
from tests.ndjson import sample_lines
from tests.ops.cli.commands import Recipes

PAGE = """<script type="application/ld+json">
{"@type": "Recipe", "name": "Soup", "recipeIngredient": ["1 leek"]}</script>"""


def test_files_become_recipes_of_the_first_superuser(
    recipes: Recipes, superuser: Account, tmp_path: Path, database_url: str
) -> None:
    (tmp_path / "soup.html").write_text(PAGE)
    (tmp_path / "many.ndjson").write_text(sample_lines(1200))
    files = [str(tmp_path / "soup.html"), str(tmp_path / "many.ndjson")]
    done = recipes("import", *files)
    assert done == (0, "1201 created, 0 updated, 0 skipped, 0 failed.\n", "")
    stored = rows(database_url, "recipe")
    assert {row.submitter_id for row in stored} == {superuser.id}
    assert stored[0].label == "Soup"
    done = recipes("import", *files)
    assert done == (0, "0 created, 0 updated, 1201 skipped, 0 failed.\n", "")
    assert rows(database_url, "recipe") == stored


def test_recipes_of_another_user(
    recipes: Recipes, client: TestClient, superuser: Account, tmp_path: Path, database_url: str
) -> None:
    cook = create_user(client, "cook@example.com")
    file = tmp_path / "soup.html"
    file.write_text(PAGE)
    assert recipes("import", str(file), "--user", "Cook@example.com").status == 0
    assert [row.submitter_id for row in rows(database_url, "recipe")] == [cook.id]
    done = recipes("import", str(file), "--user", "unknown@example.com")
    assert (done.status, done.err) == (1, "recipes: There is no such user.\n")


def test_a_dry_run_stores_nothing_and_duplicates_are_updated_or_copied(
    recipes: Recipes, superuser: Account, tmp_path: Path, database_url: str
) -> None:
    file = tmp_path / "soup.html"
    file.write_text(PAGE)
    done = recipes("import", str(file), "--dry-run")
    assert done == (0, "Would be: 1 created, 0 updated, 0 skipped, 0 failed.\n", "")
    assert rows(database_url, "recipe") == []
    recipes("import", str(file))
    file.write_text(PAGE.replace('"name"', '"description": "Hot.", "name"'))
    assert "1 updated" in recipes("import", str(file), "--on-duplicate", "update").out
    assert "1 created" in recipes("import", str(file), "--on-duplicate", "copy").out
    assert [row.description for row in rows(database_url, "recipe")] == ["Hot.", "Hot."]
    assert recipes("import", str(file), "--on-duplicate", "replace").status == 2


def test_failures_are_listed_with_file_and_reason(
    recipes: Recipes, superuser: Account, tmp_path: Path, database_url: str
) -> None:
    (tmp_path / "picture.jpg").write_bytes(b"\xff\xd8\xff")
    (tmp_path / "some.ndjson").write_text(
        '{"label": "Soup"}\n{"label": "Pie", "servings": -1}\n{\n{"label": "Tea"}\n'
    )
    files = [str(tmp_path / name) for name in ("picture.jpg", "some.ndjson")]
    done = recipes("import", *files)
    assert done.status == 1
    assert done.out == "2 created, 0 updated, 0 skipped, 3 failed.\n"
    heads, picture, pie, broken = done.err.splitlines()
    assert heads.split() == ["FILE", "ITEM", "NAME", "REASON"]
    assert re.match(r"picture\.jpg +This is a picture, which cannot be read", picture)
    assert re.match(r"some\.ndjson +1 +Pie +.*/servings", pie)
    assert re.match(r"some\.ndjson +2 +\S", broken)
    assert [row.label for row in rows(database_url, "recipe")] == ["Soup", "Tea"]
    assert recipes("import", str(tmp_path / "missing")).status == 2
