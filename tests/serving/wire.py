"""Clients that send bytes, since no library sends what these tests are about."""

import contextlib
import re
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx2

PATIENCE = 30.0
LIVE = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"


@contextlib.contextmanager
def connected(url: str) -> Iterator[socket.socket]:
    """A connection to the server at `url`."""
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    with socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE) as connection:
        yield connection


def to_the_end(connection: socket.socket) -> bytes:
    """All that comes until the server closes."""
    received = bytearray()
    with contextlib.suppress(ConnectionResetError):
        while data := connection.recv(65536):
            received += data
    return bytes(received)


def answer_of(received: bytes, path: str = "/livez") -> httpx2.Response:
    """The one answer in what was received, and that it is one."""
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    fields = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    assert first.startswith("HTTP/1.1 "), received[:200]
    request = httpx2.Request("GET", f"http://localhost{path}")
    answer = httpx2.Response(int(first.split()[1]), headers=fields, content=body, request=request)
    assert len(body) == int(answer.headers["content-length"])
    return answer


def answers_of(received: bytes) -> list[httpx2.Response]:
    """All answers in what was received, each of which says how long it is."""
    answers = []
    while received:
        head, _, _ = received.partition(b"\r\n\r\n")
        (length,) = re.findall(rb"content-length: (\d+)", head)
        end = len(head) + 4 + int(length)
        answers.append(answer_of(received[:end]))
        received = received[end:]
    return answers


def exchange(url: str, *parts: bytes) -> bytes:
    """Send the parts one after the other, and read until the server closes."""
    with connected(url) as connection:
        for part in parts:
            try:
                connection.sendall(part)
            except OSError:  # It has been refused already.
                break
            time.sleep(0.01)
        return to_the_end(connection)
