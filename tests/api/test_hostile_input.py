"""Input that nobody sends by accident: refused, explained, never repeated and never our fault."""

from collections.abc import Callable, Iterator

import httpx2
import pytest
from fastapi.testclient import TestClient

from tests.costs import assert_linear
from tests.documents import READ_ONLY
from tests.factories import API, PASSWORD, Account, create_recipe
from tests.problems import assert_invalid, assert_problem, places_of

RECIPES, SIGNUP, LOGIN = f"{API}/recipes", f"{API}/auth/signup", f"{API}/auth/login"
JSON = {"Content-Type": "application/json"}
MARK = "an-unmistakable-mark"
HUGE = 10**20


def post_raw(client: httpx2.Client, user: Account, body: bytes) -> httpx2.Response:
    return client.post(RECIPES, content=body, headers=user.headers | JSON)


def nested(depth: int, opening: str = "[", closing: str = "]", core: str = "") -> str:
    return opening * depth + core + closing * depth


# --- Bodies that are no JSON ---------------------------------------------------------------------

BROKEN = {
    "empty": b"",
    "white space": b" \n\t",
    "half": b'{"label": "' + MARK.encode(),
    "no quotes": b"{label: " + MARK.encode() + b"}",
    "two values": b'{"label": "%s"} {}' % MARK.encode(),
    "trailing comma": b'{"label": "%s",}' % MARK.encode(),
    "lone surrogate": b'{"label": "%s \\ud800"}' % MARK.encode(),
    "lone low surrogate": b'{"label": "%s \\udc00 x"}' % MARK.encode(),
    "surrogate in a name": b'{"label": "x", "%s\\udfff": 1}' % MARK.encode(),
    "NaN": b'{"label": "%s", "servings": NaN}' % MARK.encode(),
    "Infinity": b'{"label": "%s", "servings": Infinity}' % MARK.encode(),
    "-Infinity": b'{"label": "%s", "servings": -Infinity}' % MARK.encode(),
    "NaN in extras": b'{"label": "x", "extras": {"%s": NaN}}' % MARK.encode(),
    "invalid UTF-8": b'{"label": "%s \xff\xfe"}' % MARK.encode(),
    "UTF-8 of a surrogate": b'{"label": "%s \xed\xa0\x80"}' % MARK.encode(),
    "overlong UTF-8": b'{"label": "%s \xc0\xaf"}' % MARK.encode(),
    "UTF-16": '{"label": "x"}'.encode("utf-16"),
    "raw control character": b'{"label": "%s\n\x01"}' % MARK.encode(),
    "raw NUL": b'{"label": "%s\x00"}' % MARK.encode(),
    "900 deep": nested(900, '{"a":', "}", f'"{MARK}"').encode(),
    "100,000 deep": b"[" * 100_000,
    "a form": f"label={MARK}".encode(),
}


@pytest.mark.parametrize("path", [RECIPES, SIGNUP])
def test_what_is_no_json_is_refused(
    client: TestClient, user: Account, path: str, subtests: pytest.Subtests
) -> None:
    for name, body in BROKEN.items():
        with subtests.test(name):
            answer = client.post(path, content=body, headers=user.headers | JSON)
            assert_problem(answer, 400, 422)
            assert MARK not in answer.text


# --- Letters with very many marks ----------------------------------------------------------------

MARKS = "\u0301\u0316"


def test_marks_take_time_by_their_number_alone(
    client: TestClient, user: Account, subtests: pytest.Subtests
) -> None:
    requests: dict[str, Callable[[str], httpx2.Response]] = {
        "lines": lambda text: client.post(f"{API}/ingredients/parse", json={"lines": [text]}),
        "log-in": lambda text: client.post(LOGIN, data={"username": text, "password": PASSWORD}),
        "password": lambda text: client.post(LOGIN, data={"username": "a@b.c", "password": text}),
        "sign-up": lambda text: client.post(SIGNUP, json={"email": text, "password": text}),
        "recipe": lambda text: client.post(
            RECIPES, json={"label": text, "tags": [text], "notes": text}, headers=user.headers
        ),
        "search": lambda text: client.get(RECIPES, params={"q": text[:4000]}),
        "import": lambda text: client.post(
            f"{RECIPES}/import",
            json={"text": f"{text}\n\nIngredients\n\n1 {text}"},
            headers=user.headers,
        ),
    }
    for name, request in requests.items():
        with subtests.test(name):

            def ask(size: int, request: Callable[[str], httpx2.Response] = request) -> None:
                assert request("a" + MARKS * size).status_code in (401, 422, 429, 200)

            assert_linear(ask, 32_000, smallest=4000)


# --- JSON that is no recipe ----------------------------------------------------------------------

