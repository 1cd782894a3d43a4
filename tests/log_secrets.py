"""A scanner that finds the secrets of the tests in the log."""

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


class SecretScanner:
    """Collects the lines that contain a secret."""

    def __init__(self) -> None:
        self._found: list[str] = []

    def scan(self, text: str) -> None:
        """Look for secrets in a text that was written."""
        self._found += [line for line in text.splitlines() if _SECRET.search(line)]

    def make_record(self, *args: Any, **kwargs: Any) -> logging.LogRecord:
        """Make a log record, and scan its message and its exception."""
        record = logging.LogRecord(*args, **kwargs)
        # A copy, because formatting keeps the text of the exception in the record.
        self.scan(logging.Formatter().format(copy.copy(record)))
        return record

    def assert_none(self) -> None:
        """Fail if a secret was found since the last call."""
        found, self._found = self._found, []
        assert not found, "\n".join(["A secret was logged:", *found])


SCANNER = SecretScanner()
"""The scanner of the whole run: tests/conftest.py passes it each log record, tests/processes.py and
tests/server.py what child processes print."""
