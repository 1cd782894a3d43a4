"""Move from an SQLite file to PostgreSQL: copy all rows in one transaction, then compare."""

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, Table, delete, func, make_url, select, text
from sqlalchemy.orm import Session

from app.core.config import Settings
from app.core.errors import ConflictError, InvalidError, UnavailableError
from app.core.private_files import file_exists
from app.db.base import Base
from app.db.locks import migration_lock
from app.db.types import json_text, load_json
from app.models.recipe import RecipeCounter
from app.ops import revisions
from app.ops.backup import postgresql, sqlite
from app.ops.backup.archive import Progress
from app.ops.backup.operations import LOCK_SECONDS, database_errors
from app.search import index as search_index

_AT_ONCE = 1_000


class Sum(NamedTuple):
    """A checksum of a table that does not depend on the order of its rows."""

    rows: int
    digest: int

    def plus(self, values: Sequence[Any]) -> "Sum":
        """Return the checksum with one more row."""
        # `repr` is the same for equal values of every type that we store.
        written = repr(tuple(values)).encode("utf-8", "surrogatepass")
        number = int.from_bytes(blake2b(written, digest_size=16).digest())
        return Sum(self.rows + 1, (self.digest + number) % 2**128)


def _text(value: Any) -> str:
    """Return JSON as it is stored, without parsing it."""
    text = json_text(value)
    return text if isinstance(text, str) else text.decode()


def move(path: Path, target: Settings, progress: Progress) -> dict[str, int]:
    """Copy the SQLite database at `path` to the empty PostgreSQL database of `target`.

    Return the number of rows of each table. The file is locked during the move and not changed.
    If it fails, `target` is as before.
    """
    if not file_exists(path):
        raise UnavailableError(f"There is no database {path}.")
    with database_errors(), closing(sqlite.connect(path)) as source:
        sqlite.lock_alone(source)
        _require_current(source, path)
        with (
            migration_lock(target, LOCK_SECONDS),
            postgresql.transaction(
                target, json_serializer=_text, json_deserializer=_text
            ) as connection,
        ):
            _create_empty_tables(connection)
            sums = {
                table: _copy(source, connection, table, progress)
                for table in Base.metadata.sorted_tables
            }
            for table, expected in sums.items():
                if _sum_of(connection, table, expected.rows, progress) != expected:
                    raise InvalidError(f"The rows of {table.name} differ after copying.")
            _continue_sequences(source, connection)
            _write_index(connection, progress)
            connection.execute(text("ANALYZE"))
    return {table.name: each.rows for table, each in sums.items()}


# --- Checks --------------------------------------------------------------------------------------


def _require_current(source: sqlite3.Connection, path: Path) -> None:
    """Raise an error if the file is damaged or not at the newest revision."""
    sqlite.check_connection(source, path)
    try:
        found = source.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError:
        found = None
    if found != (revisions.newest(),):
        raise UnavailableError(
            f"The database is at revision {found and found[0]}, this version needs"
            f" {revisions.newest()}: run ./prestart.sh first."
        )


def _create_empty_tables(connection: Connection) -> None:
    """Create the tables, or check that they are empty."""
    names = set(postgresql.table_names(connection).values())
    if names and "alembic_version" not in names:
        raise ConflictError(f"The target has tables of another application: {min(names)}.")
    # A new database has only the row of recipe_counter.
    for table in (each for each in Base.metadata.sorted_tables if each.name in names):
        rows = connection.scalar(select(func.count()).select_from(table))
        if rows and table is not RecipeCounter.__table__:
            raise ConflictError(f"The target is not empty: its table {table.name} has {rows} rows.")
    revisions.upgrade(connection)
    for table in reversed(Base.metadata.sorted_tables):
        connection.execute(delete(table))


# --- Rows ----------------------------------------------------------------------------------------


