"""The storage of accounts."""

from sqlalchemy import BigInteger, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, BigKey


class UserStorage(Base):
    """The bytes that an account stores.

    Its own row, since each write of a recipe updates it, after `recipe_counter`, so that no two
    writers deadlock; the row of the account is locked earlier, and keeps its version.
    """

    __table_args__ = (UniqueConstraint("user_id"),)

    user_id: Mapped[int] = mapped_column(BigKey, ForeignKey("user.id", ondelete="CASCADE"))
    used: Mapped[int] = mapped_column(BigInteger)
