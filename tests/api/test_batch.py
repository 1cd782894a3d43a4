"""Many changes in one request: each has the result that its single request would have had."""

from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from tests.databases import rows
from tests.documents import WHOLE
from tests.factories import API, Account, create_api_token, create_recipe
from tests.problems import assert_invalid, assert_problem
from tests.web.browser import on_one_database

RECIPES = f"{API}/recipes"
BATCH = f"{RECIPES}/batch"
MIB = 1024 * 1024
TOAST = {"label": "Toast"}

Result = dict[str, Any]


def send(client: TestClient, user: Account, *operations: object, atomic: bool = False) -> Any:
    params = {"atomic": True} if atomic else None
    body = {"operations": operations}
    return client.post(BATCH, json=body, params=params, headers=user.headers)


def run(
    client: TestClient, user: Account, *operations: object, atomic: bool = False
) -> list[Result]:
    """The results of a batch."""
    answer = send(client, user, *operations, atomic=atomic)
    assert answer.status_code == 200, answer.text
    results: list[Result] = answer.json()["results"]
    assert [result["index"] for result in results] == list(range(len(operations)))
    return results


def statuses(results: list[Result]) -> list[int]:
    return [result["status"] for result in results]


def read(client: TestClient, recipe_id: int, user: Account | None = None) -> dict[str, Any]:
    answer = client.get(f"{RECIPES}/{recipe_id}", headers=user.headers if user else None)
    recipe: dict[str, Any] = answer.json()
    return recipe


def labels(client: TestClient) -> list[str]:
    page = client.get(RECIPES, params={"sort": "created_at", "limit": 100}).json()
    return [recipe["label"] for recipe in page["items"]]


# --- What each does ------------------------------------------------------------------------------


def test_each_kind_of_operation(client: TestClient, user: Account) -> None:
    a, b, c = (create_recipe(client, user, label=label, tags=["old"]) for label in "abc")
    client.delete(f"{RECIPES}/{c['id']}", headers=user.headers)
    results = run(
        client,
        user,
        {"op": "create", "recipe": WHOLE},
        {"op": "patch", "id": a["id"], "recipe": {"notes": "Hot.", "description": None}},
        {"op": "delete", "id": b["id"]},
        {"op": "restore", "id": c["id"]},
        {"op": "tag", "id": a["id"], "tags": ["new", {"kind": "cuisine", "name": "French"}]},
        {"op": "untag", "id": c["id"], "tags": ["old"]},
    )
    assert statuses(results) == [201, 200, 204, 200, 200, 200]
    assert [result["problem"] for result in results] == [None] * 6
    created = results[0]["id"]
    assert [result["id"] for result in results[1:]] == [each["id"] for each in (a, b, c, a, c)]
    assert read(client, created, user).items() >= WHOLE.items()
    assert read(client, created, user)["submitter_id"] == user.id
    assert read(client, a["id"])["notes"] == "Hot."
    assert [tag["name"] for tag in read(client, a["id"])["tags"]] == ["old", "new", "French"]
    assert read(client, c["id"])["tags"] == []
    trash = client.get(RECIPES, params={"deleted": True}, headers=user.headers).json()["items"]
    assert [recipe["id"] for recipe in trash] == [b["id"]]


def test_operations_are_done_in_their_order(client: TestClient, user: Account) -> None:
    recipe_id = create_recipe(client, user)["id"]
    results = run(
        client,
        user,
        *({"op": "patch", "id": recipe_id, "recipe": {"extras": {"n": n}}} for n in range(5)),
        {"op": "delete", "id": recipe_id},
        {"op": "patch", "id": recipe_id, "recipe": {"extras": {"n": 5}}},
        {"op": "restore", "id": recipe_id},
        {"op": "create", "recipe": {"label": "second"}},
        {"op": "create", "recipe": {"label": "third"}},
    )
    assert statuses(results) == [200] * 5 + [204, 404, 200, 201, 201]
    assert read(client, recipe_id)["extras"] == {"n": 4}
    assert read(client, recipe_id)["version"] == 8
    assert results[-1]["id"] > results[-2]["id"]
    assert labels(client) == ["Pancakes", "second", "third"]


