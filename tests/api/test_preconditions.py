"""Versions, entity tags and If-Match: nobody overwrites what they have not seen."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from app.core.bounds import MAX_ETAGS
from app.core.config import Settings
from app.main import create_app
from tests.documents import ODD
from tests.factories import API, Account, create_recipe, create_user, set_superuser
from tests.problems import assert_problem, places_of

RECIPES = f"{API}/recipes"
ME = f"{API}/auth/me"
THREADS = 8
METHODS = ("PUT", "PATCH", "DELETE")


def change(
    client: TestClient, method: str, recipe_id: int, headers: dict[str, str]
) -> httpx2.Response:
    """A change that is right in itself."""
    body = None if method == "DELETE" else {"label": "Changed"}
    return client.request(method, f"{RECIPES}/{recipe_id}", json=body, headers=headers)


def put(client: TestClient, user: Account, recipe_id: int, **members: object) -> httpx2.Response:
    return client.put(f"{RECIPES}/{recipe_id}", json=members, headers=user.headers)


def patch(client: TestClient, user: Account, recipe_id: int, **members: object) -> httpx2.Response:
    return client.patch(f"{RECIPES}/{recipe_id}", json=members, headers=user.headers)


def read(client: TestClient, recipe_id: int) -> dict[str, Any]:
    recipe: dict[str, Any] = client.get(f"{RECIPES}/{recipe_id}").json()
    return recipe


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_change_is_a_new_version(client: TestClient, user: Account, method: str) -> None:
    recipe = create_recipe(client, user)
    changed = change(client, method, recipe["id"], user.headers).json()
    assert changed["version"] == recipe["version"] + 1
    assert changed["created_at"] == recipe["created_at"]
    assert datetime.fromisoformat(changed["updated_at"]) > datetime.fromisoformat(
        recipe["updated_at"]
    )


@pytest.mark.parametrize("document", ODD.values(), ids=ODD.keys())
def test_the_etag_of_a_change_is_that_of_the_recipe(
    client: TestClient, user: Account, document: dict[str, Any]
) -> None:
    recipe = create_recipe(client, user)
    changed = put(client, user, recipe["id"], **document)
    stored = client.get(f"{RECIPES}/{recipe['id']}", headers=user.headers)
    assert changed.headers["etag"] == stored.headers["etag"]
    assert changed.content == stored.content


@pytest.mark.parametrize("document", ODD.values(), ids=ODD.keys())
def test_the_etag_that_was_read_is_the_one_to_send(
    client: TestClient, user: Account, document: dict[str, Any]
) -> None:
    recipe = create_recipe(client, user, **document)
    etag = client.get(f"{RECIPES}/{recipe['id']}", headers=user.headers).headers["etag"]
    assert change(client, "PATCH", recipe["id"], user.headers | {"If-Match": etag}).is_success


@pytest.mark.parametrize("method", METHODS)
def test_the_current_etag_lets_a_change_pass(
    client: TestClient, user: Account, method: str
) -> None:
    recipe = create_recipe(client, user)
    etag = client.get(f"{RECIPES}/{recipe['id']}").headers["etag"]
    assert change(client, method, recipe["id"], user.headers | {"If-Match": etag}).is_success


@pytest.mark.parametrize(
    "template", ['{}, "x"', '"x" , W/"y",{}', "*", " {} ", '"x",, {}', ",{},", "{}, "]
)
def test_if_match_is_a_list(client: TestClient, user: Account, template: str) -> None:
    recipe = create_recipe(client, user)
    etag = client.get(f"{RECIPES}/{recipe['id']}").headers["etag"]
    headers = user.headers | {"If-Match": template.format(etag)}
    assert change(client, "PATCH", recipe["id"], headers).is_success


@pytest.mark.parametrize("template", ['"x"', "W/{}", '"x", W/{}'])
def test_a_mismatch_changes_nothing_and_tells_the_current_etag(
    client: TestClient, user: Account, template: str
) -> None:
    recipe = create_recipe(client, user)
    etag = client.get(f"{RECIPES}/{recipe['id']}").headers["etag"]
    headers = user.headers | {"If-Match": template.format(etag)}
    answer = change(client, "PATCH", recipe["id"], headers)
    assert_problem(answer, 412)
    assert answer.headers["etag"] == etag
    assert read(client, recipe["id"]) == recipe


@pytest.mark.parametrize("method", METHODS)
def test_the_second_of_two_devices_is_told(client: TestClient, user: Account, method: str) -> None:
    recipe = create_recipe(client, user)
    old = client.get(f"{RECIPES}/{recipe['id']}").headers["etag"]
    assert patch(client, user, recipe["id"], notes="of the first device").is_success
    answer = change(client, method, recipe["id"], user.headers | {"If-Match": old})
    assert_problem(answer, 412)
    assert read(client, recipe["id"])["notes"] == "of the first device"


def test_a_broken_if_match_changes_nothing(
    client: TestClient, user: Account, subtests: pytest.Subtests
) -> None:
    recipe = create_recipe(client, user)
    for header in ("x", '"', '"a" "b"', 'w/"a"', '"a", b', "", '"a\0"'):
        with subtests.test(repr(header)):
            answer = change(client, "PATCH", recipe["id"], user.headers | {"If-Match": header})
            assert places_of(assert_problem(answer, 400, 412, 422)) <= {"If-Match"}
    assert read(client, recipe["id"]) == recipe


def test_a_precondition_does_not_tell_what_is_hidden(
    client: TestClient, user: Account, other_user: Account
) -> None:
    recipe = create_recipe(client, user, visibility="private")
    headers = other_user.headers | {"If-Match": '"x"'}
    answer = change(client, "PATCH", recipe["id"], headers)
    assert_problem(answer, 404)
    assert "etag" not in answer.headers


@pytest.mark.parametrize("method", METHODS)
def test_if_none_match_refuses_what_is_there(
    client: TestClient, user: Account, subtests: pytest.Subtests, method: str
) -> None:
    recipe = create_recipe(client, user)
    etag = client.get(f"{RECIPES}/{recipe['id']}").headers["etag"]
    for header in ("*", " * ", etag, f"W/{etag}", f'"x", {etag}'):
        with subtests.test(header):
            headers = user.headers | {"If-None-Match": header}
            answer = change(client, method, recipe["id"], headers)
            assert_problem(answer, 412)
            assert answer.headers["etag"] == etag
    with subtests.test("If-Match comes first, but does not replace it"):
        headers = user.headers | {"If-Match": etag, "If-None-Match": "*"}
        assert_problem(change(client, method, recipe["id"], headers), 412)
    assert read(client, recipe["id"]) == recipe
    headers = user.headers | {"If-None-Match": '"x", W/"y"'}
    assert change(client, method, recipe["id"], headers).is_success


def test_a_list_of_tags_may_come_in_several_lines(
    client: TestClient, user: Account, subtests: pytest.Subtests
) -> None:
    recipe = create_recipe(client, user)
    path = f"{RECIPES}/{recipe['id']}"
    etag = client.get(path).headers["etag"]
    for name in ("If-Match", "If-None-Match"):
        for tags in (('"x"', etag), (etag, '"x"'), ('"x", "y"', f'"z", {etag}')):
            with subtests.test(f"{name}: {tags}"):
                lines = [*user.headers.items(), *((name, tag) for tag in tags)]
                read = client.get(path, headers=lines)
                change = client.patch(path, json={"label": recipe["label"]}, headers=lines)
                if name == "If-Match":
                    assert (read.status_code, change.status_code) == (200, 200)
                else:
                    assert (read.status_code, change.status_code) == (304, 412)


def test_a_broken_if_none_match_changes_nothing(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user)
    for header in ("x", '"', '"a" "b"'):
        answer = change(client, "PATCH", recipe["id"], user.headers | {"If-None-Match": header})
        assert places_of(assert_problem(answer, 422)) == {"If-None-Match"}
    assert read(client, recipe["id"]) == recipe


def test_a_read_may_ask_for_one_representation(
    client: TestClient, user: Account, subtests: pytest.Subtests
) -> None:
    recipe = create_recipe(client, user)
    for path in (f"{RECIPES}/{recipe['id']}", RECIPES, ME):
        etag = client.get(path, headers=user.headers).headers["etag"]
        cases = {
            "*": 200,
            etag: 200,
            f'"x", {etag}': 200,
            '"x"': 412,
            f"W/{etag}": 412,
            # What is no list of tags asks for nothing.
            "broken": 200,
        }
        for header, status in cases.items():
            with subtests.test(f"{path} {header}"):
                answer = client.get(path, headers=user.headers | {"If-Match": header})
                assert answer.status_code == status
                assert answer.headers["etag"] == etag
                if status == 412:
                    assert_problem(answer, 412)
        with subtests.test(f"{path}: If-Match is judged before If-None-Match"):
            both = {"If-Match": '"x"', "If-None-Match": etag}
            assert_problem(client.get(path, headers=user.headers | both), 412)
            both = {"If-Match": etag, "If-None-Match": etag}
            assert client.get(path, headers=user.headers | both).status_code == 304


# --- One's own account ---------------------------------------------------------------------------


def test_the_account_has_preconditions_too(
    client: TestClient, user: Account, subtests: pytest.Subtests
) -> None:
    def send(method: str, **headers: str) -> httpx2.Response:
        given = user.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        body = {"first_name": "Ann"} if method == "PATCH" else None
        return client.request(method, ME, json=body, headers=given)

    etag = send("GET").headers["etag"]
    for method in ("PATCH", "DELETE"):
        for headers in ({"If_Match": '"x"'}, {"If_None_Match": "*"}, {"If_None_Match": etag}):
            with subtests.test(f"{method} {headers}"):
                answer = send(method, **headers)
                assert_problem(answer, 412)
                assert answer.headers["etag"] == etag
    assert send("GET").json()["first_name"] is None
    changed = send("PATCH", If_Match=etag)
    assert changed.status_code == 200
    assert changed.headers["etag"] == send("GET").headers["etag"] != etag
    assert_problem(send("PATCH", If_Match=etag), 412)
    assert_problem(send("DELETE", If_Match=etag), 412)
    assert send("PATCH", If_None_Match=etag).status_code == 200
    assert send("DELETE", If_Match=send("GET").headers["etag"]).status_code == 204


# --- Where they are required ---------------------------------------------------------------------


def test_a_setting_requires_if_match(settings: Settings, subtests: pytest.Subtests) -> None:
    app = create_app(settings.model_copy(update={"require_if_match": True}))
    with TestClient(app, raise_server_exceptions=False) as client:
        user, other_user = create_user(client), create_user(client)
        recipe = create_recipe(client, user)
        private = create_recipe(client, user, visibility="private")
        path = f"{RECIPES}/{recipe['id']}"
        for method in METHODS:
            with subtests.test(method):
                assert_problem(change(client, method, recipe["id"], user.headers), 428)
                none_match = user.headers | {"If-None-Match": '"x"'}
                assert_problem(change(client, method, recipe["id"], none_match), 428)
                assert_problem(change(client, method, recipe["id"], other_user.headers), 403)
                assert_problem(change(client, method, private["id"], other_user.headers), 404)
                assert_problem(change(client, method, 999_999, user.headers), 404)
        with subtests.test("restore of a version"):
            # The setting is for PUT, PATCH and DELETE; a restore loses nothing.
            restore = f"{path}/versions/1/restore"
            assert client.post(restore, headers=user.headers).status_code == 200
        with subtests.test("batch"):
            _change_in_a_batch(client, user, other_user, recipe, private)
        for method in METHODS:
            with subtests.test(f"{method} with If-Match"):
                etag = client.get(path).headers["etag"]
                headers = user.headers | {"If-Match": etag}
                assert change(client, method, recipe["id"], headers).is_success


def test_a_setting_requires_if_match_for_accounts(
    settings: Settings, database_url: str, subtests: pytest.Subtests
) -> None:
    app = create_app(settings.model_copy(update={"require_if_match": True}))
    with TestClient(app, raise_server_exceptions=False) as client:
        user, superuser = create_user(client), create_user(client)
        set_superuser(database_url, superuser)
        for path, account in ((ME, user), (f"{API}/users/{user.id}", superuser)):
            for method in ("PATCH", "DELETE"):
                with subtests.test(f"{method} {path}"):
                    body = None if method == "DELETE" else {"surname": path}
                    answer = client.request(method, path, json=body, headers=account.headers)
                    assert_problem(answer, 428)
        for path, account in ((f"{API}/users/{user.id}", superuser), (ME, user)):
            etag = client.get(ME, headers=user.headers).headers["etag"]
            headers = account.headers | {"If-Match": etag}
            answer = client.patch(path, json={"surname": path}, headers=headers)
            assert answer.status_code == 200
            assert_problem(client.patch(path, json={"surname": ""}, headers=headers), 412)


def _change_in_a_batch(
    client: TestClient,
    user: Account,
    other_user: Account,
    recipe: dict[str, Any],
    private: dict[str, Any],
) -> None:
    def statuses(account: Account, if_match: str | None = None) -> list[int]:
        changes = ({"op": "patch", "recipe": {"notes": "Hot."}}, {"op": "tag", "tags": ["a"]})
        operations = [
            operation | {"id": each["id"], "if_match": if_match}
            for each in (recipe, private)
            for operation in (*changes, {"op": "delete"})
        ]
        body = {"operations": operations}
        answer = client.post(f"{RECIPES}/batch", json=body, headers=account.headers)
        return [result["status"] for result in answer.json()["results"]]

    assert statuses(user) == [428] * 6
    assert statuses(other_user) == [403] * 3 + [404] * 3
    etag = client.get(f"{RECIPES}/{recipe['id']}").headers["etag"]
    assert statuses(user, etag) == [200] + [412] * 5


# --- At once -------------------------------------------------------------------------------------


def test_parallel_changes_without_a_precondition_all_succeed(
    client: TestClient, user: Account
) -> None:
    recipe = create_recipe(client, user)

    def add(number: int) -> int:
        return patch(client, user, recipe["id"], extras={str(number): number}).status_code

    with ThreadPoolExecutor(10) as threads:
        assert set(threads.map(add, range(10))) == {200}
    changed = read(client, recipe["id"])
    assert changed["extras"] == {str(number): number for number in range(10)}
    assert changed["version"] == recipe["version"] + 10


@pytest.mark.parametrize("method", METHODS)
def test_of_parallel_changes_with_one_etag_one_succeeds(
    client: TestClient, user: Account, method: str
) -> None:
    recipe = create_recipe(client, user)
    etag = client.get(f"{RECIPES}/{recipe['id']}").headers["etag"]
    headers = user.headers | {"If-Match": etag}

    def try_it(_: int) -> int:
        return change(client, method, recipe["id"], headers).status_code

    with ThreadPoolExecutor(8) as threads:
        statuses = sorted(threads.map(try_it, range(8)))
    success, failure = (204, 404) if method == "DELETE" else (200, 412)
    assert statuses == [success] + [failure] * 7


def test_a_counter_behind_etags_loses_nothing(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, extras={"count": 0})
    path = f"{RECIPES}/{recipe['id']}"

    def count(_: int) -> list[int]:
        statuses = []
        for _ in range(20):
            before = client.get(path)
            body = {"extras": {"count": before.json()["extras"]["count"] + 1}}
            headers = user.headers | {"If-Match": before.headers["etag"]}
            statuses.append(client.patch(path, json=body, headers=headers).status_code)
        return statuses

    with ThreadPoolExecutor(THREADS) as threads:
        statuses = [status for each in threads.map(count, range(THREADS)) for status in each]
    assert set(statuses) <= {200, 412}
    changed = read(client, recipe["id"])
    assert changed["extras"]["count"] == statuses.count(200)
    assert changed["version"] == 1 + statuses.count(200)


def test_parallel_changes_of_a_list_never_double_it(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user)
    for number in range(5):
        members = {
            "ingredients": [f"{number + 1} cups flour", f"{number + 1} eggs"],
            "steps": [f"Mix {number}.", "Bake."],
            "tags": [f"round {number}", "quick"],
        }
        with ThreadPoolExecutor(3) as threads:
            sent = [threads.submit(patch, client, user, recipe["id"], **members) for _ in range(3)]
        assert {each.result().status_code for each in sent} == {200}
        stored = read(client, recipe["id"])
        for name, values in members.items():
            text = "name" if name == "tags" else "text"
            assert [part[text] for part in stored[name]] == values


def test_a_list_of_etags_is_bounded(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user)
    path = f"{API}/recipes/{recipe['id']}"
    etag = client.get(path).headers["etag"]
    for count, statuses in ((MAX_ETAGS, (304, 200)), (MAX_ETAGS + 1, (200, 422))):
        tags = ", ".join([etag] * count)
        read = client.get(path, headers={"If-None-Match": tags})
        headers = user.headers | {"If-Match": tags}
        written = client.patch(path, json={}, headers=headers)
        assert (read.status_code, written.status_code) == statuses