def _copy(
    source: sqlite3.Connection, connection: Connection, table: Table, progress: Progress
) -> Sum:
    """Copy the rows of a table, converted by its column types."""
    total = source.execute(f"SELECT count(*) FROM {_name(table)}").fetchone()[0]  # noqa: S608 - The name of a table.
    binders = [
        column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
        for column in table.columns
    ]
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    into = f"COPY {_name(table)} ({columns}) FROM STDIN"
    result = Sum(0, 0)
    try:
        with postgresql.driver_of(connection).cursor().copy(into.encode()) as copy:
            for values in _rows(source, table):
                bound = [
                    bind(value) if bind else value
                    for bind, value in zip(binders, values, strict=True)
                ]
                copy.write_row(bound)
                result = result.plus(values)
                if result.rows % _AT_ONCE == 0 or result.rows == total:
                    progress(f"Copying {table.name}", result.rows, total)
    except Exception as error:
        raise _refused_row(source, table, result.rows, error) from error
    return result


def _rows(source: sqlite3.Connection, table: Table) -> Iterator[list[Any]]:
    """Yield the rows as Python values, sorted by primary key."""
    make_dialect: Callable[..., Dialect] = make_url("sqlite://").get_dialect()
    dialect = make_dialect(json_deserializer=_text)
    processors: list[Callable[[Any], Any] | None] = [
        column.type.dialect_impl(dialect).result_processor(dialect, None)
        for column in table.columns
    ]
    statement = select(table).order_by(*table.primary_key)
    for row in source.execute(str(statement.compile(dialect=dialect))):
        yield [
            process(value) if process else value
            for process, value in zip(processors, row, strict=True)
        ]


def _name(table: Table) -> str:
    return f'"{table.name}"'


def _refused_row(
    source: sqlite3.Connection, table: Table, done: int, error: Exception
) -> InvalidError:
    """Return an error that names the row, and why PostgreSQL refuses it."""
    diagnosis = getattr(error, "diag", None)
    reason = getattr(diagnosis, "message_primary", None) or str(error).partition("\n")[0]
    context = getattr(diagnosis, "context", None) or ""
    line = re.search(r"^COPY [^,]+, line (\d+)(?:, column (\w+))?", context, re.MULTILINE)
    number = int(line[1]) if line else done + 1
    keys = ", ".join(f'"{column.name}"' for column in table.primary_key)
    found = source.execute(
        f"SELECT {keys} FROM {_name(table)} ORDER BY {keys} LIMIT 1 OFFSET ?",  # noqa: S608 - Names of tables and columns.
        (number - 1,),
    ).fetchone()
    which = ", ".join(map(str, found)) if found else "?"
    column = f" ({line[2]})" if line and line[2] else ""
    return InvalidError(
        f"PostgreSQL refuses a row of {table.name}, {keys.replace(chr(34), '')} {which}"
        f"{column}: {reason[:200]}. Nothing was moved."
    )


def _sum_of(connection: Connection, table: Table, total: int, progress: Progress) -> Sum:
    """Read the copied rows back, and return their checksum."""
    result = Sum(0, 0)
    with connection.execute(select(table), execution_options={"yield_per": _AT_ONCE}) as rows:
        for row in rows:
            result = result.plus(row)
            if result.rows % _AT_ONCE == 0 or result.rows == total:
                progress(f"Comparing {table.name}", result.rows, total)
    return result


def _continue_sequences(source: sqlite3.Connection, connection: Connection) -> None:
    """Continue the sequences of SQLite: the id of a deleted row must not be reused."""
    last = sqlite.sequences(source)
    for table in Base.metadata.sorted_tables:
        if "id" not in table.c or table.c.id.autoincrement is False:
            continue
        highest = connection.scalar(select(func.max(table.c.id))) or 0
        value = max(highest, last.get(table.name, 0))
        if value:
            set_it = text("SELECT setval(pg_get_serial_sequence(:table, 'id'), :value)")
            connection.execute(set_it, {"table": _name(table), "value": value})


def _write_index(connection: Connection, progress: Progress) -> None:
    """Rebuild the search index, which each database stores in its own way."""
    from psycopg.types.json import set_json_loads

    # The index reads recipes, so JSON must be parsed again.
    set_json_loads(load_json, postgresql.driver_of(connection))
    with Session(connection) as session:
        search_index.begin(session)
        total, written = search_index.count(session), 0
        last: int | None = 0
        while last is not None:
            last, done = search_index.rebuild_some(session, last)
            written += done
            progress("Indexing", written, total)
        search_index.finish(session)
        session.flush()
