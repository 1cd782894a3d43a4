"""Retention: delete old trash and versions, as the settings say, and what is no longer used.

Rows are deleted in steps of AT_ONCE, each in its own transaction, so that writers wait for at most
one step. One worker at a time takes a step.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session, load_only

from app.core.config import Settings
from app.core.errors import AppError
from app.crud import user_storage
from app.crud.expiry import delete_expired
from app.crud.recipe_change import add_tombstone
from app.db.driver import Driver
from app.db.expressions import InArray
from app.db.locks import one_at_a_time
from app.db.transactions import Transactions
from app.db.types import dump_json, utc_now
from app.models.recipe import Recipe, RecipeCounter, RecipeVersion
from app.models.request import IdempotencyKey, RateLimit
from app.models.search import search_word
from app.models.tag import Tag, recipe_tag
from app.search.index import UNUSED_WORDS, hold_writers

logger = logging.getLogger("app.retention")

START_SECONDS = 5
"""Before the first time, so that a worker that starts serves first."""
PAUSE_SECONDS = 3600
RETRY_SECONDS = 60
"""After a failure."""
BREATH_SECONDS = 0.01
"""Between two steps, so that others waiting for the only writer of SQLite get their turn."""
AT_ONCE = 500
"""Rows of one step."""
_RECIPES_AT_ONCE = 10_000
"""Recipes whose versions are counted in one step, by an index."""


class Step(NamedTuple):
    """How many rows a step removed, and where the next one begins, or None after the last."""

    removed: int
    after: Any


# --- Steps ---------------------------------------------------------------------------------------


def empty_trash(session: Session, after: int, days: int) -> Step:
    """Remove recipes that have been in the trash for `days`, with their versions."""
    before = utc_now() - timedelta(days=days)
    versions = select(func.count()).where(RecipeVersion.recipe_id == Recipe.id)
    due = select(Recipe.id, versions.scalar_subquery()).where(Recipe.deleted_at < before)
    due = due.where(Recipe.id > after).order_by(Recipe.id).limit(AT_ONCE)
    ids: list[int] = []
    count = 0
    for recipe_id, of_it in session.execute(due):
        count += 1 + of_it
        if ids and count > AT_ONCE:
            break
        ids.append(recipe_id)
    if not ids:
        return Step(0, None)
    # Without the documents, which may be large. A locked recipe is perhaps being restored.
    rows = (
        select(Recipe)
        .where(InArray(Recipe.__table__.c.id, "ids"), Recipe.deleted_at < before)
        .options(
            load_only(
                *(Recipe.version, Recipe.submitter_id, Recipe.visibility, Recipe.deleted_at),
                *(Recipe.left_number, Recipe.left_version, Recipe.size),
            )
        )
        .order_by(Recipe.id)
        .with_for_update(skip_locked=True)
    )
    recipes = session.scalars(rows, {"ids": dump_json(ids)}).all()
    for recipe in recipes:
        add_tombstone(session, recipe)
        session.delete(recipe)
    session.flush()
    return Step(len(recipes), ids[-1])


def forget_versions(session: Session, after: int, kept: int) -> Step:
    """Delete all but the `kept` newest versions of each recipe."""
    last = session.scalar(select(func.max(RecipeVersion.recipe_id))) or 0
    newest = (
        select(RecipeVersion.recipe_id, func.max(RecipeVersion.version).label("version"))
        .where(RecipeVersion.recipe_id.between(after + 1, after + _RECIPES_AT_ONCE))
        .group_by(RecipeVersion.recipe_id)
        # The current version is the recipe itself, and one of those that are kept.
        .having(func.count() >= kept)
        .subquery()
    )
    old = (
        select(RecipeVersion.id)
        .join(newest, newest.c.recipe_id == RecipeVersion.recipe_id)
        .where(RecipeVersion.version <= newest.c.version - (kept - 1))
        .order_by(RecipeVersion.recipe_id, RecipeVersion.version)
        .limit(AT_ONCE)
    )
    ids = session.scalars(old).all()
    if ids:
        _delete_versions(session, dump_json(ids))
    if len(ids) == AT_ONCE:
        return Step(len(ids), after)
    after += _RECIPES_AT_ONCE
    return Step(len(ids), after if after < last else None)


def _delete_versions(session: Session, ids: str) -> None:
    # One writer at a time counts what accounts store.
    hold_writers(session)
    table = RecipeVersion.__table__
    rows = delete(RecipeVersion).where(InArray(table.c.id, "ids"))
    sizes: dict[int, int] = defaultdict(int)
    for recipe_id, size in session.execute(
        rows.returning(RecipeVersion.recipe_id, RecipeVersion.size),
        {"ids": ids},
        execution_options={"synchronize_session": False},
    ):
        sizes[recipe_id] += size
    owners = select(Recipe.id, Recipe.submitter_id).where(InArray(Recipe.__table__.c.id, "ids"))
    for recipe_id, user_id in session.execute(owners, {"ids": dump_json([*sizes])}):
        user_storage.release(session, user_id, sizes[recipe_id])


def forget_words(session: Session, after: str) -> Step:
    """Delete words that no public recipe has any more."""
    page = select(search_word.c.word).where(search_word.c.word > after)
    words = session.scalars(page.order_by(search_word.c.word).limit(AT_ONCE)).all()
    unused = _unused(session, words)
    if unused:
        hold_writers(session)
        # A recipe with one of them may have been added since.
        unused = _unused(session, unused)
        rows = delete(search_word).where(InArray(search_word.c.word, "words"))
        session.execute(rows, {"words": dump_json(unused)})
        session.execute(update(RecipeCounter).values(vocabulary=RecipeCounter.vocabulary + 1))
    return Step(len(unused), words[-1] if len(words) == AT_ONCE else None)


def _unused(session: Session, words: Any) -> list[str]:
    return [word for (word,) in Driver(session).run(UNUSED_WORDS, (dump_json([*words]),))]


def forget_tags(session: Session, after: int) -> Step:
    """Delete tags that only recipes in the trash have, or none."""
    unused = (
        select(Tag.id)
        .where(Tag.id > after, Tag.count <= 0, ~exists().where(recipe_tag.c.tag_id == Tag.id))
        .order_by(Tag.id)
        .limit(AT_ONCE)
    )
    if not session.scalars(unused).all():
        return Step(0, None)
    hold_writers(session)
    ids = session.scalars(unused).all()
    rows = delete(Tag).where(InArray(Tag.__table__.c.id, "ids"))
    session.execute(rows, {"ids": dump_json(ids)}, execution_options={"synchronize_session": False})
    return Step(len(ids), ids[-1] if len(ids) == AT_ONCE else None)


def forget_expired(session: Session, after: int, model: Any) -> Step:
    """Delete expired rows."""
    count = delete_expired(session, model, AT_ONCE)
    return Step(count, after if count == AT_ONCE else None)


# --- All of them ---------------------------------------------------------------------------------


def _kinds(settings: Settings) -> Iterator[tuple[str, Callable[..., Step], Any]]:
    """Yield what is removed: its name, its step, and where the first step begins."""
    if settings.trash_days is not None:
        yield "recipes of the trash", partial(empty_trash, days=settings.trash_days), 0
    if settings.versions_kept is not None:
        yield "versions", partial(forget_versions, kept=settings.versions_kept), 0
    yield "words", forget_words, ""
    yield "tags", forget_tags, 0
    yield "idempotency keys", partial(forget_expired, model=IdempotencyKey), 0
    yield "counters of limits", partial(forget_expired, model=RateLimit), 0


async def apply_retention(transactions: Transactions, settings: Settings) -> bool:
    """Remove what is older than the settings allow. Return False if part of it failed.

    A failure of one kind does not stop the others.
    """
    done = True
    for name, work, after in _kinds(settings):
        removed = 0
        try:
            while after is not None:
                step = await transactions.run(_in_turn, work, after)
                removed, after = removed + step.removed, step.after
                await asyncio.sleep(BREATH_SECONDS)
        except AppError as error:
            logger.warning("To remove %s has to wait: %s", name, error)
            done = False
        except Exception:
            logger.exception("To remove %s has failed.", name)
            done = False
        if removed:
            logger.info("Removed %d %s.", removed, name)
    return done


def _in_turn(session: Session, work: Callable[..., Step], after: Any) -> Step:
    one_at_a_time(session)
    return work(session, after)


async def keep_applying(
    transactions: Transactions,
    settings: Settings,
    pause: float = PAUSE_SECONDS,
    retry: float = RETRY_SECONDS,
) -> None:
    """Apply retention soon and every `pause` seconds, `retry` after a failure, until cancelled."""
    await asyncio.sleep(START_SECONDS)
    while True:
        done = await apply_retention(transactions, settings)
        await asyncio.sleep(pause if done else retry)
