"""What is kept of requests until it expires: idempotency keys, and counters of rate limits."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, BigKey
from app.db.types import JsonDocument, binary_string


class IdempotencyKey(Base):
    """What a request with this key did: enough to repeat its answer, nothing of its body."""

    __table_args__ = (UniqueConstraint("user_id", "key"),)

    user_id: Mapped[int] = mapped_column(BigKey, ForeignKey("user.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(binary_string(255))
    fingerprint: Mapped[str] = mapped_column(String(64))
    recipe_id: Mapped[int | None] = mapped_column(BigInteger)
    recipe_version: Mapped[int | None]
    results: Mapped[list[dict[str, Any]] | None] = mapped_column(JsonDocument)
    expires_at: Mapped[datetime]


Index(None, IdempotencyKey.expires_at)


class RateLimit(Base):
    """The number of hits in a window of time. It means nothing once the window has ended."""

    __table_args__ = (UniqueConstraint("key"),)

    key: Mapped[str] = mapped_column(binary_string(128))
    count: Mapped[int]
    expires_at: Mapped[datetime]


Index(None, RateLimit.expires_at)
