"""What commands share: settings, the database and progress bars."""

import gc
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import typer

from app import crud
from app.core.config import Settings, get_settings
from app.core.errors import UnavailableError
from app.core.private_files import file_exists, refuse_foreign_files
from app.db.migrations import revision_fault
from app.db.transactions import Transactions, make_transactions
from app.db.wait_for_database import wait_for_database
from app.ops.backup.archive import Progress

WAIT_SECONDS = 1


def operator_settings() -> Settings:
    """Return the settings, for a command that creates files.

    Raise ForbiddenError for root on the data of another user, who could not open those files.
    """
    settings = get_settings()
    refuse_foreign_files(settings.files)
    return settings


@contextmanager
def open_database(settings: Settings) -> Iterator[Transactions]:
    """Open the database once it answers and has the tables of this version.

    Raise DatabaseRefusedError or UnavailableError if it does not, and ForbiddenError for root on
    the files of another user.
    """
    refuse_foreign_files(settings.files)
    _require_ready(settings)
    transactions = make_transactions(settings)
    # Recipes have no reference cycles; looking for them takes a sixth of the time.
    thresholds = gc.get_threshold()
    gc.set_threshold(100_000, *thresholds[1:])
    try:
        fault = revision_fault(transactions.run_now(crud.load_schema_revision))
        if fault:
            raise UnavailableError(fault)
        yield transactions
    finally:
        gc.set_threshold(*thresholds)
        transactions.close()


def _require_ready(settings: Settings) -> None:
    file = settings.database_file
    if file is not None and not file_exists(file):
        # Connecting would create the file, perhaps as a user whose files the server cannot write.
        raise UnavailableError(
            f"There is no database {file}: restore a backup, or, for a new installation, run"
            " ./prestart.sh."
        )
    wait_for_database(settings.model_copy(update={"database_wait_seconds": WAIT_SECONDS}))


def progress_bar(length: int, label: str) -> Any:
    """Return a progress bar on standard error, which only a terminal shows."""
    hidden = not sys.stderr.isatty()
    return typer.progressbar(length=length, label=label, file=sys.stderr, hidden=hidden)


@contextmanager
def progress() -> Iterator[Progress]:
    """Return a callback that shows a bar for each step."""
    with ExitStack() as stack:
        bar: Any = None

        def show(label: str, done: int, total: int) -> None:
            nonlocal bar
            if not total:
                return
            if bar is None or (bar.label, bar.length) != (label, total):
                stack.close()
                bar = stack.enter_context(progress_bar(total, label))
            bar.update(done - bar.pos)

        yield show
