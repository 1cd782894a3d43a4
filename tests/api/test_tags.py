"""GET /tags: which there are, and how many of the recipes that one may find have each."""

import base64
import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.factories import API, Account, create_recipe
from tests.problems import assert_invalid

RECIPES = f"{API}/recipes"
TAGS = f"{API}/tags"
SORTS = ["-count", "count", "name", "-name"]

Counts = dict[tuple[str, str], int]


def page(client: TestClient, who: Account | None = None, **query: Any) -> dict[str, Any]:
    answer = client.get(TAGS, params=query, headers=who.headers if who else None)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def names(client: TestClient, who: Account | None = None, **query: Any) -> list[str]:
    return [tag["name"] for tag in page(client, who, **query)["items"]]


def counts(client: TestClient, who: Account | None = None) -> Counts:
    items = page(client, who, limit=100)["items"]
    return {(tag["kind"], tag["name"].casefold()): tag["count"] for tag in items}


def counted(client: TestClient, who: Account | None = None) -> Counts:
    """The same, from the recipes that one finds."""
    headers = who.headers if who else None
    items = client.get(RECIPES, params={"limit": 100}, headers=headers).json()["items"]
    return Counter((tag["kind"], tag["name"].casefold()) for item in items for tag in item["tags"])


def tag(kind: str, name: str) -> dict[str, str]:
    return {"kind": kind, "name": name}


@pytest.fixture
def tagged(client: TestClient, user: Account, other_user: Account) -> None:
    """Tags on one recipe to four, also of equal names and of equal counts."""
    soup, thai, wok = tag("keyword", "Soup"), tag("cuisine", "Thai"), tag("tool", "Wok")
    for tags in ([soup, thai], ["soup", wok, "quick"], ["SOUP", thai, "Éclair"], ["soup", "100%"]):
        create_recipe(client, user, tags=tags)
    create_recipe(client, other_user, tags=[tag("keyword", "Thai"), thai, "a_b", "a\\b", "ÉCLAIRS"])
    create_recipe(client, other_user, tags=["hidden", "soup"], visibility="private")


ALL = [*("Soup", "Thai", "Thai", "Wok", "quick", "Éclair", "100%", "a_b", "a\\b", "ÉCLAIRS")]


# --- Lists ---------------------------------------------------------------------------------------


def test_a_tag_has_a_kind_a_name_as_it_was_written_first_and_a_count(
    client: TestClient, user: Account
) -> None:
    create_recipe(client, user, tags=["Soup", tag("cuisine", "Thai")])
    create_recipe(client, user, tags=["SOUP"])
    assert page(client) == {
        "items": [
            {"kind": "keyword", "name": "Soup", "count": 2},
            {"kind": "cuisine", "name": "Thai", "count": 1},
        ],
        "next_cursor": None,
    }


def test_without_recipes_there_are_no_tags(client: TestClient) -> None:
    assert page(client, count=True) == {"items": [], "next_cursor": None, "total": 0}


@pytest.mark.usefixtures("tagged")
def test_the_order_is_by_count_or_by_name(client: TestClient) -> None:
    assert names(client)[:2] == ["Soup", "Thai"]
    assert names(client, sort="-count") == names(client)
    for sort in ("-count", "count"):
        numbers = [each["count"] for each in page(client, sort=sort)["items"]]
        assert numbers == sorted(numbers, reverse=sort == "-count")
    by_name = names(client, sort="name")
    # By code points, without case.
    assert by_name == sorted(ALL, key=str.casefold)
    assert names(client, sort="-name") == by_name[::-1]


@pytest.mark.usefixtures("tagged")
def test_pages_have_every_tag_once_in_every_sort(
    client: TestClient, user: Account, superuser: Account, subtests: pytest.Subtests
) -> None:
    for who, length in ((None, len(ALL)), (user, len(ALL)), (superuser, len(ALL) + 1)):
        for sort in SORTS:
            expected = page(client, who, sort=sort, count=True)
            assert expected["total"] == len(expected["items"]) == length
            for limit in (1, 2, 5, length):
                with subtests.test(f"{sort} {limit} {who and who.id}"):
                    path = f"{TAGS}?sort={sort}&limit={limit}"
                    assert list(walk(client, path, who)) == expected["items"]


