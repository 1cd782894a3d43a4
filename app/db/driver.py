"""The driver's cursor of a session, for statements that SQLAlchemy would make much slower."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.db.errors import hide_row, is_spent
from app.db.reader import CompiledQuery, Row
from app.observability.request_log import note_statement

COPIED = 50
"""From this many rows on, PostgreSQL gets a COPY, which the driver need not parse."""


def for_both(sql: str) -> dict[str, str]:
    """Return a statement by dialect that differs only in the marks of its parameters."""
    return {"sqlite": sql, "postgresql": sql.replace("?", "%s")}


class Driver:
    """Runs small statements on the driver's cursor, in the transaction of a session.

    SQL is given by dialect.
    """

    def __init__(self, session: Session) -> None:
        self._connection = session.connection()
        self.dialect = self._connection.dialect.name
        self._cursor: Any = self._connection.connection.cursor()

    def select(self, statement: CompiledQuery, values: Mapping[str, Any]) -> list[Row]:
        """Return the rows of a compiled SELECT. A Reader must not use the same query."""
        compiled = statement.compiled(self._connection.dialect)
        self._execute(self._cursor.execute, compiled.sql, compiled.bind(values))
        return compiled.rows(self._cursor.fetchall(), statement.model)

    def run(self, sql: Mapping[str, str], values: Sequence[Any]) -> Sequence[Any]:
        """Run a statement, and return its rows if it has any."""
        self._execute(self._cursor.execute, sql[self.dialect], values)
        return [] if self._cursor.description is None else self._cursor.fetchall()

    def run_many(self, sql: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement for each of `rows`, as a COPY if there is one and the rows are many."""
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
            # What the listeners of the engine do, which are not called here.
            if is_spent(error) or getattr(self._cursor.connection, "closed", False):
                self._cursor.close()
                self._connection.invalidate(error)
            hide_row(error)
            raise
        finally:
            note_statement(sql, time.perf_counter() - began)
