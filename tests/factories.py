"""Create users, tokens and recipes for tests."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, cast

import httpx2
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app import crud
from app.core.security import Claims, create_access_token, hash_now
from app.schemas.user import UserCreate
from tests.databases import execute

API = "/api/v1"
PASSWORD = "seven wooden spoons"


@dataclass(frozen=True)
class Account:
    """A user with an access token. Send `headers` with each request of theirs."""

    id: int
    email: str
    password: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def create_user(client: TestClient, email: str | None = None, **names: str) -> Account:
    """A user who is signed in, quicker than by `sign_up`: hashing takes longer than most tests."""
    email = email or _new_email()
    state = cast(FastAPI, client.app).state
    data = UserCreate(email=email, password=PASSWORD, **names)
    user = state.transactions.run_now(crud.user.register, data, hashed_password())
    claims = Claims(user.id, user.token_version)
    token = create_access_token(claims, state.secret, timedelta(minutes=30))
    return Account(user.id, email, PASSWORD, token)


@cache
def hashed_password() -> str:
    return hash_now(PASSWORD)


def _new_email() -> str:
    return f"cook-{uuid.uuid4().hex}@example.com"


def sign_up(client: httpx2.Client, email: str | None = None, **names: str) -> Account:
    """A user who has signed up and signed in, as clients do it."""
    email = email or _new_email()
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
    """Change the row in the database, since no request makes a superuser."""
    statement = 'UPDATE "user" SET is_superuser = :is_superuser WHERE id = :id'
    execute(database_url, statement, is_superuser=is_superuser, id=account.id)


def create_api_token(client: httpx2.Client, user: Account, *scopes: str) -> dict[str, Any]:
    """Create an API token, and return the response."""
    body = {"name": "phone", "scopes": scopes}
    answer = client.post(f"{API}/auth/tokens", json=body, headers=user.headers)
    assert answer.status_code == 201, answer.text
    token: dict[str, Any] = answer.json()
    return token


def share_key(client: httpx2.Client, user: Account, recipe_id: int) -> str:
    """Return the key that opens an unlisted recipe of `user`."""
    answer = client.get(f"{API}/recipes/{recipe_id}/share-link", headers=user.headers)
    assert answer.status_code == 200, answer.text
    key: str = answer.json()["key"]
    return key


def create_recipe(client: httpx2.Client, user: Account, **members: object) -> dict[str, Any]:
    """Create a recipe, and return the response."""
    body: dict[str, object] = {"label": "Pancakes", **members}
    answer = client.post(f"{API}/recipes", json=body, headers=user.headers)
    assert answer.status_code == 201, answer.text
    recipe: dict[str, Any] = answer.json()
    return recipe
