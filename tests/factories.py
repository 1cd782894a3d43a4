"""Users, their tokens and recipes for tests, made as clients make them: through HTTP."""

import uuid
from dataclasses import dataclass
from typing import Any

import httpx2

from tests.databases import execute

API = "/api/v1"
PASSWORD = "seven wooden spoons"


@dataclass(frozen=True)
class Account:
    """A user who is signed in; `headers` goes with each request that is theirs."""

    id: int
    email: str
    password: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def create_user(client: httpx2.Client, email: str | None = None, **names: str) -> Account:
    """Sign up and sign in."""
    email = email or f"cook-{uuid.uuid4().hex}@example.com"
    body = {"email": email, "password": PASSWORD, **names}
    answer = client.post(f"{API}/auth/signup", json=body)
    assert answer.status_code == 201, answer.text
    return Account(answer.json()["id"], email, PASSWORD, sign_in(client, email, PASSWORD))


def sign_in(client: httpx2.Client, email: str, password: str) -> str:
    """The access token of a user."""
    answer = client.post(f"{API}/auth/login", data={"username": email, "password": password})
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["access_token"]
    return token


def set_superuser(database_url: str, account: Account, is_superuser: bool = True) -> None:
    """No request makes a superuser, so the database is told."""
    statement = 'UPDATE "user" SET is_superuser = :is_superuser WHERE id = :id'
    execute(database_url, statement, is_superuser=is_superuser, id=account.id)


def create_api_token(client: httpx2.Client, user: Account, *scopes: str) -> dict[str, Any]:
    """Make an API token and give it as it was answered."""
    body = {"name": "phone", "scopes": scopes}
    answer = client.post(f"{API}/auth/tokens", json=body, headers=user.headers)
    assert answer.status_code == 201, answer.text
    token: dict[str, Any] = answer.json()
    return token


def create_recipe(client: httpx2.Client, user: Account, **members: object) -> dict[str, Any]:
    """Post a recipe and give it as it was answered."""
    body: dict[str, object] = {"label": "Pancakes", **members}
    answer = client.post(f"{API}/recipes", json=body, headers=user.headers)
    assert answer.status_code == 201, answer.text
    recipe: dict[str, Any] = answer.json()
    return recipe