WRONG: dict[str, tuple[str, str]] = {
    "NUL": (f'{{"label": "{MARK}\\u0000"}}', "/label"),
    "bell": (f'{{"label": "{MARK}\\u0007"}}', "/label"),
    "escape": (f'{{"label": "x", "notes": "{MARK}\\u001b[31m"}}', "/notes"),
    "delete": (f'{{"label": "{MARK}\\u007f"}}', "/label"),
    "next line": (f'{{"label": "{MARK}\\u0085"}}', "/label"),
    "a C1 control": (f'{{"label": "{MARK}\\u009b"}}', "/label"),
    "NUL in a tag": (f'{{"label": "x", "tags": ["{MARK}\\u0000"]}}', "/tags/0/name"),
    "NUL in extras": (f'{{"label": "x", "extras": {{"a": ["{MARK}\\u0000"]}}}}', "/extras"),
    "NUL in a name of extras": (f'{{"label": "x", "extras": {{"{MARK}\\u0000": 1}}}}', "/extras"),
    "NUL in a URL": (f'{{"label": "x", "url": "https://a.example/{MARK}\\u0000"}}', "/url"),
    "1e999": ('{"label": "x", "servings": 1e999}', "/servings"),
    "1e999 in extras": ('{"label": "x", "extras": {"a": [1e999]}}', "/extras"),
    "10^20": (f'{{"label": "x", "prep_minutes": {HUGE}}}', "/prep_minutes"),
    "10^20 in extras": (f'{{"label": "x", "extras": {{"a": {HUGE}}}}}', "/extras"),
    "10^20 as an id": (f'{{"label": "x", "submitter_id": {HUGE}}}', "/submitter_id"),
    "10^20 servings": (f'{{"label": "x", "servings": {HUGE}}}', "/servings"),
    "4,000 digits": ('{"label": "x", "cook_minutes": ' + "9" * 4000 + "}", "/cook_minutes"),
    "2^31": (f'{{"label": "x", "total_minutes": {2**31}}}', "/total_minutes"),
    "negative": ('{"label": "x", "total_minutes": -1}', "/total_minutes"),
    "half a minute": ('{"label": "x", "total_minutes": 1.5}', "/total_minutes"),
    "true as a number": ('{"label": "x", "servings": true}', "/servings"),
    "false as minutes": ('{"label": "x", "prep_minutes": false}', "/prep_minutes"),
    "true as an id": ('{"label": "x", "submitter_id": true}', "/submitter_id"),
    "1 as a boolean": (
        '{"label": "x", "ingredients": [{"text": "x", "optional": 1}]}',
        "/ingredients/0/optional",
    ),
    "text as a number": (f'{{"label": "x", "servings": "{MARK}"}}', "/servings"),
    "digits as a number": ('{"label": "x", "prep_minutes": "5"}', "/prep_minutes"),
    "number as text": ('{"label": 5}', "/label"),
    "list as text": (f'{{"label": ["{MARK}"]}}', "/label"),
    "object as a list": (f'{{"label": "x", "steps": {{"0": "{MARK}"}}}}', "/steps"),
    "text as a list": (f'{{"label": "x", "tags": "{MARK}"}}', "/tags"),
    "list as an object": ('{"label": "x", "extras": []}', "/extras"),
    "null in a list": ('{"label": "x", "tags": [null]}', "/tags/0"),
    "null for a list": ('{"label": "x", "steps": null}', "/steps"),
    "null for the label": ('{"label": null}', "/label"),
    "5,000 characters": ('{"label": "' + MARK * 250 + '"}', "/label"),
    "a blank label": ('{"label": " \\n\\t\\u00a0\\u2003"}', "/label"),
    "an invisible label": ('{"label": "\\u200b\\u3164\\u2800\\u202e\\ufe0f"}', "/label"),
    "an invisible tag": ('{"label": "x", "tags": ["\\u200b"]}', "/tags/0/name"),
    "an invisible line": ('{"label": "x", "ingredients": ["\\u00ad"]}', "/ingredients/0/text"),
    "unknown member": (f'{{"label": "x", "colour": "{MARK}"}}', "/colour"),
    "a method as a member": ('{"label": "x", "__class__": 1}', "/__class__"),
    "150 deep in the label": ('{"label": ' + nested(150) + "}", "/label"),
    "a script as a URL": (f'{{"label": "x", "url": "javascript:{MARK}"}}', "/url"),
    "a file as a URL": (f'{{"label": "x", "url": "file:///{MARK}"}}', "/url"),
    "no host": ('{"label": "x", "url": "http://"}', "/url"),
    "a port that is none": ('{"label": "x", "url": "http://a.example:99999/"}', "/url"),
    "spaces in a URL": ('{"label": "x", "url": "https://a.example/a b"}', "/url"),
    "a broken IPv6 address": ('{"label": "x", "url": "http://[::1/"}', "/url"),
}


