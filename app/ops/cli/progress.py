"""How far a long command is: a bar for each thing it does, on a terminal."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import typer

from app.ops.backup.archive import Tell


@contextmanager
def progress() -> Iterator[Tell]:
    """What is to be told what is being done, how much of it is done, and of how much."""
    with ExitStack() as stack:
        bar: Any = None

        def tell(label: str, done: int, total: int) -> None:
            nonlocal bar
            if not total or not sys.stderr.isatty():
                return
            if bar is None or (bar.label, bar.length) != (label, total):
                stack.close()
                bar = stack.enter_context(
                    typer.progressbar(length=total, label=label, file=sys.stderr)
                )
            bar.update(done - bar.pos)

        yield tell
