"""The sweep that bounds how long clients take."""

import asyncio
import socket

import pytest
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send
from uvicorn import Config

from app.core.bounds import MAX_BODY_SECONDS
from app.serving import protocol
from app.serving.protocol import LINGER_SECONDS, Phase, Protocol, State
from app.serving.worker import sweep


def test_one_connection_that_cannot_be_checked_does_not_end_the_sweep(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", -1.0)
    pairs = [socket.socketpair() for _ in range(3)]
    asyncio.run(_sweep([ours for ours, _ in pairs]))
    for _, theirs in pairs:
        with theirs:
            theirs.settimeout(10)
            assert theirs.recv(1) == b""
    (record,) = [each for each in caplog.records if each.name == "app.serving"]
    assert "phase" in str(record.exc_info)


async def _sweep(sockets: list[socket.socket]) -> None:
    """Sweep once over these connections, one of which is broken, until they are closed."""
    state, loop = State(), asyncio.get_running_loop()
    config = Config(FastAPI(), loop="asyncio", http=Protocol, log_config=None)
    for each in sockets:
        await loop.connect_accepted_socket(lambda: Protocol(config, state, {}, loop), each)
    # As if a release of uvicorn had renamed it.
    del next(each for each in state.connections if isinstance(each, Protocol)).phase
    sweep(state)
    await asyncio.sleep(0.1)


def test_a_body_has_ten_minutes_however_much_of_it_has_come() -> None:
    """64 MiB bought seventeen hours."""
    ours, theirs = socket.socketpair()
    with theirs:
        asyncio.run(_upload(ours, theirs))
        theirs.settimeout(10)
        assert theirs.recv(100).startswith(b"HTTP/1.1 408 ")


async def _upload(ours: socket.socket, theirs: socket.socket) -> None:
    """Send 20 MB and nothing more, to an application that reads them."""
    state, loop = State(), asyncio.get_running_loop()
    taken, is_taken = 0, asyncio.Event()

    async def take(_: Scope, receive: Receive, __: Send) -> None:
        nonlocal taken
        while (message := await receive())["type"] == "http.request":
            taken += len(message["body"])
            if taken == 20_000_000:
                is_taken.set()

    config = Config(take, loop="asyncio", http=Protocol, log_config=None)
    await loop.connect_accepted_socket(lambda: Protocol(config, state, {}, loop), ours)
    theirs.setblocking(False)
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000000\r\n\r\n"
    await loop.sock_sendall(theirs, head + b" " * 20_000_000)
    await is_taken.wait()
    (connection,) = state.connections
    assert isinstance(connection, Protocol)
    connection.check(loop.time() + MAX_BODY_SECONDS - 60)
    assert connection.phase is Phase.BODY
    connection.check(loop.time() + MAX_BODY_SECONDS + 1)
    await asyncio.sleep(0.1)
    connection.transport.abort()
    await asyncio.sleep(0.1)


def test_a_refusal_waits_for_the_answer_before_it() -> None:
    """An export may take longer than a refused client is given to read its refusal."""
    ours, theirs = socket.socketpair()
    with theirs:
        asyncio.run(_answer_late(ours, theirs))
        theirs.settimeout(10)
        assert theirs.recv(1000).endswith(b"late")


async def _answer_late(ours: socket.socket, theirs: socket.socket) -> None:
    """Send a request and garbage after it, which is refused long before the answer is there."""
    state, loop = State(), asyncio.get_running_loop()
    is_late = asyncio.Event()

    async def answer(_: Scope, __: Receive, send: Send) -> None:
        await is_late.wait()
        headers = [(b"content-length", b"4")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"late"})

    config = Config(answer, loop="asyncio", http=Protocol, log_config=None)
    await loop.connect_accepted_socket(lambda: Protocol(config, state, {}, loop), ours)
    theirs.setblocking(False)
    await loop.sock_sendall(theirs, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n\x00garbage\r\n\r\n")
    await asyncio.sleep(0.1)
    (connection,) = state.connections
    assert isinstance(connection, Protocol)
    assert connection.phase is Phase.REFUSED
    connection.check(loop.time() + 60)
    is_late.set()
    await asyncio.sleep(0.1)
    connection.check(loop.time() + LINGER_SECONDS + 1)
    await asyncio.sleep(0.1)
    assert not state.connections
