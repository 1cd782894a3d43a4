"""The driver below a session: for statements so small that SQLAlchemy would be most of them."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.db.errors import hide_row, is_spent
from app.db.query import CompiledQuery, Row
from app.observability.slow_queries import note_statement

COPIED = 50
"""From how many rows on PostgreSQL gets them in a COPY: the driver parses none of it."""


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
