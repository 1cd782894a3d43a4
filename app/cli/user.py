"""`recipes user …`: accounts."""

import sys
from typing import Annotated

import typer

from app import crud
from app.cli.database import open_database
from app.core.config import get_settings
from app.core.errors import MalformedError
from app.core.password_rules import refuse_personal
from app.core.security import hash_now
from app.schemas.user import UserCreateByAdmin, UserUpdateByAdmin

users = typer.Typer(
    help="Make and change accounts. A password is asked for, or read from standard input.",
    no_args_is_help=True,
)

Email = Annotated[str, typer.Argument(help="The e-mail address of the account.")]


@users.command()
def create(
    email: Email,
    first_name: Annotated[str | None, typer.Option()] = None,
    surname: Annotated[str | None, typer.Option()] = None,
    superuser: Annotated[bool, typer.Option("--superuser", help="With all privileges.")] = False,
) -> None:
    """Make an account."""
    with open_database(get_settings()) as writer:
        data = UserCreateByAdmin(
            email=email, password=_read_password(), first_name=first_name, surname=surname
        )
        refuse_personal(data.password, data.email, data.first_name, data.surname)
        hashed = hash_now(data.password)
        user = writer.now(crud.user.register, data, hashed, is_superuser=superuser)
    typer.echo(f"Made the {'superuser' if superuser else 'user'} {user.email}.")


@users.command()
def set_password(email: Email) -> None:
    """Give an account another password, which ends all its tokens."""
    with open_database(get_settings()) as writer:
        password = _read_password()
        UserUpdateByAdmin(password=password)  # The same rules as through the API.
        refuse_personal(password, email)
        user = writer.now(crud.user.administer, email, hashed_password=hash_now(password))
    typer.echo(f"{user.email} has the new password; all tokens of the account have ended.")


@users.command()
def disable(email: Email) -> None:
    """Let an account sign in no more, and end all its tokens."""
    with open_database(get_settings()) as writer:
        user = writer.now(crud.user.administer, email, is_active=False)
    typer.echo(f"{user.email} is disabled; all tokens of the account have ended.")


@users.command()
def enable(email: Email) -> None:
    """Let a disabled account sign in again."""
    with open_database(get_settings()) as writer:
        user = writer.now(crud.user.administer, email, is_active=True)
    typer.echo(f"{user.email} is enabled.")


@users.command()
def promote(email: Email) -> None:
    """Make an account a superuser."""
    with open_database(get_settings()) as writer:
        user = writer.now(crud.user.administer, email, is_superuser=True)
    typer.echo(f"{user.email} is a superuser.")


@users.command()
def demote(email: Email) -> None:
    """Take a superuser's privileges away."""
    with open_database(get_settings()) as writer:
        user = writer.now(crud.user.administer, email, is_superuser=False)
    typer.echo(f"{user.email} is not a superuser.")


def _read_password() -> str:
    """The password: typed twice at a terminal, else the first line of standard input.

    It is no option, because every user of a machine may read the command lines of all.
    """
    if sys.stdin.isatty():
        password: str = typer.prompt(
            "Password", hide_input=True, confirmation_prompt=True, err=True
        )
        return password
    try:
        return sys.stdin.buffer.readline().decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise MalformedError("The password is not UTF-8 text.") from None
