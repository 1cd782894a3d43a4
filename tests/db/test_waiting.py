"""For which answers of a PostgreSQL server prestart waits."""

import pytest

from app.db.wait_for_database import _FINAL

FINAL = [
    'FATAL:  password authentication failed for user "cook"',
    'FATAL:  database "kitchen" does not exist',
    'FATAL:  role "cook" does not exist',
    'FATAL:  no pg_hba.conf entry for host "192.0.2.1", user "cook", database "kitchen"',
    "fe_sendauth: no password supplied",
    "server does not support SSL, but SSL was required",
    'invalid sslmode value: "always"',
    "FATAL:  unsupported startup parameter: options",
]
PASSING = [
    "FATAL:  the database system is starting up",
    "FATAL:  das Datenbanksystem startet",
    "FATAL:  le système de bases de données se lance",
    "Connection refused",
    "[Errno -2] Name or service not known",
    "FATAL:  sorry, too many clients already",
    "connection timeout expired",
    "server closed the connection unexpectedly",
]


@pytest.mark.parametrize("answer", FINAL)
def test_what_waiting_cannot_help_ends_it(answer: str) -> None:
    assert _FINAL.search(answer)


@pytest.mark.parametrize("answer", PASSING)
def test_anything_else_may_pass_in_any_language(answer: str) -> None:
    assert not _FINAL.search(answer)
