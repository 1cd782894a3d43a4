"""What a body may cost beyond its bytes: fields of a form, texts of its parts, values of JSON."""

import gzip
import time
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from app.core.bounds import (
    INLINE_BODY,
    MAX_BATCH_BODY,
    MAX_BATCH_VALUES,
    MAX_BODY,
    MAX_FAILED_ITEMS,
    MAX_FORM_FIELDS,
    MAX_FORM_TEXT,
    MAX_JSON_VALUES,
    MIB,
)
from tests.api.test_import import PASTED
from tests.factories import API, PASSWORD, Account, create_recipe
from tests.problems import assert_invalid, assert_problem
from tests.web.browser import BROWSER, Page, enter, on_one_database, page

pytestmark = on_one_database

LOGIN, PARSE = f"{API}/auth/login", f"{API}/ingredients/parse"
RECIPES, BATCH = f"{API}/recipes", f"{API}/recipes/batch"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}


# --- Forms ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/import", f"{RECIPES}/import", BATCH, LOGIN, "/recipes/new"])
@pytest.mark.parametrize(
    "media_type", [FORM["Content-Type"], "Application/X-WWW-Form-Urlencoded ;x"]
)
def test_an_urlencoded_form_has_a_mebibyte_on_every_path(
    client: TestClient, user: Account, path: str, media_type: str
) -> None:
    headers = user.headers | {"Content-Type": media_type}
    body = b"a" * (MAX_BODY + 1)
    enter(client, user)
    # An import and a batch are refused unread, since they are never such a form.
    assert_problem(client.post(path, content=body, headers=headers), 413, 415)
    chunks = (body[start : start + 65536] for start in range(0, len(body), 65536))
    assert_problem(client.post(path, content=chunks, headers=headers), 413, 415)


def test_a_form_of_many_fields_is_refused(client: TestClient, user: Account) -> None:
    enter(client, user)
    for body in (b"a=b&" * MAX_FORM_FIELDS, b"&" * MAX_BODY):
        assert_problem(client.post(LOGIN, content=body, headers=FORM), 422)
        answer = client.post("/recipes/new", content=body, headers=FORM | BROWSER)
        assert answer.status_code == 422
        assert f"{MAX_FORM_FIELDS} fields" in Page(answer).text


