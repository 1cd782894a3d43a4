"""The two simple lists of whole recipes: by a keyword, and one's own."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.documents import WHOLE
from tests.factories import API, Account, create_recipe, create_user
from tests.problems import assert_invalid, assert_problem

RECIPES = f"{API}/recipes"


def labels(answer: dict[str, Any]) -> list[str]:
    return [recipe["label"] for recipe in answer["results"]]


# --- GET /search ---------------------------------------------------------------------------------


def search(client: TestClient, keyword: str, **parameters: int) -> list[str]:
    answer = client.get(f"{RECIPES}/search", params={"keyword": keyword, **parameters})
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"results"}
    return labels(answer.json())


def test_search_answers_whole_recipes(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, **WHOLE | {"visibility": "public"})
    answer = client.get(f"{RECIPES}/search", params={"keyword": "crème"})
    assert answer.json() == {"results": [recipe]}


def test_search_is_that_of_the_list(
    client: TestClient, user: Account, subtests: pytest.Subtests
) -> None:
    create_recipe(client, user, label="Beef soup", notes="Better than chicken.")
    create_recipe(client, user, label="Chicken Paprikás")
    for keyword in ("chicken", "CHICKEN", "chick", "paprika", "páprikas", "chiken", "100%", "%%%"):
        with subtests.test(keyword):
            found = client.get(RECIPES, params={"q": keyword}).json()["items"]
            assert search(client, keyword) == [recipe["label"] for recipe in found]
    assert search(client, "chicken") == ["Chicken Paprikás", "Beef soup"]


WRONG: dict[str, tuple[dict[str, str], str]] = {
    "no keyword": ({}, "keyword"),
    "empty": ({"keyword": ""}, "keyword"),
    "two characters": ({"keyword": "ab"}, "keyword"),
    "too long": ({"keyword": "a" * 1001}, "keyword"),
    "no results": ({"keyword": "abc", "max_results": "0"}, "max_results"),
    "no number": ({"keyword": "abc", "max_results": "many"}, "max_results"),
    "unknown": ({"keyword": "abc", "limit": "1"}, "limit"),
}


def test_search_checks_its_parameters(client: TestClient, subtests: pytest.Subtests) -> None:
    for name, (parameters, wrong) in WRONG.items():
        with subtests.test(name):
            assert_invalid(client.get(f"{RECIPES}/search", params=parameters), wrong)


def test_search_gives_at_most_max_results(client: TestClient, user: Account) -> None:
    for number in range(4):
        create_recipe(client, user, label=f"Toast {number}")
    assert len(search(client, "toast", max_results=3)) == 3


def test_search_finds_only_what_the_caller_may_find(
    client: TestClient, user: Account, other_user: Account
) -> None:
    for visibility in ("public", "unlisted", "private"):
        create_recipe(client, user, label=f"{visibility} toast", visibility=visibility)
    assert search(client, "toast") == ["public toast"]
    path = f"{RECIPES}/search?keyword=toast"
    assert labels(client.get(path, headers=other_user.headers).json()) == ["public toast"]
    assert len(labels(client.get(path, headers=user.headers).json())) == 3


def test_search_does_not_find_what_is_in_the_trash(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, label="Toast")
    client.delete(f"{RECIPES}/{recipe['id']}", headers=user.headers)
    assert search(client, "toast") == []


# --- GET /my-recipes -----------------------------------------------------------------------------


def test_my_recipes_are_whole_and_of_every_visibility(
    client: TestClient, user: Account, other_user: Account
) -> None:
    create_recipe(client, other_user)
    mine = [create_recipe(client, user, visibility=v) for v in ("public", "unlisted", "private")]
    answer = client.get(f"{RECIPES}/my-recipes", headers=user.headers)
    assert answer.status_code == 200
    assert sorted(answer.json()["results"], key=lambda recipe: recipe["id"]) == mine
    assert answer.json().keys() == {"results"}


def test_my_recipes_leave_out_the_trash(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user)
    client.delete(f"{RECIPES}/{recipe['id']}", headers=user.headers)
    assert client.get(f"{RECIPES}/my-recipes", headers=user.headers).json() == {"results": []}


def test_my_recipes_need_a_user(client: TestClient) -> None:
    assert_problem(client.get(f"{RECIPES}/my-recipes"), 401)


def test_my_recipes_are_nobody_elses(client: TestClient, user: Account) -> None:
    create_recipe(client, user)
    newcomer = create_user(client)
    answer = client.get(f"{RECIPES}/my-recipes", headers=newcomer.headers)
    assert answer.json() == {"results": []}
