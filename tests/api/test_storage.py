"""What accounts store: counted in each write, shown to its owner, and bounded by a quota."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.core.config import Settings
from app.crud.retention import apply_retention
from app.db.transactions import make_transactions
from app.main import create_app
from tests.databases import rows
from tests.factories import API, Account, create_recipe, create_user, set_superuser
from tests.problems import assert_problem

RECIPES = f"{API}/recipes"
MIB = 1024**2
LARGE = "x" * 40_000


@pytest.fixture
def small(settings: Settings) -> Iterator[TestClient]:
    """A client of an installation with a quota of one MiB."""
    with TestClient(create_app(settings.model_copy(update={"account_quota_mb": 1}))) as client:
        yield client


def storage(client: TestClient, user: Account) -> dict[str, Any]:
    answer = client.get(f"{API}/auth/me/storage", headers=user.headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert found.keys() == {"used", "quota"}
    return found


def used(client: TestClient, user: Account) -> int:
    return int(storage(client, user)["used"])


def stored(database_url: str, user: Account) -> int:
    """What an account stores by its rows."""
    recipes = [row for row in rows(database_url, "recipe") if row.submitter_id == user.id]
    ids = {row.id for row in recipes}
    versions = [row for row in rows(database_url, "recipe_version") if row.recipe_id in ids]
    return sum(row.size for row in (*recipes, *versions))


def fill(client: TestClient, user: Account, **members: Any) -> list[dict[str, Any]]:
    """Store recipes until there is no room."""
    made: list[dict[str, Any]] = []
    while True:
        body = {"label": f"Large {len(made)}", "notes": LARGE, **members}
        answer = client.post(RECIPES, json=body, headers=user.headers)
        if answer.status_code != 201:
            problem = assert_problem(answer, 507)
            assert "account is full" in problem["detail"]
            return made
        made.append(answer.json())
        assert len(made) < 100


def test_every_write_is_counted_and_what_is_removed_is_released(
    client: TestClient, user: Account, superuser: Account, database_url: str
) -> None:
    assert used(client, user) == 0
    assert storage(client, user)["quota"] == 1024 * MIB
    recipe = create_recipe(client, user, notes=LARGE)
    path = f"{RECIPES}/{recipe['id']}"
    first = used(client, user)
    assert len(LARGE) < first < len(LARGE) + 3000
    assert client.patch(path, json={"source": "Ann"}, headers=user.headers).is_success
    assert used(client, user) > 2 * len(LARGE)
    operations = [
        {"op": "create", "recipe": {"label": "Batch", "notes": LARGE}},
        {"op": "tag", "id": recipe["id"], "tags": ["soup"]},
        {"op": "patch", "id": 10**9, "recipe": {"label": "None"}},
    ]
    batch = {"operations": operations}
    assert client.post(f"{RECIPES}/batch", json=batch, headers=user.headers).is_success
    lines = [{"label": f"Line {n}", "notes": LARGE} for n in range(3)]
    lines[1]["visibility"] = "private"
    answer = client.post(
        f"{RECIPES}/import",
        content="".join(json.dumps(each) + "\n" for each in lines),
        headers=user.headers | {"Content-Type": "application/x-ndjson"},
    )
    assert answer.is_success
    assert client.post(f"{path}/versions/1/restore", headers=user.headers).is_success
    # What a superuser does to it counts for its submitter.
    assert client.patch(path, json={"notes": "Ours"}, headers=superuser.headers).is_success
    assert used(client, superuser) == 0
    assert client.delete(path, headers=user.headers).is_success
    assert client.post(f"{path}/restore", headers=user.headers).is_success
    assert used(client, user) == stored(database_url, user) > 8 * len(LARGE)
    for row in rows(database_url, "recipe"):
        removed = f"{RECIPES}/{row.id}?permanent=true"
        assert client.delete(removed, headers=user.headers).status_code == 204
        assert used(client, user) == stored(database_url, user)
    assert used(client, user) == 0


def test_a_full_account_is_told_so(small: TestClient, other_user: Account) -> None:
    user = create_user(small)
    made = fill(small, user)
    assert len(made) == MIB // (len(LARGE) + 1500)
    assert used(small, user) <= MIB == storage(small, user)["quota"]
    path, headers = f"{RECIPES}/{made[0]['id']}", user.headers
    for method, where, body in (
        ("PATCH", path, {"source": "Ann"}),
        ("PUT", path, {"label": "Other", "notes": LARGE}),
        ("PATCH", path, {"visibility": "unlisted"}),
        ("POST", f"{path}/versions/1/restore", None),
    ):
        answer = small.request(method, where, json=body, headers=headers)
        assert_problem(answer, 507)
    operations = [
        {"op": "create", "recipe": {"label": "Batch", "notes": LARGE}},
        {"op": "delete", "id": made[1]["id"]},
    ]
    answer = small.post(f"{RECIPES}/batch", json={"operations": operations}, headers=headers)
    assert [each["status"] for each in answer.json()["results"]] == [507, 204]
    # Reading, hiding and removing go on, and so do others.
    assert small.get(path).is_success
    assert small.patch(path, json={"visibility": "private"}, headers=headers).is_success
    assert small.delete(path, headers=headers).status_code == 204
    assert_problem(small.post(f"{path}/restore", headers=headers), 507)
    create_recipe(small, other_user, notes=LARGE)
    for each in made[:4]:
        answer = small.delete(f"{RECIPES}/{each['id']}?permanent=true", headers=headers)
        assert answer.status_code == 204
    create_recipe(small, user, notes=LARGE)


@pytest.mark.parametrize("dry_run", [False, True])
def test_an_import_brings_in_what_has_room(
    small: TestClient, database_url: str, dry_run: bool
) -> None:
    user = create_user(small)
    recipes = [{"label": f"Large {n}", "notes": LARGE} for n in range(40)]
    recipes.append({"label": "Small"})
    answer = small.post(
        f"{RECIPES}/import",
        params={"dry_run": dry_run},
        content="".join(json.dumps(each) + "\n" for each in recipes),
        headers=user.headers | {"Content-Type": "application/x-ndjson"},
    )
    lines = [json.loads(line) for line in answer.text.splitlines()]
    items = [line for line in lines if "index" in line]
    statuses = [item["status"] for item in items]
    room = MIB // (len(LARGE) + 1500)
    if dry_run:
        assert used(small, user) == 0
    else:
        assert statuses == ["created"] * room + ["failed"] * (40 - room) + ["created"]
        assert MIB * 0.9 < used(small, user) == stored(database_url, user) <= MIB
    failed = [item["problem"] for item in items if item["status"] == "failed"]
    assert {problem["status"] for problem in failed} == {507}


def test_superusers_have_no_quota(small: TestClient, database_url: str) -> None:
    user = create_user(small)
    full = fill(small, user)
    boss = create_user(small)
    set_superuser(database_url, boss)
    assert storage(small, boss)["quota"] is None
    for _ in range(30):
        create_recipe(small, boss, notes=LARGE)
    path = f"{RECIPES}/{full[0]['id']}"
    assert small.patch(path, json={"source": "Us"}, headers=boss.headers).is_success
    assert used(small, user) > MIB


def test_no_quota(settings: Settings) -> None:
    with TestClient(create_app(settings.model_copy(update={"account_quota_mb": 0}))) as client:
        user = create_user(client)
        create_recipe(client, user)
        assert storage(client, user)["quota"] is None
        assert used(client, user) > 0


def test_retention_releases_versions(
    client: TestClient, user: Account, settings: Settings, database_url: str
) -> None:
    path = f"{RECIPES}/{create_recipe(client, user, notes=LARGE)['id']}"
    for number in range(5):
        assert client.patch(path, json={"source": str(number)}, headers=user.headers).is_success
    before = used(client, user)
    changed = settings.model_copy(update={"versions_kept": 2})
    with closing(make_transactions(settings)) as transactions:
        assert asyncio.run(apply_retention(transactions, changed))
    assert used(client, user) == stored(database_url, user) < before / 2


def test_what_is_stored_does_not_change_the_account(client: TestClient, user: Account) -> None:
    me = f"{API}/auth/me"
    etag = client.get(me, headers=user.headers).headers["etag"]
    create_recipe(client, user)
    headers = user.headers | {"If-Match": etag}
    assert client.patch(me, json={"first_name": "Ann"}, headers=headers).is_success


def test_storage_is_for_those_who_signed_in(client: TestClient, user: Account) -> None:
    assert_problem(client.get(f"{API}/auth/me/storage"), 401)
    assert storage(client, user) == {"used": 0, "quota": 1024 * MIB}
