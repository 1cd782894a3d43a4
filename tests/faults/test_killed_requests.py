"""`kill -9` in the middle of a write: what was told is stored, and it can be sent again."""

import contextlib
import http.client
import json
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest
import sqlalchemy

from app.core.config import Settings
from tests import server
from tests.databases import connected, execute
from tests.factories import API, Account, sign_up
from tests.ndjson import begin, line, sample_lines, send, send_chunk
from tests.ops.cli.commands import Recipes
from tests.processes import kill, started

SEEN_SECONDS = 30


def test_after_a_kill_before_the_answer_a_retry_leaves_one_recipe(
    settings: Settings, database_url: str, tmp_path: Path
) -> None:
    """Killed as soon as the effect is seen, and in the last round while the transaction waits."""
    user = None
    for done in range(4):
        with (
            server.uvicorn(settings, tmp_path) as running,
            running.client() as client,
            ThreadPoolExecutor(1) as thread,
        ):
            user = user or sign_up(client)
            if done:
                assert _post(client, user, f"round-{done - 1}").status_code == 201
                assert _count(database_url) == done
            if done < 2:
                sent = thread.submit(_send, client, user, f"round-{done}")
                _wait_for_recipes(database_url, done + 1)
                kill(running.process)
                sent.result()
            elif done == 2:
                with connected(database_url) as connection:
                    connection.execute(sqlalchemy.text("UPDATE recipe_counter SET value = value"))
                    sent = thread.submit(_send, client, user, f"round-{done}")
                    time.sleep(0.3)
                    kill(running.process)
                    sent.result()
                assert _count(database_url) == done


def _post(client: httpx2.Client, user: Account, key: str) -> httpx2.Response:
    headers = user.headers | {"Idempotency-Key": key}
    return client.post(f"{API}/recipes", json={"label": "Toast"}, headers=headers)


def _send(client: httpx2.Client, user: Account, key: str) -> None:
    with contextlib.suppress(httpx2.TransportError):
        _post(client, user, key)


def _wait_for_recipes(database_url: str, number: int) -> None:
    end = time.monotonic() + SEEN_SECONDS
    while _count(database_url) < number:
        assert time.monotonic() < end


@pytest.mark.parametrize("round_", range(2))
def test_a_server_that_is_killed_has_lost_nothing_that_it_told(
    settings: Settings, tmp_path: Path, round_: int
) -> None:
    body = [line(number, notes="x" * 500) for number in range(3000)]
    with server.uvicorn(settings, tmp_path) as running:
        with running.client() as client:
            user = sign_up(client)
        opened = http.client.HTTPConnection(running.url.removeprefix("http://"), timeout=30)
        begin(opened, user)
        for at in range(0, 1500, 50):
            send_chunk(opened, b"".join(body[at : at + 50]))
        answer = opened.getresponse()
        known = [json.loads(answer.readline())["id"] for _ in range(300 * (round_ + 1))]
        running.process.kill()
        running.process.wait()
        opened.close()
    there = {row.id for row in execute(settings.database_url, "SELECT id FROM recipe")}
    assert set(known) <= there
    with server.uvicorn(settings, tmp_path) as running, running.client() as client:
        items, totals = send(client, user, iter(body))
        assert totals["created"] + totals["skipped"] == len(body)
        assert len({item["id"] for item in items}) == len(body)
        assert client.get(f"{API}/recipes?count=true").json()["total"] == len(body)


def test_an_import_that_was_killed_is_run_again(
    settings: Settings, superuser: Account, tmp_path: Path
) -> None:
    file = tmp_path / "many.ndjson"
    file.write_text(sample_lines(8000))
    command = str(Path(sys.executable).with_name("recipes"))
    url = settings.database_url
    with started(settings, command, "import", str(file)) as process:
        while (count := _count(url)) < 1000:
            assert process.poll() is None
        process.kill()
        process.wait()
    assert 0 < count < 8000
    done = Recipes(settings)("import", str(file))
    assert done.status == 0
    created, _, skipped, _ = (int(number) for number in re.findall(r"\d+", done.out))
    assert (created + skipped, _count(url)) == (8000, 8000)
    assert skipped >= 1000


def _count(url: str) -> int:
    ((count,),) = execute(url, "SELECT count(*) FROM recipe")
    return int(count)
