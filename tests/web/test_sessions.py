"""Browser sessions: what they allow, how long they last, and what ends them."""

import time
from datetime import timedelta
from http.cookies import Morsel, SimpleCookie
from typing import cast

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.config import Settings
from app.core.security import Claims, create_access_token, read_session_token
from app.main import create_app
from tests.databases import execute
from tests.factories import API, PASSWORD, Account, create_api_token, create_recipe, create_user
from tests.web.browser import (
    BROWSER,
    Page,
    assert_harmless,
    enter,
    is_signed_in,
    leave,
    on_one_database,
    page,
    send,
)

NEW = {"email": "ada@example.com", "password": PASSWORD}


def cookies(answer: httpx2.Response) -> dict[str, Morsel[str]]:
    """The cookies that an answer sets."""
    found: SimpleCookie = SimpleCookie()
    for line in answer.headers.get_list("set-cookie"):
        found.load(line)
    return dict(found)


def sign_in(client: TestClient, user: Account) -> httpx2.Response:
    """Sign in with the form, as people do."""
    shown = page(client, "/login")
    return send(client, shown, "/login", email=user.email, password=user.password)


def set_session(client: TestClient, token: str) -> None:
    client.cookies.set("session", token, domain="testserver.local")


# --- Sessions ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("scheme", "name"), [("http", "session"), ("https", "__Host-session")])
@on_one_database
def test_the_cookie_of_a_session_is_kept_safe(
    app: FastAPI, client: TestClient, scheme: str, name: str
) -> None:
    user = create_user(client)
    browser = TestClient(app, base_url=f"{scheme}://testserver")
    answer = sign_in(browser, user)
    cookie = cookies(answer)[name]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "lax", "/")
    assert (cookie["secure"] or False, cookie["domain"]) == (scheme == "https", "")
    assert 0 < int(cookie["max-age"]) <= 8 * 3600
    assert is_signed_in(browser)


@on_one_database
def test_a_session_opens_no_api_and_a_token_no_page(client: TestClient, user: Account) -> None:
    private = create_recipe(client, user, visibility="private")
    path = f"{API}/recipes/{private['id']}"
    sign_in(client, user)
    session = client.cookies["session"]
    assert is_signed_in(client)
    assert client.get(path).status_code == 404
    as_token = {"Authorization": f"Bearer {session}"}
    assert client.get(path, headers=as_token).status_code == 401
    for token in (user.token, create_api_token(client, user, "read", "write")["token"], "x.y.z"):
        leave(client)
        set_session(client, token)
        assert not is_signed_in(client)
        header = {"Authorization": f"Bearer {token}"}
        shown = client.get(f"/recipes/{private['id']}", headers=BROWSER | header)
        assert shown.status_code == 404


def test_a_session_ends_with_its_account(
    client: TestClient, user: Account, database_url: str
) -> None:
    deactivated = create_user(client)
    enter(client, deactivated)
    assert is_signed_in(client)
    statement = 'UPDATE "user" SET is_active = :no WHERE id = :id'
    execute(database_url, statement, no=False, id=deactivated.id)
    assert not is_signed_in(client)
    assert "session" not in client.cookies
    enter(client, user)
    assert client.delete(f"{API}/auth/me", headers=user.headers).status_code == 204
    assert not is_signed_in(client)


@on_one_database
def test_a_session_goes_on_after_half_of_its_time(client: TestClient, user: Account) -> None:
    state = cast(FastAPI, client.app).state
    now = int(time.time())
    claims = Claims(user.id, _token_version(client, user), "one session", now)
    whole = timedelta(minutes=state.settings.access_token_minutes)

    def session_after(left: timedelta) -> str:
        """The token that a browser has after a visit with one that is good for so long."""
        leave(client)
        set_session(client, create_access_token(claims, state.secret, left))
        answer = client.get("/", headers=BROWSER)
        return cookies(answer)["session"].value if "set-cookie" in answer.headers else ""

    assert session_after(whole / 2 + timedelta(minutes=1)) == ""
    found = read_session_token(session_after(whole / 3), state.secret)
    before = read_session_token(create_access_token(claims, state.secret, whole / 2), state.secret)
    assert found is not None
    assert before is not None
    # It is the same session, so its forms stay good; it only ends later.
    assert found[0] == claims
    assert found[1] > before[1]
    # But one signs in again after a month, however active.
    claims = claims._replace(
        signed_in_at=now - int(timedelta(days=30, seconds=-600).total_seconds())
    )
    last = read_session_token(session_after(timedelta(minutes=5)), state.secret)
    assert last is not None
    assert 0 < last[1] - now <= 600
    assert session_after(timedelta(minutes=15)) == ""
    leave(client)
    set_session(client, create_access_token(claims, state.secret, timedelta(seconds=-1)))
    assert not is_signed_in(client)


