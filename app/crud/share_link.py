"""Share links: the keys that open unlisted recipes."""

from collections.abc import Iterable
from hmac import compare_digest

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from app.core.security import new_share_key
from app.db.engine import insert_into
from app.db.reader import CompiledQuery, Reader
from app.models.recipe import ShareLink

_KEY = CompiledQuery(select(ShareLink.key).where(ShareLink.recipe_id == bindparam("recipe_id")))


async def read_key(db: Reader, recipe_id: int) -> str | None:
    """Return the key of a recipe, or None if it has none yet."""
    row = await db.first(_KEY, {"recipe_id": recipe_id})
    return row["key"] if row else None


async def is_key(db: Reader, recipe_id: int, given: str) -> bool:
    """Return whether `given` is the key of this recipe."""
    key = await read_key(db, recipe_id)
    return key is not None and compare_digest(key.encode(), given.encode())


def ensure_keys(session: Session, recipe_ids: Iterable[int]) -> None:
    """Give a key to each of these recipes, at least one, that has none."""
    rows = [{"recipe_id": recipe_id, "key": new_share_key()} for recipe_id in recipe_ids]
    session.execute(insert_into(ShareLink, session).on_conflict_do_nothing(), rows)


def ensure_key(session: Session, recipe_id: int) -> str:
    """Return the key of a recipe, which gets one if it has none."""
    ensure_keys(session, [recipe_id])
    return session.scalars(select(ShareLink.key).where(ShareLink.recipe_id == recipe_id)).one()


def renew_key(session: Session, recipe_id: int) -> str:
    """Give a recipe a new key and return it. The old one stops working."""
    session.execute(delete(ShareLink).where(ShareLink.recipe_id == recipe_id))
    return ensure_key(session, recipe_id)
