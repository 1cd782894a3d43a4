"""A database file that is gone, damaged or another one, while the application runs on it."""

import logging
import sqlite3
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient

from app.db.reader import SqliteReader
from tests.databases import Databases, sqlite_path
from tests.factories import API, Account, create_recipe
from tests.problems import assert_problem

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def _looks_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SqliteReader, "LOOK_SECONDS", 0)


@pytest.fixture
def file(database_url: str) -> Path:
    return sqlite_path(database_url)


def read(client: TestClient) -> httpx2.Response:
    return client.get(f"{API}/recipes")


def searched(client: TestClient) -> httpx2.Response:
    return client.get(f"{API}/recipes?q=soup")


def write(client: TestClient, user: Account) -> httpx2.Response:
    return client.post(f"{API}/recipes", json={"label": "Soup"}, headers=user.headers)


def refused(client: TestClient, user: Account) -> None:
    for answer in (read(client), searched(client), write(client, user)):
        assert_problem(answer, 503)
    assert client.get("/readyz").status_code == 503
    assert client.get("/livez").status_code == 200


def served(client: TestClient, user: Account) -> None:
    made = create_recipe(client, user, label="Soup")
    for answer in (read(client), searched(client)):
        assert made["id"] in [each["id"] for each in answer.json()["items"]]


def set_aside(file: Path) -> Path:
    """Move the database away, as it would be copied: with all that was written in one file."""
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return file.rename(file.with_suffix(".aside"))


def test_a_file_that_is_gone_is_not_made_anew(
    client: TestClient, user: Account, file: Path
) -> None:
    served(client, user)
    aside = set_aside(file)
    refused(client, user)
    assert not file.exists()
    aside.rename(file)
    served(client, user)


def test_a_file_that_was_replaced_is_the_one_that_is_read_and_written(
    client: TestClient, user: Account, file: Path, databases: Databases
) -> None:
    served(client, user)
    old = len(read(client).json()["items"])
    other = set_aside(file)
    other.with_suffix(".copy").write_bytes(other.read_bytes())
    other.with_suffix(".copy").rename(file)
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE recipe SET label = 'Stew'")
    connection.close()
    assert [each["label"] for each in read(client).json()["items"]] == ["Stew"] * old
    served(client, user)
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT count(*) FROM recipe").fetchone() == (old + 1,)
    connection.close()


def test_a_file_that_is_none_of_ours_is_told_as_an_error_and_no_fault(
    client: TestClient, user: Account, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    served(client, user)
    aside = set_aside(file)
    file.write_bytes(b"This is not a database. " * 1000)
    caplog.clear()
    refused(client, user)
    errors = [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert errors
    assert not any(each.exc_info for each in errors)
    assert {each.getMessage() for each in errors} == {
        "The database is damaged.: file is not a database"
    }
    aside.rename(file)
    served(client, user)
