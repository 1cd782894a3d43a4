"""Input that nobody sends by accident: refused, explained, never repeated and never our fault."""

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import hypothesis
import pytest
from fastapi.testclient import TestClient
from hypothesis import strategies as st

from tests.documents import document_of
from tests.factories import API, PASSWORD, Account, create_recipe
from tests.problems import assert_invalid, assert_problem

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


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_json_is_refused(client: TestClient, user: Account, body: bytes) -> None:
    for path in (RECIPES, SIGNUP):
        answer = client.post(path, content=body, headers=user.headers | JSON)
        assert_problem(answer, 400, 422)
        assert MARK not in answer.text


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
    "white space": ('{"label": " \\n\\t\\u00a0\\u2003"}', "/label"),
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


@pytest.mark.parametrize(("body", "place"), WRONG.values(), ids=WRONG.keys())
def test_what_is_no_recipe_is_refused(
    client: TestClient, user: Account, body: str, place: str
) -> None:
    answer = post_raw(client, user, body.encode())
    assert_invalid(answer, place)
    assert MARK not in answer.text
    assert "99999" not in answer.text


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_change_is_checked_as_a_new_recipe_is(
    client: TestClient, user: Account, method: str
) -> None:
    recipe = create_recipe(client, user)
    path = f"{RECIPES}/{recipe['id']}"
    for name, (body, place) in WRONG.items():
        if (method, name) == ("PATCH", "null for a list"):
            continue  # It empties the list.
        answer = client.request(method, path, content=body, headers=user.headers | JSON)
        if name == "10^20 as an id" or name == "true as an id":
            assert_problem(answer, 422)
        else:
            assert_invalid(answer, place)
        assert MARK not in answer.text
    for body_bytes in BROKEN.values():
        answer = client.request(method, path, content=body_bytes, headers=user.headers | JSON)
        assert_problem(answer, 400, 422)
        assert MARK not in answer.text
    assert client.get(path).json() == recipe


@pytest.mark.parametrize(
    "member",
    ["id", "version", "submitter_id", "created_at", "updated_at"],
)
def test_a_read_only_member_may_be_anything(client: TestClient, user: Account, member: str) -> None:
    path = f"{RECIPES}/{create_recipe(client, user)['id']}"
    values: tuple[Any, ...] = (HUGE, -1, 1.5, "x", "", [], {}, True, "NaN", 1e300)
    for value in (*values, "9999-12-31T23:59:59-23:59"):
        answer = client.put(path, json={"label": "x", member: value}, headers=user.headers)
        assert_problem(answer, 412, 422)


@pytest.mark.parametrize("brackets", [("[", "]"), ('{"a":', "}")], ids=["lists", "objects"])
def test_depth_is_stored_or_refused(
    client: TestClient, user: Account, brackets: tuple[str, str]
) -> None:
    for depth in (
        50,
        100,
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
            assert depth > 100


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


@pytest.mark.parametrize(
    "body",
    [
        {"email": "no address", "password": SECRET},
        {"email": "a@example.com", "password": [SECRET]},
        {"email": "a@example.com", "password": {"value": SECRET}},
        {"email": "a@example.com", "password": SECRET * 100},
        {"email": SECRET, "password": "short"},
        {"email": "a@example.com", "password": f"{SECRET}\0" * 100},
        {"password": SECRET},
        {"email": {"password": SECRET}},
        [SECRET],
        SECRET,
    ],
    ids=[
        "e-mail",
        "list",
        "object",
        "long",
        "as e-mail",
        "NUL",
        "alone",
        "nested",
        "array",
        "text",
    ],
)
def test_a_password_is_never_repeated(client: TestClient, body: object) -> None:
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


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"", "application/x-www-form-urlencoded"),
        (b"username=a%00b&password=x", "application/x-www-form-urlencoded"),
        (b"username=%ED%A0%80@example.com&password=%ff%fe", "application/x-www-form-urlencoded"),
        (b"username=%zz&password=%", "application/x-www-form-urlencoded"),
        (b"username=\xff&password=\xfe", "application/x-www-form-urlencoded"),
        (b"username=" + b"a" * 100_000 + b"&password=x", "application/x-www-form-urlencoded"),
        (b"a&" * 2000, "application/x-www-form-urlencoded"),
        (b"username=a&password=b", "multipart/form-data"),
        (b"username=a&password=b", "multipart/form-data; boundary=x"),
        (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x"),
        (
            b'--x\r\nContent-Disposition: form-data; name="username"; filename="f"\r\n\r\na\r\n'
            b'--x\r\nContent-Disposition: form-data; name="password"\r\n\r\nb\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
        ),
        (b'{"username": "a", "password": "b"}', "application/json"),
        (b"username=a&password=b", "text/plain"),
        (b"\x00\x01\x02", ""),
    ],
    ids=["empty", "NUL", "surrogate", "percent", "bytes", "long", "many", "no boundary", "no parts"]
    + ["broken part", "file", "JSON", "text", "no type"],
)
def test_a_login_form_of_any_kind(client: TestClient, content: bytes, media_type: str) -> None:
    answer = client.post(LOGIN, content=content, headers={"Content-Type": media_type})
    assert_problem(answer, 400, 401, 415, 422)


