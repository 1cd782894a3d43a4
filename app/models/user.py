"""Accounts."""

from sqlalchemy import BigInteger, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.security import new_token_version
from app.db.base import Base, Versioned
from app.db.types import binary_string

BEING_DELETED = "deleted:"
"""The prefix of the email_key of an account whose recipes are still being deleted.

The rest says whether public recipes stay, and the id. No address has this prefix.
"""


class User(Versioned, Base):
    """An account."""

    __table_args__ = (UniqueConstraint("email_key"),)

    email: Mapped[str] = mapped_column(String(320))
    email_key: Mapped[str] = mapped_column(binary_string(320))
    first_name: Mapped[str | None] = mapped_column(String(100))
    surname: Mapped[str | None] = mapped_column(String(100))
    hashed_password: Mapped[str] = mapped_column(String(255))
    is_active: Mapped[bool] = mapped_column(default=True)
    is_superuser: Mapped[bool] = mapped_column(default=False)
    token_version: Mapped[int] = mapped_column(BigInteger, default=new_token_version)


Index(None, User.created_at, User.id)
