"""Column types that mean the same on SQLite and on PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, Float, String
from sqlalchemy.types import TypeDecorator


def utc_now() -> datetime:
    """Now, in UTC. Set in Python, since the clocks of SQL differ in zone and precision."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC with microseconds."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        # SQLite keeps no zone; what was stored is UTC.
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Number(TypeDecorator[float]):
    """A double that comes back as an integer where it is one: 4 servings are not 4.0."""

    impl = Float(53)
    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Both drivers give a float for a double, so there is nothing else to process."""
        return lambda value: int(value) if value is not None and value.is_integer() else value


# JSON, not JSONB: the text comes back as it was written, with the order of its members.
JsonDocument = JSON(none_as_null=True)


def binary_string(length: int) -> String:
    """Text that both databases compare by code points, for keys and for sorting."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")
