"""`recipes`: the command line for operators.

Exit status 0: done. 1: refused, with the reason on standard error. 2: wrong usage.
"""

import sys
from importlib.metadata import version as version_of
from typing import Annotated

import typer
from pydantic import ValidationError

from app.core.errors import AppError
from app.core.private_files import os_fault
from app.observability.logging import set_up_log
from app.ops.cli.backup import backup, move, restore
from app.ops.cli.check import check
from app.ops.cli.exchange import export, import_
from app.ops.cli.maintenance import compact, reindex, seed
from app.ops.cli.user import users
from app.schemas.faults import faults_of


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(version_of("recipe-api"))
        raise typer.Exit


commands = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # They show local variables, which may be passwords.
)
commands.add_typer(users, name="user")
for command in (backup, check, compact, export, import_, move, reindex, restore, seed):
    commands.command(command.__name__.rstrip("_"))(command)


@commands.callback()
def _options(
    *,
    _: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", is_eager=True, callback=_show_version),
    ] = False,
) -> None:
    """Operate the recipe server."""


def main() -> None:
    """Run a command. Print one line for each fault if it is refused."""
    set_up_log("WARNING", as_json=False)
    try:
        commands()
    except ValidationError as error:
        faults = [(str(fault.pointer).lstrip("/"), fault.detail) for fault in faults_of(error)]
        sys.exit("\n".join(f"recipes: {member}: {detail}" for member, detail in faults))
    except AppError as error:
        sys.exit(f"recipes: {error}")
    except OSError as error:
        sys.exit(f"recipes: {os_fault(error)}")
