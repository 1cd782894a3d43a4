"""SQL expressions that are compiled for each database: InArray, Unindexed, ByteLength."""

from typing import Any

from sqlalchemy import BigInteger, BindParameter, Boolean, ColumnElement, String, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from app.db.types import JsonDocument


class Condition(ColumnElement[bool]):
    """A custom condition, put into WHERE as it is: SQLAlchemy would compare it with 1 on SQLite."""

    inherit_cache = True
    type = Boolean()

    def self_group(self, against: Any = None) -> "Condition":
        """Return the condition without parentheses or a comparison."""
        return self


class InArray(Condition):
    """A column has one of the values of a parameter, which is a JSON array.

    Unlike IN with a list, the SQL is the same for any number of values.
    """

    inherit_cache = True

    def __init__(self, element: ColumnElement[Any], parameter: str) -> None:
        self.element = element
        self.bind: BindParameter[str] = BindParameter(parameter, type_=String(), required=True)

    def get_children(self, **kwargs: Any) -> tuple[ColumnElement[Any], ...]:
        """The column and the parameter."""
        return (self.element, self.bind)


@compiles(InArray, "sqlite")
def _in_array_sqlite(element: InArray, compiler: SQLCompiler, **kwargs: Any) -> str:
    column, bind = (compiler.process(each, **kwargs) for each in element.get_children())
    return f"{column} IN (SELECT value FROM json_each({bind}))"  # noqa: S608 - Compiled parts.


@compiles(InArray, "postgresql")
def _in_array_postgresql(element: InArray, compiler: SQLCompiler, **kwargs: Any) -> str:
    column, bind = (compiler.process(each, **kwargs) for each in element.get_children())
    kind = "text" if isinstance(element.element.type, String) else "bigint"
    values = f"SELECT CAST(json_array_elements_text(CAST({bind} AS json)) AS {kind})"
    return f"{column} = ANY (ARRAY({values}))"


class Unindexed(ColumnElement[Any]):
    """A column that SQLite must not look up in an index; the same as the column on PostgreSQL.

    SQLite's planner would rather walk that index than the one of the sort, or than sort a few rows.
    https://www.sqlite.org/optoverview.html#disqualifying_where_clause_terms_using_unary_
    """

    inherit_cache = True

    def __init__(self, element: ColumnElement[Any]) -> None:
        self.element = element
        self.type = element.type

    def get_children(self, **kwargs: Any) -> tuple[ColumnElement[Any]]:
        """The column."""
        return (self.element,)


@compiles(Unindexed)
def _unindexed(element: Unindexed, compiler: SQLCompiler, **kwargs: Any) -> str:
    return str(compiler.process(element.element, **kwargs))


@compiles(Unindexed, "sqlite")
def _unindexed_sqlite(element: Unindexed, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"+{compiler.process(element.element, **kwargs)}"


class ByteLength(ColumnElement[int]):
    """The size of a text or JSON column in bytes of UTF-8; 0 for null."""

    inherit_cache = True
    type = BigInteger()

    def __init__(self, element: ColumnElement[Any]) -> None:
        self.element = element

    def get_children(self, **kwargs: Any) -> tuple[ColumnElement[Any]]:
        """The column."""
        return (self.element,)


@compiles(ByteLength, "sqlite")
def _byte_length_sqlite(element: ByteLength, compiler: SQLCompiler, **kwargs: Any) -> str:
    # length() of a text counts characters; octet_length() came with SQLite 3.43.
    column = compiler.process(element.element, **kwargs)
    return f"coalesce(length(CAST({column} AS BLOB)), 0)"


@compiles(ByteLength, "postgresql")
def _byte_length_postgresql(element: ByteLength, compiler: SQLCompiler, **kwargs: Any) -> str:
    column = compiler.process(element.element, **kwargs)
    return f"coalesce(octet_length(CAST({column} AS text)), 0)"


def is_large(column: ColumnElement[Any]) -> bool:
    """Return whether values of the column may be larger than a few hundred bytes."""
    return isinstance(column.type, JsonDocument | Text)
