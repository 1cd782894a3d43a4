"""Counters of rate limits."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import binary_string


class RateLimit(Base):
    """The number of hits in a window of time. It means nothing once the window has ended."""

    __table_args__ = (UniqueConstraint("key"),)

    key: Mapped[str] = mapped_column(binary_string(128))
    count: Mapped[int]
    expires_at: Mapped[datetime]


Index(None, RateLimit.expires_at)
