"""How often one may guess and sign up: counted by what fails, for those who ask alone."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx2
import pytest
import sqlalchemy
from fastapi.testclient import TestClient
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from app.core import security
from app.core.config import Settings
from app.db.types import utc_now
from app.main import create_app
from app.models.request import RateLimit
from tests.client import Client
from tests.databases import execute, rows
from tests.factories import API, PASSWORD, Account, create_user, hashed_password, sign_up
from tests.problems import assert_invalid, assert_problem
from tests.web.browser import on_one_database

SIGNUP, LOGIN, ME = f"{API}/auth/signup", f"{API}/auth/login", f"{API}/auth/me"
FAILED_LOGINS, FAILED_LOGINS_OF_ADDRESS, SIGN_UPS = 10, 100, 60
LOG_INS = 60
WRONG = "wrong wooden spoons"

Elsewhere = Callable[[str], TestClient]


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hundreds of passwords are checked here, and what is counted does not depend on the cost."""
    hasher = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(security, "_hasher", PasswordHash((hasher,)))
    dummy = security._DUMMY_HASH
    monkeypatch.setattr(security, "_DUMMY_HASH", re.sub(r"m=\d+,t=\d+", "m=8,t=1", dummy))
    hashed_password.cache_clear()
    yield
    hashed_password.cache_clear()


@pytest.fixture
def elsewhere(client: Client) -> Elsewhere:
    """Makes a client of the same application that calls from another address."""
    return client.at


def log_in(client: httpx2.Client, email: str, password: str = WRONG) -> httpx2.Response:
    return client.post(LOGIN, data={"username": email, "password": password})


def statuses(count: int, client: httpx2.Client, email: str, password: str = WRONG) -> list[int]:
    """Those of `count` log-ins, one after another."""
    return [log_in(client, email, password).status_code for _ in range(count)]


def at_once(requests: list[Callable[[], httpx2.Response]]) -> list[int]:
    """The statuses of requests that are all sent at the same time."""
    with ThreadPoolExecutor(len(requests)) as threads:
        return list(threads.map(lambda request: request().status_code, requests))


def let_windows_end(database_url: str) -> None:
    past = utc_now() - timedelta(seconds=1)
    execute(database_url, sqlalchemy.update(RateLimit).values(expires_at=past))


def assert_throttled(answer: httpx2.Response, name: str, limit: int) -> dict[str, Any]:
    """`answer` is a 429 whose headers say which limit it is and when to come again."""
    document = assert_problem(answer, 429)
    assert document["type"] == "/problems/too-many-requests"
    assert document["errors"] == []
    wait = int(answer.headers["retry-after"])
    assert 0 < wait <= 60
    assert answer.headers["ratelimit-policy"] == f'"{name}";q={limit};w=60'
    assert answer.headers["ratelimit"] == f'"{name}";r=0;t={wait}'
    return document


# --- Failed log-ins of one account ---------------------------------------------------------------


def test_ten_log_ins_to_one_account_may_fail_in_a_minute(client: TestClient, user: Account) -> None:
    assert statuses(FAILED_LOGINS, client, user.email) == [401] * FAILED_LOGINS
    assert_throttled(log_in(client, user.email), "failed-logins", FAILED_LOGINS)
    # Else whoever guesses on would know when they have found it.
    assert_throttled(log_in(client, user.email, user.password), "failed-logins", FAILED_LOGINS)


def test_the_owner_gets_in_from_elsewhere_and_others_from_there(
    client: TestClient, user: Account, other_user: Account, elsewhere: Elsewhere
) -> None:
    statuses(FAILED_LOGINS, client, user.email)
    assert log_in(client, user.email, user.password).status_code == 429
    assert log_in(elsewhere("10.0.0.1"), user.email, user.password).status_code == 200
    assert log_in(client, other_user.email, other_user.password).status_code == 200
    assert client.get(ME, headers=user.headers).status_code == 200


@on_one_database
def test_an_account_is_the_same_in_every_spelling(client: TestClient) -> None:
    create_user(client, "René@example.com")
    spellings = ["RENÉ@example.com", "rene\u0301@EXAMPLE.com", "ｒené@example.com"]
    for spelling in [*spellings * 3, spellings[0]]:
        assert log_in(client, spelling).status_code == 401
    for spelling in [*spellings, "René@example.com"]:
        assert log_in(client, spelling, PASSWORD).status_code == 429