def walk(client: TestClient, path: str, who: Account | None) -> Iterator[dict[str, Any]]:
    """The items of all pages, by the header Link."""
    for _ in range(100):
        answer = client.get(path, headers=who.headers if who else None)
        yield from answer.json()["items"]
        if "next" not in answer.links:
            assert answer.json()["next_cursor"] is None
            return
        path = answer.links["next"]["url"]
    raise AssertionError("The list has no end.")


FOUND: list[tuple[dict[str, Any], list[str]]] = [
    ({"kind": "keyword"}, ["100%", "Éclair", "ÉCLAIRS", "Soup", "Thai", "a_b", "a\\b", "quick"]),
    ({"kind": "cuisine"}, ["Thai"]),
    ({"kind": "tool"}, ["Wok"]),
    ({"kind": "diet"}, []),
    ({"q": "thai"}, ["Thai", "Thai"]),
    ({"q": "HA"}, ["Thai", "Thai"]),
    ({"q": "ha", "kind": "cuisine"}, ["Thai"]),
    ({"q": "éCLAIR"}, ["Éclair", "ÉCLAIRS"]),
    ({"q": "e\u0301clairs"}, ["ÉCLAIRS"]),
    ({"q": "eclair"}, []),
    ({"q": "%"}, ["100%"]),
    ({"q": "_"}, ["a_b"]),
    ({"q": "a_b"}, ["a_b"]),
    ({"q": "\\"}, ["a\\b"]),
    ({"q": "%%"}, []),
    ({"q": "a%b"}, []),
    ({"q": "s*p"}, []),
    ({"q": "soup "}, []),
    ({"q": "'"}, []),
    ({"q": "hidden"}, []),
]


@pytest.mark.usefixtures("tagged")
def test_a_kind_and_a_part_of_the_name_filter(
    client: TestClient, subtests: pytest.Subtests
) -> None:
    for query, found in FOUND:
        for sort in SORTS:
            with subtests.test(f"{query} {sort}"):
                answer = page(client, sort=sort, count=True, **query)
                assert sorted(each["name"] for each in answer["items"]) == sorted(found)
                assert answer["total"] == len(found)


WRONG = [
    *(("limit=0", "limit"), ("limit=101", "limit"), ("sort=id", "sort"), ("sort=", "sort")),
    *(("sort=public_count", "sort"), ("kind=Cuisine", "kind"), ("kind=spice", "kind")),
    *(("kind=", "kind"), ("q=", "q"), ("q=%20", "q"), ("q=" + "x" * 101, "q"), ("q=%00", "q")),
    *(("count=perhaps", "count"), ("colour=red", "colour"), ("cursor=x", "cursor")),
]


def test_a_wrong_parameter_is_named(client: TestClient, subtests: pytest.Subtests) -> None:
    for query, wrong in WRONG:
        with subtests.test(query[:20]):
            assert_invalid(client.get(f"{TAGS}?{query}"), wrong)


# --- Cursors -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("tagged")
def test_a_cursor_is_good_for_its_own_list_alone(
    client: TestClient, user: Account, superuser: Account, subtests: pytest.Subtests
) -> None:
    lists: list[dict[str, Any]] = [{"sort": sort} for sort in SORTS]
    lists += [{"sort": "name", "kind": "keyword"}, {"sort": "name", "q": "a"}]
    cursors = [page(client, limit=1, **query)["next_cursor"] for query in lists]
    for query, cursor in zip(lists, cursors, strict=True):
        for other in lists:
            with subtests.test(f"{query} {other}"):
                params: dict[str, Any] = other | {"cursor": cursor}
                if other == query:
                    assert page(client, **params)["items"]
                else:
                    assert_invalid(client.get(TAGS, params=params), "cursor")
        for who in (user, superuser):
            with subtests.test(f"{query} another viewer"):
                params = query | {"cursor": cursor}
                assert_invalid(client.get(TAGS, params=params, headers=who.headers), "cursor")
    of_recipes = client.get(f"{RECIPES}?limit=1").json()["next_cursor"]
    assert_invalid(client.get(TAGS, params={"cursor": of_recipes}), "cursor")


ODD_KEYS: dict[str, list[object]] = {
    "-count": [None, "5", 1.5, True, 2**31, -(2**31), [], {}],
    "name": [None, 5, ["a"], "a\0b", "\ud800", {}],
}


