"""The database, for commands."""

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app import crud
from app.core.config import Settings
from app.core.errors import UnavailableError
from app.db.migrations import newest_revision
from app.db.reader import make_reader
from app.db.session import Writer, make_writer
from app.db.waiting import wait_for_database

WAIT_SECONDS = 1


@contextmanager
def open_database(settings: Settings) -> Iterator[Writer]:
    """The database, once it answers and has the tables of this version.

    Raises DatabaseRefusedError or UnavailableError, which say why it has not.
    """
    _require_ready(settings)
    writer = make_writer(settings)
    # Many recipes are many objects with no cycles: to look for some is a sixth of the work.
    thresholds = gc.get_threshold()
    gc.set_threshold(100_000, *thresholds[1:])
    try:
        yield writer
    finally:
        gc.set_threshold(*thresholds)
        writer.close()


def _require_ready(settings: Settings) -> None:
    file = Path(settings.database_url.removeprefix("sqlite:///"))
    if settings.is_sqlite and not file.exists():
        # To ask SQLite would make the file, perhaps as a user whose files the server cannot write.
        raise UnavailableError(f"There is no database {file}: run ./prestart.sh first.")
    wait_for_database(settings.model_copy(update={"database_wait_seconds": WAIT_SECONDS}))
    current, newest = asyncio.run(_revision(settings)), newest_revision()
    if current != newest:
        raise UnavailableError(
            f"The database is at revision {current}, this version needs {newest}:"
            " run ./prestart.sh first."
        )


async def _revision(settings: Settings) -> str | None:
    reader = make_reader(settings)
    await reader.open()
    try:
        return await crud.schema_revision(reader)
    finally:
        await reader.close()
