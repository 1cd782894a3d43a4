"""Share links."""

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, BigKey


class ShareLink(Base):
    """The key that opens an unlisted recipe.

    It has its own table, so no snapshot, export or ETag of a recipe can contain it.
    """

    __table_args__ = (UniqueConstraint("recipe_id"),)

    recipe_id: Mapped[int] = mapped_column(BigKey, ForeignKey("recipe.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(22))
