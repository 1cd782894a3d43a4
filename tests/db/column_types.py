"""A table with each column type that the models use."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    bindparam,
    insert,
    select,
)

from app.db.reader import CompiledQuery, Row
from app.db.types import JsonDocument, Number, UtcDateTime, binary_string
from tests.reader import OpenReader

TABLE = Table(
    "thing",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("text", Text),
    Column("key", binary_string(100)),
    Column("short", String(100)),
    Column("whole", BigInteger),
    Column("flag", Boolean),
    Column("number", Number),
    Column("at", UtcDateTime),
    Column("document", JsonDocument),
)
BY_ID = CompiledQuery(select(TABLE).where(TABLE.c.id == bindparam("id")))
ALL = CompiledQuery(select(TABLE).order_by(TABLE.c.id))


def stored(engine: Engine, read: OpenReader, **values: object) -> Row:
    """Insert a row with these values, and return it as the reader reads it."""
    with engine.begin() as connection:
        key = connection.execute(insert(TABLE).values(**values)).inserted_primary_key
    assert key is not None
    found = read.run(read.reader.first(BY_ID, {"id": key.id}))
    assert found is not None
    return found.parsed()
