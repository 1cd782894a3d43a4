"""Walking through the list of recipes, and every cursor that is not good."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.factories import API, Account, create_recipe
from tests.problems import assert_invalid

RECIPES = f"{API}/recipes"
SORTS = [
    *("-created_at", "created_at", "-updated_at", "updated_at"),
    *("label", "-label", "total_minutes"),
]


def listed(client: TestClient, headers: dict[str, str] | None = None, **query: object) -> list[str]:
    """The labels of one page."""
    answer = client.get(RECIPES, params=query, headers=headers)  # type: ignore[arg-type] # values are str or int
    assert answer.status_code == 200, answer.text
    return [recipe["label"] for recipe in answer.json()["items"]]


def create_recipes(client: TestClient, user: Account, *labels: str, **members: object) -> None:
    for label in labels:
        create_recipe(client, user, label=label, **members)


# --- Pages ---------------------------------------------------------------------------------------


def walk(client: TestClient, path: str, **headers: str) -> Iterator[dict[str, Any]]:
    """The items of all pages, by the header Link."""
    for _ in range(100):
        answer = client.get(path, headers=headers)
        assert answer.status_code == 200, answer.text
        yield from answer.json()["items"]
        if "next" not in answer.links:
            assert answer.json()["next_cursor"] is None
            return
        assert answer.json()["next_cursor"]
        path = answer.links["next"]["url"]
    raise AssertionError("The list has no end.")


@pytest.mark.parametrize("sort", SORTS)
def test_the_links_visit_every_recipe_once(client: TestClient, user: Account, sort: str) -> None:
    labels = ["Äpfel", "apple", "Eclair", "éclair", "zucchini", "борщ", "김치", "비빔밥"]
    for number, label in enumerate(labels):
        minutes = 30 if number % 2 else None
        create_recipe(client, user, label=label, total_minutes=minutes)
    visited = [item["label"] for item in walk(client, f"{RECIPES}?limit=2&sort={sort}")]
    assert visited == listed(client, sort=sort)
    assert sorted(visited) == sorted(labels)


def test_a_link_keeps_the_query(client: TestClient, user: Account) -> None:
    for label in ("a", "b", "c"):
        create_recipe(client, user, label=label, source="Tom & Søn, 100%")
    create_recipe(client, user, label="d", source="another")
    path = f"{RECIPES}/?source=Tom%20%26%20S%C3%B8n%2C%20100%25&limit=1&sort=-label"
    assert [item["label"] for item in walk(client, path)] == ["c", "b", "a"]


def test_a_link_is_for_the_same_viewer(client: TestClient, user: Account) -> None:
    create_recipes(client, user, "a", "b", "c", visibility="private")
    assert len(list(walk(client, f"{RECIPES}?limit=1", **user.headers))) == 3


def test_the_last_page_may_be_full(client: TestClient, user: Account) -> None:
    create_recipes(client, user, "a", "b")
    answer = client.get(f"{RECIPES}?limit=2")
    assert answer.json()["next_cursor"] is None
    assert "link" not in answer.headers


def test_a_page_may_have_another_length_than_the_one_before(
    client: TestClient, user: Account
) -> None:
    create_recipes(client, user, "a", "b", "c", "d")
    cursor = client.get(f"{RECIPES}?limit=1&sort=label").json()["next_cursor"]
    assert listed(client, sort="label", limit=3, cursor=cursor) == ["b", "c", "d"]


# --- Cursors -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "other",
    [{"sort": "-label"}, {"sort": "created_at"}, {"source": "x"}, {"submitter_id": "1"}],
    ids=str,
)
def test_a_cursor_is_bound_to_its_sort_and_filters(
    client: TestClient, user: Account, other: dict[str, str]
) -> None:
    create_recipes(client, user, "a", "b", source="x")
    cursor = client.get(f"{RECIPES}?sort=label&limit=1").json()["next_cursor"]
    query = {"sort": "label", "cursor": cursor}
    assert listed(client, **query) == ["b"]
    assert_invalid(client.get(RECIPES, params=query | other), "cursor")


def test_a_cursor_of_one_filter_value_is_not_good_for_another(
    client: TestClient, user: Account
) -> None:
    create_recipes(client, user, "a", "b", source="x")
    cursor = client.get(f"{RECIPES}?source=x&limit=1").json()["next_cursor"]
    assert_invalid(client.get(RECIPES, params={"source": "y", "cursor": cursor}), "cursor")


def test_a_cursor_of_another_list_is_refused(
    client: TestClient, superuser: Account, user: Account
) -> None:
    create_recipes(client, user, "a", "b")
    cursor = client.get(f"{API}/users?limit=1", headers=superuser.headers).json()["next_cursor"]
    answer = client.get(RECIPES, params={"cursor": cursor}, headers=superuser.headers)
    assert_invalid(answer, "cursor")


NO_CURSORS = ["x", "====", "0", "e30", "W10", "bnVsbA", "/w", "%C3%A9", "%00", "a" * 4096]
NO_CURSORS += ["W1tb" * 1000]


def test_what_is_no_cursor_is_refused(client: TestClient, subtests: pytest.Subtests) -> None:
    for cursor in NO_CURSORS:
        with subtests.test(cursor[:8]):
            assert_invalid(client.get(f"{RECIPES}?cursor={cursor}"), "cursor")


OTHER_KEYS: dict[str, list[object]] = {
    "created_at": [
        *(5, "yesterday", "2026-11-20T12:00:00", None),
        *("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"),
    ],
    "label": [5, "a\0b", "\ud800", ["a"], None],
    "total_minutes": ["5", 5.5, True, 10**20, float("nan")],
}


def test_a_cursor_with_another_key_is_refused(
    client: TestClient, user: Account, subtests: pytest.Subtests
) -> None:
    create_recipes(client, user, "a", "b", total_minutes=5)
    for sort, keys in OTHER_KEYS.items():
        cursor = client.get(f"{RECIPES}?sort={sort}&limit=1").json()["next_cursor"]
        for key in keys:
            with subtests.test(f"{sort} {key!r}"):
                query = {"sort": sort, "cursor": _forged(cursor, key=key)}
                assert_invalid(client.get(RECIPES, params=query), "cursor")


def test_a_cursor_with_another_id_is_refused(
    client: TestClient, user: Account, subtests: pytest.Subtests
) -> None:
    create_recipes(client, user, "a", "b")
    cursor = client.get(f"{RECIPES}?limit=1").json()["next_cursor"]
    for row_id in (0, -1, 2**63, "1", 1.0, True, None):
        with subtests.test(repr(row_id)):
            query = {"cursor": _forged(cursor, row_id=row_id)}
            assert_invalid(client.get(RECIPES, params=query), "cursor")


def _forged(cursor: str, **changed: object) -> str:
    """The cursor as somebody writes it who has looked into it: the list, the key, the id."""
    parts = json.loads(base64.urlsafe_b64decode(cursor + "=="))
    assert len(parts) == 3
    for position, name in ((1, "key"), (2, "row_id")):
        parts[position] = changed.get(name, parts[position])
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()
