"""`recipes move`: from the SQLite file to PostgreSQL."""

from typing import Annotated

import typer

from app.core.config import Settings
from app.core.errors import ConflictError
from app.ops.backup.moving import move as move_rows
from app.ops.cli.database import operator_settings
from app.ops.cli.progress import progress


def move(
    to: Annotated[
        str,
        typer.Option(
            metavar="URL",
            envvar="MOVE_TO",
            help="The empty database postgresql://…; a password in it is seen by all users of the"
            " machine, so set the variable, or PGPASSWORD.",
        ),
    ],
) -> None:
    """Copy everything from the SQLite file of DATABASE_URL to PostgreSQL; stop the server first."""
    settings = operator_settings()
    if not settings.is_sqlite:
        raise ConflictError("DATABASE_URL names PostgreSQL already: there is no file to move from.")
    if not to.startswith("postgresql"):
        raise ConflictError("The data can be moved to postgresql://… only.")
    target = Settings.model_validate(dict(settings) | {"database_url": to})
    with progress() as tell:
        rows = move_rows(settings, target, tell)
    typer.echo(f"Moved {sum(rows.values()):,} rows of {len(rows)} tables, and compared them.")
    typer.echo("Now set DATABASE_URL to that database, and start the server.")
    typer.echo(f"What was moved is still in {settings.database_url.removeprefix('sqlite:///')}.")
