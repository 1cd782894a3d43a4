"""Secrets have no place in the log: what sees all of it, and knows the secrets of the tests."""

import copy
import logging
import re
from typing import Any

JWT_SECRET = "planted-in-every-test-and-logged-by-none"

_SECRET = re.compile(
    # The secret that signs, and what the passwords of tests have in common.
    rf"{JWT_SECRET}|wooden spoons|copper pots"
    # Access tokens, API tokens, and the hashes of passwords.
    r"|eyJ[\w-]+\.eyJ[\w-]+|rcp_[\w-]{20}|\$argon2"
    # The keys of share links.
    r"|\bkey=[\w-]{22}"
)


class LeakWatch:
    """Collects what it is shown that holds a secret."""

    def __init__(self) -> None:
        self._leaks: list[str] = []

    def see(self, text: str) -> None:
        """Look for secrets in what was written."""
        self._leaks += [line for line in text.splitlines() if _SECRET.search(line)]

    def make_record(self, *args: Any, **kwargs: Any) -> logging.LogRecord:
        """A record for the log, seen with its message and its exception."""
        record = logging.LogRecord(*args, **kwargs)
        # A copy, because formatting keeps the text of the exception in the record.
        self.see(logging.Formatter().format(copy.copy(record)))
        return record

    def settle(self) -> None:
        """Fail where a secret was seen since the last time."""
        leaks, self._leaks = self._leaks, []
        assert not leaks, "\n".join(["A secret was logged:", *leaks])


WATCH = LeakWatch()
"""Sees the log of the whole run: tests/conftest.py shows it each record, tests/processes.py and
tests/server.py what child processes print."""
