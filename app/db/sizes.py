"""The size of what a column holds, as it is stored."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from app.db.types import JsonDocument


class ByteLength(ColumnElement[int]):
    """The bytes of a text or of JSON in UTF-8; 0 for null."""

    inherit_cache = True
    type = BigInteger()

    def __init__(self, element: ColumnElement[Any]) -> None:
        self.element = element

    def get_children(self, **kwargs: Any) -> tuple[ColumnElement[Any]]:
        """The column."""
        return (self.element,)


@compiles(ByteLength, "sqlite")
def _of_blob(element: ByteLength, compiler: SQLCompiler, **kwargs: Any) -> str:
    # length() of a text counts characters; octet_length() came with SQLite 3.43.
    column = compiler.process(element.element, **kwargs)
    return f"coalesce(length(CAST({column} AS BLOB)), 0)"


@compiles(ByteLength, "postgresql")
def _of_text(element: ByteLength, compiler: SQLCompiler, **kwargs: Any) -> str:
    column = compiler.process(element.element, **kwargs)
    return f"coalesce(octet_length(CAST({column} AS text)), 0)"


def is_large(column: ColumnElement[Any]) -> bool:
    """Whether values of the column may be larger than some hundred bytes."""
    return isinstance(column.type, JsonDocument | Text)
