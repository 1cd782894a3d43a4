"""`recipes backup`: all that is in the database as one file, and what a file is worth."""

from pathlib import Path
from typing import Annotated

import typer

from app.ops.backup import folder, making
from app.ops.backup.archive import Manifest
from app.ops.cli.database import operator_settings
from app.ops.cli.progress import progress


def backup(
    file: Annotated[
        Path | None,
        typer.Argument(help="Where to write; by default a new file in DATA_DIR/backups."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Only read FILE, a backup, and tell what is in it.")
    ] = False,
    keep: Annotated[
        int | None,
        typer.Option(
            min=1, help="Keep this one and the newest others in DATA_DIR/backups, N in all."
        ),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Print nothing but what needs attention, as cron wants.")
    ] = False,
) -> None:
    """Write a backup of the database, while the server runs."""
    settings = operator_settings()
    if verify and file is None:
        raise typer.BadParameter("--verify needs the FILE that it is about.")
    if keep is not None and (file is not None or verify):
        raise typer.BadParameter("--keep is about the backups in DATA_DIR/backups, not about FILE.")
    path = file or folder.default_file(settings)
    with progress() as tell:
        if verify:
            manifest = making.verify(path, settings, tell)
        else:
            manifest = making.back_up(settings, path, tell, force=force)
    said = f"{path} is good" if verify else f"Wrote {path}"
    lines = [f"{said}: {summary_of(manifest)}."]
    if keep is not None:
        done = folder.keep_newest(settings, keep, path)
        lines += [f"Removed {gone}." for gone in done.removed]
        lines += [
            f"{each} is not counted: its name is not one that `recipes backup` gives."
            for each in done.unknown
        ]
        for each in done.from_the_future:
            typer.echo(
                f"{each} is not counted: it is later than now. Is the clock right?", err=True
            )
    if not quiet:
        typer.echo("\n".join(lines))


def summary_of(manifest: Manifest) -> str:
    """Describe what a backup holds in one line."""
    made = f"{manifest.created_at:%Y-%m-%d %H:%M:%S} UTC"
    kind = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[manifest.kind]
    return (
        f"{manifest.rows:,} rows in {len(manifest.tables)} tables of {kind}, from {made},"
        f" at revision {manifest.revision}"
    )
