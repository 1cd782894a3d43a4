"""`recipes backup`: write a backup, verify one, remove old ones."""

from pathlib import Path
from typing import Annotated

import typer

from app.ops.backup import create, folder
from app.ops.backup.archive import Manifest
from app.ops.cli.database import operator_settings
from app.ops.cli.progress import progress


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
    path = file or folder.default_file(settings)
    with progress() as show_progress:
        if verify:
            manifest = create.verify(path, settings, show_progress)
        else:
            manifest = create.back_up(settings, path, show_progress, force=force)
    result = f"{path} is good" if verify else f"Wrote {path}"
    lines = [f"{result}: {summary_of(manifest)}."]
    if keep is not None:
        done = folder.keep_newest(settings, keep, path)
        lines += [f"Removed {gone}." for gone in done.removed]
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


def summary_of(manifest: Manifest) -> str:
    """Describe the content of a backup in one line."""
    made = f"{manifest.created_at:%Y-%m-%d %H:%M:%S} UTC"
    kind = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[manifest.kind]
    return (
        f"{manifest.rows:,} rows in {len(manifest.tables)} tables of {kind}, from {made},"
        f" at revision {manifest.revision}"
    )
