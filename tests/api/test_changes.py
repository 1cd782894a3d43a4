"""The changes of recipes: who follows them has a copy, and misses nothing."""

import itertools
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from app import crud
from app.core.config import Settings
from app.core.policy import Viewer
from app.db.session import Session, make_writer
from app.main import create_app
from app.schemas.recipe import RecipeCreate
from tests.databases import rows
from tests.factories import API, Account, create_recipe, create_user
from tests.problems import assert_invalid, assert_problem

RECIPES = f"{API}/recipes"
CHANGES = f"{RECIPES}/changes"
WRITERS = 4
SECONDS = 20

Item = dict[str, Any]


def get_changes(
    client: httpx2.Client, viewer: Account | None = None, **params: int
) -> dict[str, Any]:
    headers = viewer.headers if viewer else None
    answer = client.get(CHANGES, params=params, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert found.keys() == {"items", "next_since"}
    return found


class Copy:
    """What a client keeps that follows the changes for `viewer`."""

    def __init__(self, client: httpx2.Client, viewer: Account | None = None) -> None:
        self._client = client
        self._viewer = viewer
        self._since = 0
        self.recipes: dict[int, dict[str, Any]] = {}

    def sync(self, limit: int = 100) -> list[Item]:
        """Follow up to the end; gives what was told."""
        told: list[Item] = []
        while True:
            page = get_changes(self._client, self._viewer, since=self._since, limit=limit)
            assert len(page["items"]) <= limit
            if not page["items"]:
                assert page["next_since"] == self._since
                return told
            assert page["next_since"] > self._since
            self._since = page["next_since"]
            told += page["items"]
            for item in page["items"]:
                self._apply(item)

    def _apply(self, item: Item) -> None:
        assert item.keys() == {"id", "version", "deleted", "recipe"}
        if item["deleted"]:
            assert item["recipe"] is None
            self.recipes.pop(item["id"], None)
        else:
            assert (item["recipe"]["id"], item["recipe"]["version"]) == (
                item["id"],
                item["version"],
            )
            self.recipes[item["id"]] = item["recipe"]


def brief(items: list[Item]) -> list[tuple[int, int, bool]]:
    return [(item["id"], item["version"], item["deleted"]) for item in items]


def patch(client: TestClient, user: Account, recipe: Item, **members: object) -> None:
    answer = client.patch(f"{RECIPES}/{recipe['id']}", json=members, headers=user.headers)
    assert answer.is_success, answer.text


def remove(client: TestClient, user: Account, recipe: Item, permanent: bool = False) -> None:
    params = {"permanent": permanent}
    path = f"{RECIPES}/{recipe['id']}"
    assert client.delete(path, params=params, headers=user.headers).is_success


def test_nothing_has_changed_at_first(client: TestClient) -> None:
    assert get_changes(client) == {"items": [], "next_since": 0}
    assert get_changes(client, since=7) == {"items": [], "next_since": 7}


def test_a_change_has_the_whole_recipe(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, ingredients=["1 cup milk"], tags=["quick"])
    (item,) = get_changes(client)["items"]
    read = client.get(f"{RECIPES}/{recipe['id']}").json()
    assert item == {"id": recipe["id"], "version": 1, "deleted": False, "recipe": read}


def test_pages_visit_every_recipe_once_in_the_order_of_the_changes(
    client: TestClient, user: Account
) -> None:
    recipes = [create_recipe(client, user, label=f"Recipe {n}") for n in range(7)]
    patch(client, user, recipes[2], notes="Later.")
    remove(client, user, recipes[4])
    expected = [(recipes[n]["id"], 1, False) for n in (0, 1, 3, 5, 6)]
    expected += [(recipes[2]["id"], 2, False), (recipes[4]["id"], 2, True)]
    for limit in (1, 2, 3, 7, 1000):
        copy = Copy(client)
        assert brief(copy.sync(limit)) == expected
        assert copy.sync() == []


def test_only_what_is_new_is_told(client: TestClient, user: Account) -> None:
    first, second = (create_recipe(client, user) for _ in range(2))
    copy = Copy(client)
    copy.sync()
    patch(client, user, first, notes="Hot.")
    patch(client, user, first, notes="Hotter.")
    assert brief(copy.sync()) == [(first["id"], 3, False)]
    patch(client, user, second, label=second["label"])
    assert copy.sync() == []
    assert copy.recipes[first["id"]]["notes"] == "Hotter."


@pytest.mark.parametrize("whose", ["anonymous", "submitter", "superuser"])
def test_what_goes_and_comes_back(
    client: TestClient, user: Account, superuser: Account, whose: str
) -> None:
    viewer = {"anonymous": None, "submitter": user, "superuser": superuser}[whose]
    recipe = create_recipe(client, user)
    copy = Copy(client, viewer)
    copy.sync()
    remove(client, user, recipe)
    assert brief(copy.sync()) == [(recipe["id"], 2, True)]
    path = f"{RECIPES}/{recipe['id']}/restore"
    assert client.post(path, headers=user.headers).is_success
    assert brief(copy.sync()) == [(recipe["id"], 3, False)]
    assert copy.recipes[recipe["id"]]["label"] == "Pancakes"
    remove(client, user, recipe, permanent=True)
    assert brief(copy.sync()) == [(recipe["id"], 4, True)]
    assert brief(Copy(client, viewer).sync()) == [(recipe["id"], 4, True)]


def test_what_was_in_the_trash_is_removed_once_more(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user)
    copy = Copy(client)
    copy.sync()
    remove(client, user, recipe)
    remove(client, user, recipe, permanent=True)
    assert [(item["id"], item["deleted"]) for item in copy.sync()] == [(recipe["id"], True)]
    assert copy.recipes == {}


@pytest.mark.parametrize("visibility", ["private", "unlisted"])
def test_what_leaves_the_lists_of_others_is_deleted_for_them(
    client: TestClient, user: Account, other_user: Account, superuser: Account, visibility: str
) -> None:
    recipe = create_recipe(client, user, label="Public")
    copies = [Copy(client, viewer) for viewer in (None, other_user, user, superuser)]
    for copy in copies:
        copy.sync()
    patch(client, user, recipe, visibility=visibility, label="A secret")
    others, own = copies[:2], copies[2:]
    for copy in others:
        (item,) = copy.sync()
        assert item == {"id": recipe["id"], "version": 2, "deleted": True, "recipe": None}
    for copy in own:
        assert brief(copy.sync()) == [(recipe["id"], 2, False)]
    patch(client, user, recipe, visibility="public")
    for copy in copies:
        assert brief(copy.sync()) == [(recipe["id"], 3, False)]


@pytest.mark.parametrize("visibility", ["private", "unlisted"])
def test_what_was_never_public_is_never_told_to_others(
    client: TestClient, user: Account, other_user: Account, superuser: Account, visibility: str
) -> None:
    recipes = [create_recipe(client, user, visibility=visibility) for _ in range(3)]
    patch(client, user, recipes[0], notes="Mine.")
    remove(client, user, recipes[1])
    remove(client, user, recipes[2], permanent=True)
    for viewer in (None, other_user):
        assert get_changes(client, viewer) == {"items": [], "next_since": 0}
    expected = [
        (recipes[0]["id"], 2, False),
        (recipes[1]["id"], 2, True),
        (recipes[2]["id"], 2, True),
    ]
    for viewer in (user, superuser):
        assert brief(Copy(client, viewer).sync()) == expected


def test_an_account_that_is_deleted(
    client: TestClient, user: Account, other_user: Account, superuser: Account
) -> None:
    public, private, thrown = (
        create_recipe(client, user, visibility=each) for each in ("public", "private", "public")
    )
    remove(client, user, thrown)
    copies = [Copy(client, viewer) for viewer in (None, other_user, superuser)]
    for copy in copies:
        copy.sync()
    assert client.delete(f"{API}/auth/me", headers=user.headers).status_code == 204
    for copy in copies[:2]:
        told = copy.sync()
        assert private["id"] not in {item["id"] for item in told}
        assert copy.recipes.keys() == {public["id"]}
        assert copy.recipes[public["id"]]["submitter_id"] is None
    told = copies[2].sync()
    assert (private["id"], 2, True) in brief(told)
    assert copies[2].recipes.keys() == {public["id"]}


def test_parameters_are_checked(client: TestClient, user: Account) -> None:
    for name, value in (
        ("since", -1),
        ("since", 2**63),
        ("since", "x"),
        ("limit", 0),
        ("limit", 1001),
    ):
        assert_invalid(client.get(CHANGES, params={name: value}), name)
    assert_invalid(client.get(CHANGES, params={"cursor": "x"}), "cursor")
    assert_problem(client.get(CHANGES, headers={"Authorization": "Bearer x"}), 401)
    answer = client.get(CHANGES, headers=user.headers)
    unchanged = user.headers | {"If-None-Match": answer.headers["etag"]}
    assert client.get(CHANGES, headers=unchanged).status_code == 304


# --- At once -------------------------------------------------------------------------------------


@pytest.fixture
def clients(client: TestClient, settings: Settings) -> Iterator[list[TestClient]]:
    """Two applications on one database, as two replicas are."""
    with TestClient(create_app(settings)) as replica:
        yield [client, replica]


def test_a_change_that_commits_late_is_not_skipped(
    client: TestClient, user: Account, settings: Settings
) -> None:
    has_a_number, may_commit = threading.Event(), threading.Event()

    def submit(session: Session) -> int:
        viewer = Viewer(user.id)
        recipe = crud.recipe.submit(session, RecipeCreate(label="late"), viewer)
        has_a_number.set()
        assert may_commit.wait(30)
        return recipe.id

    copy, write = Copy(client), make_writer(settings)
    with closing(write), ThreadPoolExecutor(2) as threads:
        late = threads.submit(write.now, submit)
        assert has_a_number.wait(30)
        quick = threads.submit(create_recipe, client, user)
        # If nothing held it back it would now commit first, with the greater number.
        wait([quick], timeout=1)
        copy.sync()
        may_commit.set()
        ids = {late.result(), quick.result()["id"]}
    copy.sync()
    assert copy.recipes.keys() == ids


def test_a_copy_made_beside_writers_is_what_they_wrote(
    clients: list[TestClient], database_url: str
) -> None:
    authors = [create_user(clients[0]) for _ in range(WRITERS)]
    shared = [create_recipe(clients[0], author) for author in authors for _ in range(2)]
    reader = create_user(clients[0])
    end = time.monotonic() + SECONDS
    with ThreadPoolExecutor(WRITERS) as threads:
        writers = [
            threads.submit(_write, clients[n % 2], author, shared[2 * n : 2 * n + 2], n, end)
            for n, author in enumerate(authors)
        ]
        followers = [Copy(clients[0], reader), Copy(clients[1])]
        while not all(writer.done() for writer in writers):
            for copy in followers:
                copy.sync(limit=5)
        for writer in writers:
            writer.result()
    stored = {
        row.id: row.version
        for row in rows(database_url, "recipe")
        if row.visibility == "public" and row.deleted_at is None
    }
    fresh = Copy(clients[0])
    fresh.sync()
    for copy in (*followers, fresh):
        copy.sync()
        assert {each["id"]: each["version"] for each in copy.recipes.values()} == stored
        assert copy.recipes == fresh.recipes


def _write(client: TestClient, user: Account, recipes: list[Item], seed: int, end: float) -> None:
    """Until `end` make, change, hide, show, throw away, bring back and remove, as chance has it."""
    chance = random.Random(seed)  # noqa: S311 - to write much, not to keep a secret
    ids = [recipe["id"] for recipe in recipes]
    for number in itertools.takewhile(lambda _: time.monotonic() < end, itertools.count()):
        path = f"{RECIPES}/{chance.choice(ids)}"
        what = chance.choice(["create", "change", "hide", "show", "throw", "restore", "remove"])
        match what:
            case "create":
                body = {"label": f"Recipe {number}"}
                answer = client.post(RECIPES, json=body, headers=user.headers)
                ids.append(answer.json()["id"])
            case "restore":
                answer = client.post(f"{path}/restore", headers=user.headers)
            case "throw" | "remove":
                permanent = {"permanent": what == "remove" and number % 2 == 0}
                answer = client.delete(path, params=permanent, headers=user.headers)
            case _:
                values = {"hide": {"visibility": "private"}, "show": {"visibility": "public"}}
                body = values.get(what, {"notes": f"{number}"})
                answer = client.patch(path, json=body, headers=user.headers)
        # What was thrown away or removed before is not there.
        assert answer.is_success or answer.status_code == 404, answer.text
