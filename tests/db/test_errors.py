"""What the drivers raise, as errors of the domain."""

import psycopg

from app.core.errors import UnavailableError
from app.db.errors import driver_error


def test_a_missing_privilege_is_for_the_operator_to_grant() -> None:
    """As after a restore by the owner of the tables, which makes them new."""
    error = driver_error(psycopg.errors.InsufficientPrivilege("permission denied for table recipe"))
    assert isinstance(error, UnavailableError)
    assert "grant" in error.detail
