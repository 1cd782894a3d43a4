"""A PostgreSQL server that is frozen: it takes what is sent, and answers nothing."""

import time
from collections.abc import Iterator

import pytest

from tests.factories import sign_up
from tests.faults.database_server import DatabaseServer
from tests.faults.outages import (
    RECIPES,
    first_success,
    longest,
    probes,
    refusals,
    traffic,
    until,
)
from tests.processes import make_settings
from tests.server import Server, run_sh

WORKERS = 2
FROZEN_SECONDS = 15
ANSWERED_WITHIN = 10 + 1
BACK_WITHIN = 2


@pytest.fixture(scope="module")
def served(database: DatabaseServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    settings = make_settings(database.url, tmp_path_factory.mktemp("hangs"), log_level="INFO")
    with run_sh(settings, tmp_path_factory.mktemp("served"), WORKERS) as running:
        yield running


def test_everybody_is_answered_in_time_and_served_once_it_goes_on(
    database: DatabaseServer, served: Server
) -> None:
    workers = served.workers
    with served.client() as client:
        token = sign_up(client).token
    # More clients than a worker has connections: those who wait for one are bounded as well.
    with probes(served) as living, traffic(served, token, clients=8) as seen:
        time.sleep(2)
        database.freeze()
        frozen = time.monotonic()
        time.sleep(FROZEN_SECONDS)
        thawed = time.monotonic()
        database.thaw()
        time.sleep(4)
    for each in seen.all:
        assert longest(each) < ANSWERED_WITHIN
        assert len([answer for answer in refusals(each) if answer.began > frozen]) > 10
        assert first_success(each, thawed) < BACK_WITHIN
    assert {answer.status for answer in living.answers} == {200}
    assert longest(living) < 1
    assert served.workers == workers
    stored = {row[0] for row in database.execute("SELECT id FROM recipe", "recipes")}
    assert set(seen.stored) <= stored
    # What was given up on is closed, on both sides.
    until(lambda: database.connections() <= WORKERS * 12, 10)
    with served.client() as client:
        for _ in range(20):
            assert client.get(RECIPES).status_code == 200


def test_readiness_is_told_soon(database: DatabaseServer, served: Server) -> None:
    with served.client() as client:
        assert client.get("/readyz").status_code == 200
        database.freeze()
        try:
            began = time.monotonic()
            ready = client.get("/readyz")
            took = time.monotonic() - began
        finally:
            database.thaw()
        assert ready.status_code == 503
        assert int(ready.headers["retry-after"]) >= 1
        assert took < 5
        until(lambda: client.get("/readyz").status_code == 200, BACK_WITHIN)
