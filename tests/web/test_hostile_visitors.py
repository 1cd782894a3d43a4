"""Hostile cookies and forms."""

import time
from collections.abc import Iterator
from typing import Any, cast

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.requests import Request

from app import web
from app.core.security import read_session_token
from app.web.sessions import read_cookie
from tests.factories import API, Account, create_recipe
from tests.web.browser import (
    BROWSER,
    Page,
    assert_harmless,
    enter,
    leave,
    on_one_database,
    page,
    send,
)

pytestmark = on_one_database

MULTIPART = "multipart/form-data; boundary=x"
POSTS = sorted(route.path for route in web.routes if "POST" in (route.methods or ()))
# Their forms come back with all that was typed, in the place of an error page.
KEPT = {"/import", "/recipes/new", "/recipes/{reference}/edit"}


def visit(client: TestClient, path: str = "/", cookies: bytes = b"") -> httpx2.Response:
    """What a page answers to these cookies, byte for byte."""
    headers = [(b"cookie", cookies), *((k.encode(), v.encode()) for k, v in BROWSER.items())]
    return client.get(path, headers=headers, follow_redirects=False)


def session_of(client: TestClient) -> str:
    token = client.cookies.get("session")
    assert token
    return token


def session_id(client: TestClient, token: str) -> str:
    found = read_session_token(token, cast(FastAPI, client.app).state.secret)
    assert found
    return found[0].session_id


# --- Cookies -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cookies",
    [
        b"session",
        b"session=",
        b"session=;;=; =x; visitor",
        b'session="\\"; notice="trashed-1"',
        b"session=a.b.c; session=d.e.f",
        b"session=\xff\xfe; visitor=\x80; notice=\xc3\xa9-\xb2",
        b'notice=trashed-; visitor="><script>alert(1)</script>',
        b"notice=trashed-1'><script>alert(1)</script>",
        b"notice=trashed-" + b"9" * 50_000,
        b"session=" + b"a" * 100_000,
    ],
)
def test_a_broken_cookie_is_no_session(client: TestClient, cookies: bytes) -> None:
    for path in ("/", "/recipes", "/login"):
        answer = visit(client, path, cookies)
        assert answer.status_code == 200
        shown = Page(answer)
        assert_harmless(shown)
        assert "/logout" not in shown.links
    assert visit(client, "/trash", cookies).status_code == 303


