"""Stops, restarts and reloads while clients ask: no request is lost."""

import itertools
import json
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import httpx2
import pytest

from app.core.config import ROOT, Settings
from tests import server
from tests.databases import execute
from tests.factories import API, Account, sign_up
from tests.faults.load import Ask, load
from tests.faults.workers import processor_seconds
from tests.serving.wire import connected, to_the_end

RECIPES = f"{API}/recipes"
START_SECONDS = 180
CLIENTS = 8


def wait_for(what: Callable[[], bool], why: Callable[[], str] = lambda: "") -> None:
    """Wait until it is so, within a bound that only a fault reaches."""
    end = time.monotonic() + START_SECONDS
    while not what():
        assert time.monotonic() < end, why()
        time.sleep(0.05)


def wait_until_idle(process: int) -> None:
    """Wait until a process has used hardly any processor time for a second."""
    used = [processor_seconds(process)]

    def is_idle() -> bool:
        used.append(processor_seconds(process))
        return len(used) > 20 and used[-1] - used[-21] < 0.02

    wait_for(is_idle)


def reload(running: server.Server) -> None:
    """Reload, and wait until none but new workers are left."""
    old = running.workers
    running.process.send_signal(signal.SIGHUP)

    def is_over() -> bool:
        return len(running.workers) == len(old) and not running.workers & old

    wait_for(is_over, running.log.read_text)


def starts(running: server.Server) -> int:
    """How many workers have started since the server has."""
    return running.log.read_text().count("Application startup complete.")


def everything(user: Account) -> Ask:
    """Reads, writes, pages and probes in turn."""
    turns = itertools.count()

    def ask(client: httpx2.Client) -> httpx2.Response:
        match next(turns) % 8:
            case 0:
                return client.post(RECIPES, json={"label": "Soup"}, headers=user.headers)
            case 1:
                return client.get("/readyz")
            case 2:
                return client.get("/")
            case _:
                return client.get(RECIPES)

    return ask


def posted(settings: Settings) -> int:
    (row,) = execute(settings.database_url, "SELECT count(*) FROM recipe WHERE label = 'Soup'")
    return int(row[0])


def test_reloads_lose_no_request(settings: Settings, tmp_path: Path) -> None:
    """Nor does the server stop being ready for a moment."""
    with server.gunicorn(settings, tmp_path, workers=2) as running:
        with running.client() as client:
            user = sign_up(client)
        with load(running.url, everything(user), CLIENTS, pause=0.1) as seen:
            for _ in range(3):
                reload(running)
            time.sleep(1)
        assert set(seen.statuses) == {200, 201}, seen.statuses
        assert seen.statuses[201] == posted(settings)
        assert "ERROR" not in running.log.read_text()


def test_a_stop_loses_no_request(settings: Settings, tmp_path: Path) -> None:
    """It is announced at /readyz; then connections are refused, and those that are there end."""
    slow = settings.model_copy(update={"drain_seconds": 2})
    with server.gunicorn(slow, tmp_path, workers=2) as running:
        with running.client() as client:
            user = sign_up(client)
        with load(running.url, everything(user), CLIENTS, pause=0.002) as seen:
            time.sleep(1)
            asked = time.monotonic()
            assert running.stop() == 0
            ended = time.monotonic()
    failed = [each for each in seen.answers if each.error]
    assert all("ConnectError" in (each.error or "") for each in failed), seen.statuses
    answered = [each for each in seen.answers if not each.error]
    assert {each.status for each in answered} == {200, 201, 503}
    assert seen.statuses[201] == posted(settings)

    unready = [each for each in answered if each.status == 503]
    assert all(each.retry_after for each in unready)
    assert min(each.ended for each in unready) >= asked
    # Others are served all the while.
    drained = [each for each in answered if asked + 0.3 < each.began < asked + 1.9]
    assert sum(each.status != 503 for each in drained) > sum(each.status == 503 for each in drained)
    assert min(each.ended for each in failed) > asked + 1.9
    assert ended - asked < 15


def test_a_stop_waits_for_a_request_that_runs(settings: Settings, tmp_path: Path) -> None:
    with server.gunicorn(settings, tmp_path) as running:
        with running.client() as client:
            user = sign_up(client)
        lines = [b'{"label": "Soup"}\n'] * 40
        is_refused = threading.Event()

        def upload() -> Iterator[bytes]:
            yield from lines[:20]
            running.process.send_signal(signal.SIGTERM)
            wait_for(lambda: not takes_connections(running.url))
            is_refused.set()
            yield from lines[20:]

        headers = user.headers | {"Content-Type": "application/x-ndjson"}
        with running.client() as client:
            answer = client.post(f"{RECIPES}/import", content=upload(), headers=headers)
        assert is_refused.is_set()
        assert answer.status_code == 200
        assert json.loads(answer.text.splitlines()[-1])["created"] == len(lines)
        assert running.process.wait(START_SECONDS) == 0


