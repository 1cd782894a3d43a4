"""Carry over to a restored database what clients and workers know of the one that it replaces.

The numbers of changes continue, recipes that have changed since the backup change once more, and
workers forget which words they have stored.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import case, delete, null, or_, select, update
from sqlalchemy.orm import Session

from app.crud.recipe_change import LISTED
from app.db.types import utc_now
from app.models.recipe import Recipe, RecipeCounter, RecipeTombstone


class StateBefore(NamedTuple):
    """The state of the replaced database."""

    last_change: int
    vocabulary: int
    changed: Sequence[Any]
    """The recipes that have changed since the backup, including deleted ones."""


def last_change(session: Session) -> int:
    """Return the number of the last change."""
    return session.scalar(select(RecipeCounter.value)) or 0


def state_before(session: Session, since: int) -> StateBefore:
    """Return the state, with the changes after the number `since`."""
    there = select(
        Recipe.id.label("recipe_id"),
        (Recipe.version + 1).label("version"),
        Recipe.submitter_id,
        or_(LISTED, Recipe.left_number.is_not(None)).label("was_listed"),
        Recipe.change_number,
    ).where(Recipe.change_number > since)
    gone = select(
        RecipeTombstone.recipe_id,
        RecipeTombstone.version,
        RecipeTombstone.submitter_id,
        RecipeTombstone.left_number.is_not(None).label("was_listed"),
        RecipeTombstone.change_number,
    ).where(RecipeTombstone.change_number > since)
    changed = [*session.execute(there).mappings(), *session.execute(gone).mappings()]
    counter = session.scalars(select(RecipeCounter)).one()
    return StateBefore(
        counter.value,
        counter.vocabulary,
        sorted(changed, key=lambda each: each["change_number"]),
    )


def carry_over(session: Session, before: StateBefore) -> None:
    """Apply the state to the restored database."""
    counter = session.scalars(select(RecipeCounter)).one()
    number = max(before.last_change, counter.value)
    now = utc_now()
    for each in before.changed:
        number += 1
        # A recipe that exists again, or one that is gone.
        again = update(Recipe).where(Recipe.id == each["recipe_id"])
        values: dict[str, Any] = {"change_number": number, "updated_at": Recipe.updated_at}
        if each["was_listed"]:
            values["left_number"] = case((LISTED, null()), else_=number)
            values["left_version"] = case((LISTED, null()), else_=Recipe.version)
        options = {"synchronize_session": False}
        if session.execute(again.values(values), execution_options=options).rowcount:  # type: ignore[attr-defined]  # A cursor's result.
            continue
        of_it = RecipeTombstone.recipe_id == each["recipe_id"]
        session.execute(delete(RecipeTombstone).where(of_it))
        session.add(
            RecipeTombstone(
                recipe_id=each["recipe_id"],
                version=each["version"],
                submitter_id=each["submitter_id"],
                change_number=number,
                left_number=number if each["was_listed"] else None,
                left_version=each["version"] if each["was_listed"] else None,
                removed_at=now,
            )
        )
    counter.value = number
    counter.vocabulary = max(before.vocabulary, counter.vocabulary) + 1