@pytest.mark.parametrize("pair", [b"\\", b'\\"', b"\\0", b";a=", b"=", b" "])
def test_many_cookies_are_quickly_read(client: TestClient, pair: bytes) -> None:
    cookies = b'other="' + pair * (64 * 1024 // len(pair)) + b'"'
    visit(client)
    start = time.process_time()
    assert visit(client, "/", cookies).status_code == 200
    assert time.process_time() - start < 3


def test_over_tls_a_cookie_from_elsewhere_is_not_ours(client: TestClient, user: Account) -> None:
    enter(client, user)
    token = session_of(client).encode()
    leave(client)
    secure = TestClient(client.app, "https://testserver")
    # Without the prefix a neighbour may have set it.
    for name in (b"session", b"__host-session", b"x__Host-session"):
        assert "/logout" not in Page(visit(secure, "/", name + b"=" + token)).links
    assert "/logout" in Page(visit(secure, "/", b"__Host-session=" + token)).links
    # Nor does a browser see the prefix behind other white space, which Python's `strip` takes away.
    scope = {"type": "http", "scheme": "https", "path": "/", "query_string": b""}
    for space, value in ((b"\xa0", ""), (b"\x85", ""), (b"\x1f", ""), (b"a=b; \t", "planted")):
        headers = [(b"host", b"testserver"), (b"cookie", space + b"__Host-session=planted ")]
        assert read_cookie(Request(scope | {"headers": headers}), "session") == value


# --- Sessions ------------------------------------------------------------------------------------


def test_signing_in_starts_a_new_session(
    client: TestClient, user: Account, other_user: Account
) -> None:
    """Nobody can wait in a session that they have planted for somebody to sign in with it."""
    enter(client, other_user)
    planted = session_of(client)
    form = {"email": user.email, "password": user.password}
    token = page(client, "/import").form("/import").fields["csrf_token"]
    ids = {session_id(client, planted)}
    for _ in range(2):
        answer = client.post(
            "/login", data=form | {"csrf_token": token}, headers=BROWSER, follow_redirects=False
        )
        assert answer.status_code == 303
        assert answer.headers["cache-control"] == "private, no-cache"
        ids.add(session_id(client, session_of(client)))
        token = page(client, "/import").form("/import").fields["csrf_token"]
    assert len(ids) == 3
    # A form of a session before is of no use in the next one.
    stale = client.post("/logout", data={"csrf_token": planted}, headers=BROWSER)
    assert stale.status_code == 403


def test_what_tells_of_a_session_is_in_no_shared_cache(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user)
    enter(client, user)
    paths = ["/", "/recipes", "/trash", "/import", "/export", "/recipes/new", "/login", "/logout"]
    paths += [f"/recipes/{recipe['id']}{rest}" for rest in ("", "-pancakes", "/edit", "/history")]
    tags = set()
    for path in (*paths, "/export/file", "/recipes?sort=nothing"):
        answer = client.get(path, headers=BROWSER, follow_redirects=False)
        assert answer.headers["cache-control"].startswith("private"), path
        assert "content-encoding" not in answer.headers
        tags.add(answer.headers.get("etag", path))
    leave(client)
    for path in paths:
        again = client.get(
            path, headers=BROWSER | {"If-None-Match": ", ".join(tags)}, follow_redirects=False
        )
        assert again.status_code in (200, 301, 303), path


# --- Forms ---------------------------------------------------------------------------------------


@pytest.fixture
def hidden(client: TestClient, user: Account) -> dict[str, object]:
    return create_recipe(client, user, label="Hidden pancakes", visibility="private")


def _tokens(client: TestClient, user: Account) -> Iterator[str]:
    """Tokens that are not of the session that the browser has in the end, and none at all."""
    yield ""
    yield "0" * 64
    yield page(client, "/login").form("/login").fields["csrf_token"]
    for _ in range(2):
        send(client, page(client, "/login"), "/login", email=user.email, password=user.password)
        yield page(client, "/import").form("/import").fields["csrf_token"]
        # The last one is left, and its token is not among them.
        leave(client)
    send(client, page(client, "/login"), "/login", email=user.email, password=user.password)


def test_no_form_has_an_effect_without_the_token_of_its_session(
    client: TestClient, user: Account, hidden: dict[str, object], subtests: pytest.Subtests
) -> None:
    tokens = list(_tokens(client, user))
    assert len(set(tokens)) == 5
    own = page(client, "/import").form("/import").fields["csrf_token"]
    fields = {
        "label": "Changed",
        "version": "1",
        "do": "import",
        "text": "# Soup",
        "everywhere": "y",
    }
    for path in POSTS:
        address = path.format(reference=hidden["id"], version=1)
        wrong: list[tuple[str, dict[str, Any]]] = [
            (f"token {token[:4]}", {"data": fields | {"csrf_token": token}}) for token in tokens
        ]
        wrong += [
            ("JSON", {"json": fields | {"csrf_token": own}}),
            ("text", {"content": f"csrf_token={own}", "headers": {"Content-Type": "text/plain"}}),
            ("query", {"params": {"csrf_token": own}, "data": fields}),
            ("header", {"headers": {"X-CSRF-Token": own}, "data": fields}),
        ]
        for name, how in wrong:
            with subtests.test(f"{path}: {name}"):
                headers = BROWSER | how.pop("headers", {})
                answer = client.post(address, headers=headers, follow_redirects=False, **how)
                # Without a form the version is missing, too.
                assert answer.status_code == 403 or (name in ("JSON", "text") and "edit" in path)
                assert "Changed" not in answer.text or path in KEPT
    after = client.get(f"{API}/recipes?submitter_id={user.id}", headers=user.headers).json()
    assert [recipe["version"] for recipe in after["items"]] == [1]
    assert "/logout" in page(client, "/").links


@pytest.mark.parametrize(
    "charset", ["utf-7", "idna", "undefined", "unicode_escape", "utf-16", '"utf-16"', "none"]
)
def test_a_form_comes_in_utf_8(client: TestClient, user: Account, charset: str) -> None:
    def body(token: str, text: str) -> str:
        fields = {"csrf_token": token, "text": text, "do": "preview"}
        start = '--x\r\nContent-Disposition: form-data; name="'
        parts = [f'{start}{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()]
        return "".join([*parts, "--x--\r\n"])

    enter(client, user)
    token = page(client, "/import").form("/import").fields["csrf_token"]
    for sent in (body(token, "+2AA-"), body("\\ud800", "a"), body(token, f"{'a' * 70}.é")):
        headers = BROWSER | {"Content-Type": f"{MULTIPART}; charset={charset}"}
        assert client.post("/import", content=sent, headers=headers).status_code == 400
    headers = BROWSER | {"Content-Type": f"{MULTIPART}; charset=UTF-8"}
    sent = body(token, "# Crème\n\n## Ingredients\n\n- 1 é")
    shown = Page(client.post("/import", content=sent, headers=headers))
    assert "Crème" in shown.text


@pytest.mark.parametrize("name", ["tag", "not_tag", "ingredient"])
def test_thousands_of_filters_are_quickly_refused(client: TestClient, name: str) -> None:
    path = f"/recipes?{name}={','.join(f'{number:x}' for number in range(10_000))}"
    page(client, "/recipes")
    start = time.process_time()
    shown = page(client, path, 422)
    assert time.process_time() - start < 3
    assert [link["aria-invalid"] for link in shown.all("input") if link.get("name") == name]
