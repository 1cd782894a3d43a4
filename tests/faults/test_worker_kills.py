"""`kill -9` of a worker under load: what was in its hands fails alone, and it is replaced."""

import os
import random
import signal
import time
from pathlib import Path

import httpx2
import pytest

from app.core.config import Settings
from tests import server
from tests.faults.stored import assert_kept
from tests.faults.workers import connections_of
from tests.faults.writers import create_writers, note, writing

WORKERS = 3
WRITERS = 4
REPLACED_SECONDS = 30
STARTED = "Application startup complete."

# What a client sees whose request was in the hands of the worker: its end, not a refusal.
CUT_OFF = (httpx2.ReadError, httpx2.WriteError, httpx2.RemoteProtocolError)


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="only Linux tells who holds what")
def test_kills_of_a_worker_cost_only_what_was_in_its_hands(
    settings: Settings, tmp_path: Path, in_full: bool
) -> None:
    kills = 50 if in_full else 6
    seed = random.SystemRandom().getrandbits(16)
    note(f"seed {seed}")
    chance = random.Random(seed)  # noqa: S311 - To kill any of them, not to keep a secret.
    with server.gunicorn(settings, tmp_path, workers=WORKERS) as running:
        with running.client() as client:
            writers = create_writers(client, WRITERS, seed)
        with writing(running.url, writers) as seen:
            for number in range(kills):
                workers = _wait_for_workers(running, WORKERS + number)
                seen.wait_for_all()
                time.sleep(chance.uniform(0.1, 0.3))
                failures = len(seen.failures)
                worker = chance.choice(sorted(workers))
                # While it stands still nobody comes or goes.
                os.kill(worker, signal.SIGSTOP)
                held = connections_of(worker, running.url)
                os.kill(worker, signal.SIGKILL)
                seen.wait_for_all()
                failed = seen.failures[failures:]
                assert len(failed) <= held
                assert all(isinstance(error, CUT_OFF) for error in failed), failed
            _wait_for_workers(running, WORKERS + kills)
        with running.client() as client:
            for writer in writers:
                writer.settle(client)
        assert_kept(settings.database_url, writers)
        acknowledged = sum(writer.acknowledged for writer in writers)
        note(f"{acknowledged} writes acknowledged, {len(seen.failures)} requests failed")
        assert seen.failures
        assert running.stop() == 0


def _wait_for_workers(running: server.Server, started: int) -> set[int]:
    """The workers, once that many have started since the server has."""
    end = time.monotonic() + REPLACED_SECONDS
    while running.log.read_text().count(STARTED) < started:
        assert time.monotonic() < end, running.log.read_text()
        time.sleep(0.02)
    assert len(running.workers) == WORKERS
    return running.workers
