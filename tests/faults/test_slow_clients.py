"""Clients that send half of a request, or far too much, and the others meanwhile."""

import contextlib
import json
import os
import resource
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.bounds import MAX_UNREAD_ANSWER
from app.core.config import Settings
from app.serving.protocol import BODY_SECONDS, HEAD_SECONDS, LINGER_SECONDS, UNREAD_SECONDS
from tests import server
from tests.databases import SqliteDatabases
from tests.factories import API, create_recipe, sign_up
from tests.faults.load import load
from tests.log_secrets import JWT_SECRET
from tests.problems import assert_problem
from tests.processes import make_settings
from tests.serving.wire import LIVE, answer_of, connected, to_the_end

MIB = 1024 * 1024
RECIPES, PARSE = f"{API}/recipes", f"{API}/ingredients/parse"
SLACK = 5.0
POST = f"POST {PARSE} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n".encode()


@pytest.fixture
def settings(sqlite_databases: SqliteDatabases, tmp_path: Path) -> Settings:
    """None of this depends on the database."""
    return make_settings(
        sqlite_databases.create(), tmp_path, jwt_secret=JWT_SECRET, drain_seconds=0
    )


@pytest.fixture
def running(settings: Settings, tmp_path: Path) -> Iterator[server.Server]:
    with server.gunicorn(settings, tmp_path) as started:
        yield started


def memory(running: server.Server) -> int:
    """The most bytes of memory that the worker has had at any time."""
    (worker,) = running.workers
    (line,) = (
        line
        for line in Path(f"/proc/{worker}/status").read_text().splitlines()
        if line.startswith("VmHWM:")
    )
    return int(line.split()[1]) * 1024


HALVES = {
    "nothing": (b"", b""),
    "head": (LIVE[:20], b"HTTP/1.1 408 "),
    "body": (POST + b"Content-Length: 100\r\n\r\n{", b"HTTP/1.1 408 "),
}


