"""Requests that the server refuses, and what happens to their connections."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import server
from tests.databases import SqliteDatabases
from tests.factories import API
from tests.log_secrets import JWT_SECRET
from tests.problems import assert_problem
from tests.processes import make_settings
from tests.serving.wire import LIVE, answer_of, answers_of, connected, exchange, to_the_end

KIB = 1024


@pytest.fixture(scope="module")
def running(
    sqlite_databases: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[server.Server]:
    """One server for all tests, which change no data."""
    folder = tmp_path_factory.mktemp("server")
    settings = make_settings(
        sqlite_databases.create(), folder, jwt_secret=JWT_SECRET, drain_seconds=0
    )
    with server.gunicorn(settings, folder) as started:
        yield started


def get(*lines: bytes, target: bytes = b"/livez") -> bytes:
    return b"\r\n".join([b"GET " + target + b" HTTP/1.1", b"Host: localhost", *lines, b"", b""])


REFUSED = {
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", "/", 400),
    "another version": (b"GET /livez HTTP/9.9\r\n\r\n", "/livez", 400),
    "a line of spaces": (b"GET  HTTP/1.1\r\n\r\n", "/", 400),
    "a name with a space": (get(b"a b: c"), "/livez", 400),
    "a bare line feed in a value": (get(b"a: b\x00c"), "/livez", 400),
    "two lengths": (get(b"Content-Length: 1", b"Content-Length: 2"), "/livez", 400),
    "both framings": (get(b"Content-Length: 4", b"Transfer-Encoding: chunked"), "/livez", 400),
    "a length that is none": (get(b"Content-Length: -1"), "/livez", 400),
    "a long target": (get(target=b"/livez?" + b"a" * 8 * KIB), "/livez", 414),
    "an endless target": (b"GET /" + b"a" * 100 * KIB, "/", 414),
    "a long field": (get(b"X: " + b"a" * 32 * KIB), "/livez", 431),
    "an endless field": (get(b"X: " + b"a" * 100 * KIB)[:-4], "/livez", 431),
    "many fields": (get(*[b"a: b"] * 100), "/livez", 431),
    "many long fields": (get(*[b"a: " + b"b" * KIB] * 40), "/livez", 431),
}


@pytest.mark.parametrize(("sent", "path", "status"), REFUSED.values(), ids=REFUSED.keys())
def test_a_bad_head_is_refused(running: server.Server, sent: bytes, path: str, status: int) -> None:
    answer = answer_of(exchange(running.url, sent), path)
    assert_problem(answer, status)
    assert answer.headers["connection"] == "close"
    assert answer.headers["date"]


LARGEST = {
    "target": get(target=b"/livez?".ljust(8 * KIB, b"a")),
    "field": get(b"X: " + b"a" * 31 * KIB),
    "fields": get(*[b"a: b"] * 98, b"Connection: close"),
}


@pytest.mark.parametrize("sent", LARGEST.values(), ids=LARGEST.keys())
def test_a_head_of_the_greatest_size(running: server.Server, sent: bytes) -> None:
    closing = sent.replace(b"Host: localhost\r\n", b"Host: x\r\nConnection: close\r\n", 1)
    answer = answer_of(exchange(running.url, sent if b"close" in sent else closing))
    assert answer.status_code in (200, 422)  # /livez knows no parameter.


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_head_in_pieces(running: server.Server, size: int) -> None:
    head = get(b"Connection: close", b"X: " + b"a" * 300)
    parts = [head[start : start + size] for start in range(0, len(head), size)]
    assert answer_of(exchange(running.url, *parts)).status_code == 200


def test_a_connection_serves_many_requests_also_at_once(running: server.Server) -> None:
    received = exchange(running.url, LIVE * 3, LIVE, get(b"Connection: close"))
    assert received.count(b"HTTP/1.1 200 OK") == 5


def test_garbage_after_a_request_leaves_its_answer(running: server.Server) -> None:
    received = exchange(running.url, get(target=f"{API}/recipes".encode()) + b"\x00garbage\r\n\r\n")
    assert received.count(b"HTTP/1.1 ") == 1
    assert answer_of(received).status_code == 200


CHUNKED = f"POST {API}/ingredients/parse HTTP/1.1\r\nHost: localhost\r\n".encode() + (
    b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
)
LINES = b'{"lines": ["1 egg"]}'
CHUNK = b"%x\r\n%b\r\n" % (len(LINES), LINES)

RECIPES = get(target=f"{API}/recipes".encode())
BAD_BODIES = {
    "a chunk that is none": b"no chunk\r\n",
    "a long extension": b"1;" + b"a" * KIB * KIB,
    "a broken chunk after a good one": b"2\r\n{}\r\nno chunk\r\n",
}


@pytest.mark.parametrize("before", [1, 3])
@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES.keys())
def test_a_bad_pipelined_body_leaves_the_answers_before_it(
    running: server.Server, body: bytes, before: int
) -> None:
    log = running.log.read_text()
    answers = answers_of(exchange(running.url, RECIPES * before + CHUNKED + body))
    assert [answer.json()["items"] for answer in answers[:before]] == [[]] * before
    # The bad request is refused if it was read after those answers, and dropped otherwise.
    assert [answer.status_code for answer in answers[before:]] in ([], [400], [431])
    assert "Traceback" not in running.log.read_text()[len(log) :]


def test_half_a_pipelined_body_is_not_answered(running: server.Server) -> None:
    log = running.log.read_text()
    first = CHUNKED + CHUNK  # Its end comes with what follows.
    received = exchange(running.url, first, b"0\r\n\r\n" + CHUNKED + CHUNK)
    (answer,) = answers_of(received)
    assert answer.status_code == 200
    assert "Traceback" not in running.log.read_text()[len(log) :]


HEADS = {
    "many long fields": (get(*[b"a: " + b"b" * KIB] * 40), 431),
    "a long target": (get(target=b"/livez?" + b"a" * 8 * KIB), 414),
}


@pytest.mark.parametrize(("head", "status"), HEADS.values(), ids=HEADS.keys())
@pytest.mark.parametrize("end", [None, -1], ids=["in one read", "in two"])
def test_a_large_pipelined_head_is_refused(
    running: server.Server, head: bytes, status: int, end: int | None
) -> None:
    """Its size counts even if it began in a read that held something else."""
    sent = (CHUNKED.replace(b"Connection: close\r\n", b"") + CHUNK + b"0\r\n\r\n", head[:end])
    received = exchange(running.url, b"".join(sent), *([head[end:]] if end else []))
    answered, *refused = answers_of(received)
    assert answered.json().keys() == {"ingredients"}
    # It is refused if it was read after that answer, and dropped otherwise.
    for answer in refused:
        assert_problem(answer, status)


def test_a_large_body_does_not_count_as_the_head_after_it(running: server.Server) -> None:
    body = LINES.ljust(100 * KIB)
    post = CHUNKED.replace(b"Connection: close\r\n", b"")
    last = get(b"Connection: close")
    received = exchange(
        running.url, post + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) + last[:9], last[9:]
    )
    assert received.count(b"HTTP/1.1 200 OK") == 2


def test_no_protocol_to_upgrade_to(running: server.Server) -> None:
    asks = get(b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Version: 13")
    answer = answer_of(exchange(running.url, asks))
    assert answer.status_code == 200
    assert answer.headers["connection"] == "close"


def test_trailers_are_not_headers(running: server.Server) -> None:
    trailers = b"0\r\nX-Request-ID: from-a-trailer\r\nAccept: text/none\r\n\r\n"
    # In one read: they have arrived before the application reads the headers.
    answer = answer_of(exchange(running.url, CHUNKED + CHUNK + trailers))
    assert answer.status_code == 200
    assert answer.headers["x-request-id"] != "from-a-trailer"


@pytest.mark.parametrize(
    "flood",
    [b"0\r\nX: " + b"a" * 100 * KIB, b"0\r\n" + b"X: y\r\n" * 20_000, b"1;" + b"a" * 100 * KIB],
    ids=["trailer", "trailers", "extension"],
)
def test_a_flood_that_is_no_body(running: server.Server, flood: bytes) -> None:
    answer = answer_of(exchange(running.url, CHUNKED, CHUNK, flood), f"{API}/ingredients/parse")
    assert_problem(answer, 431)


def test_a_refusal_reaches_a_client_that_goes_on_sending(running: server.Server) -> None:
    """A connection that is closed with bytes unread is reset, which loses the answer."""
    length = 16 * KIB * KIB
    head = f"POST {API}/recipes HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
    with connected(running.url) as connection:
        connection.sendall(head.encode())
        for _ in range(256):
            connection.sendall(b" " * 64 * KIB)
            time.sleep(0.001)
        answer = answer_of(to_the_end(connection), f"{API}/recipes")
    assert_problem(answer, 413)
    assert answer.headers["connection"] == "close"


def test_garbage_does_not_fill_the_log(sqlite_databases: SqliteDatabases, tmp_path: Path) -> None:
    settings = make_settings(
        sqlite_databases.create(),
        tmp_path,
        jwt_secret=JWT_SECRET,
        log_level="WARNING",
        drain_seconds=0,
    )
    with server.gunicorn(settings, tmp_path) as started:
        before = started.log.read_text()
        for _ in range(50):
            exchange(started.url, b"\x00\r\n\r\n")
            exchange(started.url, get(b"Connection: Upgrade, close", b"Upgrade: websocket"))
        assert started.log.read_text() == before
