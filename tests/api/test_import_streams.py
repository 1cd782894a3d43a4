"""Streams of recipes: stored and told as they come, whatever becomes of the connection."""

import asyncio
import contextlib
import http.client
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from starlette.types import Message

from app.api.import_job import IN_MEMORY
from app.api.import_stream import Outbox
from app.core.bounds import IMPORTS_AT_ONCE, MAX_BLANK_LINES, MAX_UNREAD_ANSWER
from app.core.config import Settings
from app.exchange.reading import MAX_LINE_BYTES
from tests import server
from tests.factories import API, Account, sign_up
from tests.ndjson import IMPORT, NDJSON, begin, line, parse_report, send, send_chunk
from tests.problems import assert_problem


def test_each_line_is_told_and_the_totals_last(client: TestClient, user: Account) -> None:
    body = line(0) + b"\n  \n" + line(1, visibility="private").strip()
    items, totals = send(client, user, body)
    ids = [item["id"] for item in items]
    assert [(item["index"], item["name"], item["status"]) for item in items] == [
        (0, "Soup 0", "created"),
        (1, "Soup 1", "created"),
    ]
    assert totals == {"dry_run": False, "created": 2, "updated": 0, "skipped": 0, "failed": 0}
    items, totals = send(client, user, body)
    assert [item["id"] for item in items] == ids
    assert totals["skipped"] == 2


def test_a_line_that_is_wrong_does_not_stop_the_others(client: TestClient, user: Account) -> None:
    lines = [
        line(0),
        b"{\n",
        b"5\n",
        b'{"a": 1}\n',
        b"\xff\xfe\n",
        line(1, servings=-1),
        line(2, label=""),
        line(3, notes="x" * MAX_LINE_BYTES),
        b"[" * 50_000 + b"\n",
        line(4),
    ]
    items, totals = send(client, user, b"".join(lines))
    assert [item["status"] for item in items] == ["created", *["failed"] * 8, "created"]
    assert [item["index"] for item in items] == list(range(10))
    assert totals["failed"] == 8
    assert all(item["problem"]["status"] == 422 for item in items[1:9])
    assert items[5]["problem"]["errors"][0]["pointer"] == "/servings"
    assert "1 MiB" in items[7]["problem"]["detail"]


def test_names_that_are_no_text_are_told(client: TestClient, user: Account) -> None:
    lines = [
        rb'{"label": "Soup \ud800"}',
        rb'{"label": "Soup", "\ud800": 1}',
        rb'{"label": "Soup", "ingredients": [{"text": "1 leek", "\ud800": 1}]}',
        rb'{"@type": "Recipe", "name": "Stew \ud800\u0000", "recipeIngredient": ["1 \udfff leek"]}',
        rb'{"label": "Soup", "notes": "\u0000"}',
    ]
    items, totals = send(client, user, b"\n".join(lines))
    statuses = [item["status"] for item in items]
    assert statuses == ["failed", "failed", "failed", "created", "failed"]
    assert items[3]["name"] == "Stew"
    assert totals["failed"] == 4


def test_a_dry_run_stores_nothing(client: TestClient, user: Account) -> None:
    items, totals = send(client, user, line(0) + line(1), "dry_run=true")
    assert [item["recipe"]["label"] for item in items] == ["Soup 0", "Soup 1"]
    assert (totals["dry_run"], totals["created"]) == (True, 2)
    assert client.get(f"{API}/recipes?count=true").json()["total"] == 0


def test_an_empty_stream_has_totals(client: TestClient, user: Account) -> None:
    items, totals = send(client, user, b"")
    assert (items, totals["created"]) == ([], 0)


def test_recipes_that_are_alike_are_each_one(client: TestClient, user: Account) -> None:
    url = "https://example.com/soup"
    body = line(0, url=url) * 3 + line(1, url=url) + line(0)
    for expected in ("created", "skipped", "skipped"):
        items, _ = send(client, user, body)
        assert [item["status"] for item in items] == [expected] * 5
        assert len({item["id"] for item in items}) == 5
    items, _ = send(client, user, body + line(0))
    assert [item["status"] for item in items] == ["skipped"] * 5 + ["created"]


def test_many_lines_are_all_there_once(client: TestClient, user: Account) -> None:
    numbers = range(1234)
    items, totals = send(client, user, map(line, numbers))
    assert [item["index"] for item in items] == list(numbers)
    assert totals["created"] == len(numbers)
    assert client.get(f"{API}/recipes?count=true").json()["total"] == len(numbers)