def _token_version(client: TestClient, user: Account) -> int:
    enter(client, user)
    state = cast(FastAPI, client.app).state
    found = read_session_token(client.cookies["session"], state.secret)
    assert found is not None
    return found[0].token_version


# --- Sign out ------------------------------------------------------------------------------------


def test_signing_out_here_ends_this_session_alone(client: TestClient, user: Account) -> None:
    enter(client, user)
    shown = page(client, "/logout")
    assert_harmless(shown)
    answer = send(client, shown, "/logout")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert cookies(answer)["session"]["max-age"] == "0"
    assert "You are signed out." in page(client, "/").text
    assert not is_signed_in(client)
    assert client.get(f"{API}/auth/me", headers=user.headers).status_code == 200
    asked = client.get("/logout", headers=BROWSER, follow_redirects=False)
    assert asked.headers["location"] == "/"


def test_signing_out_everywhere_ends_all_that_there_is(client: TestClient, user: Account) -> None:
    sign_in(client, user)
    elsewhere = client.cookies["session"]
    leave(client)
    enter(client, user)
    assert send(client, page(client, "/logout"), "/logout", everywhere="yes").status_code == 303
    assert client.get(f"{API}/auth/me", headers=user.headers).status_code == 401
    leave(client)
    set_session(client, elsewhere)
    assert not is_signed_in(client)


# --- Forms of other sites ------------------------------------------------------------------------


@on_one_database
def test_a_form_of_another_site_has_no_effect(
    client: TestClient, user: Account, other_user: Account
) -> None:
    recipe = create_recipe(client, user)
    about = f"/recipes/{recipe['id']}"
    enter(client, other_user)
    foreign = page(client, "/logout").form("/logout").fields["csrf_token"]
    leave(client)
    visitors = page(client, "/login").form("/login").fields["csrf_token"]
    leave(client)
    enter(client, user)
    for path in ("/logout", f"{about}/delete", f"{about}/restore", f"{about}/remove"):
        for token in (None, "", "x" * 64, "é", foreign, visitors):
            data = {} if token is None else {"csrf_token": token}
            answer = client.post(path, data=data, headers=BROWSER, follow_redirects=False)
            assert (answer.status_code, Page(answer).status) == (403, 403), (path, token)
    assert is_signed_in(client)
    assert client.get(f"{API}{about}").json()["version"] == 1


@on_one_database
def test_another_site_cannot_sign_in_a_visitor(client: TestClient, user: Account) -> None:
    visitors = page(client, "/login").form("/login").fields["csrf_token"]
    credentials = {"email": user.email, "password": PASSWORD}
    for path, fields in (("/login", credentials), ("/signup", NEW)):
        for data in (fields, {**fields, "csrf_token": "x"}):
            answer = client.post(path, data=data, headers=BROWSER, follow_redirects=False)
            assert answer.status_code == 403
    leave(client)
    data = {**credentials, "csrf_token": visitors}
    assert client.post("/login", data=data, headers=BROWSER).status_code == 403
    assert not is_signed_in(client)


@pytest.mark.parametrize("minutes", [60, 100_000])
def test_a_session_lasts_a_month_at_most_whatever_the_setting_says(
    settings: Settings, minutes: int
) -> None:
    longest = min(minutes * 60, 30 * 24 * 3600)
    given = dict(settings) | {"access_token_minutes": minutes}
    with TestClient(create_app(Settings.model_validate(given))) as client:
        answer = send(client, page(client, "/signup"), "/signup", **NEW)
        cookie = cookies(answer)["session"]
        assert int(cookie["max-age"]) == longest
        found = read_session_token(cookie.value, cast(FastAPI, client.app).state.secret)
    assert found is not None
    assert found[1] - found[0].signed_in_at == pytest.approx(longest, abs=2)
