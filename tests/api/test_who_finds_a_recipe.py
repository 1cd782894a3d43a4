"""Whoever searches, filters or counts: what they find is what the policy lets them find."""

from itertools import permutations
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.policy import ANONYMOUS, VISIBILITY, Viewer, may_find
from app.crud.listing import recipes as recipe_list
from app.ops.reindex import reindex
from tests.factories import API, Account, create_recipe
from tests.recipe_corpus import sorts_of

RECIPES = f"{API}/recipes"
RECIPE = {
    "label": "Zesty quinoa",
    "ingredients": ["200 g quinoa", "juice of a lime"],
    "tags": ["zest", {"kind": "diet", "name": "Vegan"}],
    "source": "Market",
    "url": "https://example.com/zest",
    "prep_minutes": 10,
    "total_minutes": 30,
}

# Each finds every recipe that one may find.
QUERIES = [
    *("", "q=zesty", "q=zest", "q=quinoa+lime", "q=%22zesty+quinoa%22", "q=market", "q=-rice"),
    *("tag=zest", "tag=diet:vegan", "any_tag=zest&any_tag=rice", "not_tag=rice", "ingredient=lime"),
    *("not_ingredient=rice", "max_total_minutes=30", "min_total_minutes=30", "max_prep_minutes=10"),
    *("source=market", "url=https://example.com/zest", "created_after=2020-01-01T00:00:00Z"),
    *("updated_after=2020-01-01T00:00:00Z", "q=zesty&tag=zest", "q=zesty&max_total_minutes=30"),
    *("q=zesty&ingredient=lime&not_ingredient=rice&tag=zest&not_tag=rice", "tag=zest&not_tag=rice"),
]
# What the index writes for its own use finds nothing that one may not find.
_TERMS = ["x#zesty", "l#zesty", "x#l#zesty", "e#", "x#e#", "u#{id}", "g#{id}", "x#g#{id}", "x#*"]
INNER = [f"q={term}".replace("#", "%23") for term in _TERMS]
INNER += [f"q=%22{term}%22".replace("#", "%23") for term in _TERMS]
INNER += ["ingredient=x%23lime", "tag=g%23{id}", "q=%22+OR+u%23{id}+%22", "q=%27x%27+%7C+%27u%27"]


