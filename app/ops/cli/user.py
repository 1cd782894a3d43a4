"""`recipes user …`: accounts."""

import sys
import time
from typing import Annotated

import typer

from app import crud
from app.core.config import get_settings
from app.core.errors import MalformedError
from app.core.password_rules import refuse_personal
from app.core.security import hash_now
from app.crud.deletions import BREATH_SECONDS
from app.crud.user import DETACHED_PER_STEP
from app.models.user import User
from app.observability.logging import printable
from app.ops.cli.common import open_database, progress_bar
from app.schemas.user import UserCreateByAdmin, UserUpdateByAdmin

users = typer.Typer(
    help="Create and change accounts. Passwords are prompted for, or read from standard input.",
    no_args_is_help=True,
)

LISTED_AT_ONCE = 500

Email = Annotated[str, typer.Argument(help="The e-mail address of the account.")]


@users.command()
def create(
    email: Email,
    first_name: Annotated[str | None, typer.Option()] = None,
    surname: Annotated[str | None, typer.Option()] = None,
    superuser: Annotated[bool, typer.Option("--superuser", help="Grant all privileges.")] = False,
) -> None:
    """Create an account."""
    with open_database(get_settings()) as transactions:
        data = UserCreateByAdmin(
            email=email, password=_read_password(), first_name=first_name, surname=surname
        )
        refuse_personal(data.password, data.email, data.first_name, data.surname)
        hashed = hash_now(data.password)
        user = transactions.run_now(crud.user.register, data, hashed, is_superuser=superuser)
    typer.echo(f"Created the {'superuser' if superuser else 'user'} {user.email}.")


@users.command()
def set_password(email: Email) -> None:
    """Set a new password, and revoke all tokens of the account."""
    with open_database(get_settings()) as transactions:
        password = _read_password()
        UserUpdateByAdmin(password=password)  # Validate it as the API does.
        refuse_personal(password, email)
        user = transactions.run_now(crud.user.administer, email, hashed_password=hash_now(password))
    typer.echo(f"{user.email} has a new password. All tokens of the account are revoked.")


@users.command()
def disable(email: Email) -> None:
    """Disable an account, and revoke all its tokens."""
    user = _change(email, is_active=False)
    typer.echo(f"{user.email} is disabled. All tokens of the account are revoked.")


@users.command()
def enable(email: Email) -> None:
    """Enable a disabled account."""
    user = _change(email, is_active=True)
    typer.echo(f"{user.email} is enabled.")


@users.command()
def promote(email: Email) -> None:
    """Make an account a superuser."""
    user = _change(email, is_superuser=True)
    typer.echo(f"{user.email} is a superuser.")


@users.command()
def demote(email: Email) -> None:
    """Revoke the privileges of a superuser."""
    user = _change(email, is_superuser=False)
    typer.echo(f"{user.email} is not a superuser.")


@users.command("list")
def list_() -> None:
    """List all accounts: id, e-mail address, name, state and day of creation."""
    with open_database(get_settings()) as transactions:
        last = 0
        while accounts := transactions.run_now(crud.user.page_for_operator, last, LISTED_AT_ONCE):
            for account in accounts:
                name, state = _name_of(account), _state_of(account)
                day = f"{account.created_at:%Y-%m-%d}"
                typer.echo("\t".join((str(account.id), account.email, name, state, day)))
            last = accounts[-1].id


@users.command()
def show(email: Email) -> None:
    """Show an account and its numbers of recipes and API tokens."""
    with open_database(get_settings()) as transactions:
        account, recipes, tokens = transactions.run_now(crud.user.get_for_operator, email)
    for label, value in {
        "id": account.id,
        "e-mail": account.email,
        "name": _name_of(account),
        "state": _state_of(account),
        "created": f"{account.created_at:%Y-%m-%d %H:%M:%S} UTC",
        "recipes": _counts(recipes),
        "API tokens": tokens,
    }.items():
        typer.echo(f"{label:<11}{value}")


@users.command()
def delete(
    email: Email,
    with_recipes: Annotated[
        bool,
        typer.Option("--with-recipes", help="Also delete public and unlisted recipes."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete an account and its private recipes, while the server runs.

    Public and unlisted recipes stay, without a submitter. If interrupted, the server finishes it.
    """
    with open_database(get_settings()) as transactions:
        account, recipes, _ = transactions.run_now(crud.user.get_for_operator, email)
        if not yes and sys.stdin.isatty():
            typer.confirm(f"Delete {account.email}, with {_counts(recipes)}?", abort=True, err=True)
        is_done = transactions.run_now(crud.user.delete_by_email, email, with_recipes=with_recipes)
        with progress_bar(sum(recipes.values()), "Recipes") as bar:
            while not is_done:
                bar.update(DETACHED_PER_STEP)
                time.sleep(BREATH_SECONDS)
                is_done = not transactions.run_now(crud.user.continue_deletion)
    kept = {} if with_recipes else {each: recipes.get(each, 0) for each in ("public", "unlisted")}
    gone = sum(recipes.values()) - sum(kept.values())
    typer.echo(
        f"Deleted {account.email} and {gone:,} recipes; {sum(kept.values()):,} stay, without a"
        " submitter."
    )


def _change(email: str, *, is_active: bool | None = None, is_superuser: bool | None = None) -> User:
    with open_database(get_settings()) as transactions:
        return transactions.run_now(
            crud.user.administer, email, is_active=is_active, is_superuser=is_superuser
        )


def _name_of(account: User) -> str:
    return printable(" ".join(filter(None, (account.first_name, account.surname))))


def _state_of(account: User) -> str:
    if not account.email:
        return "being deleted"
    kinds = {"superuser": account.is_superuser, "disabled": not account.is_active}
    return ", ".join(kind for kind, applies in kinds.items() if applies) or "user"


def _counts(recipes: dict[str, int]) -> str:
    kinds = {"public": "public", "unlisted": "unlisted", "private": "private", "trash": "trashed"}
    counts = [f"{recipes[key]:,} {text}" for key, text in kinds.items() if recipes.get(key)]
    return f"{', '.join(counts) or 'no'} recipes"


def _read_password() -> str:
    """Read a password: typed twice at a terminal, else the first line of standard input.

    It is not an option, because all users of a machine can read command lines.
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