@on_one_database
def test_nobody_learns_from_it_whether_there_is_an_account(
    client: TestClient, user: Account
) -> None:
    def answers(email: str) -> list[tuple[int, list[tuple[str, str]], dict[str, Any]]]:
        answers = [log_in(client, email) for _ in range(FAILED_LOGINS + 2)]
        assert all(int(answer.headers.get("retry-after", 1)) <= 60 for answer in answers)
        return [
            (
                answer.status_code,
                [
                    (name, re.sub(r"t=\d+", "t=", value))
                    for name, value in answer.headers.items()
                    if name not in ("x-request-id", "retry-after")
                ],
                answer.json() | {"request_id": ""},
            )
            for answer in answers
        ]

    known = answers(user.email)
    assert [status for status, _, _ in known] == [401] * FAILED_LOGINS + [429] * 2
    assert answers("nobody@example.com") == known
    assert answers("no address at all") == known


def test_only_log_ins_that_fail_count_and_none_forgives_them(
    client: TestClient, user: Account
) -> None:
    assert statuses(FAILED_LOGINS - 1, client, user.email) == [401] * (FAILED_LOGINS - 1)
    assert statuses(12, client, user.email, user.password) == [200] * 12
    assert statuses(5, client, user.email, "x" * 1025) == [422] * 5  # No password is that long.
    assert statuses(2, client, user.email) == [401, 429]


def test_after_its_window_the_account_is_open_again(
    client: TestClient, user: Account, database_url: str
) -> None:
    statuses(FAILED_LOGINS, client, user.email)
    assert log_in(client, user.email, user.password).status_code == 429
    let_windows_end(database_url)
    assert log_in(client, user.email, user.password).status_code == 200
    assert statuses(FAILED_LOGINS + 1, client, user.email) == [401] * FAILED_LOGINS + [429]


# --- Log-ins that succeed ------------------------------------------------------------------------


def test_sixty_log_ins_to_one_account_from_one_address_may_succeed_in_a_minute(
    client: TestClient, user: Account, other_user: Account, elsewhere: Elsewhere
) -> None:
    assert statuses(LOG_INS, client, user.email, user.password) == [200] * LOG_INS
    assert_throttled(log_in(client, user.email, user.password), "log-ins", LOG_INS)
    body = {"password": "eight copper pots", "current_password": user.password}
    answer = client.patch(ME, json=body, headers=user.headers)
    assert_throttled(answer, "log-ins", LOG_INS)
    # None of this is a failure, and it is of this account and address alone.
    assert log_in(elsewhere("10.0.0.1"), user.email, user.password).status_code == 200
    assert log_in(client, other_user.email, other_user.password).status_code == 200
    assert client.get(ME, headers=user.headers).status_code == 200


def test_changes_of_the_password_count_as_log_ins(
    client: TestClient, user: Account, database_url: str
) -> None:
    body = {"password": "eight copper pots", "current_password": user.password}
    assert client.patch(ME, json=body, headers=user.headers).is_success
    (counter,) = rows(database_url, "rate_limit")
    assert counter.count == 1
    assert log_in(client, user.email, "eight copper pots").status_code == 200
    (counter,) = rows(database_url, "rate_limit")
    assert counter.count == 2


# --- All that one address fails at ---------------------------------------------------------------


def test_a_hundred_log_ins_from_one_address_may_fail_whatever_they_try(
    client: TestClient, user: Account, elsewhere: Elsewhere
) -> None:
    def guess(number: int) -> httpx2.Response:
        return log_in(client, f"cook-{number % 20}@example.com")

    with ThreadPoolExecutor(4) as threads:
        failed = Counter(answer.status_code for answer in threads.map(guess, range(100)))
    assert failed == {401: FAILED_LOGINS_OF_ADDRESS}
    for email in (user.email, "another@example.com"):
        answer = log_in(client, email, user.password)
        assert_throttled(answer, "failed-logins-of-address", FAILED_LOGINS_OF_ADDRESS)
    assert log_in(elsewhere("10.0.0.1"), user.email, user.password).status_code == 200
    assert client.get(ME, headers=user.headers).status_code == 200


SAME_NETWORK = [
    ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:3::1"),
    ("10.0.0.1", "::ffff:10.0.0.1", "::ffff:10.0.0.2"),
    ("::ffff:10.0.1.1", "10.0.1.1", "10.0.1.2"),
    # A server behind a Unix socket knows no address.
    ("", "", "10.0.2.1"),
]


@on_one_database
def test_an_address_is_what_one_customer_has(
    elsewhere: Elsewhere, user: Account, subtests: pytest.Subtests
) -> None:
    for address, same, other in SAME_NETWORK:
        with subtests.test(address):
            statuses(FAILED_LOGINS, elsewhere(address), user.email)
            assert log_in(elsewhere(same), user.email, user.password).status_code == 429
            assert log_in(elsewhere(other), user.email, user.password).status_code == 200


# --- Sign-ups and the current password -----------------------------------------------------------


