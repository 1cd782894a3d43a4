"""The history of recipes."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, BigKey
from app.db.types import JsonDocument


class RecipeVersion(Base):
    """A recipe as it was before a change. The current version is the recipe itself."""

    __table_args__ = (UniqueConstraint("recipe_id", "version"),)

    recipe_id: Mapped[int] = mapped_column(BigKey, ForeignKey("recipe.id", ondelete="CASCADE"))
    version: Mapped[int]
    at: Mapped[datetime]
    author_id: Mapped[int | None] = mapped_column(BigInteger)
    label: Mapped[str] = mapped_column(String(256))
    visibility: Mapped[str] = mapped_column(String(16))
    snapshot: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    size: Mapped[int]
    """Bytes, as they count for the quota of the recipe's submitter."""
