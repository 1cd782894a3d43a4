"""The sweep that bounds how long clients take."""

import asyncio
import socket

import pytest
from fastapi import FastAPI
from uvicorn import Config

from app.serving import protocol
from app.serving.protocol import Protocol, State
from app.serving.server import sweep


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