def test_tags_are_added_and_taken_away_by_kind_and_name(client: TestClient, user: Account) -> None:
    tags = ["Quick", {"kind": "diet", "name": "Quick"}, "Straße"]
    recipe = create_recipe(client, user, tags=tags)
    same = {"op": "tag", "id": recipe["id"], "tags": ["QUICK", "STRASSE"]}
    none = {"op": "untag", "id": recipe["id"], "tags": ["slow", {"kind": "tool", "name": "Quick"}]}
    assert statuses(run(client, user, same, none)) == [200, 200]
    assert read(client, recipe["id"]) == recipe
    away = {"op": "untag", "id": recipe["id"], "tags": ["quick"]}
    more = {"op": "tag", "id": recipe["id"], "tags": ["x", "X", "quick"]}
    assert statuses(run(client, user, away, more)) == [200, 200]
    kept = [(tag["kind"], tag["name"]) for tag in read(client, recipe["id"])["tags"]]
    assert kept == [
        ("diet", "Quick"),
        ("keyword", "Straße"),
        ("keyword", "x"),
        ("keyword", "quick"),
    ]


def test_too_many_tags_are_refused(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, tags=[f"tag {n}" for n in range(100)])
    (result,) = run(client, user, {"op": "tag", "id": recipe["id"], "tags": ["one more"]})
    assert result["status"] == 422
    assert [fault["pointer"] for fault in result["problem"]["errors"]] == ["/tags"]
    assert read(client, recipe["id"]) == recipe


def test_an_etag_can_be_asked_for(client: TestClient, user: Account) -> None:
    recipe_id = create_recipe(client, user)["id"]
    etag = client.get(f"{RECIPES}/{recipe_id}").headers["etag"]
    patch = {"op": "patch", "id": recipe_id, "recipe": {"notes": "first"}, "if_match": etag}
    results = run(
        client, user, patch, patch | {"recipe": {"notes": "second"}}, patch | {"if_match": "*"}
    )
    assert statuses(results) == [200, 412, 200]
    assert read(client, recipe_id)["notes"] == "first"
    tag = {"op": "tag", "id": recipe_id, "tags": ["hot"], "if_match": etag}
    delete = {"op": "delete", "id": recipe_id, "if_match": etag}
    untag = tag | {"op": "untag", "tags": ["none"]}
    assert statuses(run(client, user, tag, untag, delete)) == [412, 412, 412]
    etag = client.get(f"{RECIPES}/{recipe_id}").headers["etag"]
    assert statuses(run(client, user, delete | {"if_match": etag})) == [204]


# --- What is refused -----------------------------------------------------------------------------


def test_a_refusal_is_that_of_the_single_request(
    client: TestClient, user: Account, other_user: Account, subtests: pytest.Subtests
) -> None:
    mine = create_recipe(client, user)["id"]
    theirs = create_recipe(client, other_user)["id"]
    hidden = create_recipe(client, other_user, visibility="private")["id"]
    thrown = create_recipe(client, user)["id"]
    client.delete(f"{RECIPES}/{thrown}", headers=user.headers)
    ids = {"mine": mine, "theirs": theirs, "hidden": hidden, "thrown": thrown, "unknown": 999_999}
    bodies: list[dict[str, Any]] = [
        {},
        {"label": None},
        {"label": "", "servings": -1, "nonsense": 1},
        {"steps": [{"text": "Bake."}, {"txt": "Cool."}]},
        {"version": 7},
        {"recipe": 1, "create": 2, "patch": 3},
        {"submitter_id": other_user.id},
        {"prep_minutes": 1, "cook_minutes": 2, "tags": "none"},
    ]
    for name, recipe_id in ids.items():
        url = f"{RECIPES}/{recipe_id}"
        for body in bodies:
            patch = {"op": "patch", "id": recipe_id, "recipe": body}
            with subtests.test(f"patch {name} {body}"):
                _assert_same(client, user, patch, "PATCH", url, json=body)
        for if_match in ('"x"', "broken", ""):
            patch = {"op": "patch", "id": recipe_id, "recipe": {}, "if_match": if_match}
            with subtests.test(f"patch {name} {if_match!r}"):
                _assert_same(client, user, patch, "PATCH", url, json={}, if_match=if_match)
        if name != "mine":
            with subtests.test(f"delete {name}"):
                _assert_same(client, user, {"op": "delete", "id": recipe_id}, "DELETE", url)
        if name != "thrown":
            with subtests.test(f"restore {name}"):
                restore = {"op": "restore", "id": recipe_id}
                _assert_same(client, user, restore, "POST", f"{url}/restore")
    for body in bodies:
        with subtests.test(f"create {body}"):
            create = {"op": "create", "recipe": body}
            _assert_same(client, user, create, "POST", RECIPES, json=body)


