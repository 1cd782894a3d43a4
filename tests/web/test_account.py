"""Sign up and sign in with forms."""

from collections.abc import Iterator

import httpx2
import pytest
from fastapi.testclient import TestClient

from app.core.config import Settings
from app.main import create_app
from tests.databases import execute
from tests.factories import API, PASSWORD, Account
from tests.web.browser import (
    BROWSER,
    Page,
    assert_harmless,
    is_signed_in,
    leave,
    on_one_database,
    page,
    send,
)

NEW = {"email": "ada@example.com", "password": PASSWORD}
WRONG = "The e-mail address or the password is wrong."


def sign_in(client: TestClient, path: str = "/login", **fields: str) -> httpx2.Response:
    return send(client, page(client, path), "/login", **fields)


# --- Sign up -------------------------------------------------------------------------------------


def test_who_signs_up_is_signed_in(client: TestClient) -> None:
    shown = page(client, "/signup?next=/recipes/new")
    assert_harmless(shown)
    answer = send(client, shown, "/signup", **NEW, first_name="Ada", surname="")
    assert (answer.status_code, answer.headers["location"]) == (303, "/recipes/new")
    welcome = page(client, "/recipes/new")
    assert "Welcome. You are signed in." in welcome.text
    assert "Welcome" not in page(client, "/recipes/new").text
    account = client.post(
        f"{API}/auth/login", data={"username": NEW["email"], "password": PASSWORD}
    )
    me = client.get(
        f"{API}/auth/me", headers={"Authorization": f"Bearer {account.json()['access_token']}"}
    ).json()
    assert (me["email"], me["first_name"], me["surname"]) == (NEW["email"], "Ada", None)
    assert not me["is_superuser"]
    leave(client)
    assert sign_in(client, email=NEW["email"], password=PASSWORD).status_code == 303
    assert is_signed_in(client)


def test_an_address_is_one_account(client: TestClient, user: Account) -> None:
    answer = send(client, page(client, "/signup"), "/signup", **NEW | {"email": user.email.upper()})
    shown = Page(answer)
    assert shown.status == 409
    assert "There is an account with this e-mail address already." in shown.text
    assert shown.form("/signup").fields["email"] == user.email.upper()
    assert not is_signed_in(client)


@on_one_database
@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("email", "nobody"),
        ("email", ""),
        ("password", "short"),
        ("password", "password123"),
        ("password", "x" * 1025),
        ("first_name", "x" * 101),
    ],
)
def test_errors_are_shown_at_their_field(client: TestClient, field: str, text: str) -> None:
    typed = {**NEW, "surname": "Lovelace", field: text}
    answer = send(client, page(client, "/signup?next=/trash"), "/signup", **typed)
    shown = Page(answer)
    assert shown.status == 422
    wrong = [each for each in shown.all("input") if each.get("aria-invalid")]
    assert [each["id"] for each in wrong] == [field]
    assert f"{field}-error" in wrong[0]["aria-describedby"].split()
    fields = shown.form("/signup").fields
    assert fields | typed | {"password": ""} == fields
    assert fields["next"] == "/trash"
    assert PASSWORD not in answer.text


@on_one_database
def test_a_password_is_what_was_typed(client: TestClient) -> None:
    spaced = f"  {PASSWORD}\t"
    send(client, page(client, "/signup"), "/signup", **NEW | {"password": spaced})
    leave(client)
    assert sign_in(client, email=NEW["email"], password=PASSWORD).status_code == 422
    assert sign_in(client, email=NEW["email"], password=spaced).status_code == 303


@pytest.fixture
def closed(settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings.model_copy(update={"signup": "closed"}))) as started:
        yield started


@on_one_database
def test_where_sign_up_is_closed_the_page_says_so(closed: TestClient) -> None:
    shown = page(closed, "/signup", 403)
    assert_harmless(shown)
    assert "Sign-up is closed" in shown.text
    assert "/signup" not in [form.action for form in shown.forms]
    sign_in_page = page(closed, "/login")
    assert not [link for link in sign_in_page.links if link.startswith("/signup")]
    token = sign_in_page.form("/login").fields["csrf_token"]
    answer = closed.post("/signup", data={**NEW, "csrf_token": token}, headers=BROWSER)
    assert answer.status_code == 403
    assert sign_in(closed, email=NEW["email"], password=PASSWORD).status_code == 422


