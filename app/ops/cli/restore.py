"""`recipes restore`: the data of a backup in the place of those that are there."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.core.errors import ConflictError
from app.ops.backup import making, restoring
from app.ops.cli.backup import summary_of
from app.ops.cli.database import operator_settings
from app.ops.cli.progress import progress


def restore(
    file: Annotated[Path, typer.Argument(help="A backup that `recipes backup` has written.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only check whether FILE could be restored here.")
    ] = False,
    undo: Annotated[
        bool, typer.Option("--undo/--no-undo", help="First make a backup of what is there.")
    ] = True,
) -> None:
    """Replace all data by those of a backup, while the server runs: all of them, or none."""
    settings = operator_settings()
    manifest = restoring.look_at(file, settings)
    if dry_run:
        with progress() as tell:
            making.verify(file, settings, tell)
        typer.echo(f"{file} can be restored here: {summary_of(manifest)}.")
        return
    if not yes:
        if not sys.stdin.isatty():
            raise ConflictError("This replaces all data: --yes says that it is meant.")
        question = f"Replace all data by {summary_of(manifest)}?"
        typer.confirm(question, abort=True, err=True)
    with progress() as tell:
        done = restoring.restore(file, settings, tell, keep_undo=undo)
    typer.echo(f"Restored {summary_of(done.manifest)}.")
    if done.undo is not None:
        typer.echo(f"What was there before is in {done.undo}.")
    if done.aside is not None:
        typer.echo(f"What was there before could not be read; it is now {done.aside}.")
        typer.echo("Restart the server, if it runs.")
