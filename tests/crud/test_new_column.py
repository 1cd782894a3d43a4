"""A new column of the recipe needs its line in the model and a migration, and no other code."""

import sys

from app.core.config import Settings
from tests.databases import execute, rows
from tests.processes import run

ADD_COLUMNS = (
    "ALTER TABLE recipe ADD COLUMN spice integer",
    "ALTER TABLE recipe ADD COLUMN stars integer NOT NULL DEFAULT 0",
    "ALTER TABLE recipe ADD COLUMN origin varchar(20) NOT NULL DEFAULT 'here'",
)

# In a process of its own, since the model keeps the columns.
WRITE = """
from fastapi.testclient import TestClient
from sqlalchemy import String
from sqlalchemy.orm import mapped_column

from app.core.config import Settings
from app.main import create_app
from app.models.recipe import Recipe

Recipe.spice = mapped_column("spice", nullable=True)
Recipe.stars = mapped_column("stars", default=lambda: 3, nullable=False)
Recipe.origin = mapped_column("origin", String(20), server_default="here", nullable=False)

with TestClient(create_app(Settings())) as client:
    account = {"email": "cook@example.com", "password": "seven wooden spoons"}
    client.post("/api/v1/auth/signup", json=account).raise_for_status()
    form = {"username": account["email"], "password": account["password"]}
    token = client.post("/api/v1/auth/login", data=form).json()["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"
    recipes = "/api/v1/recipes"

    key = {"Idempotency-Key": "once"}
    made = client.post(recipes, json={"label": "Posted"}, headers=key)
    assert made.status_code == 201, made.text
    again = client.post(recipes, json={"label": "Posted"}, headers=key)
    assert again.content == made.content
    changed = client.patch(made.headers["location"], json={"description": "Changed."})
    assert changed.status_code == 200, changed.text
    again = client.post(recipes, json={"label": "Posted"}, headers=key)
    assert again.json()["version"] == 1, again.text

    create = {"op": "create", "recipe": {"label": "Of a batch"}}
    done = client.post(f"{recipes}/batch", json={"operations": [create]})
    assert [each["status"] for each in done.json()["results"]] == [201], done.text
    lines = "".join(f'{{"label": "Imported {number}"}}\\n' for number in range(60))
    ndjson = {"Content-Type": "application/x-ndjson"}
    done = client.post(f"{recipes}/import", content=lines, headers=ndjson)
    assert '"created":60' in done.text, done.text
"""


def test_every_way_to_write_gives_a_new_column_its_default(
    settings: Settings, database_url: str
) -> None:
    for statement in ADD_COLUMNS:
        execute(database_url, statement)
    done = run(settings, sys.executable, "-c", WRITE)
    assert done.returncode == 0, done.stdout
    written = {(row.spice, row.stars, row.origin) for row in rows(database_url, "recipe")}
    assert written == {(None, 3, "here")}
    assert len(rows(database_url, "recipe")) == 62
