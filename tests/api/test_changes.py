"""The changes of recipes: who follows them has a copy, and misses nothing."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing

import pytest
from fastapi.testclient import TestClient

from app import crud
from app.core.config import Settings
from app.core.policy import Viewer
from app.db.transactions import Session, make_transactions
from app.schemas.recipe import RecipeCreate
from tests.change_feed import CHANGES, RECIPES, Item, Replica, get_changes
from tests.factories import API, Account, create_recipe
from tests.problems import assert_invalid, assert_problem


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
        copy = Replica(client)
        assert brief(copy.sync(limit)) == expected
        assert copy.sync() == []


def test_only_what_is_new_is_told(client: TestClient, user: Account) -> None:
    first, second = (create_recipe(client, user) for _ in range(2))
    copy = Replica(client)
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
    copy = Replica(client, viewer)
    copy.sync()
    remove(client, user, recipe)
    assert brief(copy.sync()) == [(recipe["id"], 2, True)]
    path = f"{RECIPES}/{recipe['id']}/restore"
    assert client.post(path, headers=user.headers).is_success
    assert brief(copy.sync()) == [(recipe["id"], 3, False)]
    assert copy.recipes[recipe["id"]]["label"] == "Pancakes"
    remove(client, user, recipe, permanent=True)
    assert brief(copy.sync()) == [(recipe["id"], 4, True)]
    assert brief(Replica(client, viewer).sync()) == [(recipe["id"], 4, True)]


def test_what_was_in_the_trash_is_removed_once_more(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user)
    copy = Replica(client)
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
    copies = [Replica(client, viewer) for viewer in (None, other_user, user, superuser)]
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
        assert brief(Replica(client, viewer).sync()) == expected


@pytest.mark.parametrize("hidden", ["private", "unlisted", "trash"])
def test_others_learn_once_that_a_recipe_has_left(
    client: TestClient, user: Account, other_user: Account, superuser: Account, hidden: str
) -> None:
    recipe = create_recipe(client, user)
    others = [Replica(client, viewer) for viewer in (None, other_user)]
    own = [Replica(client, viewer) for viewer in (user, superuser)]
    for copy in (*others, *own):
        copy.sync()
    if hidden == "trash":
        remove(client, user, recipe)
    else:
        patch(client, user, recipe, visibility=hidden)
    for copy in others:
        assert brief(copy.sync()) == [(recipe["id"], 2, True)]
    for version in (3, 4, 5):
        if hidden == "trash":
            break
        patch(client, user, recipe, notes=f"Secret {version}")
        for copy in own:
            assert brief(copy.sync()) == [(recipe["id"], version, False)]
    remove(client, user, recipe, permanent=True)
    for copy in others:
        assert copy.sync() == []
    for copy in own:
        assert [(item["id"], item["deleted"]) for item in copy.sync()] == [(recipe["id"], True)]
    # Who comes later learns no more: neither how often it was changed nor when it was removed.
    for viewer in (None, other_user):
        assert brief(Replica(client, viewer).sync()) == [(recipe["id"], 2, True)]


def test_what_leaves_again_is_told_again(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user)
    copy = Replica(client)
    for version, visibility in enumerate(("private", "public", "unlisted", "public"), 2):
        copy.sync()
        patch(client, user, recipe, visibility=visibility)
        patch(client, user, recipe, notes=visibility)
        patch(client, user, recipe, notes=None)
        told = copy.sync()
        assert [item["deleted"] for item in told] == [visibility != "public"], version


def test_public_numbers_do_not_count_what_is_private(
    client: TestClient, user: Account, other_user: Account
) -> None:
    def distance(private: int) -> int:
        create_recipe(client, other_user)
        before = get_changes(client, limit=1000)["next_since"]
        for _ in range(private):
            recipe = create_recipe(client, user, visibility="private")
            patch(client, user, recipe, notes="Mine")
        create_recipe(client, other_user)
        after: int = get_changes(client, limit=1000)["next_since"]
        return after - int(before)

    assert distance(0) == distance(1) == distance(3)


def test_an_account_that_is_deleted(
    client: TestClient, user: Account, other_user: Account, superuser: Account
) -> None:
    public, private, thrown = (
        create_recipe(client, user, visibility=each) for each in ("public", "private", "public")
    )
    remove(client, user, thrown)
    copies = [Replica(client, viewer) for viewer in (None, other_user, superuser)]
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

    copy, transactions = Replica(client), make_transactions(settings)
    with closing(transactions), ThreadPoolExecutor(2) as threads:
        late = threads.submit(transactions.run_now, submit)
        assert has_a_number.wait(30)
        quick = threads.submit(create_recipe, client, user)
        # If nothing held it back it would now commit first, with the greater number.
        wait([quick], timeout=1)
        copy.sync()
        may_commit.set()
        ids = {late.result(), quick.result()["id"]}
    copy.sync()
    assert copy.recipes.keys() == ids
