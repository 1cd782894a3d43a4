"""Locks between processes: one migrates, and one applies retention."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.orm import Session

from app.core.config import Settings
from app.core.errors import UnavailableError
from app.core.private_files import take_from_others
from app.db.postgres import connect_options, postgres_url
from app.db.sqlite import sqlite_path

WAIT_SECONDS = 300
LOCK_SUFFIX = ".migration-lock"
"""The suffix of the lock file beside the SQLite file."""
# A number that no other user of advisory locks in this database is likely to choose.
_KEY = 0x7265636970657300


_RETENTION_KEY = _KEY + 1


def one_at_a_time(session: Session) -> None:
    """Lock retention until COMMIT, waiting for another process that holds the lock.

    SQLite needs no lock: it has one writing transaction at a time.
    """
    if session.connection().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _RETENTION_KEY})


@contextmanager
def migration_lock(settings: Settings, wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold the migration lock of this database. Raises UnavailableError if it is not free in time.

    It belongs to the process (a file lock, or a session of PostgreSQL), so it ends with a killed
    process.
    """
    lock = _file_lock if settings.is_sqlite else _advisory_lock
    with lock(settings, wait_seconds):
        yield


def _wait_for(attempt: Callable[[], bool], wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while not attempt():
        if time.monotonic() > deadline:
            raise UnavailableError("Another process has been migrating this database for too long.")
        time.sleep(0.1)


@contextmanager
def _file_lock(settings: Settings, wait_seconds: float) -> Iterator[None]:
    path = f"{sqlite_path(settings)}{LOCK_SUFFIX}"
    take_from_others(Path(path))
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def attempt() -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    try:
        _wait_for(attempt, wait_seconds)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _advisory_lock(settings: Settings, wait_seconds: float) -> Iterator[None]:
    # On a separate connection in autocommit: a lock of the migration's transaction would end
    # with the first of them.
    url = postgres_url(settings)
    engine = create_engine(
        url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=connect_options(url)
    )
    with engine.connect() as connection:
        _wait_for(
            lambda: bool(
                connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _KEY})
            ),
            wait_seconds,
        )
        yield
