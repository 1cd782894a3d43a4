"""Limits on concurrent long work, in total and per client."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from app.core.errors import TooManyRequestsError, UnavailableError

_SECONDS = 5
"""Retry-After. A guess: a place is free whenever some work ends."""


class Places:
    """At most `most` at once in this process, and at most `each` per client.

    `name` is the name of the limit, `what` names the work for people.
    """

    def __init__(self, name: str, what: str, most: int, each: int) -> None:
        self._name, self._what = name, what
        self._most, self._each = most, each
        self._taken: Counter[str] = Counter()

    @contextmanager
    def hold(self, client: str) -> Iterator[None]:
        """Hold a place for `client`. Raise TooManyRequestsError or UnavailableError."""
        if self._taken[client] >= self._each:
            detail = f"You may have {self._each} {self._what} at once. Wait until one has ended."
            raise TooManyRequestsError(detail, self._name, self._each, _SECONDS, _SECONDS)
        if self._taken.total() >= self._most:
            detail = f"Too many {self._what} run at the moment. Please try again."
            raise UnavailableError(detail, _SECONDS)
        self._taken[client] += 1
        try:
            yield
        finally:
            self._taken[client] -= 1
            if not self._taken[client]:
                del self._taken[client]
