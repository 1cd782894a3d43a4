"""The load of a service that is not saturated: each request is sent when its time has come.

So a server that is slow for a moment does not hold back the requests that would have shown it.
"""

import selectors
import socket
import time
from collections import deque
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import NamedTuple

from benchmarks.load import PATIENCE, RefusedError, body_of


class Arrival(NamedTuple):
    """A request, its time in seconds from the start, and the statuses that it may have."""

    at: float
    request: bytes
    expected: tuple[bytes, ...] = (b"200",)


class Answer(NamedTuple):
    """What an arrival was answered with, and after how long."""

    arrival: Arrival
    status: int
    seconds: float


@dataclass
class _Exchange:
    arrival: Arrival
    sent: float
    data: bytes = b""


def play(port: int, arrivals: Iterable[Arrival]) -> list[Answer]:
    """Send each arrival in its time, on as many connections as that takes; wait for every answer.

    Another status than expected refuses the run.
    """
    answers = []
    coming = deque(sorted(arrivals))
    under_way: dict[socket.socket, _Exchange] = {}
    # The one that has rested longest is next, so none rests for long while requests are sent.
    idle: deque[socket.socket] = deque()
    with ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        start = time.perf_counter()
        while coming or under_way:
            wait = start + coming[0].at - time.perf_counter() if coming else PATIENCE
            if wait <= 0:
                if not idle:
                    connection = stack.enter_context(_connect(port))
                    selector.register(connection, selectors.EVENT_READ, connection)
                    idle.append(connection)
                connection, arrival = idle.popleft(), coming.popleft()
                under_way[connection] = _Exchange(arrival, time.perf_counter())
                connection.sendall(arrival.request)
                continue
            ready = selector.select(wait)
            if not ready and not coming:
                raise RefusedError(f"no answer for {PATIENCE:.0f} seconds")
            for key, _ in ready:
                connection = key.data
                data = connection.recv(262_144)
                if not data and connection in idle:
                    # The server lets none rest for long, and the last answers may take their time.
                    idle.remove(connection)
                    selector.unregister(connection)
                    continue
                if not data:
                    raise RefusedError("the server closed a connection")
                exchange = under_way[connection]
                exchange.data += data
                if body_of(exchange.data, exchange.arrival.expected) is not None:
                    seconds = time.perf_counter() - exchange.sent
                    answers.append(Answer(exchange.arrival, int(exchange.data[9:12]), seconds))
                    del under_way[connection]
                    idle.append(connection)
    return answers


def _connect(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection
