"""`recipes backup`, `recipes restore` and `recipes move`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.core.config import Settings
from app.core.errors import ConflictError
from app.ops.backup import files, operations
from app.ops.backup import move as moving
from app.ops.backup.archive import Manifest
from app.ops.cli.common import operator_settings, progress


def backup(
    file: Annotated[
        Path | None,
        typer.Argument(help="The file to write; by default a new one in DATA_DIR/backups."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    verify: Annotated[
        bool,
        typer.Option("--verify", help="Only read the backup FILE, and describe it."),
    ] = False,
    keep: Annotated[
        int | None,
        typer.Option(
            min=1, help="Keep the newest N backups in DATA_DIR/backups, and remove the others."
        ),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Print only what needs attention, for cron.")
    ] = False,
) -> None:
    """Write a backup of the database, while the server runs."""
    settings = operator_settings()
    if verify and file is None:
        raise typer.BadParameter("--verify needs a FILE.")
    if keep is not None and (file is not None or verify):
        raise typer.BadParameter("--keep applies to DATA_DIR/backups and takes no FILE.")
    path = file or files.default_file(settings)
    with progress() as show_progress:
        if verify:
            manifest = operations.verify(path, settings, show_progress)
        else:
            manifest = operations.back_up(settings, path, show_progress, force=force)
    result = f"{path} is good" if verify else f"Wrote {path}"
    lines = [f"{result}: {_summary(manifest)}."]
    if keep is not None:
        done = files.keep_newest(settings, keep, path)
        lines += [f"Removed {each}." for each in done.removed]
        lines += [
            f"{each} is not counted: it is not named like a file of `recipes backup`."
            for each in done.unknown
        ]
        for each in done.from_the_future:
            typer.echo(
                f"{each} is not counted: it is dated in the future. Is the clock right?", err=True
            )
    if not quiet:
        typer.echo("\n".join(lines))


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
    """Replace all data with a backup, while the server runs. If it fails, nothing has changed."""
    settings = operator_settings()
    manifest = operations.read_restorable(file, settings)
    if dry_run:
        with progress() as show_progress:
            operations.verify(file, settings, show_progress)
        typer.echo(f"{file} can be restored here: {_summary(manifest)}.")
        return
    if not yes:
        if not sys.stdin.isatty():
            raise ConflictError("This replaces all data: confirm it with --yes.")
        question = f"Replace all data by {_summary(manifest)}?"
        typer.confirm(question, abort=True, err=True)
    with progress() as show_progress:
        done = operations.restore(file, settings, show_progress, keep_undo=undo)
    typer.echo(f"Restored {_summary(done.manifest)}.")
    if done.undo is not None:
        typer.echo(f"The replaced data are in {done.undo}.")
    if done.aside is not None:
        typer.echo(f"The replaced database was damaged; it is now {done.aside}.")
        typer.echo("Restart the server if it is running.")


def move(
    to: Annotated[
        str,
        typer.Option(
            metavar="URL",
            envvar="MOVE_TO",
            help="The empty database postgresql://…. Other users of the machine can see a"
            " password in it: rather set the variable, or PGPASSWORD.",
        ),
    ],
) -> None:
    """Copy everything from the SQLite file of DATABASE_URL to PostgreSQL; stop the server first."""
    settings = operator_settings()
    file = settings.database_file
    if file is None:
        raise ConflictError("DATABASE_URL already names PostgreSQL: there is no file to move from.")
    if not to.startswith("postgresql"):
        raise ConflictError("The data can only be moved to postgresql://….")
    target = Settings.model_validate(dict(settings) | {"database_url": to})
    with progress() as show_progress:
        rows = moving.move(file, target, show_progress)
    typer.echo(f"Moved {sum(rows.values()):,} rows of {len(rows)} tables, and compared them.")
    typer.echo("Now set DATABASE_URL to that database, and start the server.")
    typer.echo(f"The old data are still in {file}.")


def _summary(manifest: Manifest) -> str:
    """Describe the content of a backup in one line."""
    made = f"{manifest.created_at:%Y-%m-%d %H:%M:%S} UTC"
    kind = operations.KINDS[manifest.kind]
    return (
        f"{manifest.rows:,} rows in {len(manifest.tables)} tables of {kind}, from {made},"
        f" at revision {manifest.revision}"
    )