@pytest.mark.usefixtures("tagged")
def test_a_forged_cursor_is_refused(client: TestClient, subtests: pytest.Subtests) -> None:
    for sort, keys in ODD_KEYS.items():
        cursor = page(client, sort=sort, limit=1)["next_cursor"]
        bound, key, row_id = json.loads(base64.urlsafe_b64decode(cursor + "=="))
        forged: list[object] = [[bound, each, row_id] for each in keys]
        forged += [[bound, key, each] for each in (0, -1, 2**63, "1", None, 1.5)]
        forged += [None, 1, "abc", [], [1, 2, 3], {}, {"a": 1, "b": 2, "c": 3}]
        for each in forged:
            with subtests.test(f"{sort} {each!a}"):
                text = base64.urlsafe_b64encode(json.dumps(each).encode()).decode()
                answer = client.get(TAGS, params={"sort": sort, "cursor": text})
                assert_invalid(answer, "cursor")


# --- What changes the counts ---------------------------------------------------------------------


@pytest.fixture
def agree(
    client: TestClient, user: Account, other_user: Account, superuser: Account
) -> Callable[[], Counts]:
    """Compares the counts with the recipes, as each finds them; gives those of everybody."""

    def compare() -> Counts:
        for who in (None, user, other_user, superuser):
            assert counts(client, who) == counted(client, who)
        return counts(client)

    return compare


def test_counts_follow_edits(
    client: TestClient, user: Account, agree: Callable[[], Counts]
) -> None:
    path = f"{RECIPES}/{create_recipe(client, user, tags=['a', 'b'])['id']}"
    create_recipe(client, user, tags=["b"])
    a, b, c = (("keyword", name) for name in "abc")
    assert agree() == {a: 1, b: 2}
    for change, expected in [
        ({"tags": ["B", "c"]}, {b: 2, c: 1}),
        ({"tags": [tag("tool", "c")]}, {b: 1, ("tool", "c"): 1}),
        ({"label": "Toast"}, {b: 1, ("tool", "c"): 1}),
        ({"tags": None}, {b: 1}),
        ({"tags": ["a"]}, {a: 1, b: 1}),
    ]:
        assert client.patch(path, json=change, headers=user.headers).status_code == 200
        assert agree() == expected
    body = {"label": "Toast", "tags": ["c", "C"]}
    assert client.put(path, json=body, headers=user.headers).status_code == 200
    assert agree() == {b: 1, c: 1}
    assert client.put(path, json={"label": "Toast"}, headers=user.headers).status_code == 200
    assert agree() == {b: 1}
    restored = client.post(f"{path}/versions/1/restore", headers=user.headers)
    assert restored.status_code == 200
    assert agree() == {a: 1, b: 2}


def test_counts_follow_a_batch(
    client: TestClient, user: Account, agree: Callable[[], Counts]
) -> None:
    recipe_id = create_recipe(client, user, tags=["a"])["id"]
    operations = [
        {"op": "tag", "id": recipe_id, "tags": ["A", "b"]},
        {"op": "create", "recipe": {"label": "Toast", "tags": ["b"]}},
        {"op": "create", "recipe": {"label": "Refused", "tags": ["b", "x"], "servings": 0}},
        {"op": "untag", "id": recipe_id, "tags": ["a"]},
    ]
    body = {"operations": operations}
    assert client.post(f"{RECIPES}/batch", json=body, headers=user.headers).status_code == 200
    assert agree() == {("keyword", "b"): 2}
    answer = client.post(f"{RECIPES}/batch?atomic=true", json=body, headers=user.headers)
    assert {result["status"] for result in answer.json()["results"]} & {200, 201} == set()
    assert agree() == {("keyword", "b"): 2}


def test_counts_follow_the_trash(
    client: TestClient, user: Account, agree: Callable[[], Counts]
) -> None:
    paths = [f"{RECIPES}/{create_recipe(client, user, tags=['a'])['id']}" for _ in range(3)]
    assert agree() == {("keyword", "a"): 3}
    for path, query, left in [
        (paths[0], "", 2),
        (paths[1], "?permanent=true", 1),
        # What is in the trash was counted out already.
        (paths[0], "?permanent=true", 1),
        (paths[2], "", 0),
    ]:
        assert client.delete(path + query, headers=user.headers).status_code == 204
        assert agree() == ({("keyword", "a"): left} if left else {})
    for _ in range(2):
        assert client.post(f"{paths[2]}/restore", headers=user.headers).status_code == 200
        assert agree() == {("keyword", "a"): 1}


