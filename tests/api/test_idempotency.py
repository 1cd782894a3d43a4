"""The header Idempotency-Key: a request that was sent twice has its effect once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
import sqlalchemy
from fastapi.testclient import TestClient

from app.models.request import IdempotencyKey
from tests.databases import execute, rows
from tests.factories import API, Account, create_recipe
from tests.problems import assert_invalid, assert_problem

RECIPES = f"{API}/recipes"
BATCH = f"{RECIPES}/batch"
TOAST = {"label": "Toast"}
SEEN_SECONDS = 30


def with_key(user: Account, key: str = "k-1") -> dict[str, str]:
    return user.headers | {"Idempotency-Key": key}


def post(
    client: httpx2.Client, user: Account, key: str = "k-1", path: str = RECIPES, **body: object
) -> httpx2.Response:
    return client.post(path, json=body or None, headers=with_key(user, key))


def count(database_url: str, table: str) -> int:
    return len(rows(database_url, table))


def assert_replays(answer: httpx2.Response, first: httpx2.Response) -> None:
    """`answer` is the first one again, and says so."""
    assert first.is_success, first.text
    assert "idempotency-replayed" not in first.headers
    assert answer.headers["idempotency-replayed"] == "true"
    assert answer.status_code == first.status_code
    assert answer.content == first.content
    for name in ("etag", "location", "content-type"):
        assert answer.headers.get(name) == first.headers.get(name)


def test_a_request_that_comes_again_is_answered_as_at_first(
    client: TestClient, user: Account, database_url: str
) -> None:
    first = post(client, user, **TOAST)
    assert first.status_code == 201
    assert first.headers["location"] == f"{RECIPES}/{first.json()['id']}"
    for _ in range(2):
        assert_replays(post(client, user, **TOAST), first)
    assert count(database_url, "recipe") == 1


def test_the_answer_stays_what_it_was_when_the_recipe_changes(
    client: TestClient, user: Account, subtests: pytest.Subtests
) -> None:
    body: dict[str, Any] = {
        **TOAST,
        "tags": ["breakfast"],
        "servings": 2,
        "extras": {"a": [1, 1.5]},
    }
    first = post(client, user, **body)
    path = first.headers["location"]
    changes: dict[str, Callable[[], httpx2.Response]] = {
        "patched": lambda: client.patch(path, json={"label": "Rusk"}, headers=user.headers),
        "replaced": lambda: client.put(path, json={"label": "Bread"}, headers=user.headers),
        "private": lambda: client.patch(path, json={"visibility": "private"}, headers=user.headers),
        "in the trash": lambda: client.delete(path, headers=user.headers),
    }
    for name, change in changes.items():
        assert change().is_success
        with subtests.test(name):
            assert_replays(post(client, user, **body), first)


def test_a_recipe_that_was_removed_is_not_made_again(
    client: TestClient, user: Account, database_url: str
) -> None:
    path = post(client, user, **TOAST).headers["location"]
    client.delete(path, params={"permanent": True}, headers=user.headers)
    assert_problem(post(client, user, **TOAST), 404)
    assert count(database_url, "recipe") == 0


def test_a_restore_from_the_trash_replays(client: TestClient, user: Account) -> None:
    path = f"{RECIPES}/{create_recipe(client, user)['id']}"
    client.delete(path, headers=user.headers)
    first = post(client, user, path=f"{path}/restore")
    assert client.delete(path, headers=user.headers).status_code == 204
    assert_replays(post(client, user, path=f"{path}/restore"), first)
    assert_problem(client.get(path), 404)


def test_a_restore_of_a_version_replays(client: TestClient, user: Account) -> None:
    path = f"{RECIPES}/{create_recipe(client, user)['id']}"
    client.patch(path, json={"label": "Crêpes"}, headers=user.headers)
    first = post(client, user, path=f"{path}/versions/1/restore")
    assert first.json()["version"] == 3
    client.patch(path, json={"label": "Blini"}, headers=user.headers)
    assert_replays(post(client, user, path=f"{path}/versions/1/restore"), first)
    assert client.get(path).json()["label"] == "Blini"


def test_a_replay_needs_no_etag_that_is_current(client: TestClient, user: Account) -> None:
    """Its effect was what made the ETag another: a retry would else always be refused."""
    path = f"{RECIPES}/{create_recipe(client, user)['id']}"
    client.patch(path, json={"label": "Crêpes"}, headers=user.headers)
    headers = with_key(user) | {"If-Match": client.get(path).headers["etag"]}
    first = client.post(f"{path}/versions/1/restore", headers=headers)
    assert_replays(client.post(f"{path}/versions/1/restore", headers=headers), first)


def test_a_batch_replays(client: TestClient, user: Account, database_url: str) -> None:
    recipe = create_recipe(client, user)
    operations = [
        {"op": "create", "recipe": TOAST},
        {"op": "patch", "id": recipe["id"], "recipe": {"notes": "Hot."}},
        {"op": "delete", "id": 999},
        {"op": "explode"},
    ]
    first = post(client, user, path=BATCH, operations=operations)
    assert [result["status"] for result in first.json()["results"]] == [201, 200, 404, 422]
    client.patch(f"{RECIPES}/{recipe['id']}", json={"notes": "Cold."}, headers=user.headers)
    assert_replays(post(client, user, path=BATCH, operations=operations), first)
    assert count(database_url, "recipe") == 2
    assert client.get(f"{RECIPES}/{recipe['id']}").json()["notes"] == "Cold."


# --- Keys ----------------------------------------------------------------------------------------


def test_a_key_is_for_one_request(
    client: TestClient, user: Account, database_url: str, subtests: pytest.Subtests
) -> None:
    recipe = create_recipe(client, user)
    assert post(client, user, **TOAST).status_code == 201
    operations = [{"op": "create", "recipe": TOAST}]
    others: dict[str, Callable[[], httpx2.Response]] = {
        "another body": lambda: post(client, user, label="Rusk"),
        "the same in other bytes": lambda: client.post(
            RECIPES,
            content=b'{"label":  "Toast"}',
            headers=with_key(user) | {"Content-Type": "application/json"},
        ),
        "another path": lambda: post(client, user, path=f"{RECIPES}/{recipe['id']}/restore"),
        "a batch": lambda: post(client, user, path=BATCH, operations=operations),
    }
    for name, send in others.items():
        with subtests.test(name):
            assert_invalid(send(), "Idempotency-Key")
    with subtests.test("another query"):
        assert post(client, user, "k-2", BATCH, operations=operations).is_success
        atomic = post(client, user, "k-2", f"{BATCH}?atomic=true", operations=operations)
        assert_invalid(atomic, "Idempotency-Key")
    assert count(database_url, "recipe") == 3


def test_keys_of_others_do_not_meet(
    client: TestClient, user: Account, other_user: Account, database_url: str
) -> None:
    mine, theirs = (post(client, account, **TOAST) for account in (user, other_user))
    assert mine.json()["submitter_id"] == user.id
    assert theirs.json()["submitter_id"] == other_user.id
    assert "idempotency-replayed" not in theirs.headers
    assert post(client, other_user, label="Rusk").status_code == 422
    assert count(database_url, "recipe") == 2


def test_keys_are_compared_exactly(client: TestClient, user: Account, database_url: str) -> None:
    keys = ["key", "KEY", "key!", "k%65y", "~" * 255, "~" * 254]
    for key in keys:
        answer = post(client, user, key, **TOAST)
        assert answer.status_code == 201
        assert "idempotency-replayed" not in answer.headers
    assert count(database_url, "recipe") == len(keys)


def test_a_bad_key_is_refused(
    client: TestClient, user: Account, database_url: str, subtests: pytest.Subtests
) -> None:
    path = f"{RECIPES}/{create_recipe(client, user)['id']}/restore"
    for key in (b"", b"a b", b"k" * 256, "ké".encode(), b"a\x00b", b"a\tb", b"\x7f"):
        headers = {name.encode(): value.encode() for name, value in user.headers.items()}
        headers[b"Idempotency-Key"] = key
        for url, body in ((RECIPES, TOAST), (path, None), (BATCH, {"operations": []})):
            with subtests.test(f"{key!r} {url}"):
                answer = client.post(url, json=body, headers=headers)
                assert "Idempotency-Key" in answer.text
                assert_problem(answer, 422)
    assert count(database_url, "recipe") == 1
    assert count(database_url, "idempotency_key") == 0


def test_a_request_that_failed_leaves_no_key(
    client: TestClient, user: Account, other_user: Account, database_url: str
) -> None:
    mine = create_recipe(client, user)
    theirs = create_recipe(client, other_user)
    hidden = create_recipe(client, other_user, visibility="private")
    refused = [{"op": "create", "recipe": TOAST}, {"op": "delete", "id": hidden["id"]}]
    failures: list[tuple[int, str, dict[str, Any]]] = [
        (422, RECIPES, {"label": ""}),
        (403, RECIPES, TOAST | {"submitter_id": other_user.id}),
        (403, f"{RECIPES}/{theirs['id']}/restore", {}),
        (404, f"{RECIPES}/{hidden['id']}/restore", {}),
        (404, f"{RECIPES}/{mine['id']}/versions/9/restore", {}),
        (422, BATCH, {"operations": []}),
        (200, f"{BATCH}?atomic=true", {"operations": refused}),
    ]
    for status, path, body in failures:
        assert post(client, user, path=path, **body).status_code == status
        assert count(database_url, "idempotency_key") == 0
    assert post(client, user, **TOAST).status_code == 201


def test_a_key_counts_for_a_day(client: TestClient, user: Account, database_url: str) -> None:
    first = post(client, user, **TOAST)
    (row,) = _keys(database_url)
    rest = row.expires_at - datetime.now(UTC)
    assert timedelta(hours=23) < rest <= timedelta(hours=24)
    _expire(database_url, user, "k-1")
    again = post(client, user, label="Rusk")
    assert again.status_code == 201
    assert again.json()["id"] != first.json()["id"]
    assert_replays(post(client, user, label="Rusk"), again)


def test_keys_that_have_ended_are_swept(
    client: TestClient, user: Account, other_user: Account, database_url: str
) -> None:
    for key in ("old-1", "old-2"):
        post(client, user, key, **TOAST)
        _expire(database_url, user, key)
    post(client, user, "current", **TOAST)
    post(client, other_user, "new", **TOAST)
    assert [row.key for row in _keys(database_url)] == ["current", "new"]


def test_nothing_of_the_body_is_stored_with_the_key(
    client: TestClient, user: Account, database_url: str
) -> None:
    secret = "An heirloom of my grandmother"
    create = {"op": "create", "recipe": {"label": secret}}
    wrong = {"op": "create", "recipe": {"label": secret, "servings": secret, "url": secret}}
    post(client, user, label=secret, notes=secret)
    post(client, user, "k-2", BATCH, operations=[create, wrong, {"op": secret}])
    kept = repr([tuple(row) for row in rows(database_url, "idempotency_key")])
    assert "k-2" in kept
    assert secret not in kept.replace("\\", "")


def test_keys_go_with_their_account(client: TestClient, user: Account, database_url: str) -> None:
    post(client, user, **TOAST)
    assert client.delete(f"{API}/auth/me", headers=user.headers).status_code == 204
    assert count(database_url, "idempotency_key") == 0


def _keys(database_url: str) -> list[Any]:
    statement = sqlalchemy.select(IdempotencyKey.__table__).order_by(IdempotencyKey.id)
    return list(execute(database_url, statement))


def _expire(database_url: str, user: Account, key: str) -> None:
    row = IdempotencyKey.user_id == user.id, IdempotencyKey.key == key
    ended = datetime.now(UTC) - timedelta(seconds=1)
    execute(database_url, sqlalchemy.update(IdempotencyKey).where(*row).values(expires_at=ended))


# --- At once ----------------------------------------------------------------------------------


def test_one_key_from_many_threads_is_one_recipe(
    client: TestClient, user: Account, database_url: str
) -> None:
    for key in ("first", "second", "third"):
        with ThreadPoolExecutor(8) as threads:
            sent = [threads.submit(post, client, user, key, **TOAST) for _ in range(8)]
        answers = [each.result() for each in sent]
        assert {answer.status_code for answer in answers} == {201}
        told = {(each.content, each.headers["etag"], each.headers["location"]) for each in answers}
        assert len(told) == 1
        replayed = [answer for answer in answers if "idempotency-replayed" in answer.headers]
        assert len(replayed) == 7
    assert count(database_url, "recipe") == 3
