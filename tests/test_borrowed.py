"""Undocumented parts of libraries that we use, and that may change in any release.

Each entry has a digest of its source. If a test fails after an upgrade, read what has changed, fix
our code that uses it, and update the digest.
"""

import hashlib
import inspect
from collections.abc import Callable
from importlib.metadata import version
from typing import Any, NamedTuple

import psycopg
import psycopg.waiting
import pytest
from alembic.operations.batch import ApplyBatchImpl
from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker
from uvicorn import Server
from uvicorn.protocols.http import httptools_impl
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.server import ServerState


class Borrowed(NamedTuple):
    """Something undocumented, and who relies on what of it."""

    thing: type | Callable[..., Any]
    digest: str
    user: str
    reliance: str


BORROWED = [
    Borrowed(
        httptools_impl.HttpToolsProtocol,
        "18fdf324b11bf160",
        "app/serving/protocol.py",
        "its callbacks, its pipeline, that no keep-alive timer runs, that trailers go to `headers`",
    ),
    Borrowed(
        httptools_impl.RequestResponseCycle,
        "e67d470d435dcc1c",
        "app/serving/protocol.py",
        "its flags, and that it uses only write, close and is_closing of its transport",
    ),
    Borrowed(
        httptools_impl._get_status_line,
        "d7012e110d2d2574",
        "app/serving/refusal.py",
        "STATUS_LINE",
    ),
    Borrowed(
        FlowControl, "126debcdaa894c83", "app/serving/protocol.py", "read_paused and write_paused"
    ),
    Borrowed(
        ServerState, "f2260fbf10154746", "app/serving/protocol.py", "what its constructor sets"
    ),
    Borrowed(
        Server,
        "06e799f7c58f8be6",
        "app/serving/worker.py",
        "the order of startup, main_loop and shutdown, and that SystemExit means a failed start",
    ),
    Borrowed(
        Worker.init_process,
        "114caccd7a0e3c21",
        "app/serving/worker.py",
        "that init_signals comes before the application is loaded and `run` last",
    ),
    Borrowed(
        Worker.__init__,
        "e0f1de2d60574066",
        "app/serving/worker.py",
        "that it runs in the master, before the fork",
    ),
    Borrowed(
        Arbiter.spawn_worker,
        "6abc0d90b0b9f80b",
        "app/serving/worker.py",
        "that ages count from 1, so a worker older than `workers` is a replacement",
    ),
    Borrowed(
        Arbiter.reap_workers,
        "ebcf4187e9ebf378",
        "app/serving/worker.py",
        "that exit status 3 ends gunicorn and 1 does not, and that child_exit gets the worker",
    ),
    Borrowed(
        psycopg.Connection.wait,
        "602ce5e47fca2ec9",
        "app/db/bounded.py",
        "that every wait for the server is here",
    ),
    Borrowed(
        psycopg.AsyncConnection.wait,
        "5df564e70be72b5a",
        "app/db/bounded.py",
        "that every wait for the server is here",
    ),
    Borrowed(
        psycopg.waiting.wait_async,
        "8e8b5568885cbd68",
        "app/db/bounded.py",
        "its parameters, and what it raises",
    ),
    Borrowed(
        ApplyBatchImpl._calc_temp_name,
        "3845a094e7c398e6",
        "alembic/env.py",
        "the prefix `_alembic_tmp_`: without it, rebuilt tables lose AUTOINCREMENT",
    ),
]


@pytest.mark.parametrize("borrowed", BORROWED, ids=lambda each: each.thing.__qualname__)
def test_what_is_borrowed_is_as_we_know_it(borrowed: Borrowed) -> None:
    thing = borrowed.thing
    digest = hashlib.sha256(inspect.getsource(thing).encode()).hexdigest()[:16]
    package = thing.__module__.partition(".")[0]
    assert digest == borrowed.digest, (
        f"Read this diff: {thing.__module__}.{thing.__qualname__} of {package} {version(package)}."
        f" {borrowed.user} relies on {borrowed.reliance}. Then its digest here is {digest!r}."
    )
