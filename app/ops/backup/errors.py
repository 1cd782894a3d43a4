"""Database errors as one line for the operator."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from app.core.errors import UnavailableError


@contextmanager
def database_errors() -> Iterator[None]:
    """Raise UnavailableError, with the first line of the message, for an error of the driver."""
    try:
        yield
    except DBAPIError as error:
        raise _refusal(error.orig or error) from error
    except sqlite3.Error as error:
        raise _refusal(error) from error
    except Exception as error:
        # psycopg is installed only with the extra `postgres`.
        if type(error).__module__.startswith("psycopg"):
            raise _refusal(error) from error
        raise


def _refusal(error: BaseException) -> UnavailableError:
    first = (str(error).strip() or type(error).__name__).splitlines()[0]
    return UnavailableError(f"The database refused: {first}")
