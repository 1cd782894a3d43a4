"""Translate errors of the drivers into those of app/core/errors.py.

A broken unique or foreign key is a conflict, an unreachable or busy database is unavailable; every
other error is a bug and stays as it is.
"""

import re
import sqlite3
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import StaleDataError

from app.core.errors import (
    AppError,
    ConflictError,
    DamagedError,
    InsufficientStorageError,
    PreconditionFailedError,
    UnavailableError,
)
from app.db.base import Base

BUSY = "The database cannot answer just now. Please try again."
UNANSWERED = "The database did not answer in time. If this was a change, it may have been made."
NO_ROOM = "There is no room left to store this."
DAMAGED = "The database is damaged."
NOT_MIGRATED = "The database has no tables yet."
NOT_GRANTED = "The database does not let the server's role do this: grant it the privileges."
NOT_OPENED = "The database cannot be opened, or has not been migrated yet."

# PostgreSQL's codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
_UNAVAILABLE = re.compile(r"08...|57P0.|57014|53...|25006|25P0[34]|55P03|58...")
_NO_ROOM = "53100"
_DAMAGED = {"XX001", "XX002"}
_DEADLOCK = {"40001", "40P01"}
_CONFLICT = {"23503", "23505"}

# SQLite's codes: https://www.sqlite.org/rescode.html
_SPENT = {
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_READONLY,
}
_PASSING = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_READONLY,
}


class ConstraintError(ConflictError):
    """A unique or foreign key refused a row; `constraint` is its name, or empty if unknown."""

    def __init__(self, constraint: str) -> None:
        super().__init__("This contradicts what is stored already.")
        self.constraint = constraint


class DeadlockError(UnavailableError):
    """The database rolled back a transaction to end a deadlock; it may be run again."""


def _sqlite_constraint(message: str) -> str:
    """Return the name of the unique constraint that a message of SQLite describes by columns."""
    match = re.search(r"UNIQUE constraint failed: (.+)", message)
    failed = set(match[1].split(", ")) if match else set()
    for table in Base.metadata.tables.values():
        for constraint in table.constraints:
            if isinstance(constraint, UniqueConstraint) and failed == {
                f"{table.name}.{column.name}" for column in constraint.columns
            }:
                return str(constraint.name)
    return ""


def translated(error: Exception) -> AppError | None:
    """Translate an error of SQLAlchemy or of a driver. Return None if it is a bug, or ours."""
    if isinstance(error, PoolTimeoutError):
        return UnavailableError(BUSY)
    if isinstance(error, StaleDataError):
        return PreconditionFailedError("Someone else changed it at the same moment.")
    if isinstance(error, DBAPIError):
        return driver_error(error.orig) if error.orig else None
    return driver_error(error)


def driver_error(error: BaseException) -> AppError | None:
    """Translate an error of sqlite3 or psycopg. Return None if it is a bug."""
    if isinstance(error, sqlite3.IntegrityError):
        message = str(error)
        if message.startswith(("UNIQUE", "FOREIGN KEY")):
            return ConstraintError(_sqlite_constraint(message))
        return None
    if isinstance(error, sqlite3.DatabaseError):
        return _sqlite_error(error)
    if not any(kind.__module__.startswith("psycopg") for kind in type(error).__mro__):
        return None
    state = getattr(error, "sqlstate", None)
    if state in _CONFLICT:
        diagnosis: Any = getattr(error, "diag", None)
        return ConstraintError(getattr(diagnosis, "constraint_name", None) or "")
    if state in _DEADLOCK:
        return DeadlockError(BUSY)
    if state == _NO_ROOM:
        return InsufficientStorageError(NO_ROOM)
    if state in _DAMAGED:
        return DamagedError(DAMAGED)
    if state == "42501":
        return UnavailableError(NOT_GRANTED)
    if state == "42P01":
        return UnavailableError(NOT_MIGRATED)
    if state is None:
        # Without a code nothing came back from the server: the connection or the pool failed.
        names = {kind.__name__ for kind in type(error).__mro__}
        if "NoAnswerError" in names:
            return UnavailableError(UNANSWERED)
        return UnavailableError(BUSY) if "OperationalError" in names else None
    return UnavailableError(BUSY) if _UNAVAILABLE.fullmatch(state) else None


def _sqlite_error(error: sqlite3.DatabaseError) -> AppError | None:
    if "no such table" in str(error):
        return UnavailableError(NOT_MIGRATED)
    extended = getattr(error, "sqlite_errorcode", 0)
    code = extended & 0xFF
    if code == sqlite3.SQLITE_FULL or extended == sqlite3.SQLITE_IOERR_SHMSIZE:
        return InsufficientStorageError(NO_ROOM)
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return DamagedError(DAMAGED)
    if code == sqlite3.SQLITE_INTERRUPT:
        return UnavailableError(UNANSWERED)
    if code == sqlite3.SQLITE_CANTOPEN:
        return UnavailableError(NOT_OPENED)
    return UnavailableError(BUSY) if code in _PASSING else None


def is_spent(error: BaseException) -> bool:
    """Return whether the connection may keep failing after the database has recovered."""
    if getattr(error, "sqlstate", None) == "25006":
        # After a switchover it may lead to the server that is now read-only.
        return True
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _SPENT


def hide_row(error: BaseException, wrapper: BaseException | None = None) -> None:
    """Remove the refused row, which may hold hashes of passwords, from an error message."""
    # PostgreSQL names the whole row. The first line names the constraint.
    diagnosis = getattr(error, "diag", None)
    if diagnosis is not None and diagnosis.message_detail:
        for each in (error, wrapper):
            if each is not None and each.args:
                each.args = (str(each.args[0]).partition("\n")[0],)
