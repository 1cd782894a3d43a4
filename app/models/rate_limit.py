"""Counters of what may be done so often only."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import binary_string


class RateLimit(Base):
    """How often something was done in a window of time; worth nothing once that has ended."""

    __table_args__ = (UniqueConstraint("key"),)

    key: Mapped[str] = mapped_column(binary_string(128))
    count: Mapped[int]
    expires_at: Mapped[datetime]


Index(None, RateLimit.expires_at)