# --- Paths, parameters and headers ---------------------------------------------------------------


NO_IDS = [
    "01",
    "+1",
    "%201",
    "1.0",
    "1_0",
    "1%20",
    "0",
    "-1",
    "1.5",
    "1e3",
    "none",
    "%00",
    "%ff",
    "%ED%A0%80",
    "%zz",
    "%",
    "1%00",
    "1;2",
]
NO_IDS += ["%2e%2e", str(HUGE), str(2**63), str(2**63 - 1), str(2**31), "9" * 5000, "١", "0x1"]
NO_IDS += ["''", "1%20OR%201=1"]


@pytest.mark.parametrize("path", [RECIPES, f"{API}/users", "/recipes"])
def test_an_id_that_is_none(client: TestClient, user: Account, path: str) -> None:
    for _ in range(10):  # Else nobody sees that 1_0 is 10.
        create_recipe(client, user)
    for reference in NO_IDS:
        assert_problem(client.get(f"{path}/{reference}"), 404, 422)


def test_a_write_to_an_id_that_is_none(client: TestClient, user: Account) -> None:
    for reference in ("0", "-1", "none", "%00", str(HUGE), str(2**63 - 1), "9" * 5000):
        for method in ("PUT", "PATCH", "DELETE"):
            body = None if method == "DELETE" else {"label": "x"}
            path = f"{RECIPES}/{reference}"
            answer = client.request(method, path, json=body, headers=user.headers)
            assert_problem(answer, 404, 422)


ODD_VALUES = ["%00%00%00", "%ED%A0%80abc", "%ff%fe%fd", "%zz%", "%25%25%25", "___", "%5C%5C%5C"]
ODD_VALUES += [
    "%CC%81" * 3,
    "%27;--%20",
    "%F0%9F%8D%AE" * 3,
    "a" * 1000,
    str(HUGE),
    "%0a%0d%09",
    "+++",
]


@pytest.mark.parametrize(
    ("path", "name"),
    [("/search", "keyword"), ("", "source"), ("", "url"), ("", "cursor"), ("", "submitter_id")],
)
def test_a_parameter_of_any_kind(client: TestClient, user: Account, path: str, name: str) -> None:
    create_recipe(client, user)
    for value in ODD_VALUES:
        answer = client.get(f"{RECIPES}{path}?{name}={value}")
        if answer.status_code == 200:
            assert answer.json().get("results") in (None, [])  # No keyword of these is in it.
        else:
            assert_invalid(answer, name)


def test_an_unknown_parameter_is_named_and_its_value_is_not(client: TestClient) -> None:
    answer = client.get(f"{RECIPES}?password={MARK}&{'x' * 100}={MARK}")
    assert_invalid(answer, "password", "x" * 64)
    assert MARK not in answer.text


def test_a_query_of_any_kind(client: TestClient) -> None:
    for query in (
        "limit=1&limit=2",
        "&&&",
        "=",
        "=1",
        "limit",
        "%00=1",
        "%ED%A0%80=1",
        "a" * 20_000,
    ):
        answer = client.get(f"{RECIPES}?{query}")
        if answer.status_code != 200:
            assert_problem(answer, 400, 414, 422)


@pytest.mark.parametrize(
    "name",
    ["Accept", "Accept-Encoding", "Accept-Language", "Content-Type", "Content-Length", "Cookie"]
    + ["Forwarded", "If-Match", "If-None-Match", "If-Modified-Since", "Origin", "Range", "Referer"]
    + ["X-Forwarded-For", "X-Forwarded-Host", "X-HTTP-Method-Override", "X-Request-ID", "Expect"],
)
def test_a_header_of_any_kind(client: TestClient, name: str) -> None:
    for value in (b"\xff\xfe", b"\x7f", b"a" * 10_000, b'"', b",,,", b"%00", b"-1"):
        header = (name.encode(), value)
        for path in ("/", RECIPES, "/nothing"):
            assert client.get(path, headers=[header]).status_code in (200, 404)
        headers = [(b"Content-Type", b"application/json"), header]
        assert_problem(client.post(SIGNUP, content=b"{}", headers=headers), 400, 413, 415, 422)


