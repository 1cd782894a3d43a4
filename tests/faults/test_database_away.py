"""A PostgreSQL server that stops and comes back: nobody restarts anything."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.config import Settings
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

AWAY_SECONDS = 10
REFUSED_WITHIN = 3
BACK_WITHIN = 2


@pytest.fixture(scope="module")
def settings_of_module(
    database: DatabaseServer, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    return make_settings(database.url, tmp_path_factory.mktemp("away"), log_level="INFO")


@pytest.fixture(scope="module")
def served(
    settings_of_module: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("served")
    with run_sh(settings_of_module, folder, workers=2) as running:
        yield running


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["stopped", "crashed"])
def test_who_asks_meanwhile_is_told_to_come_again_and_then_served(
    database: DatabaseServer, served: Server, how: signal.Signals
) -> None:
    workers = served.workers
    with served.client() as client:
        token = sign_up(client).token
    with probes(served) as living, traffic(served, token) as seen:
        time.sleep(1)
        database.stop(how)
        stopped = time.monotonic()
        time.sleep(AWAY_SECONDS)
        returns = time.monotonic()
        database.start()
        back = time.monotonic()
        time.sleep(4)
    for each in seen.all:
        refused = refusals(each)
        # It was away for everybody, and they asked on.
        assert len([answer for answer in refused if answer.began > stopped]) > 50
        assert max(answer.seconds for answer in refused) < REFUSED_WITHIN
        successes = [answer for answer in each.answers if answer.status in (200, 201)]
        assert not [answer for answer in successes if stopped < answer.began < returns - 1]
        assert first_success(each, back) < BACK_WITHIN
    assert {answer.status for answer in living.answers} == {200}
    assert longest(living) < 1
    assert served.workers == workers
    with served.client() as client:
        # An unanswered commit may have happened, an answered one has.
        ids = {row[0] for row in database.execute("SELECT id FROM recipe", "recipes")}
        assert set(seen.stored) <= ids
        assert client.get(f"{RECIPES}/{seen.stored[-1]}").status_code == 200


def test_a_page_says_it_in_words(database: DatabaseServer, served: Server) -> None:
    with served.client() as client:
        assert client.get("/").status_code == 200
        database.stop()
        try:
            page = client.get("/", headers={"Accept": "text/html"})
            ready = client.get("/readyz")
        finally:
            database.start()
        assert page.status_code == 503
        assert page.headers["content-type"].startswith("text/html")
        assert int(page.headers["retry-after"]) >= 1
        assert ready.status_code == 503
        until(lambda: client.get("/readyz").status_code == 200)


def test_a_start_without_its_database_is_made_up_for(
    database: DatabaseServer, served: Server
) -> None:
    """A worker that is replaced meanwhile serves once the database is back."""
    workers = served.workers
    database.stop()
    try:
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        until(lambda: len(served.workers) == len(workers) and not served.workers & workers, 30)
        with served.client() as client:
            until(lambda: client.get("/livez").status_code == 200)
            assert client.get(RECIPES).status_code == 503
    finally:
        database.start()
    with served.client() as client:
        until(lambda: client.get(RECIPES).status_code == 200, BACK_WITHIN)