def _assert_same(
    client: TestClient,
    user: Account,
    operation: dict[str, Any],
    method: str,
    url: str,
    if_match: str | None = None,
    **body: Any,
) -> None:
    (result,) = run(client, user, operation)
    headers = user.headers if if_match is None else user.headers | {"If-Match": if_match}
    single = client.request(method, url, headers=headers, **body)
    assert result["status"] == single.status_code
    if single.is_success:
        assert result["problem"] is None
        return
    own = assert_problem(single, result["status"])
    assert result["problem"].keys() == own.keys()
    assert result["problem"] | {"request_id": ""} == own | {"request_id": ""}


def test_one_that_is_wrong_does_not_stop_the_others(
    client: TestClient, user: Account, other_user: Account
) -> None:
    theirs = create_recipe(client, other_user)
    hidden = create_recipe(client, other_user, visibility="private")
    create = {"op": "create", "recipe": TOAST}
    wrong: list[tuple[object, int]] = [
        ({"op": "patch", "id": theirs["id"], "recipe": {"label": "Mine"}}, 403),
        ({"op": "delete", "id": theirs["id"]}, 403),
        ({"op": "tag", "id": theirs["id"], "tags": ["mine"]}, 403),
        ({"op": "untag", "id": hidden["id"], "tags": ["mine"]}, 404),
        ({"op": "delete", "id": hidden["id"]}, 404),
        ({"op": "restore", "id": 0}, 422),
        ({"op": "restore", "id": 2**63}, 422),
        ({"op": "restore", "id": 2**63 - 1}, 404),
        ({"op": "restore", "id": True}, 422),
        ({"op": "restore", "id": "1"}, 422),
        ({"op": "restore", "id": theirs["id"], "recipe": {}}, 422),
        ({"op": "explode", "id": 1}, 422),
        ({"op": ["create"]}, 422),
        ({}, 422),
        ("create", 422),
        (None, 422),
        ([], 422),
        ({"op": "create"}, 422),
        ({"op": "create", "recipe": TOAST | {"submitter_id": other_user.id}}, 403),
        ({"op": "create", "recipe": {"label": "a\0b"}}, 422),
    ]
    operations = [each for operation, _ in wrong for each in (operation, create)]
    results = run(client, user, *operations)
    assert statuses(results) == [each for _, status in wrong for each in (status, 201)]
    assert labels(client) == ["Pancakes"] + ["Toast"] * len(wrong)
    assert read(client, theirs["id"]) == theirs
    assert read(client, hidden["id"], other_user) == hidden


def test_one_that_is_wrong_is_known_by_its_id(client: TestClient, user: Account) -> None:
    operations: list[tuple[object, int | None, str]] = [
        ({"op": "patch", "id": 7, "recipe": {"label": 1}}, 7, f"{RECIPES}/7"),
        ({"op": "restore", "id": 8, "recipe": {}}, 8, f"{RECIPES}/8/restore"),
        ({"op": "restore", "id": 2**63}, None, BATCH),
        ({"op": "explode", "id": 9}, None, BATCH),
        ("create", None, BATCH),
    ]
    results = run(client, user, *(operation for operation, _, _ in operations))
    told = [(result["id"], result["problem"]["instance"]) for result in results]
    assert told == [(number, path) for _, number, path in operations]


def test_one_that_the_database_refuses_does_not_stop_the_others(
    client: TestClient, superuser: Account
) -> None:
    create = {"op": "create", "recipe": TOAST}
    nobodys = {"op": "create", "recipe": TOAST | {"submitter_id": 999_999}}
    _assert_same(client, superuser, nobodys, "POST", RECIPES, json=nobodys["recipe"])
    assert statuses(run(client, superuser, create, nobodys, create)) == [201, 409, 201]
    assert labels(client) == ["Toast", "Toast"]


