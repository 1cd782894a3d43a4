"""The load generator: requests over keep-alive connections, closed loop and open loop.

It parses only the status and the length of answers, so it takes several times fewer microseconds
per request than any server. The server is what saturates.
"""

import select
import selectors
import socket
import time
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import NamedTuple

PATIENCE = 20.0
"""The run is refused after this number of seconds without any answer."""
SUCCESS = b"2"
"""The first digit of the status of a success."""


class RefusedError(Exception):
    """The run has no result: a server failed, or sent an unexpected answer."""


@dataclass(frozen=True)
class Measurement:
    """The result of one burst of load."""

    seconds: float
    latencies: list[float]
    client_cpu: float

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds

    @property
    def client_share(self) -> float:
        """The share of its core that the load generator used. Near 1 it would be the bottleneck."""
        return self.client_cpu / self.seconds

    @property
    def tail(self) -> float:
        """The 99th percentile of the latencies over their median."""
        return percentile(self.latencies, 99) / percentile(self.latencies, 50)


def percentile(latencies: Sequence[float], percent: int) -> float:
    """Return a percentile of the latencies."""
    return sorted(latencies)[len(latencies) * percent // 100]


def request_bytes(method: str, path: str, body: bytes = b"", *headers: tuple[str, str]) -> bytes:
    """Return the bytes of a request (HTTP/1.1)."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Accept: */*"]
    lines += [f"{name}: {value}" for name, value in headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def body_of(data: bytes, expected: bytes | tuple[bytes, ...] = SUCCESS) -> bytes | None:
    """Return the body of a complete answer, or None while bytes are missing.

    Raise RefusedError if the status does not begin as expected.
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


def connect(port: int) -> socket.socket:
    """Connect to a server on this machine."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def ask(connection: socket.socket, request: bytes, expected: bytes = SUCCESS) -> bytes:
    """Send a request on an open connection, and return the body of the answer."""
    connection.sendall(request)
    data = b""
    while chunk := connection.recv(262_144):
        data += chunk
        if (body := body_of(data, expected)) is not None:
            return body
    raise RefusedError("the server closed the connection")


def fetch(port: int, request: bytes, expected: bytes = SUCCESS) -> bytes:
    """Send a request on a new connection, and return the body of the answer."""
    with connect(port) as connection:
        return ask(connection, request, expected)


# --- Closed loop: each connection sends its next request after an answer -------------------------


def measure(port: int, request: bytes, connections: int, seconds: float) -> Measurement:
    """Send the request over and over on every connection, for a number of seconds."""
    sockets: dict[int, socket.socket] = {}
    epoll = select.epoll()
    try:
        for _ in range(connections):
            connection = connect(port)
            # Blocking, since a socket with a timeout polls again before each call.
            connection.setblocking(True)
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
    # The clock stops at the last answer, so requests in flight at the deadline count too.
    return Measurement(clock() - start, latencies, time.process_time() - cpu)


# --- Open loop: each request is sent at its time -------------------------------------------------


class Arrival(NamedTuple):
    """A request, its time in seconds from the start, and the statuses that it may have."""

    at: float
    request: bytes
    expected: tuple[bytes, ...] = (b"200",)


class Answer(NamedTuple):
    """The answer to an arrival, and how long it took."""

    arrival: Arrival
    status: int
    seconds: float


@dataclass
class _Pending:
    arrival: Arrival
    sent_at: float
    data: bytes = b""


def play(port: int, arrivals: Iterable[Arrival]) -> list[Answer]:
    """Send each arrival at its time, on as many connections as needed, and return all answers.

    A slow server does not delay later requests, as it does in a closed loop. Raise RefusedError for
    an unexpected status.
    """
    answers = []
    waiting = deque(sorted(arrivals))
    pending: dict[socket.socket, _Pending] = {}
    # First in, first out, so that no connection is idle for long.
    idle: deque[socket.socket] = deque()
    with ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        start = time.perf_counter()
        while waiting or pending:
            wait = start + waiting[0].at - time.perf_counter() if waiting else PATIENCE
            if wait <= 0:
                if not idle:
                    connection = stack.enter_context(connect(port))
                    selector.register(connection, selectors.EVENT_READ, connection)
                    idle.append(connection)
                connection, arrival = idle.popleft(), waiting.popleft()
                pending[connection] = _Pending(arrival, time.perf_counter())
                connection.sendall(arrival.request)
                continue
            ready = selector.select(wait)
            if not ready and not waiting:
                raise RefusedError(f"no answer for {PATIENCE:.0f} seconds")
            for key, _ in ready:
                connection = key.data
                data = connection.recv(262_144)
                if not data and connection in idle:
                    # The server closes idle connections while the last answers are awaited.
                    idle.remove(connection)
                    selector.unregister(connection)
                    continue
                if not data:
                    raise RefusedError("the server closed a connection")
                current = pending[connection]
                current.data += data
                if body_of(current.data, current.arrival.expected) is not None:
                    seconds = time.perf_counter() - current.sent_at
                    answers.append(Answer(current.arrival, int(current.data[9:12]), seconds))
                    del pending[connection]
                    idle.append(connection)
    return answers
