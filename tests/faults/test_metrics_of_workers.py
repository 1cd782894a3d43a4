"""The metrics of several workers are exact, also when they are killed and replaced."""

import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

from app.core.config import Settings
from tests import server
from tests.factories import API
from tests.server import Server

COUNT = re.compile(
    r"http_server_request_duration_seconds_count\{"
    r'http_request_method="GET",http_route="/api/v1/tags",http_response_status_code="200"\} (\S+)'
)
WORKERS = 2
WAIT_SECONDS = 60


def metrics(running: Server) -> str:
    with running.client() as client:
        return client.get("/metrics").text


def counted(running: Server) -> float:
    found = COUNT.search(metrics(running))
    return float(found[1]) if found else 0


def ask(running: Server, times: int) -> None:
    """Ask on connections of their own, which the workers share."""
    for _ in range(times):
        with running.client() as client:
            assert client.get(f"{API}/tags").status_code == 200


def starts(running: Server) -> dict[str, float]:
    """When each worker began, by its slot."""
    found = re.findall(r'process_start_time_seconds\{worker="(\d+)"\} (\S+)', metrics(running))
    return {slot: float(moment) for slot, moment in found}


def wait_until(running: Server, done: Callable[[dict[str, float]], bool]) -> dict[str, float]:
    """Wait until the workers that count are as `done` says."""
    end = time.monotonic() + WAIT_SECONDS
    while not done(found := starts(running)):
        assert time.monotonic() < end, f"There are {found}\n{running.log.read_text()}"
        time.sleep(0.1)
    return found


def workers_of(running: Server) -> list[int]:
    return [
        int(pid) for pid in re.findall(r"Booting worker with pid: (\d+)", running.log.read_text())
    ]


def test_workers_count_together_through_kills_and_reloads(
    settings: Settings, tmp_path: Path
) -> None:
    with server.gunicorn(settings, tmp_path, WORKERS) as running:
        wait_until(running, lambda found: len(found) == WORKERS)
        ask(running, 100)
        assert counted(running) == 100

        killed = time.time()
        os.kill(workers_of(running)[0], signal.SIGKILL)
        wait_until(running, lambda found: len(found) == WORKERS and max(found.values()) > killed)
        assert counted(running) == 100
        ask(running, 50)
        assert counted(running) == 150

        reloaded = time.time()
        running.process.send_signal(signal.SIGHUP)
        wait_until(running, lambda found: len(found) == WORKERS and min(found.values()) > reloaded)
        assert counted(running) == 150
        ask(running, 50)
        assert counted(running) == 200
        # Nothing but the request for the metrics itself is in hand.
        assert re.search(r"^http_server_active_requests 1\.0$", metrics(running), re.MULTILINE)


def test_the_last_lines_are_written_before_a_server_ends(
    settings: Settings, tmp_path: Path
) -> None:
    with server.gunicorn(settings, tmp_path, WORKERS) as running:
        ask(running, 100)
        running.stop()
        assert len(re.findall(r" GET /api/v1/tags 200 ", running.log.read_text())) == 100
