"""The reading side of the application without its HTTP."""

import asyncio
import contextlib
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

from app.core.config import Settings
from app.db.reader import Reader, make_reader

T = TypeVar("T")


class Reading:
    """A reader, and the event loop on which it reads."""

    def __init__(self, reader: Reader, runner: asyncio.Runner) -> None:
        self.reader = reader
        self._runner = runner

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What `work`, which uses the reader, returns."""
        return self._runner.run(work)


@contextlib.contextmanager
def reading(settings: Settings) -> Iterator[Reading]:
    """A reader that is open, as in an application that has started."""
    with asyncio.Runner() as runner:
        reader = make_reader(settings)
        runner.run(reader.open())
        try:
            yield Reading(reader, runner)
        finally:
            runner.run(reader.close())
