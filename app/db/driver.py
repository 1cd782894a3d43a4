"""The driver below a session: for statements so small that SQLAlchemy would be most of them."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Dialect, Table
from sqlalchemy.orm import Session

from app.db.errors import hide_row, is_spent
from app.db.query import CompiledQuery, Row
from app.observability.slow_queries import note_statement

COPIED = 50
"""From how many rows on PostgreSQL gets them in a COPY: the driver parses none of it."""

_NEXT_IDS = {
    # AUTOINCREMENT: https://www.sqlite.org/autoinc.html
    "sqlite": ("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ? AND ? > 0"),
    "postgresql": ("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"),
}


def for_both(sql: str) -> dict[str, str]:
    """Return a statement by dialect that differs only in the marks of its parameters."""
    return {"sqlite": sql, "postgresql": sql.replace("?", "%s")}


class Driver:
    """The driver below a session: for statements so small that SQLAlchemy would be most of them.

    A statement is given by dialect.
    """

    def __init__(self, session: Session) -> None:
        self._connection = session.connection()
        self.dialect = self._connection.dialect.name
        self._cursor: Any = self._connection.connection.cursor()

    def insert(self, table: Table, row: Mapping[str, Any]) -> int:
        """Insert a row in which each column but the id has its value; gives the id."""
        sql, bind = _insertion(table, self._connection.dialect)
        self._execute(self._cursor.execute, sql, bind(row))
        (row_id,) = self._cursor.fetchone()
        return int(row_id)

    def insert_many(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        """As `insert`, for many rows; gives their ids in the same order."""
        sql, bind = _insertion_of_many(table, self._connection.dialect)
        ids = self._next_ids(table, len(rows))
        self.run_many(sql, [(each, *bind(row)) for each, row in zip(ids, rows, strict=True)])
        return ids

    def _next_ids(self, table: Table, count: int) -> list[int]:
        """Ids that nobody else gets: others cannot write meanwhile, or have later ones."""
        found = self.run(_NEXT_IDS, (table.name, count))
        if self.dialect == "postgresql":
            return sorted(row_id for (row_id,) in found)
        ((last,),) = found
        return [*range(last + 1, last + 1 + count)]

    def select(self, statement: CompiledQuery, values: Mapping[str, Any]) -> list[Row]:
        """The rows of a compiled SELECT. The same statement must not be used by a Reader."""
        compiled = statement.compiled(self._connection.dialect)
        self._execute(self._cursor.execute, compiled.sql, compiled.bind(values))
        return compiled.rows(self._cursor.fetchall(), statement.model)

    def run(self, sql: Mapping[str, str], values: Sequence[Any]) -> Sequence[Any]:
        """The rows of a statement that gives some."""
        self._execute(self._cursor.execute, sql[self.dialect], values)
        return [] if self._cursor.description is None else self._cursor.fetchall()

    def run_many(self, sql: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement for each of `rows`; an INSERT of many as a COPY, where it has one."""
        if len(rows) == 1:
            self._execute(self._cursor.execute, sql[self.dialect], rows[0])
        elif len(rows) >= COPIED and self.dialect == "postgresql" and "copy" in sql:
            self._execute(self._copy, sql["copy"], rows)
        elif rows:
            self._execute(self._cursor.executemany, sql[self.dialect], rows)

    def _copy(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        with self._cursor.copy(sql) as copy:
            for row in rows:
                copy.write_row(row)

    def _execute(self, execute: Callable[[str, Any], object], sql: str, values: Any) -> None:
        began = time.perf_counter()
        try:
            execute(sql, values)
        except Exception as error:
            # What the engine's listeners do, who do not hear of this.
            if is_spent(error) or getattr(self._cursor.connection, "closed", False):
                self._cursor.close()
                self._connection.invalidate(error)
            hide_row(error)
            raise
        finally:
            note_statement(sql, time.perf_counter() - began)


@lru_cache(32)
def _insertion(table: Table, dialect: Dialect) -> tuple[str, Callable[[Mapping[str, Any]], Any]]:
    """The INSERT of a whole row, and what makes parameters of the driver of its values."""
    names = _names(table)
    compiled = table.insert().returning(table.c.id).compile(dialect=dialect, column_keys=names)
    order: Sequence[str] | None = getattr(compiled, "positiontup", None)
    types = {name: table.c[name].type.dialect_impl(dialect) for name in order or names}
    binders = [(name, kind.bind_processor(dialect)) for name, kind in types.items()]

    def bind(row: Mapping[str, Any]) -> Any:
        values = [process(row[name]) if process else row[name] for name, process in binders]
        return values if order else dict(zip(names, values, strict=True))

    return str(compiled), bind


@lru_cache(32)
def _insertion_of_many(
    table: Table, dialect: Dialect
) -> tuple[Mapping[str, str], Callable[[Mapping[str, Any]], tuple[Any, ...]]]:
    """The INSERT and the COPY of a whole row, and what makes parameters of its values."""
    types = {name: table.c[name].type.dialect_impl(dialect) for name in _names(table)}
    binders = [(name, kind.bind_processor(dialect)) for name, kind in types.items()]
    names = ["id", *types]
    written = f"{table.name} ({', '.join(names)})"
    values = ", ".join("%s" if dialect.name == "postgresql" else "?" for _ in names)
    insert = f"INSERT INTO {written} VALUES ({values})"  # noqa: S608 - Names of ours.

    def bind(row: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(process(row[name]) if process else row[name] for name, process in binders)

    return {dialect.name: insert, "copy": f"COPY {written} FROM STDIN"}, bind


def _names(table: Table) -> list[str]:
    return [column.name for column in table.columns if column.name != "id"]
