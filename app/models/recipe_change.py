"""What those who keep a copy of the recipes have to know."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class RecipeCounter(Base):
    """The number of the last change: one row, which a writer holds until it has committed."""

    value: Mapped[int] = mapped_column(BigInteger)


class RecipeTombstone(Base):
    """A recipe that was removed for good."""

    __table_args__ = (UniqueConstraint("recipe_id"),)

    recipe_id: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int]
    submitter_id: Mapped[int | None] = mapped_column(BigInteger)
    was_public: Mapped[bool]
    change_number: Mapped[int] = mapped_column(BigInteger)
    removed_at: Mapped[datetime]


Index(None, RecipeTombstone.change_number)
