"""Reads: queries written once with SQLAlchemy and compiled once for the driver.

JSON columns stay text, since most of it is sent as it is; `Row.parsed()` parses them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
from orjson import Fragment
from pydantic import BaseModel
from sqlalchemy import BindParameter, CompoundSelect, Dialect, Select
from sqlalchemy.sql.visitors import iterate


class Row(dict[str, Any]):
    """The columns of one row, in the order of the SELECT, which are the members of `model`."""

    __slots__ = ("model",)

    model: type[BaseModel] | None

    def parsed(self) -> "Row":
        """Return a copy with its JSON parsed."""
        row = Row(self)
        row.model = None
        for name, value in self.items():
            if type(value) is Fragment:
                row[name] = orjson.loads(orjson.dumps(value))
        return row


Processor = Callable[[Any], Any]
AnySelect = Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]


class CompiledQuery:
    """A SELECT with named parameters, whose columns are the members of `model` in their order.

    `heavy` marks one that is too slow for the event loop.
    """

    __slots__ = ("_compiled", "heavy", "model", "select")

    def __init__(
        self, select: AnySelect, *, model: type[BaseModel] | None = None, heavy: bool = False
    ) -> None:
        for each in iterate(select):
            if isinstance(each, BindParameter) and each.expanding:
                raise TypeError("IN with a list is written out as it is executed: use InArray.")
        self.select = select
        self.model = model
        self.heavy = heavy
        self._compiled: dict[str, Compiled] = {}

    def compiled(self, dialect: Dialect) -> "Compiled":
        """Return the SQL for `dialect`. It is cached, since a process uses one database."""
        compiled = self._compiled.get(dialect.name)
        if compiled is None or compiled.dialect is not dialect:
            compiled = self._compiled[dialect.name] = Compiled(self.select, dialect)
        return compiled


class Compiled:
    """The SQL of a query, with the processors of its parameters and columns."""

    __slots__ = ("_binders", "_defaults", "_keys", "_order", "_processors", "dialect", "sql")

    def __init__(self, select: AnySelect, dialect: Dialect) -> None:
        compiled = select.compile(dialect=dialect)
        self.dialect = dialect
        self.sql = str(compiled)
        self._order: Sequence[str] | None = getattr(compiled, "positiontup", None)
        self._binders: dict[str, Processor] = {}
        self._defaults: dict[str, Any] = {}
        for name, bind in compiled.binds.items():
            processor = bind.type.dialect_impl(dialect).bind_processor(dialect)
            if processor is not None:
                self._binders[name] = processor
            if not bind.required:
                self._defaults[name] = processor(bind.value) if processor else bind.value
        columns = list(select.selected_columns)
        self._keys = tuple(str(column.key) for column in columns)
        types = (column.type.dialect_impl(dialect) for column in columns)
        found = [each.result_processor(dialect, None) for each in types]
        self._processors = tuple((i, process) for i, process in enumerate(found) if process)

    def bind(self, values: Mapping[str, Any]) -> Any:
        """Return parameters for the driver: a tuple for sqlite3, a dict for psycopg."""
        bound = dict(self._defaults)
        for name, value in values.items():
            processor = self._binders.get(name)
            bound[name] = processor(value) if processor else value
        return bound if self._order is None else tuple([bound[name] for name in self._order])

    def rows(self, records: Sequence[Sequence[Any]], model: type[BaseModel] | None) -> list[Row]:
        """Turn records of the driver into rows of Python values."""
        keys, processors, rows = self._keys, self._processors, []
        for record in records:
            values = list(record)
            for index, process in processors:
                values[index] = process(values[index])
            row = Row(zip(keys, values, strict=True))
            row.model = model
            rows.append(row)
        return rows