def test_blank_lines_are_few(client: TestClient, user: Account) -> None:
    body = line(0) + b"\n \t\r\n" * (MAX_BLANK_LINES // 2) + line(1)
    items, totals = send(client, user, body)
    assert [item["index"] for item in items] == [0, 1]
    assert "problem" not in totals
    for blank in (b"\n", b" \n", b"\r\n"):
        items, totals = send(client, user, line(2) * 500 + blank * (MAX_BLANK_LINES + 1) + line(3))
        assert [item["name"] for item in items] in ([], ["Soup 2"] * 500)
        assert totals["problem"]["status"] == 422
        assert f"{MAX_BLANK_LINES} blank lines" in totals["problem"]["detail"]


def test_blank_lines_cost_hardly_more_than_blank_text(client: TestClient, user: Account) -> None:
    """Each was a step of Python on the event loop."""

    def cost_of(body: bytes) -> float:
        began = time.thread_time()
        send(client, user, body)
        return time.thread_time() - began

    size = 4 * MAX_LINE_BYTES
    text = min(cost_of(b" " * size) for _ in range(3))
    assert min(cost_of(b"\n" * size) for _ in range(3)) < 10 * text


@pytest.mark.parametrize("size", [1, 7, 65536])
def test_lines_are_whole_however_they_are_cut(client: TestClient, user: Account, size: int) -> None:
    too_long = line(0, notes="x" * MAX_LINE_BYTES)
    body = (too_long if size > 7 else b"") + line(1) + b"\n" + line(2) + line(3).strip()
    items, _ = send(client, user, (body[at : at + size] for at in range(0, len(body), size)))
    statuses = ["failed"] * (size > 7) + ["created"] * 3
    assert [item["status"] for item in items] == statuses


def test_an_answer_waits_for_its_reader_only_so_far() -> None:
    """Nothing more is read of a client that does not read what it is answered."""

    async def run() -> None:
        outbox, is_read = Outbox(), asyncio.Event()
        sent = bytearray()

        async def send(message: Message) -> None:
            await is_read.wait()
            sent.extend(message["body"])

        delivery = asyncio.create_task(outbox.deliver(send))
        outbox.put(b"x" * MAX_UNREAD_ANSWER)
        await outbox.room()
        outbox.put(b"y" * 2**20)
        waiting = asyncio.create_task(outbox.room())
        await asyncio.sleep(0.05)
        assert not waiting.done()
        is_read.set()
        await waiting
        outbox.close()
        await delivery
        assert len(sent) == MAX_UNREAD_ANSWER + 2**20
        await outbox.room()

    asyncio.run(run())


# --- Over a real connection ----------------------------------------------------------------------


@pytest.fixture
def running(settings: Settings, tmp_path: Path) -> Iterator[server.Server]:
    with server.uvicorn(settings, tmp_path) as started:
        yield started


@pytest.fixture
def connection(running: server.Server) -> Iterator[http.client.HTTPConnection]:
    host = running.url.removeprefix("http://")
    opened = http.client.HTTPConnection(host, timeout=30)
    yield opened
    opened.close()


def test_who_sends_line_by_line_is_answered_line_by_line(
    running: server.Server, connection: http.client.HTTPConnection
) -> None:
    with running.client() as client:
        user = sign_up(client)
    begin(connection, user)
    answer = None
    for number in range(3):
        send_chunk(connection, line(number))
        answer = answer or connection.getresponse()
        item = json.loads(answer.readline())
        assert (item["index"], item["status"]) == (number, "created")
    send_chunk(connection, b"")
    assert answer is not None
    assert json.loads(answer.readline())["created"] == 3
    assert answer.readline() == b""


def test_who_reads_nothing_before_all_is_sent_is_answered_too(
    running: server.Server, connection: http.client.HTTPConnection
) -> None:
    with running.client() as client:
        user = sign_up(client)
    begin(connection, user)
    # Items enough to fill what lies between both sides, and the memory that is for them.
    broken = b'{"label": 5, "servings": -1, "prep_minutes": "long"}\n'
    count = 8 * IN_MEMORY // 800
    for _ in range(count // 100):
        send_chunk(connection, broken * 100)
    send_chunk(connection, line(1))
    send_chunk(connection, b"")
    items, totals = parse_report(connection.getresponse().read().decode())
    assert len(items) == count // 100 * 100 + 1
    assert (totals["created"], totals["failed"]) == (1, len(items) - 1)


def test_what_was_told_is_stored_where_the_client_goes_away(
    running: server.Server, connection: http.client.HTTPConnection
) -> None:
    with running.client() as client:
        user = sign_up(client)
    begin(connection, user)
    send_chunk(connection, line(1) + line(2))
    answer = connection.getresponse()
    ids = [json.loads(answer.readline())["id"] for _ in range(2)]
    send_chunk(connection, line(3)[:10])
    connection.close()
    with running.client() as client:
        items, _ = send(client, user, line(1) + line(2) + line(3))
    assert [item["status"] for item in items] == ["skipped", "skipped", "created"]
    assert [item["id"] for item in items[:2]] == ids


def test_an_account_has_few_imports_at_once(running: server.Server) -> None:
    """Half-sent ones too, since what has come of them is kept."""
    host = running.url.removeprefix("http://")
    with running.client() as client, contextlib.ExitStack() as stack:
        user, other = sign_up(client), sign_up(client)
        opened = [http.client.HTTPConnection(host, timeout=30) for _ in range(IMPORTS_AT_ONCE)]
        for each in opened:
            stack.callback(each.close)
            begin(each, user)
            send_chunk(each, line(1))
            each.getresponse().readline()
        for media_type in (NDJSON, {"Content-Type": "text/csv"}):
            headers = user.headers | media_type
            answer = client.post(IMPORT, content=line(2), headers=headers)
            assert_problem(answer, 429)
            assert answer.headers["retry-after"].isdecimal()
        assert send(client, other, line(2))[1]["created"] == 1
        send_chunk(opened[0], b"")
        opened[0].close()
        opened[1].close()
        for _ in range(200):
            if client.post(IMPORT, content=b"", headers=user.headers | NDJSON).status_code == 200:
                break
            time.sleep(0.05)
        assert send(client, user, line(1))[1]["skipped"] == 1


def test_a_client_that_has_gone_does_not_fill_the_log(
    running: server.Server, connection: http.client.HTTPConnection
) -> None:
    with running.client() as client:
        user = sign_up(client)
        begin(connection, user)
        broken = b'{"label": 5, "servings": -1, "prep_minutes": "long"}\n'
        for _ in range(100):
            send_chunk(connection, broken * 200)
        connection.close()
        while client.post(IMPORT, content=b"", headers=user.headers | NDJSON).status_code != 200:
            time.sleep(0.05)
    time.sleep(1)
    assert "socket.send()" not in running.log.read_text()
