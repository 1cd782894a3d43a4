"""Tags and the recipes that have them, an index of the documents."""

from sqlalchemy import Column, ForeignKey, Index, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, BigKey
from app.db.types import UtcDateTime, binary_string

MAX_TAG_NAME = 100


class Tag(Base):
    """A tag of one kind, with the number of its recipes, without the trash."""

    __table_args__ = (UniqueConstraint("kind", "key"),)

    kind: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(binary_string(300))
    """The casefolded name; casefolding makes at most three characters of one."""
    name: Mapped[str] = mapped_column(String(MAX_TAG_NAME))
    """The first spelling in a public recipe, or else the key."""
    count: Mapped[int]
    public_count: Mapped[int]
    """The number of its public recipes."""


for _column in (Tag.public_count, Tag.key):
    Index(None, _column, Tag.id)

recipe_tag = Table(
    "recipe_tag",
    Base.metadata,
    Column("recipe_id", BigKey, ForeignKey("recipe.id", ondelete="CASCADE"), primary_key=True),
    Column("tag_id", BigKey, ForeignKey("tag.id", ondelete="CASCADE"), primary_key=True),
    # A copy of the recipe's, so that the newest recipes of a tag are found in order.
    Column("created_at", UtcDateTime(), nullable=False),
    Index(None, "tag_id", "created_at", "recipe_id"),
    sqlite_with_rowid=False,
)
"""Which recipe has which tag."""
