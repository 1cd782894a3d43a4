"""What those who keep a copy of the recipes have to know."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class RecipeCounter(Base):
    """The number of the last change: one row, which a writer holds until it has committed."""

    value: Mapped[int] = mapped_column(BigInteger)
    vocabulary: Mapped[int] = mapped_column(default=0)
    """How often words were forgotten: what a process remembers of them is of one such time."""


class RecipeTombstone(Base):
    """A recipe that was removed for good."""

    __table_args__ = (UniqueConstraint("recipe_id"),)

    recipe_id: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int]
    submitter_id: Mapped[int | None] = mapped_column(BigInteger)
    change_number: Mapped[int] = mapped_column(BigInteger)
    left_number: Mapped[int | None] = mapped_column(BigInteger)
    """When it left the public lists, by this removal or before; None if it never was there."""
    left_version: Mapped[int | None]
    removed_at: Mapped[datetime]


Index(None, RecipeTombstone.change_number)
Index(None, RecipeTombstone.left_number)
Index(None, RecipeTombstone.submitter_id, RecipeTombstone.change_number)
