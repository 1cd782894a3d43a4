"""The scanner finds secrets in the log: these tests log some, with a separate scanner."""

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.config import Settings
from app.core.security import hash_now
from tests import processes, server
from tests.databases import execute
from tests.factories import API, PASSWORD, Account, create_api_token
from tests.log_secrets import JWT_SECRET, SecretScanner
from tests.problems import assert_problem
from tests.processes import run
from tests.web.browser import on_one_database

logger = logging.getLogger("app.test")


@pytest.fixture
def scanner(monkeypatch: pytest.MonkeyPatch) -> Iterator[SecretScanner]:
    """A scanner for the log and the child processes of this test, instead of the one of the run."""
    own, original = SecretScanner(), logging.getLogRecordFactory()
    for module in (processes, server):
        monkeypatch.setattr(module, "SCANNER", own)
    logging.setLogRecordFactory(own.make_record)
    yield own
    logging.setLogRecordFactory(original)
    own.assert_none()


def assert_found(scanner: SecretScanner, secret: str) -> None:
    with pytest.raises(AssertionError, match="A secret was logged") as failed:
        scanner.assert_none()
    assert secret in str(failed.value)


@on_one_database
def test_every_kind_of_secret_is_found(
    scanner: SecretScanner, client: TestClient, app: FastAPI, user: Account
) -> None:
    secrets = [PASSWORD, app.state.secret, user.token, hash_now(PASSWORD)]
    for secret in [*secrets, create_api_token(client, user, "read")["token"]]:
        scanner.assert_none()
        logger.debug("A user sent %s.", secret)
        assert_found(scanner, secret)
    logger.warning("No one sent anything.")


@on_one_database
def test_exceptions_are_scanned(scanner: SecretScanner, app: FastAPI, client: TestClient) -> None:
    async def fail() -> None:
        try:
            raise ValueError(PASSWORD)
        except ValueError as error:
            raise RuntimeError("for a reason") from error

    app.add_api_route("/fails", fail)
    assert client.get("/fails").status_code == 500
    assert_found(scanner, PASSWORD)


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_row_that_the_database_refuses_is_not_logged(
    client: TestClient, database_url: str
) -> None:
    # A constraint that the schema does not know of: PostgreSQL's message contains the whole row.
    execute(database_url, """ALTER TABLE "user" ADD CONSTRAINT refused CHECK (first_name <> 'x')""")
    body = {"email": "ann@example.com", "password": PASSWORD, "first_name": "x"}
    assert_problem(client.post(f"{API}/auth/signup", json=body), 500)


@on_one_database
def test_output_of_child_processes_is_scanned(scanner: SecretScanner, settings: Settings) -> None:
    run(settings, sys.executable, "-c", "import os; print(os.environ['JWT_SECRET'])")
    assert_found(scanner, JWT_SECRET)


@on_one_database
def test_output_of_servers_is_scanned(
    scanner: SecretScanner, settings: Settings, tmp_path: Path
) -> None:
    # The path of each request is logged.
    with server.uvicorn(settings, tmp_path) as running, running.client() as client:
        client.get(f"/{JWT_SECRET}")
    assert_found(scanner, JWT_SECRET)
