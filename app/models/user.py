"""Accounts."""

from sqlalchemy import BigInteger, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.security import new_token_version
from app.db.base import Base, Versioned
from app.db.types import binary_string

BEING_DELETED = "deleted:"
"""How the email_key of an account begins whose recipes are still being removed; no address has it.

The rest says what becomes of the recipes, and the id.
"""


class User(Versioned, Base):
    """Somebody who may sign in."""

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