@on_one_database
def test_sign_ups_of_an_address_are_limited(client: TestClient, user: Account) -> None:
    # Those of the API count as well, and the quickest ones are for an address that is taken.
    for _ in range(60):
        client.post(f"{API}/auth/signup", json={"email": user.email, "password": PASSWORD})
    answer = send(client, page(client, "/signup"), "/signup", **NEW)
    assert (answer.status_code, Page(answer).status) == (429, 429)
    assert int(answer.headers["retry-after"]) > 0


# --- Sign in -------------------------------------------------------------------------------------


def test_failed_sign_ins_look_the_same(
    client: TestClient, user: Account, other_user: Account, database_url: str
) -> None:
    statement = 'UPDATE "user" SET is_active = :no WHERE id = :id'
    execute(database_url, statement, no=False, id=other_user.id)
    tries = [
        (user.email, "another password"),
        ("nobody@example.com", PASSWORD),
        (other_user.email, PASSWORD),
        ("no address", PASSWORD),
        ("", ""),
        (user.email, "x" * 5000),
    ]
    texts = set()
    for email, password in tries:
        answer = sign_in(client, email=email, password=password)
        shown = Page(answer)
        assert (shown.status, "set-cookie" in answer.headers) == (422, False)
        assert "www-authenticate" not in answer.headers
        assert shown.form("/login").fields["email"] == email
        assert (password and password in answer.text) is not True
        texts.add(shown.text)
    assert len(texts) == 1
    assert WRONG in texts.pop()
    assert not is_signed_in(client)


@on_one_database
def test_guesses_are_limited(client: TestClient, user: Account) -> None:
    tries = [sign_in(client, email=user.email, password="wrong").status_code for _ in range(11)]
    assert tries == [422] * 10 + [429]
    # The counter is that of the API too.
    data = {"username": user.email, "password": user.password}
    assert client.post(f"{API}/auth/login", data=data).status_code == 429


ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example",
    "https:evil.example",
    "http:///evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "\t//evil.example",
    "/\n/evil.example",
    "evil.example",
    "//[",
    "",
]


@on_one_database
def test_the_way_on_leads_nowhere_else(client: TestClient, user: Account) -> None:
    token = page(client, "/login").form("/login").fields["csrf_token"]
    for path in ELSEWHERE:
        asked = client.get("/login", params={"next": path}, headers=BROWSER)
        assert Page(asked).form("/login").fields["next"] == "/", path
        data = {"email": user.email, "password": PASSWORD, "next": path, "csrf_token": token}
        visitor = dict(client.cookies)
        answer = client.post("/login", data=data, headers=BROWSER, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/"), path
        # Nor once somebody has signed in.
        asked = client.get("/login", params={"next": path}, headers=BROWSER, follow_redirects=False)
        assert (asked.status_code, asked.headers["location"]) == (303, "/"), path
        leave(client)
        client.cookies.update(visitor)


@on_one_database
def test_the_way_on_is_the_page_that_was_asked_for(client: TestClient, user: Account) -> None:
    asked = client.get("/trash?cursor=a%2Fb", headers=BROWSER, follow_redirects=False)
    assert asked.status_code == 303
    answer = sign_in(client, asked.headers["location"], email=user.email, password=PASSWORD)
    assert answer.headers["location"] == "/trash?cursor=a%2Fb"


# --- Hostile text --------------------------------------------------------------------------------


@on_one_database
@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</script>",
        "javascript:alert(1)",
        '/" onmouseover="alert(1)',
    ],
)
def test_what_is_typed_is_text(client: TestClient, attack: str) -> None:
    typed = {"email": attack, "password": attack}
    shown = Page(sign_in(client, **typed, next=attack))
    assert_harmless(shown)
    assert shown.form("/login").fields["email"] == attack
    names = {"first_name": attack, "surname": attack}
    refused = Page(send(client, page(client, "/signup"), "/signup", **typed, **names, next=attack))
    assert_harmless(refused)
    assert refused.form("/signup").fields["surname"] == attack


@pytest.mark.parametrize(
    "password", [" " * 8, "Passw0rd!", "ada@example.com", "AdaLovelace1"], ids=str
)
def test_a_common_password_is_refused_at_its_field(client: TestClient, password: str) -> None:
    typed = {"email": "ada@example.com", "first_name": "Ada", "surname": "Lovelace"}
    shown = page(client, "/signup")
    refused = Page(send(client, shown, "/signup", **typed, password=password))
    assert refused.status == 422
    (field,) = [each for each in refused.all("input") if each.get("name") == "password"]
    assert field["aria-invalid"] == "true"
    assert "must not be" in refused.text or "tried first" in refused.text
    assert refused.form("/signup").fields.items() >= typed.items()
