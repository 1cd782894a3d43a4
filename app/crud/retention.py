"""What is kept only so long: the trash and old versions, where a setting says so."""

import asyncio
import logging
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.core.config import Settings
from app.core.errors import AppError
from app.crud.recipe_change import bury
from app.db.session import Writer
from app.db.types import utc_now
from app.models.recipe import Recipe
from app.models.recipe_version import RecipeVersion

logger = logging.getLogger("app.retention")

PAUSE_SECONDS = 3600
_AT_ONCE = 500


def empty_trash(session: Session, days: int) -> int:
    """Remove recipes that have been in the trash for `days`, some at a time; how many."""
    before = utc_now() - timedelta(days=days)
    rows = select(Recipe).where(Recipe.deleted_at < before).order_by(Recipe.id).limit(_AT_ONCE)
    recipes = session.scalars(rows.with_for_update(skip_locked=True)).all()
    for recipe in recipes:
        bury(session, recipe)
        session.delete(recipe)
    session.flush()
    return len(recipes)


def forget_versions(session: Session, kept: int) -> int:
    """Delete what is older than the `kept` newest versions of each recipe; how many."""
    # The current version is the recipe itself, and one of those that are kept.
    oldest = (
        select(Recipe.version - (kept - 1))
        .where(Recipe.id == RecipeVersion.recipe_id)
        .scalar_subquery()
    )
    rows = delete(RecipeVersion).where(RecipeVersion.version < oldest)
    return len(session.scalars(rows.returning(RecipeVersion.id)).all())


async def apply_retention(write: Writer, settings: Settings) -> None:
    """Remove all that is older than the settings say."""
    removed = forgotten = 0
    if settings.trash_days is not None:
        while more := await write(empty_trash, settings.trash_days):
            removed += more
    if settings.versions_kept is not None:
        forgotten = await write(forget_versions, settings.versions_kept)
    if removed or forgotten:
        logger.info("Removed %d recipes of the trash and %d versions.", removed, forgotten)


async def keep_applying(write: Writer, settings: Settings) -> None:
    """Do so at once and every hour, until cancelled."""
    while settings.trash_days is not None or settings.versions_kept is not None:
        try:
            await apply_retention(write, settings)
        except AppError as error:
            logger.warning("The trash and old versions have to wait: %s", error)
        await asyncio.sleep(PAUSE_SECONDS)