@pytest.fixture(params=[recipe_list.SMALL_RESULT, 3], ids=["few", "many"])
def _either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few rows are found and sorted, for many an index is walked: with the same answer."""
    monkeypatch.setattr(recipe_list, "SMALL_RESULT", request.param)


class Readers:
    """Everybody who reads, and what the policy lets them find of the recipes that were made."""

    def __init__(self, client: TestClient, user: Account, other: Account, boss: Account) -> None:
        self.client = client
        self.accounts = {"nobody": None, "user": user, "other": other, "superuser": boss}
        self.recipes: dict[int, dict[str, Any]] = {}

    def create(self, owner: str, **members: object) -> int:
        account = self.accounts[owner]
        assert account
        recipe = create_recipe(self.client, account, **RECIPE | members)
        self.recipes[recipe["id"]] = recipe
        recipe_id: int = recipe["id"]
        return recipe_id

    def send(self, method: str, recipe_id: int, rest: str = "", body: object = None) -> None:
        """A request of the superuser, who may do anything; what is answered is remembered."""
        boss = self.accounts["superuser"]
        assert boss
        path = f"{RECIPES}/{recipe_id}{rest}"
        answer = self.client.request(method, path, json=body, headers=boss.headers)
        assert answer.is_success, answer.text
        self.recipes.pop(recipe_id, None)
        if answer.content:
            self.recipes[recipe_id] = answer.json()

    def get(self, name: str, path: str) -> dict[str, Any]:
        account = self.accounts[name]
        answer = self.client.get(API + path, headers=account.headers if account else None)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def found(self, name: str, query: str) -> list[int]:
        page = self.get(name, f"/recipes?{query}&limit=100&count=true")
        assert "corrected" not in page
        ids = [item["id"] for item in page["items"]]
        assert len(ids) == page["total"] == len(set(ids))
        return sorted(ids)

    def expected(self, name: str) -> list[int]:
        account = self.accounts[name]
        viewer = Viewer(account.id, is_superuser=name == "superuser") if account else ANONYMOUS
        return [
            recipe_id
            for recipe_id, recipe in sorted(self.recipes.items())
            if may_find(viewer, recipe["visibility"], recipe["submitter_id"])
        ]


@pytest.fixture
def readers(client: TestClient, user: Account, other_user: Account, superuser: Account) -> Readers:
    return Readers(client, user, other_user, superuser)


@pytest.fixture
def of_each(readers: Readers) -> list[int]:
    """A recipe of each visibility of two users: their ids."""
    pairs = [(owner, visibility) for owner in ("user", "other") for visibility in VISIBILITY]
    return [readers.create(owner, visibility=visibility) for owner, visibility in pairs]


@pytest.mark.usefixtures("_either_way", "of_each")
def test_each_finds_what_the_policy_says(readers: Readers, subtests: pytest.Subtests) -> None:
    for query in QUERIES:
        with subtests.test(query):
            for name in readers.accounts:
                for sort in sorts_of(query):
                    found = readers.found(name, f"{query}&sort={sort}")
                    assert (name, sort, found) == (name, sort, readers.expected(name))


def test_what_is_of_one_user_is_found_by_the_same(
    readers: Readers, of_each: list[int], subtests: pytest.Subtests
) -> None:
    theirs = {"user": of_each[:3], "other": of_each[3:]}
    for name in readers.accounts:
        for owner, ids in theirs.items():
            account = readers.accounts[owner]
            assert account
            with subtests.test(f"{name} {owner}"):
                expected = [each for each in readers.expected(name) if each in ids]
                for query in ("", "q=zesty", "tag=zest", "ingredient=lime"):
                    found = readers.found(name, f"{query}&submitter_id={account.id}")
                    assert found == expected
                if name == owner:
                    assert readers.found(name, "q=zesty&submitter_id=me") == ids
                    mine = readers.get(name, "/recipes/my-recipes")["results"]
                    assert sorted(recipe["id"] for recipe in mine) == ids


@pytest.mark.usefixtures("of_each")
def test_the_simple_search_finds_the_same(readers: Readers) -> None:
    for name in readers.accounts:
        found = readers.get(name, "/recipes/search?keyword=zesty+quinoa")["results"]
        assert sorted(recipe["id"] for recipe in found) == readers.expected(name)


@pytest.mark.usefixtures("of_each")
def test_counts_are_of_what_one_finds(readers: Readers, subtests: pytest.Subtests) -> None:
    for name in readers.accounts:
        length = len(readers.expected(name))
        vegan = {"kind": "diet", "name": "Vegan", "count": length}
        zest = {"kind": "keyword", "name": "zest", "count": length}
        with subtests.test(f"{name} tags"):
            assert readers.get(name, "/tags?sort=name")["items"] == [vegan, zest]
        for query in ("", "q=zesty", "tag=zest", "ingredient=lime", "q=zesty&tag=zest"):
            with subtests.test(f"{name} {query}"):
                page = readers.get(name, f"/recipes?{query}&facets=tag,total_minutes&limit=1")
                times = {each["max"]: each["count"] for each in page["facets"]["total_minutes"]}
                assert page["facets"]["tag"] == [vegan, zest]
                assert (times[15], times[30]) == (0, length)


def test_a_tag_that_only_hidden_recipes_have_is_their_owners(readers: Readers) -> None:
    for visibility in VISIBILITY:
        readers.create("user", visibility=visibility, tags=[visibility])
    for name in readers.accounts:
        expected = {readers.recipes[each]["visibility"] for each in readers.expected(name)}
        tags = readers.get(name, "/tags?count=true")
        assert {tag["name"] for tag in tags["items"]} == expected
        assert tags["total"] == len(expected)
        for visibility in VISIBILITY:
            found = readers.found(name, f"tag={visibility}")
            assert len(found) == (visibility in expected)


def test_what_the_index_writes_for_itself_is_no_word(
    readers: Readers, of_each: list[int], subtests: pytest.Subtests
) -> None:
    user = readers.accounts["user"]
    assert user
    for query in INNER:
        for row_id in (user.id, of_each[0], 1, 2):
            with subtests.test(query.format(id=row_id)):
                for name in readers.accounts:
                    assert readers.found(name, query.format(id=row_id)) == []


# --- What changes it -----------------------------------------------------------------------------

WAYS = ["", "q=zesty", "tag=zest", "ingredient=lime", "q=zesty&sort=label", "max_total_minutes=30"]


def assert_follows(readers: Readers) -> None:
    for name in readers.accounts:
        for query in WAYS:
            found = readers.found(name, query)
            assert (name, query, found) == (name, query, readers.expected(name))


def test_it_follows_the_visibility(
    readers: Readers, app: FastAPI, subtests: pytest.Subtests
) -> None:
    readers.create("other")
    for before, after in permutations(VISIBILITY, 2):
        with subtests.test(f"{before} {after}"):
            recipe_id = readers.create("user", visibility=before)
            readers.send("PATCH", recipe_id, body={"visibility": after})
            assert_follows(readers)
            readers.send("DELETE", recipe_id)
            assert_follows(readers)
            readers.send("POST", recipe_id, "/restore")
            assert_follows(readers)
            readers.send("POST", recipe_id, "/versions/1/restore")
            assert readers.recipes[recipe_id]["visibility"] == before
            assert_follows(readers)
    list(reindex(app.state.transactions))
    assert_follows(readers)


def test_what_an_ended_account_leaves_is_found_as_nobodys(
    readers: Readers, of_each: list[int], app: FastAPI
) -> None:
    user, boss = readers.accounts["user"], readers.accounts["superuser"]
    assert user
    assert boss
    path = f"{API}/users/{user.id}"
    assert readers.client.delete(path, headers=boss.headers).status_code == 204
    del readers.accounts["user"]
    del readers.recipes[of_each[[*VISIBILITY].index("private")]]
    for recipe in readers.recipes.values():
        if recipe["submitter_id"] == user.id:
            recipe["submitter_id"] = None
    assert_follows(readers)
    list(reindex(app.state.transactions))
    assert_follows(readers)


# --- Corrections ---------------------------------------------------------------------------------

TYPED = "rhubarbb"


def corrected(readers: Readers) -> dict[str, dict[str, str] | None]:
    """What is suggested to each for a word that is nearly rhubarb."""
    pages = {name: readers.get(name, f"/recipes?q={TYPED}") for name in readers.accounts}
    return {name: page.get("corrected") for name, page in pages.items()}


def suggested(*names: str) -> dict[str, dict[str, str] | None]:
    readers = ("nobody", "user", "other", "superuser")
    return {name: {TYPED: "rhubarb"} if name in names else None for name in readers}


TO_ALL = suggested("nobody", "user", "other", "superuser")
TO_NONE = suggested()
PLACES = ["label", "description", "notes", "source", "author", "tags", "ingredients", "steps"]


@pytest.mark.parametrize("place", PLACES)
def test_words_of_public_recipes_are_suggested_and_no_others(
    readers: Readers, app: FastAPI, place: str
) -> None:
    words: object = "rhubarb pie" if place not in ("tags", "ingredients", "steps") else ["rhubarb"]
    for visibility in ("private", "unlisted"):
        readers.create("user", **{place: words, "visibility": visibility})
        assert corrected(readers) == TO_NONE
    thrown = readers.create("superuser", **{place: words, "visibility": "private"})
    readers.send("DELETE", thrown)
    assert corrected(readers) == TO_NONE
    list(reindex(app.state.transactions))
    assert corrected(readers) == TO_NONE
    readers.create("other", **{place: words})
    assert corrected(readers) == TO_ALL


LEAVING: dict[str, tuple[str, str, object]] = {
    "private": ("PATCH", "", {"visibility": "private"}),
    "unlisted": ("PATCH", "", {"visibility": "unlisted"}),
    "thrown away": ("DELETE", "", None),
    "removed": ("DELETE", "?permanent=true", None),
    "about something else": ("PATCH", "", {"label": "Apple pie"}),
    "replaced": ("PUT", "", {"label": "Apple pie"}),
}


@pytest.mark.parametrize("how", LEAVING)
def test_words_of_what_is_public_no_more_are_not_suggested(
    readers: Readers, app: FastAPI, how: str
) -> None:
    method, rest, body = LEAVING[how]
    recipe_id = readers.create("user", label="Rhubarb pie")
    assert corrected(readers) == TO_ALL
    readers.send(method, recipe_id, rest, body)
    assert corrected(readers) == TO_NONE
    list(reindex(app.state.transactions))
    assert corrected(readers) == TO_NONE


def test_a_word_that_is_still_public_elsewhere_stays_suggested(readers: Readers) -> None:
    gone = readers.create("user", label="Rhubarb pie")
    readers.create("other", notes="Or with rhubarb.")
    for visibility in ("private", "public", "unlisted"):
        readers.send("PATCH", gone, body={"visibility": visibility})
        assert corrected(readers) == TO_ALL


def test_a_word_of_ones_own_hidden_recipe_is_not_corrected(readers: Readers) -> None:
    readers.create("user", label="Rhubarbb pie", visibility="private")
    readers.create("other", label="Rhubarb pie")
    assert corrected(readers) == suggested("nobody", "other")
