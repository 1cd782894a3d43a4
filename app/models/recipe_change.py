"""The numbers of changes, and deleted recipes, for clients that keep a copy."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class RecipeCounter(Base):
    """The number of the last change: one row, which a writer locks until it commits."""

    value: Mapped[int] = mapped_column(BigInteger)
    vocabulary: Mapped[int] = mapped_column(default=0)
    """How often search words were deleted, which ends what processes cache of them."""


class RecipeTombstone(Base):
    """A recipe that was deleted for good."""

    __table_args__ = (UniqueConstraint("recipe_id"),)

    recipe_id: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int]
    submitter_id: Mapped[int | None] = mapped_column(BigInteger)
    change_number: Mapped[int] = mapped_column(BigInteger)
    left_number: Mapped[int | None] = mapped_column(BigInteger)
    """The number of the change by which it left the public lists, or None."""
    left_version: Mapped[int | None]
    removed_at: Mapped[datetime]


Index(None, RecipeTombstone.change_number)
Index(None, RecipeTombstone.left_number)
Index(None, RecipeTombstone.submitter_id, RecipeTombstone.change_number)
