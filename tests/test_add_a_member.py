"""A new member of the recipe, as docs/add-a-member.md says, with rows and versions from before."""

import re
import sys
from pathlib import Path

from fastapi.testclient import TestClient

from app.core.config import ROOT, Settings
from tests.factories import Account, create_recipe
from tests.guides import copy_repository, follow
from tests.processes import run

PAGE = (ROOT / "docs" / "add-a-member.md").read_text()

# All in one process, because each start takes seconds. `added`, `upgrade` and `downgrade` are what
# the page adds to the revision.
MIGRATE = """
from pathlib import Path

from alembic.config import main

from app.ops.cli.check import find

DIFFERS = "other members than the schema"

main(["revision", "--autogenerate", "-m", "Add difficulty and brand"])
(revision,) = Path("alembic/versions").glob("*_add_difficulty_and_brand.py")
imports = "from alembic import op\\n"
text = revision.read_text().replace(imports, imports + added)
ups, downs = text.rstrip().split("\\n\\n\\ndef downgrade")

# Before the rows are rewritten, the check finds them.
revision.write_text(text)
main(["upgrade", "head"])
assert DIFFERS in str([*find(all_recipes=True)])
main(["downgrade", "-1"])

revision.write_text(f"{ups}\\n{upgrade}\\n\\ndef downgrade{downs}\\n{downgrade}")
main(["upgrade", "head"])
main(["check"])
main(["downgrade", "-1"])
main(["upgrade", "head"])
assert DIFFERS not in str([*find(all_recipes=True)])
"""

# `headers` and `path` are those of a recipe from before, which has two versions.
USE = """
from fastapi.testclient import TestClient

from app.core.config import Settings
from app.main import create_app

with TestClient(create_app(Settings())) as client:
    client.headers["Authorization"] = headers["Authorization"]
    recipes = "/api/v1/recipes"

    old = client.get(path).json()
    assert old["difficulty"] is None
    assert [line["brand"] for line in old["ingredients"]] == [None, None]
    (changed,) = client.get(f"{recipes}/changes").json()["items"]
    assert changed["recipe"] == old
    for version in (1, 2):
        snapshot = client.get(f"{path}/versions/{version}")
        assert snapshot.status_code == 200, snapshot.text
        assert snapshot.json()["recipe"]["difficulty"] is None
        assert [each["brand"] for each in snapshot.json()["recipe"]["ingredients"]] == [None, None]
    diff = client.get(f"{path}/versions/2/diff").json()
    assert [each["path"] for each in diff["patch"]] == ["/description"], diff

    again = client.put(path, json=old)
    assert (again.status_code, again.json()) == (200, old), again.text
    line = {"text": "1 tin tomatoes", "brand": "Acme"}
    patched = client.patch(path, json={"difficulty": "easy", "ingredients": [line]})
    assert patched.status_code == 200, patched.text
    assert patched.json()["difficulty"] == "easy"
    assert patched.json()["ingredients"][0]["brand"] == "Acme"
    assert client.get(path).content == patched.content
    restored = client.post(f"{path}/versions/1/restore")
    assert (restored.status_code, restored.json()["difficulty"]) == (200, None), restored.text

    new = {"label": "New", "difficulty": "hard", "ingredients": [line, "2 eggs"]}
    made = client.post(recipes, json=new)
    assert (made.status_code, made.json()["difficulty"]) == (201, "hard"), made.text
    operation = {"op": "create", "recipe": new | {"label": "Of a batch"}}
    done = client.post(f"{recipes}/batch", json={"operations": [operation]}).json()
    assert done["results"][0]["status"] == 201, done
    ndjson = client.get(f"{recipes}/export?format=ndjson")
    assert ndjson.text.count('"difficulty":"hard"') == 2, ndjson.text
    copies = client.post(
        f"{recipes}/import?on_duplicate=copy",
        content=ndjson.content,
        headers={"Content-Type": "application/x-ndjson"},
    )
    assert '"created":3' in copies.text, copies.text
    too_long = client.post(recipes, json={"label": "x", "difficulty": "x" * 257})
    assert too_long.status_code == 422
"""


def test_the_page_works_as_it_stands(
    client: TestClient, user: Account, settings: Settings, tmp_path: Path
) -> None:
    lines = ["2 eggs", "1 cup milk"]
    recipe = create_recipe(client, user, label="From before", ingredients=lines)
    path = f"/api/v1/recipes/{recipe['id']}"
    changed = client.patch(path, json={"description": "Changed."}, headers=user.headers)
    assert changed.status_code == 200
    folder = copy_repository(tmp_path)
    follow(PAGE, folder)
    added, upgrade, downgrade = re.findall(r"^```py\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    given = {
        "headers": user.headers,
        "path": path,
        "added": added,
        "upgrade": upgrade,
        "downgrade": downgrade,
    }
    code = "\n".join(f"{name} = {value!r}" for name, value in given.items())
    done = run(settings, sys.executable, "-c", f"{code}\n{MIGRATE}\n{USE}", root=folder)
    assert done.returncode == 0, done.stdout
