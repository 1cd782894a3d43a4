"""A table of every kind of column that the models use."""

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
from tests.reading import Reading

THINGS = Table(
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
THING = CompiledQuery(select(THINGS).where(THINGS.c.id == bindparam("id")))
ALL = CompiledQuery(select(THINGS).order_by(THINGS.c.id))


def stored(engine: Engine, read: Reading, **values: object) -> Row:
    """A thing with these values, read again."""
    with engine.begin() as connection:
        key = connection.execute(insert(THINGS).values(**values)).inserted_primary_key
    assert key is not None
    found = read.run(read.reader.first(THING, {"id": key.id}))
    assert found is not None
    return found.parsed()
