"""The load: one request, over and over, on many keep-alive connections at once.

A loop over epoll with the least parsing that is still honest: it takes several times fewer
microseconds per request than any of the servers, so the server is what saturates.
"""

import select
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass

PATIENCE = 20.0
"""Seconds without any answer after which the run is refused."""
SUCCESS = b"2"
"""How the status of a success begins."""


class RefusedError(Exception):
    """The run says nothing: a server failed, or answered with something else than success."""


@dataclass(frozen=True)
class Measurement:
    """What one burst of load saw."""

    seconds: float
    latencies: list[float]
    client_cpu: float

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds

    @property
    def client_share(self) -> float:
        """The share of its core that the load took; near 1 it would be the bottleneck."""
        return self.client_cpu / self.seconds

    @property
    def tail(self) -> float:
        """The 99th percentile of the latencies over their median."""
        return percentile(self.latencies, 99) / percentile(self.latencies, 50)


def percentile(latencies: Sequence[float], percent: int) -> float:
    """The latency that so many percent are below."""
    return sorted(latencies)[len(latencies) * percent // 100]


def request_bytes(method: str, path: str, body: bytes = b"", *headers: tuple[str, str]) -> bytes:
    """A request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Accept: */*"]
    lines += [f"{name}: {value}" for name, value in headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def body_of(data: bytes, expected: bytes | tuple[bytes, ...] = SUCCESS) -> bytes | None:
    """The body of a complete answer, or None while bytes are missing.

    A status that does not begin as expected refuses the run.
    """
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = data[:end].lower()
    if not head.startswith(expected, len(b"http/1.1 ")):
        raise RefusedError(f"the server answered {data[:1000].decode(errors='replace')}")
    at = head.find(b"\r\ncontent-length:")
    if at < 0:
        raise RefusedError("an answer had no Content-Length")
    length = int(head[at + 17 :].split(b"\r\n", 1)[0])
    body = data[end + 4 :]
    if len(body) > length:
        raise RefusedError("an answer was longer than its Content-Length")
    return body if len(body) == length else None


def fetch(port: int, request: bytes, expected: bytes = SUCCESS) -> bytes:
    """The body of one answer, on a connection of its own."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(request)
        data = b""
        while chunk := connection.recv(262_144):
            data += chunk
            if (body := body_of(data, expected)) is not None:
                return body
    raise RefusedError("the server closed the connection")


def measure(port: int, request: bytes, connections: int, seconds: float) -> Measurement:
    """Keep every connection busy with the request for so many seconds."""
    sockets: dict[int, socket.socket] = {}
    epoll = select.epoll()
    try:
        for _ in range(connections):
            connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
            # Blocking, since a socket with a timeout polls again before each call.
            connection.setblocking(True)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sockets[connection.fileno()] = connection
            epoll.register(connection, select.EPOLLIN)
        return _exchange(epoll, sockets, request, seconds)
    except OSError as error:
        raise RefusedError(f"a connection failed: {error}") from error
    finally:
        epoll.close()
        for connection in sockets.values():
            connection.close()


def _exchange(
    epoll: select.epoll, sockets: dict[int, socket.socket], request: bytes, seconds: float
) -> Measurement:
    clock = time.perf_counter
    latencies: list[float] = []
    partial: dict[int, bytes] = {}
    sent: dict[int, float] = {}
    cpu = time.process_time()
    start = clock()
    deadline = start + seconds
    for number, connection in sockets.items():
        sent[number] = clock()
        connection.sendall(request)
    while sent:
        events = epoll.poll(PATIENCE)
        if not events:
            raise RefusedError(f"no answer for {PATIENCE:.0f} seconds")
        for number, _ in events:
            connection = sockets[number]
            data = connection.recv(262_144)
            if not data:
                raise RefusedError("the server closed a connection")
            if number in partial:
                data = partial.pop(number) + data
            if body_of(data) is None:
                partial[number] = data
                continue
            now = clock()
            latencies.append(now - sent.pop(number))
            if now < deadline:
                sent[number] = now
                connection.sendall(request)
    # The clock stops at the last answer, so what was in flight at the deadline is counted too.
    return Measurement(clock() - start, latencies, time.process_time() - cpu)
