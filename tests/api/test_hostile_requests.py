"""Paths, parameters, forms and headers of any kind: refused or ignored, never our fault."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from tests.factories import API, PASSWORD, Account, create_recipe
from tests.problems import assert_invalid, assert_problem

RECIPES, SIGNUP, LOGIN = f"{API}/recipes", f"{API}/auth/signup", f"{API}/auth/login"
MARK = "an-unmistakable-mark"
HUGE = 10**20


FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
FORMS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", FORM),
    "NUL": (b"username=a%00b&password=x", FORM),
    "a surrogate": (b"username=%ED%A0%80@example.com&password=%ff%fe", FORM),
    "percent signs": (b"username=%zz&password=%", FORM),
    "bytes": (b"username=\xff&password=\xfe", FORM),
    "long": (b"username=" + b"a" * 100_000 + b"&password=x", FORM),
    "many fields": (b"a&" * 2000, FORM),
    "no boundary": (b"username=a&password=b", "multipart/form-data"),
    "no parts": (b"username=a&password=b", MULTIPART),
    "a broken part": (b"--x\r\n\r\n--x--", MULTIPART),
    "a file": (
        b'--x\r\nContent-Disposition: form-data; name="username"; filename="f"\r\n\r\na\r\n'
        b'--x\r\nContent-Disposition: form-data; name="password"\r\n\r\nb\r\n--x--\r\n',
        MULTIPART,
    ),
    "JSON": (b'{"username": "a", "password": "b"}', "application/json"),
    "text": (b"username=a&password=b", "text/plain"),
    "no type": (b"\x00\x01\x02", ""),
}


def test_a_login_form_of_any_kind(client: TestClient, subtests: pytest.Subtests) -> None:
    for name, (content, media_type) in FORMS.items():
        with subtests.test(name):
            answer = client.post(LOGIN, content=content, headers={"Content-Type": media_type})
            assert_problem(answer, 400, 401, 415, 422)


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


def test_an_id_that_is_none(client: TestClient, user: Account, subtests: pytest.Subtests) -> None:
    for _ in range(10):  # Else nobody sees that 1_0 is 10.
        create_recipe(client, user)
    for path in (RECIPES, f"{API}/users", "/recipes"):
        for reference in NO_IDS:
            with subtests.test(f"{path}/{reference[:20]}"):
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


PARAMETERS = ["/search?keyword", "?source", "?url", "?cursor", "?submitter_id"]


def test_a_parameter_of_any_kind(
    client: TestClient, user: Account, subtests: pytest.Subtests
) -> None:
    create_recipe(client, user)
    for parameter in PARAMETERS:
        for value in ODD_VALUES:
            with subtests.test(f"{parameter}={value[:20]}"):
                answer = client.get(f"{RECIPES}{parameter}={value}")
                if answer.status_code == 200:
                    assert answer.json().get("results") in (None, [])  # It is in no label.
                else:
                    assert_invalid(answer, parameter.partition("?")[2])


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


HEADERS = ["Accept", "Accept-Encoding", "Accept-Language", "Content-Type", "Content-Length"]
HEADERS += ["Cookie", "Expect", "Forwarded", "If-Match", "If-None-Match", "If-Modified-Since"]
HEADERS += ["Origin", "Range", "Referer", "X-Forwarded-For", "X-Forwarded-Host", "X-Request-ID"]
HEADERS += ["X-HTTP-Method-Override"]


def test_a_header_of_any_kind(client: TestClient, subtests: pytest.Subtests) -> None:
    for name in HEADERS:
        for value in (b"\xff\xfe", b"\x7f", b"a" * 10_000, b'"', b",,,", b"%00", b"-1"):
            header = (name.encode(), value)
            with subtests.test(f"{name}: {value[:9]!r}"):
                for path in ("/", RECIPES, "/nothing"):
                    assert client.get(path, headers=[header]).status_code in (200, 404)
                headers = [(b"Content-Type", b"application/json"), header]
                answer = client.post(SIGNUP, content=b"{}", headers=headers)
                assert_problem(answer, 400, 413, 415, 422)


ODD_PATHS = [
    "/../../etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/..%2f..%2fpages.py",
    "/%00",
    "/%ff",
]
ODD_PATHS += ["//x", "/" + "a" * 5000, "/style.css%00.html", "\\..\\pages.py"]


def test_a_path_of_any_kind(client: TestClient, subtests: pytest.Subtests) -> None:
    for root in ("/static", "/docs/assets", "/problems", "/recipes", "/api/v1"):
        for path in ODD_PATHS:
            with subtests.test(f"{root}{path[:20]}"):
                answer = client.get(root + path)
                assert_problem(answer, 404)
                assert "root:" not in answer.text


@pytest.fixture(autouse=True)
def _still_answers(client: TestClient) -> Iterator[None]:
    """Whatever was sent, the next request is served."""
    yield
    assert client.get("/readyz").status_code == 200
    body = {"email": "next@example.com", "password": PASSWORD}
    assert client.post(SIGNUP, json=body).status_code == 201
