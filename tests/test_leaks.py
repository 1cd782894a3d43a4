"""The watch on the log sees what leaks; here it leaks on purpose, into a watch of its own."""

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
from tests.leaks import JWT_SECRET, LeakWatch
from tests.problems import assert_problem
from tests.processes import run
from tests.web.browser import on_one_database

logger = logging.getLogger("app.test")


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Iterator[LeakWatch]:
    """What sees the log and the child processes of this test, in the place of the run's watch."""
    own, of_the_run = LeakWatch(), logging.getLogRecordFactory()
    for module in (processes, server):
        monkeypatch.setattr(module, "WATCH", own)
    logging.setLogRecordFactory(own.make_record)
    yield own
    logging.setLogRecordFactory(of_the_run)
    own.settle()


def assert_leaked(watch: LeakWatch, secret: str) -> None:
    with pytest.raises(AssertionError, match="A secret was logged") as failed:
        watch.settle()
    assert secret in str(failed.value)


@on_one_database
def test_every_kind_of_secret_is_seen(
    watch: LeakWatch, client: TestClient, app: FastAPI, user: Account
) -> None:
    secrets = [PASSWORD, app.state.secret, user.token, hash_now(PASSWORD)]
    for secret in [*secrets, create_api_token(client, user, "read")["token"]]:
        watch.settle()
        logger.debug("Somebody sent %s.", secret)
        assert_leaked(watch, secret)
    logger.warning("Nobody sent anything.")


@on_one_database
def test_what_the_application_logs_is_seen_with_its_exceptions(
    watch: LeakWatch, app: FastAPI, client: TestClient
) -> None:
    async def fail() -> None:
        try:
            raise ValueError(PASSWORD)
        except ValueError as error:
            raise RuntimeError("for a reason") from error

    app.add_api_route("/fails", fail)
    assert client.get("/fails").status_code == 500
    assert_leaked(watch, PASSWORD)


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_row_that_the_database_refuses_is_not_logged(
    client: TestClient, database_url: str
) -> None:
    # As where a rule of the table and the schema do not agree: PostgreSQL tells all of the row.
    execute(database_url, """ALTER TABLE "user" ADD CONSTRAINT refused CHECK (first_name <> 'x')""")
    body = {"email": "ann@example.com", "password": PASSWORD, "first_name": "x"}
    assert_problem(client.post(f"{API}/auth/signup", json=body), 500)


@on_one_database
def test_what_child_processes_print_is_seen(watch: LeakWatch, settings: Settings) -> None:
    run(settings, sys.executable, "-c", "import os; print(os.environ['JWT_SECRET'])")
    assert_leaked(watch, JWT_SECRET)


@on_one_database
def test_what_servers_print_is_seen(watch: LeakWatch, settings: Settings, tmp_path: Path) -> None:
    # The path of each request is logged, where nobody puts a secret but this test.
    with server.uvicorn(settings, tmp_path) as running, running.client() as client:
        client.get(f"/{JWT_SECRET}")
    assert_leaked(watch, JWT_SECRET)
