"""The SQL of keyset pages, and of answers that are bounded in bytes.

A page that begins after `(key, id)` is the union of at most three ranges of the index, in order:
the remaining rows with the same key, the rows after that key, and the rows without a key (nulls are
last in every sort). Each range has its own LIMIT, so a page costs the same at any depth and with
any number of equal keys. A row-value comparison would not: SQLite uses only its first column.
"""

import operator
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    FromClause,
    Select,
    and_,
    bindparam,
    func,
    literal,
    literal_column,
    select,
    union_all,
)

from app.crud.paging.cursor import Cursor
from app.db.expressions import ByteLength, is_large
from app.db.reader import Row

Order = Callable[[FromClause], Sequence[ColumnElement[Any]]]


class SortKey(NamedTuple):
    """What a page is sorted by: a column and then the id, in the same direction."""

    key: ColumnElement[Any]
    row_id: ColumnElement[int]
    descending: bool
    name: str
    """The name of the key in the rows of the page."""
    nullable: bool = False

    @property
    def is_id(self) -> bool:
        """Whether the id is the whole key."""
        return self.name == "id"

    @property
    def columns(self) -> list[ColumnElement[Any]]:
        """The key and the id."""
        return [self.row_id] if self.is_id else [self.key, self.row_id]

    def directed(self, columns: Iterable[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
        """Return `columns` in the direction of the sort."""
        return [column.desc() if self.descending else column.asc() for column in columns]

    def order(self, rows: FromClause) -> list[ColumnElement[Any]]:
        """Return the ORDER BY for the `rows` of a page."""
        columns = dict.fromkeys((rows.c[self.name], rows.c.id))
        nulls_last = [rows.c[self.name].is_(None)] if self.nullable else []
        return [*nulls_last, *self.directed(columns)]

    def ranges(self, after: Cursor | None) -> list[ColumnElement[bool] | None]:
        """Return the ranges of a page after a cursor, of which only the shape counts.

        Their parameters are `key` and `id`. None is a range of all rows.
        """
        key, row_id = self.key, self.row_id
        last_key, last_id = bindparam("key", type_=key.type), bindparam("id", type_=row_id.type)
        next_id = row_id < last_id if self.descending else row_id > last_id
        next_key = key < last_key if self.descending else key > last_key
        without_key = [key.is_(None)] if self.nullable else []
        if after is None:
            return [key.is_not(None), *without_key] if self.nullable else [None]
        if self.is_id:
            return [next_id]
        if after.key is None:
            return [key.is_(None) & next_id]
        return [(key == last_key) & next_id, next_key, *without_key]


def keyset(
    columns: Sequence[ColumnElement[Any]],
    alternatives: Sequence[Sequence[ColumnElement[bool]]],
    sort: SortKey,
    after: Cursor | None,
) -> Select[Any] | CompoundSelect[Any]:
    """Return the SELECT of a page of `limit` rows (a parameter) after a cursor.

    `alternatives` are lists of conditions that exclude each other; each is found by its own index.
    """
    limit = bindparam("limit", type_=BigInteger())
    pages = [
        (
            number,
            select(*columns)
            .where(*conditions, *([] if within is None else [within]))
            .order_by(*sort.directed(sort.columns)),
        )
        for number, within in enumerate(sort.ranges(after))
        for conditions in alternatives
    ]
    if len(pages) == 1:
        return pages[0][1].limit(limit)
    parts = [
        page.add_columns(literal_column(str(number)).label("part")).limit(limit).subquery()
        for number, page in pages
    ]
    rows = union_all(*(select(*part.c) for part in parts)).subquery("page")
    keys = dict.fromkeys((rows.c[sort.name], rows.c.id))
    return (
        select(*(rows.c[str(column.key)] for column in columns))
        .order_by(rows.c.part, *sort.directed(keys))
        .limit(limit)
    )


def within_bytes(
    keys: Select[Any] | CompoundSelect[Any],
    columns: Sequence[ColumnElement[Any]],
    table: FromClause,
    order: Order,
    *conditions: ColumnElement[bool],
) -> Select[Any]:
    """Return the rows of `keys` with the `columns` of `table`, joined by `id`, in `order`.

    The last row is the one that reaches the parameter `max_bytes`. If no row of `table` has the id
    and meets `conditions`, its columns are null. Two more columns are for `take_bounds`: the
    `bytes` of the row, and how many rows would be `found` without the bound.

    Sizes are read before the columns themselves, so no row outside the answer is sorted, kept or
    sent, however large it is.
    """
    page = keys.subquery("page")
    sizes = [ByteLength(column) for column in columns if is_large(column)]
    sized = (
        select(*page.c, reduce(operator.add, sizes, literal(0)).label("bytes"))
        .select_from(page.outerjoin(table, and_(table.c.id == page.c.id, *conditions)))
        .subquery("sized")
    )
    before = func.sum(sized.c.bytes).over(order_by=order(sized), rows=(None, -1))
    fitting = select(
        *sized.c,
        func.coalesce(before, 0).label("before"),
        func.count().over().label("found"),
    ).subquery("fitting")
    names = {column.key for column in columns}
    return (
        select(
            *(fitting.c.get(str(column.key), column) for column in columns),
            *(fitting.c[column.key] for column in page.c if column.key not in names),
            fitting.c.bytes,
            fitting.c.found,
        )
        .select_from(fitting.outerjoin(table, and_(table.c.id == fitting.c.id, *conditions)))
        .where(fitting.c.before < bindparam("max_bytes", type_=BigInteger()))
        .order_by(*order(fitting))
    )


class Bounds(NamedTuple):
    """How many rows a statement of `within_bytes` found, and the bytes of those it returned."""

    found: int
    bytes: int = 0


def take_bounds(rows: Sequence[Row]) -> Bounds:
    """Remove the columns that `within_bytes` adds from its `rows`."""
    size, found = 0, len(rows)
    for row in rows:
        size += row.pop("bytes")
        found = row.pop("found")
    return Bounds(found, size)