def test_what_is_no_recipe_is_refused(
    client: TestClient, user: Account, subtests: pytest.Subtests
) -> None:
    for name, (body, place) in WRONG.items():
        with subtests.test(name):
            answer = post_raw(client, user, body.encode())
            assert_invalid(answer, place)
            assert MARK not in answer.text
            assert "99999" not in answer.text
    assert client.get(RECIPES).json()["items"] == []


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_change_is_checked_as_a_new_recipe_is(
    client: TestClient, user: Account, method: str, subtests: pytest.Subtests
) -> None:
    recipe = create_recipe(client, user)
    path = f"{RECIPES}/{recipe['id']}"
    bodies = {name: body.encode() for name, (body, _) in WRONG.items()} | BROKEN
    if method == "PATCH":
        del bodies["null for a list"]  # It empties the list.
    for name, body in bodies.items():
        with subtests.test(name):
            answer = client.request(method, path, content=body, headers=user.headers | JSON)
            document = assert_problem(answer, 400, 422)
            if name in WRONG:
                assert places_of(document) == {WRONG[name][1]}
            assert MARK not in answer.text
    assert client.get(path).json() == recipe


def test_a_read_only_member_may_be_anything(
    client: TestClient, user: Account, subtests: pytest.Subtests
) -> None:
    path = f"{RECIPES}/{create_recipe(client, user)['id']}"
    values = [HUGE, -1, 1.5, "x", "", [], {}, True, "9999-12-31T23:59:59-23:59", "NaN", 1e300]
    for member in sorted(READ_ONLY):
        for value in values:
            # The user and the recipe are both the first: True must not be taken for 1.
            with subtests.test(f"{member} {value!r}"):
                answer = client.put(path, json={"label": "x", member: value}, headers=user.headers)
                assert_problem(answer, 412, 422)


@pytest.mark.parametrize("brackets", [("[", "]"), ('{"a":', "}")], ids=["lists", "objects"])
def test_depth_is_stored_or_refused(
    client: TestClient, user: Account, brackets: tuple[str, str]
) -> None:
    for depth in (
        10,
        20,
        21,
        50,
        124,
        125,
        126,
        127,
        128,
        150,
        195,
        198,
        199,
        200,
        201,
        253,
        254,
        255,
        500,
    ):
        body = '{"label": "x", "extras": {"a": ' + nested(depth, *brackets, core="1") + "}}"
        answer = post_raw(client, user, body.encode())
        if answer.status_code == 201:
            path = answer.headers["location"]
            assert client.get(path).content == answer.content
            assert client.get(f"{RECIPES}/my-recipes", headers=user.headers).status_code == 200
            changed = client.patch(path, json={"notes": "x"}, headers=user.headers)
            assert changed.status_code == 200
            assert changed.json()["extras"] == answer.json()["extras"]
        else:
            assert_problem(answer, 400, 422)
            assert depth > 20


def test_the_last_of_duplicate_members_counts_or_none(client: TestClient, user: Account) -> None:
    answer = post_raw(client, user, b'{"label": "first", "label": "last"}')
    assert answer.status_code in (201, 400, 422)
    if answer.status_code == 201:
        assert client.get(answer.headers["location"]).json()["label"] == "last"


def test_600_kib_are_too_much_for_a_recipe(client: TestClient, user: Account) -> None:
    answer = client.post(
        RECIPES, json={"label": "x", "extras": {"a": "x" * 600 * 1024}}, headers=user.headers
    )
    assert_problem(answer, 413, 422)


def test_500_kib_are_not(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, extras={"a": "x" * 500 * 1024})
    assert client.get(f"{RECIPES}/{recipe['id']}").json() == recipe


# --- Passwords -----------------------------------------------------------------------------------

SECRET = "correct-horse-77"


LEAKS: dict[str, object] = {
    "beside a wrong e-mail": {"email": "no address", "password": SECRET},
    "in a list": {"email": "a@example.com", "password": [SECRET]},
    "in an object": {"email": "a@example.com", "password": {"value": SECRET}},
    "too long": {"email": "a@example.com", "password": SECRET * 100},
    "as the e-mail": {"email": SECRET, "password": "short"},
    "with NUL": {"email": "a@example.com", "password": f"{SECRET}\0" * 100},
    "alone": {"password": SECRET},
    "misplaced": {"email": {"password": SECRET}},
    "in an array": [SECRET],
    "as text": SECRET,
}


def test_a_password_is_never_repeated(client: TestClient, subtests: pytest.Subtests) -> None:
    for name, body in LEAKS.items():
        with subtests.test(name):
            answer = client.post(SIGNUP, json=body)
            assert_problem(answer, 422)
            assert SECRET not in answer.text


@pytest.mark.parametrize("password", ["seven\0wooden spoons", "\u0007" * 8, "\ufffe" * 8])
def test_a_password_with_odd_characters_works_or_is_refused(
    client: TestClient, password: str
) -> None:
    answer = client.post(SIGNUP, json={"email": "a@example.com", "password": password})
    if answer.status_code == 201:
        login = client.post(LOGIN, data={"username": "a@example.com", "password": password})
        assert login.status_code == 200
    else:
        assert_problem(answer, 422)


@pytest.fixture(autouse=True)
def _still_answers(client: TestClient) -> Iterator[None]:
    """Whatever was sent, the next request is served."""
    yield
    assert client.get("/readyz").status_code == 200
    body = {"email": "next@example.com", "password": PASSWORD}
    assert client.post(SIGNUP, json=body).status_code == 201