def test_500_half_open_connections(running: server.Server) -> None:
    """Others are served as if there were none, and all of them end in time."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    seen: Counter[str] = Counter()

    def hold(connection: socket.socket, name: str) -> None:
        ended = to_the_end(connection)
        seen[name] += ended.startswith(HALVES[name][1]) and bool(ended) == bool(HALVES[name][1])

    begun = time.monotonic()
    with contextlib.ExitStack() as stack:
        threads = []
        for number in range(500):
            name = list(HALVES)[number % 3]
            connection = stack.enter_context(connected(running.url))
            connection.settimeout(BODY_SECONDS + 4 * SLACK)
            connection.sendall(HALVES[name][0])
            threads.append(threading.Thread(target=hold, args=(connection, name)))
        with load(running.url, lambda client: client.get(RECIPES), 2, pause=0.02) as others:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    took = time.monotonic() - begun
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert seen == {"nothing": 167, "head": 167, "body": 166}
    assert took < BODY_SECONDS + 2 * SLACK
    assert set(others.statuses) == {200}
    assert others.percentile(0.99) < 1


def test_a_head_that_trickles_ends_with_408(running: server.Server) -> None:
    with connected(running.url) as connection:
        begun = time.monotonic()
        with contextlib.suppress(OSError):
            connection.sendall(LIVE[:-2] + b"X: ")
            while time.monotonic() - begun < HEAD_SECONDS + SLACK:
                connection.sendall(b"a")
                time.sleep(0.25)
        answer = answer_of(to_the_end(connection), "/livez")
    assert_problem(answer, 408)


def test_an_upload_that_goes_on_may_take_its_time(running: server.Server) -> None:
    """Longer than any body is given that does not go on, at a rate that a bad line reaches."""
    body = b'{"lines": ["1 egg"]}'.ljust(150_000)
    head = POST + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
    with connected(running.url) as connection:
        connection.sendall(head)
        seconds = int(BODY_SECONDS + SLACK)
        step = len(body) // seconds + 1
        for start in range(0, len(body), step):
            connection.sendall(body[start : start + step])
            time.sleep(1)
        assert answer_of(to_the_end(connection)).status_code == 200


def connections(running: server.Server) -> int:
    """How many sockets the worker has open."""
    (worker,) = running.workers
    targets = [os.readlink(each) for each in Path(f"/proc/{worker}/fd").iterdir()]
    return sum(target.startswith("socket:") for target in targets)


@pytest.mark.parametrize("count", [1, 500], ids=["one answer", "answers to come"])
def test_who_does_not_read_an_answer_is_let_go(running: server.Server, count: int) -> None:
    with running.client() as client:
        author = sign_up(client)
        text = {"notes": "x" * 50_000, "steps": ["y" * 10_000] * 30}
        for _ in range(30):
            create_recipe(client, author, **text)
        client.get(f"{RECIPES}/export?format=ndjson")
    # What an export takes that is read, so that the rest is what waits for the client.
    before = memory(running)
    ask = f"GET {RECIPES}/export?format=ndjson HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    with connected(running.url) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(ask * count)
        begun = time.monotonic()
        time.sleep(1)
        held = connections(running)
        time.sleep(UNREAD_SECONDS - SLACK)
        assert connections(running) == held
        while connections(running) == held:
            assert time.monotonic() - begun < UNREAD_SECONDS + 2 * SLACK
            time.sleep(0.1)
    assert memory(running) - before < 20 * MIB


def test_who_sends_on_and_reads_no_report_is_let_go(running: server.Server) -> None:
    """What is not read waits in a file, which must not grow as long as the client sends."""
    with running.client() as client:
        author = sign_up(client)
    line = json.dumps({"label": "Soup", "extras": {"a": "x" * 500_000}}).encode() + b"\n"
    with connected(running.url) as connection:
        head = f"POST {RECIPES}/import?dry_run=true HTTP/1.1\r\nHost: localhost\r\n"
        head += f"Authorization: {author.headers['Authorization']}\r\n"
        head += "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection.sendall(head.encode())
        connection.settimeout(2 * UNREAD_SECONDS)
        sent = 0
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            while sent < 5 * MAX_UNREAD_ANSWER:
                connection.sendall(b"%x\r\n%b\r\n" % (len(line), line))
                sent += len(line)
    assert sent < 2 * MAX_UNREAD_ANSWER
    with running.client() as client:
        assert client.get("/livez").status_code == 200


LATE = {
    "garbage": (b"\x00garbage\r\n\r\n", LINGER_SECONDS),
    "half a head": (LIVE[:20], HEAD_SECONDS + LINGER_SECONDS),
    "half a body": (POST + b"Content-Length: 100\r\n\r\n{", BODY_SECONDS + LINGER_SECONDS),
}


@pytest.mark.parametrize(("behind", "seconds"), LATE.values(), ids=LATE.keys())
def test_what_is_refused_behind_a_long_answer_does_not_cut_it(
    running: server.Server, behind: bytes, seconds: float
) -> None:
    with running.client() as client:
        author = sign_up(client)
        for _ in range(40):
            create_recipe(client, author, extras={"a": "x" * 500_000})
    ask = f"GET {RECIPES}/export?format=ndjson HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    with connected(running.url) as connection:
        connection.sendall(ask + behind)
        time.sleep(seconds + SLACK / 2)
        received = to_the_end(connection)
    assert received.count(b"HTTP/1.1 ") == 1
    assert received.endswith(b"\r\n0\r\n\r\n")
    assert received.count(b'"label"') == 40


def test_50_mb_of_headers_take_no_memory(running: server.Server) -> None:
    before = memory(running)
    for field in (b"X: " + b"a" * 65_536, b"X: " + b"a" * 1000 + b"\r\n"):
        with connected(running.url) as connection:
            connection.sendall(LIVE[:-2])
            sent = 0
            with contextlib.suppress(OSError):
                while sent < 50 * MIB:
                    connection.sendall(field)
                    sent += len(field)
            answer = answer_of(to_the_end(connection))
        assert_problem(answer, 431)
    assert memory(running) - before < 10 * MIB


@pytest.mark.parametrize("framing", ["declared", "chunked"])
def test_a_body_of_a_gibibyte_takes_no_memory(running: server.Server, framing: str) -> None:
    before = memory(running)
    piece = b" " * MIB
    with connected(running.url) as connection:
        if framing == "declared":
            connection.sendall(POST + b"Content-Length: %d\r\n\r\n" % (1024 * MIB))
        else:
            connection.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n")
            piece = b"%x\r\n%b\r\n" % (MIB, piece)
        with contextlib.suppress(OSError):
            for _ in range(1024):
                connection.sendall(piece)
        answer = answer_of(to_the_end(connection), PARSE)
    assert_problem(answer, 413)
    assert memory(running) - before < 50 * MIB
    with running.client() as client:
        assert client.get("/livez").status_code == 200
