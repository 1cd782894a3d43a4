"""`recipes restore`: replace all data by those of a backup."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.core.errors import ConflictError
from app.ops.backup import create
from app.ops.backup import restore as restoring
from app.ops.cli.backup import summary_of
from app.ops.cli.database import operator_settings
from app.ops.cli.progress import progress


def restore(
    file: Annotated[Path, typer.Argument(help="A file of `recipes backup`.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only check that FILE can be restored here.")
    ] = False,
    undo: Annotated[
        bool, typer.Option("--undo/--no-undo", help="First back up the current data.")
    ] = True,
) -> None:
    """Replace all data by those of a backup, while the server runs, or none if it fails."""
    settings = operator_settings()
    manifest = restoring.read_restorable(file, settings)
    if dry_run:
        with progress() as show_progress:
            create.verify(file, settings, show_progress)
        typer.echo(f"{file} can be restored here: {summary_of(manifest)}.")
        return
    if not yes:
        if not sys.stdin.isatty():
            raise ConflictError("This replaces all data: confirm it with --yes.")
        question = f"Replace all data by {summary_of(manifest)}?"
        typer.confirm(question, abort=True, err=True)
    with progress() as show_progress:
        done = restoring.restore(file, settings, show_progress, keep_undo=undo)
    typer.echo(f"Restored {summary_of(done.manifest)}.")
    if done.undo is not None:
        typer.echo(f"The replaced data are in {done.undo}.")
    if done.aside is not None:
        typer.echo(f"The replaced database was damaged; it is now {done.aside}.")
        typer.echo("Restart the server if it is running.")
