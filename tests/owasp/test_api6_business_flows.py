"""API6:2023 Unrestricted Access to Sensitive Business Flows: accounts are not made by the thousand.

How often one may sign up is tested in tests/api/test_throttling.py.
"""

from fastapi.testclient import TestClient

from app.core.config import Settings
from app.main import create_app
from tests.databases import execute
from tests.factories import API, PASSWORD, Account, create_user, set_superuser
from tests.operations import examples, stored
from tests.problems import assert_problem

SIGNUP, USERS = f"{API}/auth/signup", f"{API}/users"


def test_asking_which_addresses_are_taken_counts_as_signing_up(
    client: TestClient, user: Account, database_url: str
) -> None:
    taken = {"email": user.email, "password": PASSWORD}
    assert_problem(client.post(SIGNUP, json=taken), 409)
    # All but one of the sixty are used up.
    execute(database_url, "UPDATE rate_limit SET count = 59")
    assert_problem(client.post(SIGNUP, json=taken), 409)
    taken_answer, free_answer = (
        client.post(SIGNUP, json=body) for body in (taken, examples(user)["sign_up"]["json"])
    )
    differing = {"request_id": ""}
    documents = [assert_problem(each, 429) | differing for each in (taken_answer, free_answer)]
    assert documents[0] == documents[1]


def test_closed_sign_up_is_closed_and_tells_nothing(settings: Settings, database_url: str) -> None:
    with TestClient(create_app(settings)) as client:
        user, superuser = create_user(client), create_user(client)
        set_superuser(database_url, superuser)
    closed = settings.model_copy(update={"signup": "closed"})
    with TestClient(create_app(closed)) as client:
        before = stored(database_url)
        newcomer = examples(user)["sign_up"]["json"]
        answers = [
            client.post(SIGNUP, json=newcomer | {"email": email}, headers=headers)
            for email in (user.email, newcomer["email"])
            for headers in ({}, user.headers, superuser.headers)
        ]
        documents = [assert_problem(answer, 403) | {"request_id": ""} for answer in answers]
        assert documents == [documents[0]] * len(documents)
        assert stored(database_url) == before
        # Who is there stays, and superusers make accounts for others.
        assert client.post(f"{API}/auth/login", **examples(user)["log_in"]).is_success
        made = client.post(USERS, json=newcomer, headers=superuser.headers)
        assert made.status_code == 201
