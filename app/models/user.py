"""Accounts, what they store, and their API tokens."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.security import new_token_version
from app.db.base import Base, BigKey, Versioned
from app.db.types import JsonDocument, binary_string

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


class UserStorage(Base):
    """The bytes that an account stores.

    A separate row, since each write of a recipe updates it. Writers lock `recipe_counter` first, so
    that no two of them deadlock; the row of the account is locked earlier, and keeps its version.
    """

    __table_args__ = (UniqueConstraint("user_id"),)

    user_id: Mapped[int] = mapped_column(BigKey, ForeignKey("user.id", ondelete="CASCADE"))
    used: Mapped[int] = mapped_column(BigInteger)


class ApiToken(Versioned, Base):
    """A token that programs send instead of a password, until it expires or is deleted."""

    __table_args__ = (UniqueConstraint("token_hash"),)

    user_id: Mapped[int] = mapped_column(BigKey, ForeignKey("user.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))
    token_hash: Mapped[str] = mapped_column(binary_string(64))
    scopes: Mapped[list[str]] = mapped_column(JsonDocument)
    expires_at: Mapped[datetime]


Index(None, ApiToken.user_id, ApiToken.created_at, ApiToken.id)
