"""Progress bars of long commands, on a terminal."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import typer

from app.ops.backup.archive import Progress


@contextmanager
def progress() -> Iterator[Progress]:
    """Return a callback that shows a bar for each step."""
    with ExitStack() as stack:
        bar: Any = None

        def show(label: str, done: int, total: int) -> None:
            nonlocal bar
            if not total or not sys.stderr.isatty():
                return
            if bar is None or (bar.label, bar.length) != (label, total):
                stack.close()
                bar = stack.enter_context(
                    typer.progressbar(length=total, label=label, file=sys.stderr)
                )
            bar.update(done - bar.pos)

        yield show
