"""API tokens: what programs send instead of a password."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, BigKey, Versioned
from app.db.types import JsonDocument, binary_string


class ApiToken(Versioned, Base):
    """A token of a user, valid until its row is deleted or it expires."""

    __table_args__ = (UniqueConstraint("token_hash"),)

    user_id: Mapped[int] = mapped_column(BigKey, ForeignKey("user.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))
    token_hash: Mapped[str] = mapped_column(binary_string(64))
    scopes: Mapped[list[str]] = mapped_column(JsonDocument)
    expires_at: Mapped[datetime]


Index(None, ApiToken.user_id, ApiToken.created_at, ApiToken.id)