def takes_connections(url: str) -> bool:
    try:
        with connected(url):
            return True
    except (ConnectionRefusedError, ConnectionResetError):  # Reset is who comes as it closes.
        return False


def test_an_idle_connection_may_ask_once_more_when_the_server_stops(
    settings: Settings, tmp_path: Path
) -> None:
    """A request that is on its way at that moment is answered, with `Connection: close`."""
    with server.gunicorn(settings, tmp_path) as running, connected(running.url) as connection:
        ask = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
        connection.sendall(ask)
        first = b""
        while not first.endswith(b"}"):
            first += connection.recv(65536)
        assert b"connection: close" not in first
        running.process.send_signal(signal.SIGTERM)
        wait_for(lambda: not takes_connections(running.url))
        connection.sendall(ask)
        answer = to_the_end(connection)
        assert answer.startswith(b"HTTP/1.1 200 OK")
        assert b"\r\nconnection: close\r\n" in answer


def test_ctrl_c_ends_at_once(settings: Settings, tmp_path: Path) -> None:
    slow = settings.model_copy(update={"drain_seconds": 60})
    with server.gunicorn(slow, tmp_path, workers=2) as running, connected(running.url):
        begun = time.monotonic()
        os.killpg(running.process.pid, signal.SIGINT)
        running.process.wait(START_SECONDS)
        assert time.monotonic() - begun < 15


def test_a_worker_that_dies_is_replaced(settings: Settings, tmp_path: Path) -> None:
    with server.gunicorn(settings, tmp_path, workers=2) as running:
        with load(running.url, lambda client: client.get(RECIPES), 4, pause=0.01) as seen:
            wait_for(lambda: len(seen.answers) > 100)
            victim = min(running.workers)
            os.kill(victim, signal.SIGKILL)
            wait_for(lambda: len(running.workers) == 2 and victim not in running.workers)
            killed = time.monotonic()
            time.sleep(2)
        # What it had in hand is lost, and nothing else.
        assert all(each.status == 200 for each in seen.since(killed))
        assert sum(each.error is not None for each in seen.answers) <= 4


def test_a_killed_supervisor_leaves_nothing(settings: Settings, tmp_path: Path) -> None:
    """Else its workers would hold the port, and no server could be started in their place."""
    with server.gunicorn(settings, tmp_path, workers=2) as running:
        (master,) = running.masters
        running.process.kill()
        running.process.wait()
        wait_for(lambda: not takes_connections(running.url))
        wait_for(lambda: not server.children(master) and not Path(f"/proc/{master}/exe").exists())


def test_a_killed_master_ends_the_server(settings: Settings, tmp_path: Path) -> None:
    """With a failure, so that a service manager starts it again."""
    with server.gunicorn(settings, tmp_path, workers=2) as running:
        (master,) = running.masters
        os.kill(master, signal.SIGKILL)
        assert running.process.wait(START_SECONDS) != 0
        assert not takes_connections(running.url)


# --- What a reload takes -------------------------------------------------------------------------


