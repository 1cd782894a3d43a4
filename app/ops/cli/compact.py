"""`recipes compact`: give the space of deleted rows back to the disk."""

import typer

from app.ops.backup import postgresql, sqlite
from app.ops.backup.errors import database_errors
from app.ops.cli.database import open_database, operator_settings


def compact() -> None:
    """Give the space of deleted rows back to the disk. Others can read in the meantime.

    On PostgreSQL the space stays in its files, free for new rows, and others can also write.
    """
    settings = operator_settings()
    file = settings.database_file
    with open_database(settings), database_errors():
        if file is None:
            postgresql.vacuum(settings)
            typer.echo("The space of deleted rows is free for new ones; PostgreSQL keeps it.")
            return
        before = file.stat().st_size
        sqlite.compact(file)
    sizes = [f"{size / 2**20:,.1f} MiB" for size in (before, file.stat().st_size)]
    typer.echo(f"{file} took {sizes[0]} and takes {sizes[1]}.")