def test_sixty_may_sign_up_from_one_address_in_a_minute(
    client: TestClient, elsewhere: Elsewhere, database_url: str
) -> None:
    def sign_up(number: int, client: httpx2.Client = client) -> httpx2.Response:
        # That the address is taken is an answer like any other.
        email = f"cook-{number % 20}@example.com"
        return client.post(SIGNUP, json={"email": email, "password": PASSWORD})

    assert_invalid(client.post(SIGNUP, json={"email": "", "password": PASSWORD}), "/email")
    with ThreadPoolExecutor(4) as threads:
        answers = Counter(answer.status_code for answer in threads.map(sign_up, range(60)))
    assert answers == {201: 20, 409: 40}
    assert_throttled(sign_up(60), "sign-ups", SIGN_UPS)
    assert len(rows(database_url, "user")) == 20
    # Those who have an account are not those who make them.
    assert log_in(client, "cook-1@example.com", PASSWORD).status_code == 200
    assert sign_up(60, elsewhere("10.0.0.1")).status_code == 409
    let_windows_end(database_url)
    assert sign_up(60).status_code == 409


def test_asking_whether_addresses_are_taken_counts_as_signing_up(
    client: TestClient, other_user: Account
) -> None:
    user = sign_up(client)
    answers = Counter(
        client.patch(ME, json={"email": other_user.email}, headers=user.headers).status_code
        for _ in range(SIGN_UPS - 1)
    )
    assert answers == {409: SIGN_UPS - 1}
    last = client.patch(ME, json={"email": "free@example.com"}, headers=user.headers)
    assert_throttled(last, "sign-ups", SIGN_UPS)
    assert client.patch(ME, json={"surname": "x"}, headers=user.headers).is_success


def test_sending_back_ones_own_address_asks_nothing(client: TestClient, user: Account) -> None:
    for _ in range(SIGN_UPS + 1):
        assert client.patch(ME, json={"email": user.email}, headers=user.headers).is_success


def test_a_wrong_current_password_is_a_log_in_that_failed(
    client: TestClient, user: Account, elsewhere: Elsewhere
) -> None:
    def change(client: httpx2.Client, **current: str) -> httpx2.Response:
        body = {"password": "eight copper pots", **current}
        return client.patch(ME, json=body, headers=user.headers)

    for _ in range(FAILED_LOGINS + 1):
        assert_invalid(change(client), "/current_password")
    assert statuses(5, client, user.email) == [401] * 5
    for _ in range(5):
        assert_invalid(change(client, current_password=WRONG), "/current_password")
    for current in (WRONG, user.password):
        answer = change(client, current_password=current)
        assert_throttled(answer, "failed-logins", FAILED_LOGINS)
    assert log_in(client, user.email, user.password).status_code == 429
    # Who holds the token, but not the password, has not stopped the owner.
    assert change(elsewhere("10.0.0.1"), current_password=user.password).status_code == 200


# --- Many at once, in many places ----------------------------------------------------------------


def test_of_forty_guesses_at_once_ten_are_answered_and_others_served(
    client: TestClient, user: Account, other_user: Account, elsewhere: Elsewhere
) -> None:
    guesses = [lambda: log_in(client, user.email)] * 40
    others = [
        lambda: log_in(client, other_user.email, other_user.password),
        lambda: log_in(elsewhere("10.0.0.1"), user.email, user.password),
        lambda: client.get(f"{API}/recipes"),
        lambda: client.post(f"{API}/recipes", json={"label": "Toast"}, headers=user.headers),
    ]
    answers = at_once([*guesses, *others])
    assert Counter(answers[:40]) == {401: FAILED_LOGINS, 429: 30}
    assert answers[40:] == [200, 200, 200, 201]


def test_of_thirty_right_log_ins_at_once_none_is_refused(client: TestClient, user: Account) -> None:
    assert at_once([lambda: log_in(client, user.email, user.password)] * 30) == [200] * 30


def test_two_applications_on_one_database_count_together(
    client: TestClient, user: Account, settings: Settings
) -> None:
    with TestClient(create_app(settings), raise_server_exceptions=False) as other:
        assert statuses(6, client, user.email) + statuses(4, other, user.email) == [401] * 10
        assert log_in(client, user.email).status_code == 429
        assert log_in(other, user.email, user.password).status_code == 429


# --- What is kept --------------------------------------------------------------------------------


def test_the_table_tells_neither_addresses_nor_accounts_and_forgets(
    client: TestClient, user: Account, elsewhere: Elsewhere, database_url: str
) -> None:
    for number in range(3):
        log_in(elsewhere(f"10.0.0.{number}"), user.email)
    before = rows(database_url, "rate_limit")
    # Two for each address that guessed.
    assert len(before) == 3 * 2
    for told in ("10.0.0", "testclient", user.email, user.email.partition("@")[0]):
        assert told not in str(before)
    let_windows_end(database_url)
    log_in(elsewhere("10.0.0.9"), user.email)
    after = rows(database_url, "rate_limit")
    assert len(after) == 2
    assert not {row.key for row in before} & {row.key for row in after}
