"""Column types that mean the same on SQLite and on PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import JSON, DateTime, Dialect, Float, String
from sqlalchemy.types import TypeDecorator


def dump_json(value: Any) -> str:
    """Return the JSON text of a column, exactly as it is sent to clients later."""
    return orjson.dumps(value).decode()


def dump_response(value: Any) -> bytes:
    """Return JSON for clients: as `dump_json`, with timestamps in UTC."""
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)


def json_text(value: Any) -> str | bytes:
    """Return the text of a JSON column, which SQLite returns as a number if it looks like one."""
    return value if isinstance(value, str | bytes) else str(value)


def load_json(value: Any) -> Any:
    """Return the value of a JSON column."""
    return orjson.loads(json_text(value))


def utc_now() -> datetime:
    """Now, in UTC. Set in Python, since the clocks of SQL differ in zone and precision."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC with microseconds; on SQLite ISO 8601, which sorts by time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """The type of values."""
        return datetime

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """Bind UTC, and refuse naive datetimes."""
        text = dialect.name == "sqlite"

        def bind(value: datetime | None) -> datetime | str | None:
            if value is None:
                return None
            if value.tzinfo is None:
                raise ValueError("a datetime needs its zone")
            value = value.astimezone(UTC)
            return value.isoformat(timespec="microseconds") if text else value

        return bind

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Use one call of C code a value, since lists hold many."""
        if dialect.name == "sqlite":
            return lambda value: value and datetime.fromisoformat(value)
        return lambda value: value and value.astimezone(UTC)


class Number(TypeDecorator[float]):
    """A double that is read as an integer if it is one: 4 servings, not 4.0."""

    impl = Float(53)
    cache_ok = True

    @property
    def python_type(self) -> type[float]:
        """The type of values."""
        return float

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Both drivers return a float."""
        return lambda value: int(value) if value is not None and value.is_integer() else value


class JsonDocument(TypeDecorator[Any]):
    """JSON, not JSONB, so that the order of members is kept."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def compare_values(self, x: Any, y: Any) -> bool:
        """Compare the text, since 1, 1.0 and True are equal in Python."""
        return orjson.dumps(x) == orjson.dumps(y)


def binary_string(length: int) -> String:
    """Return a text type that both databases compare by code points, for keys and sorting."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")
