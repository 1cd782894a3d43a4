"""Connections that are used up, held by others, or left behind by clients that go away."""

import contextlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import psycopg
import pytest

from tests.factories import Account, create_recipe, sign_up
from tests.faults.database_server import DatabaseServer, database_server
from tests.faults.load import load
from tests.faults.outages import RECIPES, longest, refusals, until
from tests.processes import ALEMBIC, make_settings, run
from tests.server import Server, gunicorn, uvicorn

GIVEN = 20
RESERVED = 3


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    with database_server(max_connections=str(GIVEN)) as running:
        settings = make_settings(running.url, tmp_path_factory.mktemp("data"))
        assert run(settings, *ALEMBIC, "upgrade", "head").returncode == 0
        yield running


@pytest.fixture
def served(database: DatabaseServer, tmp_path: Path) -> Iterator[Server]:
    settings = make_settings(database.url, tmp_path / "data", log_level="INFO")
    with uvicorn(settings, tmp_path) as running:
        yield running


def user_of(server: Server) -> Account:
    with server.client() as client:
        return sign_up(client)


def test_a_server_without_a_free_connection_refuses_soon(
    database: DatabaseServer, served: Server
) -> None:
    user = user_of(served)
    # The server has one or two of them by now, and gets no more.
    with contextlib.ExitStack() as others:
        with contextlib.suppress(psycopg.OperationalError):
            while True:
                others.enter_context(psycopg.connect(database.url))
        body = {"label": "Soup"}
        with (
            load(served.url, lambda client: client.get(RECIPES), clients=12) as reads,
            load(
                served.url,
                lambda client: client.post(RECIPES, json=body, headers=user.headers),
                clients=12,
            ) as writes,
        ):
            time.sleep(5)
        for seen in (reads, writes):
            refusals(seen)
            assert longest(seen) < 4
            # With what it has it serves on.
            assert seen.statuses[200] + seen.statuses[201] > 10
    with served.client() as client:
        until(lambda: client.get(RECIPES).status_code == 200, 2)
        until(lambda: client.post(RECIPES, json=body, headers=user.headers).status_code == 201, 2)


def test_a_row_that_somebody_holds_keeps_nobody_for_ever(
    database: DatabaseServer, served: Server
) -> None:
    user = user_of(served)
    with served.client() as client:
        recipe = create_recipe(client, user)
    path = f"{RECIPES}/{recipe['id']}"

    def change(client: httpx2.Client) -> httpx2.Response:
        return client.patch(path, json={"notes": "Stir."}, headers=user.headers)

    with psycopg.connect(database.url) as other:
        other.execute("SELECT * FROM recipe FOR UPDATE")
        # More than there are connections to write with.
        with load(served.url, change, clients=12) as changes:
            time.sleep(1)
            with served.client() as client:
                began = time.monotonic()
                assert client.get(path).status_code == 200
                assert time.monotonic() - began < 1
            time.sleep(11)
        refused = refusals(changes)
        assert len(refused) >= 12
        assert longest(changes) < 11
    with served.client() as client:
        until(lambda: change(client).status_code == 200, 2)


def test_clients_that_go_away_leave_no_connection_behind(
    database: DatabaseServer, served: Server
) -> None:
    user = user_of(served)
    with served.client() as client:
        labels = [
            {"op": "create", "recipe": {"label": f"Soup {i}", "notes": "Stir. " * 500}}
            for i in range(500)
        ]
        made = client.post(f"{RECIPES}/batch", json={"operations": labels}, headers=user.headers)
        assert made.status_code == 200, made.text
    address = served.url.removeprefix("http://").partition(":")
    for path in (f"{RECIPES}/export?format=ndjson", f"{RECIPES}?q=soup&count=true"):
        for _ in range(20):
            with socket.create_connection((address[0], int(address[2]))) as client_socket:
                client_socket.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                if "export" in path:
                    client_socket.recv(100)
    with served.client() as client:
        for _ in range(20):
            assert client.get(RECIPES).status_code == 200
    assert database.connections() <= 12


def test_more_workers_than_the_server_has_connections_for_is_told(
    database: DatabaseServer, tmp_path: Path
) -> None:
    settings = make_settings(database.url, tmp_path / "data", log_level="INFO")
    with gunicorn(settings, tmp_path, workers=2) as server:
        told = f"2 workers may open 24 connections, but PostgreSQL gives {GIVEN - RESERVED}"
        until(lambda: told in server.log.read_text())
