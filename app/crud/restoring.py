"""What a restored database has to know of the one whose place it takes.

Clients and workers remember what they have seen. So the numbers of changes go on, what has changed
since the backup has changed once more, and words that were known are still known.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.db.session import insert_into
from app.db.types import utc_now
from app.models.recipe import Recipe
from app.models.recipe_change import RecipeCounter, RecipeTombstone
from app.models.search import search_language, search_word

_AT_ONCE = 500


class Known(NamedTuple):
    """What was known before."""

    last_change: int
    changed: Sequence[Any]
    """The recipes that have changed since the backup, those that were removed among them."""
    words: Sequence[tuple[str, str]]
    languages: Sequence[str]


def last_change(session: Session) -> int:
    """The number of the last change."""
    return session.scalar(select(RecipeCounter.value)) or 0


def known(session: Session, since: int) -> Known:
    """What is known of changes after the number `since`, and of words."""
    there = select(
        Recipe.id.label("recipe_id"),
        (Recipe.version + 1).label("version"),
        Recipe.submitter_id,
        Recipe.was_public,
        Recipe.change_number,
    ).where(Recipe.change_number > since)
    gone = select(
        RecipeTombstone.recipe_id,
        RecipeTombstone.version,
        RecipeTombstone.submitter_id,
        RecipeTombstone.was_public,
        RecipeTombstone.change_number,
    ).where(RecipeTombstone.change_number > since)
    changed = [*session.execute(there).mappings(), *session.execute(gone).mappings()]
    return Known(
        last_change(session),
        sorted(changed, key=lambda each: each["change_number"]),
        [(row.word, row.reverse) for row in session.execute(select(search_word))],
        [row.code for row in session.execute(select(search_language))],
    )


def carry_over(session: Session, before: Known) -> None:
    """Tell the restored database."""
    number = max(before.last_change, last_change(session))
    now = utc_now()
    for each in before.changed:
        number += 1
        # A recipe that is there again; or else one that nobody has any more.
        again = update(Recipe).where(Recipe.id == each["recipe_id"])
        values = {"change_number": number, "updated_at": Recipe.updated_at}
        if each["was_public"]:
            values["was_public"] = True
        options = {"synchronize_session": False}
        if session.execute(again.values(values), execution_options=options).rowcount:  # type: ignore[attr-defined]  # A cursor's result.
            continue
        of_it = RecipeTombstone.recipe_id == each["recipe_id"]
        session.execute(delete(RecipeTombstone).where(of_it))
        session.add(RecipeTombstone(**{**each, "change_number": number, "removed_at": now}))
    session.execute(update(RecipeCounter).values(value=number))
    _add_missing(session, search_word, [{"word": a, "reverse": b} for a, b in before.words])
    _add_missing(session, search_language, [{"code": each} for each in before.languages])


def _add_missing(session: Session, table: Any, rows: Sequence[dict[str, str]]) -> None:
    insert = insert_into(table, session).on_conflict_do_nothing()
    for at in range(0, len(rows), _AT_ONCE):
        session.execute(insert, rows[at : at + _AT_ONCE])
