"""The read-only database access of the application, without HTTP."""

import asyncio
import contextlib
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

from app.core.config import Settings
from app.db.reader import Reader, make_reader

T = TypeVar("T")


class OpenReader:
    """An open reader and its event loop."""

    def __init__(self, reader: Reader, runner: asyncio.Runner) -> None:
        self.reader = reader
        self._runner = runner

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine that uses the reader."""
        return self._runner.run(work)


@contextlib.contextmanager
def open_reader(settings: Settings) -> Iterator[OpenReader]:
    """Open a reader, as a starting application does."""
    with asyncio.Runner() as runner:
        reader = make_reader(settings)
        runner.run(reader.open())
        try:
            yield OpenReader(reader, runner)
        finally:
            runner.run(reader.close())
