"""`recipes move`: from the SQLite file to PostgreSQL."""

from typing import Annotated

import typer

from app.core.config import Settings
from app.core.errors import ConflictError
from app.ops.backup import move as moving
from app.ops.cli.database import operator_settings
from app.ops.cli.progress import progress


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
    if not settings.is_sqlite:
        raise ConflictError("DATABASE_URL already names PostgreSQL: there is no file to move from.")
    if not to.startswith("postgresql"):
        raise ConflictError("The data can only be moved to postgresql://….")
    target = Settings.model_validate(dict(settings) | {"database_url": to})
    with progress() as show_progress:
        rows = moving.move(settings, target, show_progress)
    typer.echo(f"Moved {sum(rows.values()):,} rows of {len(rows)} tables, and compared them.")
    typer.echo("Now set DATABASE_URL to that database, and start the server.")
    typer.echo(f"The old data are still in {settings.database_url.removeprefix('sqlite:///')}.")