ODD_PATHS = [
    "/../../etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/..%2f..%2fpages.py",
    "/%00",
    "/%ff",
]
ODD_PATHS += ["//", "/" + "a" * 5000, "/style.css%00.html", "\\..\\pages.py"]


@pytest.mark.parametrize("root", ["/static", "/docs/assets", "/problems", "/recipes", "/api/v1"])
def test_a_path_of_any_kind(client: TestClient, root: str) -> None:
    for path in ODD_PATHS:
        answer = client.get(root + path)
        assert_problem(answer, 404)
        assert "root:" not in answer.text


# --- Whatever there is ---------------------------------------------------------------------------

EXPLORE = hypothesis.settings(
    max_examples=40,
    deadline=None,  # Nothing here is about speed.
    derandomize=True,  # A change is judged by the same examples as the one before.
    database=None,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)

# All characters but those that the schema refuses; half a surrogate pair is none.
characters = st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t")
texts = st.text(characters, min_size=1, max_size=40).filter(lambda text: not text.isspace())
numbers = st.integers(0, 10**9) | st.floats(0, 10**9, allow_nan=False)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4)
)
maybe = st.none() | texts
minutes = st.none() | st.integers(0, 10_000)
lines = st.fixed_dictionaries(
    {"text": texts},
    optional={
        "section": maybe,
        "quantity": st.none() | numbers,
        "quantity_max": st.none() | numbers,
        "unit": maybe,
        "food": maybe,
        "note": maybe,
        "optional": st.booleans(),
    },
)
steps = st.fixed_dictionaries(
    {"text": texts}, optional={"section": maybe, "name": maybe, "minutes": minutes}
)
tags = st.fixed_dictionaries(
    {"kind": st.sampled_from(["keyword", "cuisine", "diet"]), "name": texts}
)
documents = st.fixed_dictionaries(
    {"label": texts},
    optional={
        "description": maybe,
        "source": maybe,
        "author": maybe,
        "yield_text": maybe,
        "notes": maybe,
        "url": st.sampled_from(
            [None, "https://example.com/ä?q=%C3%A4&x=1#y", "http://[::1]:8080/"]
        ),
        "language": st.sampled_from([None, "en", "zh-Hant-TW", "sr-Latn"]),
        "servings": st.none() | numbers.filter(lambda number: number > 0),
        "prep_minutes": minutes,
        "cook_minutes": minutes,
        "total_minutes": minutes,
        "tags": st.lists(tags | texts, max_size=4),
        "ingredients": st.lists(lines | texts, max_size=4),
        "steps": st.lists(steps | texts, max_size=4),
        "nutrition": st.none() | st.fixed_dictionaries({}, optional={"fat_g": numbers}),
        "extras": st.dictionaries(texts, values, max_size=4),
        "visibility": st.sampled_from(["public", "unlisted"]),
    },
)


@EXPLORE
@hypothesis.given(document=documents)
def test_a_document_goes_round(client: TestClient, user: Account, document: dict[str, Any]) -> None:
    posted = client.post(RECIPES, json=document, headers=user.headers)
    assert posted.status_code == 201, posted.text
    path = posted.headers["location"]
    read = client.get(path)
    assert read.content == posted.content
    put = client.put(
        path, json=read.json(), headers=user.headers | {"If-Match": read.headers["etag"]}
    )
    assert put.status_code == 200, put.text
    assert document_of(client.get(path).json()) == document_of(read.json())
    assert client.get(f"/recipes/{posted.json()['id']}").status_code == 200


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
)
members = st.sampled_from(sorted(document_of(dict.fromkeys(["label", "tags", "steps", "extras"]))))


@EXPLORE
@hypothesis.given(body=anything | st.dictionaries(members, anything))
def test_anything_is_accepted_or_refused(client: TestClient, user: Account, body: object) -> None:
    answer = post_raw(client, user, json.dumps(body).encode("utf-8", "surrogatepass"))
    if answer.status_code == 201:
        assert client.get(answer.headers["location"]).content == answer.content
    else:
        assert_problem(answer, 400, 422)


@EXPLORE
@hypothesis.given(body=st.binary(max_size=200))
def test_any_bytes_are_accepted_or_refused(client: TestClient, user: Account, body: bytes) -> None:
    assert_problem(post_raw(client, user, body), 400, 422)


@pytest.fixture(autouse=True)
def _still_answers(client: TestClient) -> Iterator[None]:
    """Whatever was sent, the next request is served."""
    yield
    assert client.get("/readyz").status_code == 200
    body = {"email": "next@example.com", "password": PASSWORD}
    assert client.post(SIGNUP, json=body).status_code == 201