FROM_FILE = "SIGNUP WEB_CONCURRENCY"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the application, with an `.env` of its own."""
    folder = tmp_path / "checkout"
    for name in ("app", "alembic"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("alembic.ini", "gunicorn.conf.py"):
        shutil.copy(ROOT / name, folder)
    (folder / ".env").touch()
    return folder


def sign_up_status(running: server.Server) -> int:
    with running.client() as client:
        body = {"email": "cook@example.com", "password": "short"}
        return client.post(f"{API}/auth/signup", json=body).status_code


def test_a_reload_takes_new_settings_and_code(
    settings: Settings, tmp_path: Path, checkout: Path
) -> None:
    env = checkout / ".env"
    env.write_text("SIGNUP=open\nWEB_CONCURRENCY=1\n")
    with server.gunicorn(settings, tmp_path, root=checkout, without=FROM_FILE) as running:
        assert sign_up_status(running) == 422
        assert len(running.workers) == 1

        env.write_text("SIGNUP=closed\nWEB_CONCURRENCY=2\n")
        health = checkout / "app/api/health.py"
        health.write_text(health.read_text().replace('"ok"', '"fine"'))
        running.process.send_signal(signal.SIGHUP)
        old = running.workers
        wait_for(lambda: len(running.workers) == 2 and not running.workers & old)
        assert sign_up_status(running) == 403
        with running.client() as client:
            assert client.get("/livez").json() == {"status": "fine"}


REFUSAL = "Not reloaded"
BROKEN = {
    "setting": (".env", "SIGNUP=perhaps\n", "SIGNUP"),
    "server setting": (".env", "WEB_CONCURRENCY=many\n", "WEB_CONCURRENCY"),
    "code": ("app/main.py", "import nothing_of_that_name\n", "nothing_of_that_name"),
    "lifespan": ("app/main.py", "begin_counting = None\n", "TypeError"),
    "configuration": ("gunicorn.conf.py", "workers = (\n", "gunicorn.conf.py"),
}


def test_a_reload_of_what_cannot_start_is_refused(
    settings: Settings, tmp_path: Path, checkout: Path, subtests: pytest.Subtests
) -> None:
    (checkout / ".env").write_text("WEB_CONCURRENCY=1\n")
    with (
        server.gunicorn(settings, tmp_path, root=checkout, without=FROM_FILE) as running,
        load(running.url, lambda client: client.get("/readyz"), 2, pause=0.02) as seen,
    ):

        def is_refused(times: int) -> bool:
            return running.log.read_text().count(REFUSAL) == times

        wait_for(lambda: starts(running) == 1, running.log.read_text)
        before = running.workers
        for count, (title, (name, text, reason)) in enumerate(BROKEN.items(), 1):
            with subtests.test(title):
                file = checkout / name
                good = file.read_text()
                file.write_text(good + text)
                begin = len(running.log.read_text())
                running.process.send_signal(signal.SIGHUP)
                wait_for(partial(is_refused, count))
                assert reason in running.log.read_text()[begin:]
                assert running.workers == before
                file.write_text(good)
        reload(running)
    assert set(seen.statuses) == {200}


def test_nothing_waits_for_a_reload_that_hangs(
    settings: Settings, tmp_path: Path, checkout: Path
) -> None:
    configuration = checkout / "gunicorn.conf.py"
    good = configuration.read_text()
    hanging = "import time\n\ntime.sleep(600)\n"
    with server.gunicorn(settings, tmp_path, root=checkout) as running:
        configuration.write_text(hanging)
        running.process.send_signal(signal.SIGHUP)
        wait_for(lambda: len(running.masters) == 2)
        (victim,) = running.workers
        os.kill(victim, signal.SIGKILL)
        wait_for(lambda: bool(running.workers - {victim}))
        # Another reload takes what is there then.
        (before,) = running.workers
        configuration.write_text(good)
        running.process.send_signal(signal.SIGHUP)
        wait_for(lambda: len(running.masters) == 1 and before not in running.workers)
        configuration.write_text(hanging)
        running.process.send_signal(signal.SIGHUP)
        wait_for(lambda: len(running.masters) == 2)
        masters = running.masters
        assert running.stop() == 0
        assert not any(Path(f"/proc/{master}").exists() for master in masters)


def test_a_worker_that_hangs_leaves_its_stacks_in_the_log(
    settings: Settings, tmp_path: Path
) -> None:
    """As gunicorn ends it, after a minute without a sign of life."""
    as_json = settings.model_copy(update={"log_format": "json"})
    with server.gunicorn(as_json, tmp_path) as running:
        (hanging,) = running.workers
        # A thread that runs while its stack is read may end the dump: wait until the start is over.
        wait_until_idle(hanging)
        os.kill(hanging, signal.SIGABRT)

        def complete_lines() -> list[str]:
            return running.log.read_text().rpartition("\n")[0].splitlines()

        wait_for(lambda: any("was at" in line for line in complete_lines()))
        wait_for(lambda: bool(running.workers - {hanging}))
        messages = [json.loads(line)["message"] for line in complete_lines()]
        (stacks,) = [message for message in messages if "was at" in message]
        assert "run_forever" in stacks
        assert "core dumped" not in running.log.read_text()


def test_a_replacement_that_cannot_start_is_tried_again(
    settings: Settings, tmp_path: Path, checkout: Path
) -> None:
    """It must not end the workers that serve."""
    fault = checkout / "fault"
    main = checkout / "app/main.py"
    before, after = main.read_text().split("    yield\n")
    check = f"    assert not __import__('os').path.exists({str(fault)!r})\n"
    main.write_text(f"{before}{check}    yield\n{after}")
    with server.gunicorn(settings, tmp_path, workers=2, root=checkout) as running:
        wait_for(lambda: starts(running) == 2, running.log.read_text)
        fault.touch()
        victim = min(running.workers)
        with load(running.url, lambda client: client.get("/livez"), 2, pause=0.05) as seen:
            os.kill(victim, signal.SIGKILL)
            killed = time.monotonic()
            wait_for(lambda: "Application startup failed" in running.log.read_text())
            fault.unlink()
            wait_for(lambda: starts(running) == 3, running.log.read_text)
        assert {each.status for each in seen.since(killed + 0.5)} == {200}
