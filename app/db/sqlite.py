"""The SQLite file: how it is opened, and how its replacement is noticed."""

import logging
import os
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import make_url

from app.core import deadline
from app.core.config import Settings
from app.core.private_files import make_private_folder, take_from_others

logger = logging.getLogger("app.database")

# SQLite checks the deadline after this many instructions of its virtual machine: about 1 ms.
_INSTRUCTIONS = 100_000


def sqlite_path(settings: Settings) -> str:
    """Return the file of an SQLite database. Its folder is created if it is missing."""
    path = make_url(settings.database_url).database or ""
    make_private_folder(Path(path).parent)
    return path


def make_private(path: str) -> None:
    """Remove the access of other users. SQLite creates its file readable for all of them.

    Files that SQLite creates beside it later get the mode of the database.
    """
    for suffix in ("", "-wal", "-shm"):
        if take_from_others(Path(f"{path}{suffix}")):
            logger.info("Took %s%s from other users of this machine.", path, suffix)


def configure_sqlite(connection: sqlite3.Connection, *, read_only: bool = False) -> None:
    """Set the pragmas of a connection (https://www.sqlite.org/pragma.html)."""
    cursor = connection.cursor()
    if read_only:
        cursor.execute("PRAGMA query_only=ON")
    else:
        cursor.execute("PRAGMA journal_mode=WAL")
    # FULL, because an acknowledged write survives a power cut only if it was synced.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA trusted_schema=OFF")
    cursor.execute("PRAGMA journal_size_limit=67108864")
    cursor.close()
    connection.set_progress_handler(deadline.is_over, _INSTRUCTIONS)


def open_sqlite(path: str, **options: Any) -> sqlite3.Connection:
    """Connect to an existing file: a new empty one would hide that the database is missing."""
    connection: sqlite3.Connection
    connection = sqlite3.connect(f"file:{quote(path)}?mode=rw", uri=True, **options)
    return connection


Identity = tuple[int, int, bool]


def identity_of(path: str) -> Identity | None:
    """Return what identifies the file, or None if there is none.

    A connection does not notice when it changes.
    """
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino, os.access(path, os.W_OK)
