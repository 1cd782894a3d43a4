"""The PostgreSQL programs of the server that the tests start."""

import contextlib
import os

import pytest

from tests.postgres import PostgresError, find_binaries


def with_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    with contextlib.suppress(PostgresError):
        path = f"{find_binaries()}{os.pathsep}{os.environ['PATH']}"
        monkeypatch.setenv("PATH", path)
