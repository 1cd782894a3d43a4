"""What the drivers raise, as errors of the domain.

Conflicts (a unique or foreign key) are the caller's to solve, an unreachable or busy database
passes; everything else is a bug of ours and stays what it is.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import StaleDataError

from app.core.errors import AppError, ConflictError, PreconditionFailedError, UnavailableError
from app.db.base import Base

BUSY = "The database cannot answer just now. Please try again."
NOT_MIGRATED = "The database has no tables yet."

# PostgreSQL's codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
_UNAVAILABLE = re.compile(r"08...|57P0.|57014|53...|25006|55P03")
_DEADLOCK = {"40001", "40P01"}
_CONFLICT = {"23503", "23505"}


class ConstraintError(ConflictError):
    """A unique or foreign key refused a row; `constraint` is its name, or empty where unknown."""

    def __init__(self, constraint: str) -> None:
        super().__init__("This contradicts what is stored already.")
        self.constraint = constraint


class DeadlockError(UnavailableError):
    """The database undid a transaction so that another could go on; it may be run again."""


def _sqlite_constraint(message: str) -> str:
    """The name of the unique constraint that SQLite's message describes by its columns."""
    match = re.search(r"UNIQUE constraint failed: (.+)", message)
    failed = set(match[1].split(", ")) if match else set()
    for table in Base.metadata.tables.values():
        for constraint in table.constraints:
            if isinstance(constraint, UniqueConstraint) and failed == {
                f"{table.name}.{column.name}" for column in constraint.columns
            }:
                return str(constraint.name)
    return ""


def driver_error(error: BaseException) -> AppError | None:
    """The domain's word for an error of sqlite3 or psycopg, or None where it is a bug."""
    if isinstance(error, sqlite3.IntegrityError):
        message = str(error)
        if message.startswith(("UNIQUE", "FOREIGN KEY")):
            return ConstraintError(_sqlite_constraint(message))
        return None
    if isinstance(error, sqlite3.OperationalError):
        if "no such table" in str(error):
            return UnavailableError(NOT_MIGRATED)
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        passing = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL}
        passing |= {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR}
        return UnavailableError(BUSY) if code in passing else None
    if not type(error).__module__.startswith("psycopg"):
        return None
    state = getattr(error, "sqlstate", None)
    if state in _CONFLICT:
        diagnosis: Any = getattr(error, "diag", None)
        return ConstraintError(getattr(diagnosis, "constraint_name", None) or "")
    if state in _DEADLOCK:
        return DeadlockError(BUSY)
    if state == "42P01":
        return UnavailableError(NOT_MIGRATED)
    if state is None:
        # Without a code nothing came back from the server: the connection or the pool failed.
        names = {kind.__name__ for kind in type(error).__mro__}
        return UnavailableError(BUSY) if names & {"OperationalError", "PoolTimeout"} else None
    return UnavailableError(BUSY) if _UNAVAILABLE.fullmatch(state) else None


@contextmanager
def translated() -> Iterator[None]:
    """Raise the domain's errors for those of SQLAlchemy and of the drivers."""
    try:
        yield
    except PoolTimeoutError as error:
        raise UnavailableError(BUSY) from error
    except StaleDataError as error:
        raise PreconditionFailedError("Somebody else changed it at the same moment.") from error
    except DBAPIError as error:
        known = driver_error(error.orig) if error.orig else None
        if known is None:
            raise
        raise known from error
    except Exception as error:
        # Statements that were run on the driver itself.
        known = driver_error(error)
        if known is None:
            raise
        raise known from error
