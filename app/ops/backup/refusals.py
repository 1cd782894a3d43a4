"""What a database refuses, in one line."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from app.core.errors import UnavailableError


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """Raise UnavailableError, with what the database says, for an error of its driver."""
    try:
        yield
    except DBAPIError as error:
        raise _refusal(error.orig or error) from error
    except sqlite3.Error as error:
        raise _refusal(error) from error
    except Exception as error:
        # psycopg is there only where PostgreSQL is used.
        if type(error).__module__.startswith("psycopg"):
            raise _refusal(error) from error
        raise


def _refusal(error: BaseException) -> UnavailableError:
    first = (str(error).strip() or type(error).__name__).splitlines()[0]
    return UnavailableError(f"The database refuses: {first}")