def test_an_atomic_batch_is_done_as_a_whole(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user)
    patch = {"op": "patch", "id": recipe["id"], "recipe": {"notes": "Hot."}}
    results = run(client, user, {"op": "create", "recipe": TOAST}, patch, atomic=True)
    assert statuses(results) == [201, 200]
    assert read(client, recipe["id"])["notes"] == "Hot."
    assert labels(client) == ["Pancakes", "Toast"]


def test_an_atomic_batch_with_one_refusal_does_nothing(
    client: TestClient, user: Account, other_user: Account, database_url: str
) -> None:
    recipe = create_recipe(client, user)
    theirs = create_recipe(client, other_user)
    before = [rows(database_url, table) for table in ("recipe", "recipe_version", "recipe_counter")]
    create = {"op": "create", "recipe": TOAST}
    patch = {"op": "patch", "id": recipe["id"], "recipe": {"notes": "Hot."}}
    for refused, status in (
        ({"op": "delete", "id": theirs["id"]}, 403),
        ({"op": "create", "recipe": {}}, 422),
        (patch | {"if_match": '"x"'}, 412),
    ):
        results = run(client, user, create, patch, refused, create, atomic=True)
        assert statuses(results) == [424, 424, status, 424]
        assert [result["problem"]["status"] for result in results] == statuses(results)
        ids = [None, recipe["id"], refused.get("id"), None]
        assert [result["id"] for result in results] == ids
        of_recipes = [RECIPES if each is None else f"{RECIPES}/{each}" for each in ids]
        assert [result["problem"]["instance"] for result in results] == of_recipes
    after = [rows(database_url, table) for table in ("recipe", "recipe_version", "recipe_counter")]
    assert after == before


def test_a_batch_that_is_none_is_refused(
    client: TestClient, user: Account, database_url: str
) -> None:
    create = {"op": "create", "recipe": TOAST}
    bodies: dict[str, tuple[Any, str]] = {
        "none": ({"operations": []}, "/operations"),
        "too many": ({"operations": [create] * 1001}, "/operations"),
        "no list": ({"operations": create}, "/operations"),
        "missing": ({}, "/operations"),
        "more": ({"operations": [create], "atomic": True}, "/atomic"),
    }
    for body, place in bodies.values():
        assert_invalid(client.post(BATCH, json=body, headers=user.headers), place)
    assert_problem(client.post(BATCH, json=bodies["none"][0]), 401)
    token = create_api_token(client, user, "read")["token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert_problem(client.post(BATCH, json={"operations": [create]}, headers=headers), 403)
    assert len(rows(database_url, "recipe")) == 0


# --- Sizes ---------------------------------------------------------------------------------------


@on_one_database
def test_a_thousand_realistic_recipes(client: TestClient, user: Account, database_url: str) -> None:
    steps = [f"Step {n}: stir, taste and wait until it looks right. " * 4 for n in range(12)]
    lines = [f"{n} cups of flour, sifted twice (see the note below)" for n in range(1, 16)]
    recipe = {"label": "Bread", "steps": steps, "ingredients": lines, "notes": "Rest. " * 100}
    operations = [{"op": "create", "recipe": recipe | {"label": f"Bread {n}"}} for n in range(1000)]
    answer = send(client, user, *operations)
    assert len(answer.request.content) > 4 * MIB - MIB // 4
    assert answer.status_code == 200, answer.text[:1000]
    assert set(statuses(answer.json()["results"])) == {201}
    stored = rows(database_url, "recipe")
    assert [row.label for row in stored] == [f"Bread {n}" for n in range(1000)]
    assert len({row.change_number for row in stored}) == 1000


def test_the_body_of_a_batch_has_a_limit_of_its_own(client: TestClient, user: Account) -> None:
    headers = user.headers | {"Content-Type": "application/json"}
    body = b'{"operations": [{"op": "create", "recipe": {"label": "Toast"}}]}'

    def post(path: str, size: int) -> httpx2.Response:
        return client.post(path, content=body.ljust(size), headers=headers)

    assert post(BATCH, 16 * MIB).status_code == 200
    assert post(f"{BATCH}/", 2 * MIB).status_code == 200
    assert_problem(post(BATCH, 16 * MIB + 1), 413)
    assert_problem(post(RECIPES, MIB + 1), 413)
    assert_problem(post(f"{BATCH}/1", MIB + 1), 413)