def test_counts_follow_the_visibility(
    client: TestClient, user: Account, other_user: Account, agree: Callable[[], Counts]
) -> None:
    key = ("keyword", "a")
    path = f"{RECIPES}/{create_recipe(client, user, tags=['a'])['id']}"
    create_recipe(client, other_user, tags=["a"])
    for visibility, everybody in [("private", 1), ("unlisted", 1), ("public", 2), ("private", 1)]:
        change = {"visibility": visibility}
        assert client.patch(path, json=change, headers=user.headers).status_code == 200
        assert agree() == {key: everybody}
        assert counts(client, user) == {key: 2}
        assert counts(client, other_user) == {key: everybody}
    assert client.delete(path, headers=user.headers).status_code == 204
    assert agree() == counts(client, user) == {key: 1}
    assert client.post(f"{path}/restore", headers=user.headers).status_code == 200
    assert agree() == {key: 1}
    assert counts(client, user) == {key: 2}


def test_counts_follow_the_end_of_an_account(
    client: TestClient, superuser: Account, other_user: Account
) -> None:
    create_recipe(client, other_user, tags=["a"])
    for visibility in ("public", "unlisted", "private"):
        create_recipe(client, other_user, tags=["a", visibility], visibility=visibility)
    thrown = create_recipe(client, other_user, tags=["a", "thrown"])
    path = f"{RECIPES}/{thrown['id']}"
    assert client.delete(path, headers=other_user.headers).status_code == 204
    create_recipe(client, superuser, tags=["a"])
    path = f"{API}/users/{other_user.id}"
    assert client.delete(path, headers=superuser.headers).status_code == 204
    a, public, unlisted = (("keyword", name) for name in ("a", "public", "unlisted"))
    assert counts(client) == counted(client) == {a: 3, public: 1}
    everything = {a: 4, public: 1, unlisted: 1}
    assert counts(client, superuser) == counted(client, superuser) == everything


def test_a_spelling_of_a_hidden_recipe_is_its_owners_alone(
    client: TestClient,
    user: Account,
    other_user: Account,
    superuser: Account,
    subtests: pytest.Subtests,
) -> None:
    def facet(who: Account | None) -> list[str]:
        headers = who.headers if who else None
        answer = client.get(RECIPES, params={"facets": "tag"}, headers=headers).json()
        return [tag["name"] for tag in answer["facets"]["tag"]]

    for number, visibility in enumerate(("private", "unlisted")):
        hidden, shown = f"dIvOrCe DiNnEr {number}", f"DIVORCE DINNER {number}"
        path = (
            f"{RECIPES}/{create_recipe(client, user, visibility=visibility, tags=[hidden])['id']}"
        )
        with subtests.test(f"{visibility}: before it is in a public recipe"):
            for who in (user, superuser):
                assert names(client, who, q="divorce") == facet(who) == [hidden]
            for nobody in (None, other_user):
                assert names(client, nobody) == facet(nobody) == []
        mine = create_recipe(client, other_user, visibility="private", tags=[shown])
        with subtests.test(f"{visibility}: each writes it in their way"):
            assert names(client, user) == facet(user) == [hidden]
            assert names(client, other_user) == facet(other_user) == [shown]
        other = f"{RECIPES}/{mine['id']}"
        public = {"visibility": "public"}
        assert client.patch(other, json=public, headers=other_user.headers).is_success
        with subtests.test(f"{visibility}: as the public recipe has it"):
            for anyone in (None, other_user, user, superuser):
                assert names(client, anyone) == facet(anyone) == [shown]
        with subtests.test(f"{visibility}: that the hidden one is gone shows nowhere"):
            removed = client.delete(f"{path}?permanent=true", headers=user.headers)
            assert removed.status_code == 204
            assert names(client) == facet(None) == [shown]
        assert client.delete(f"{other}?permanent=true", headers=other_user.headers).is_success


def test_a_name_is_as_the_first_public_recipe_wrote_it(client: TestClient, user: Account) -> None:
    first = f"{RECIPES}/{create_recipe(client, user, tags=['Soup'])['id']}"
    second = f"{RECIPES}/{create_recipe(client, user, tags=['SOUP'])['id']}"
    assert client.delete(f"{first}?permanent=true", headers=user.headers).status_code == 204
    assert names(client) == ["Soup"]
    assert client.delete(f"{second}?permanent=true", headers=user.headers).status_code == 204
    assert names(client) == []
    create_recipe(client, user, tags=["soUp"])
    assert names(client) == ["soUp"]
