"""The storage of accounts, counted in the transaction of each write.

A document counts with its versions: the bytes of its JSON, and ROW_BYTES for what is beside it. A
recipe without a submitter counts for no account.
"""

import math
from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from app.core.errors import QuotaExceededError
from app.db.driver import Driver, for_both
from app.db.reader import CompiledQuery, Reader
from app.models.recipe import RecipeVersion
from app.models.user import UserStorage
from app.schemas.recipe import RecipeDocument

ROW_BYTES = 1024
"""What a recipe or a version takes beside its document, such as its entries in indexes."""

_MEASURED = sorted(RecipeDocument.model_fields.keys() - {"visibility"})
_ADD = for_both(
    "INSERT INTO user_storage (user_id, used) VALUES (?, ?) ON CONFLICT (user_id)"
    " DO UPDATE SET used = user_storage.used + excluded.used RETURNING used"
)
_USED = CompiledQuery(select(UserStorage.used).where(UserStorage.user_id == bindparam("user_id")))


def size_of(document: Mapping[str, Any]) -> int:
    """Return the bytes that a document counts for."""
    return ROW_BYTES + len(orjson.dumps([document.get(name) for name in _MEASURED]))


def store(session: Session, user_id: int | None, size: int, quota: int | None = None) -> None:
    """Count `size` more bytes for an account. Raises QuotaExceededError if that is beyond `quota`.

    Call it after the change has taken its number: see `UserStorage`.
    """
    if user_id is None:
        return
    ((used,),) = Driver(session).run(_ADD, (user_id, size))
    if quota is not None and used > quota:
        raise QuotaExceededError(quota)


def release(session: Session, user_id: int | None, size: int) -> None:
    """Subtract `size` bytes from an account."""
    store(session, user_id, -size)


def size_with_versions(session: Session, recipe_id: int, size: int) -> int:
    """Return the bytes of a recipe with its versions; `size` is without."""
    versions = select(func.sum(RecipeVersion.size)).where(RecipeVersion.recipe_id == recipe_id)
    return size + (session.scalar(versions) or 0)


def room_of(session: Session, user_id: int, quota: int | None) -> float:
    """Return how many bytes an account may still store."""
    if quota is None:
        return math.inf
    used = select(UserStorage.used).where(UserStorage.user_id == user_id)
    return quota - (session.scalar(used) or 0)


async def used_by(db: Reader, user_id: int) -> int:
    """Return how many bytes an account stores."""
    row = await db.first(_USED, {"user_id": user_id})
    return int(row["used"]) if row else 0