FORMS: dict[str, bytes] = {
    "plain": b"username=%b&password=%b",
    "percent signs": b"%%75sername=%b&pass%%77ord=%b",
    "empty fields": b"&&username=%b&&password=%b&",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_an_urlencoded_form_is_read(client: TestClient, user: Account, form: bytes) -> None:
    email = user.email.replace("@", "%40").encode()
    body = form % (email, PASSWORD.replace(" ", "+").encode())
    assert client.post(LOGIN, content=body, headers=FORM).status_code == 200


def test_an_urlencoded_form_is_in_utf_8(client: TestClient, user: Account) -> None:
    """Escaped or not: not every client escapes what it sends."""
    enter(client, user)
    for label in (b"Cr%C3%A8me", "Crème".encode()):
        for steps in (1, 200):
            token = page(client, "/import").form("/import").fields["csrf_token"].encode()
            text = b"%b%%0AIngredients%%0A1+egg%%0ASteps%%0A" % label + b"%43ook. " * 20 * steps
            body = b"do=preview&csrf_token=%b&text=%b" % (token, text)
            assert (len(body) > INLINE_BODY) == (steps == 200)
            answer = client.post("/import", content=body, headers=FORM | BROWSER)
            assert "Crème" in Page(answer).text


def test_the_texts_of_a_form_are_bounded_together(client: TestClient, user: Account) -> None:
    enter(client, user)
    fields = page(client, "/import").form("/import").fields
    half = "x" * (MAX_FORM_TEXT // 2 + 1)
    files = [("file", ("a.txt", PASTED.encode()))]
    for texts in ({"text": half * 2}, {"text": half, "documents": half}):
        answer = client.post("/import", data=fields | texts, files=files, headers=BROWSER)
        assert answer.status_code in (400, 413)
        Page(answer)
    answer = client.post("/import", data=fields | {"text": half}, files=files, headers=BROWSER)
    assert answer.status_code == 422  # A file and a text.


# --- JSON ----------------------------------------------------------------------------------------

MANY = {
    "lists": b"[%b[]]" % (b"[]," * (MAX_JSON_VALUES // 2)),
    "objects": b"[%b{}]" % (b"{}," * (MAX_JSON_VALUES // 2)),
    "numbers": b"[%b0]" % (b"0," * MAX_JSON_VALUES),
    "members": b'{%b"":0}' % (b'"":0,' * MAX_JSON_VALUES),
}


def test_json_of_many_values_is_refused(
    client: TestClient, user: Account, subtests: pytest.Subtests
) -> None:
    path = f"{RECIPES}/{create_recipe(client, user)['id']}"
    for name, body in MANY.items():
        for method, to in (("POST", RECIPES), ("POST", PARSE), ("PATCH", path), ("POST", BATCH)):
            with subtests.test(f"{name} {method} {to}"):
                headers = user.headers | JSON
                answer = client.request(method, to, content=body, headers=headers)
                assert f"{MAX_JSON_VALUES} JSON values" in assert_problem(answer, 422)["detail"]


def test_json_of_as_many_values_is_read(client: TestClient, user: Account) -> None:
    body = b'{"lines": [%b0]}' % (b"0," * (MAX_JSON_VALUES - 10))
    assert_invalid(client.post(PARSE, content=body, headers=JSON), "/lines")


def test_a_large_batch_may_have_more_values(client: TestClient, user: Account) -> None:
    headers = user.headers | JSON
    body = b'{"operations": [%b0]}' % (b"0," * (MAX_BATCH_VALUES - 10))
    answer = client.post(BATCH, content=body.ljust(2 * MIB), headers=headers)
    assert_invalid(answer, "/operations")
    body = b'{"operations": [%b0]}' % (b"[]," * (MAX_BATCH_BODY // 3 - 10))
    answer = client.post(BATCH, content=body, headers=headers)
    assert f"{MAX_BATCH_VALUES} JSON values" in assert_problem(answer, 422)["detail"]


def test_to_refuse_many_values_costs_hardly_more_than_to_receive_them(
    client: TestClient, user: Account
) -> None:
    """Building 5.5 million lists took seven seconds and 388 MB."""

    def cost_of(body: bytes) -> Callable[[], float]:
        def measure() -> float:
            began = time.thread_time()
            assert_problem(client.post(BATCH, content=body, headers=user.headers | JSON), 400, 422)
            return time.thread_time() - began

        return measure

    blank = cost_of(b" " * MAX_BATCH_BODY)
    full = cost_of(b"[%b[]]" % (b"[]," * (MAX_BATCH_BODY // 3 - 2)))
    assert min(full() for _ in range(3)) < 5 * min(blank() for _ in range(3))


def test_a_large_body_is_read_as_a_small_one_is(client: TestClient, user: Account) -> None:
    body = b'{"label": "Soup", "notes": "%b"}'
    headers = user.headers | JSON
    for size in (1, INLINE_BODY):
        answer = client.post(RECIPES, content=body % (b"x" * size), headers=headers)
        assert answer.json()["notes"] == "x" * size
        assert_problem(
            client.post(RECIPES, content=body[:-1] % (b"x" * size), headers=headers), 400
        )
        answer = client.post(RECIPES, content=b'{"notes": "%b"}' % (b"x" * size), headers=headers)
        assert_invalid(answer, "/label")


# --- Faults --------------------------------------------------------------------------------------


def test_a_body_of_very_many_faults_is_refused_without_naming_them(
    client: TestClient, user: Account
) -> None:
    """To say what is wrong with 90,000 members took ten seconds and 250 MB."""

    def members(count: int) -> bytes:
        return b",".join(b'"%d":0' % number for number in range(count))

    headers = user.headers | JSON
    some = client.post(RECIPES, content=b"{%b}" % members(999), headers=headers)
    assert len(assert_problem(some, 422)["errors"]) == 50
    many = client.post(RECIPES, content=b"{%b}" % members(90_000), headers=headers)
    assert (many.json()["errors"], "1000" in many.json()["detail"]) == ([], True)
    operation = b'{"op": "patch", "id": 1, "recipe": {%b}}' % members(90_000)
    batch = client.post(BATCH, content=b'{"operations": [%b]}' % operation, headers=headers)
    (result,) = batch.json()["results"]
    assert (result["status"], len(result["problem"]["errors"])) == (422, 1)


def test_a_file_in_which_very_many_recipes_fail_is_not_read_to_its_end(
    client: TestClient, user: Account
) -> None:
    lines = b'{"label": "Soup"}\n' + b'{"label": 5}\n' * (MAX_FAILED_ITEMS + 2000)
    headers = user.headers | {"Content-Type": "application/octet-stream"}
    report = client.post(f"{RECIPES}/import", content=lines, headers=headers).json()
    assert report["created"] == 1
    assert MAX_FAILED_ITEMS < report["failed"] <= MAX_FAILED_ITEMS + 501
    assert f"More than {MAX_FAILED_ITEMS}" in report["items"][-1]["problem"]["detail"]


# --- Encodings -----------------------------------------------------------------------------------


def test_a_body_with_a_content_encoding_is_refused(client: TestClient, user: Account) -> None:
    body = gzip.compress(b'{"label": "Soup"}')
    for coding in ("gzip", "br", "GZIP", "identity, gzip"):
        headers = user.headers | JSON | {"Content-Encoding": coding}
        for path in (RECIPES, f"{RECIPES}/import", LOGIN):
            answer = client.post(path, content=body, headers=headers)
            assert_problem(answer, 415)
            assert answer.headers["accept-encoding"] == "identity"
    headers = user.headers | {"Content-Encoding": "identity"}
    assert client.post(RECIPES, json={"label": "Soup"}, headers=headers).status_code == 201


def test_what_is_no_multipart_does_not_fill_the_log(
    client: TestClient, user: Account, caplog: pytest.LogCaptureFixture
) -> None:
    headers = user.headers | {"Content-Type": "multipart/form-data; boundary=x"}
    for path in (f"{RECIPES}/import", "/login"):
        assert client.post(path, content=b"a=b", headers=headers).status_code == 400
    assert [each for each in caplog.records if "multipart" in each.name] == []
