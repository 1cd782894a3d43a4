"""Keyset pages: where the last one ended, not how many rows to skip.

A page that begins after `(key, id)` is the union of at most three ranges of the index, in order:
the rest of the rows with the same key, the rows beyond it, and the rows without one (nulls are
last in every sort). Each range is limited by itself, so a page costs the same at any depth and
with any number of equal keys. One comparison of row values would not: SQLite uses only its first
column.
"""

import hashlib
import json
import operator
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
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

from app.core.errors import Fault, InvalidError
from app.core.text import clean
from app.db.expressions import ByteLength, is_large
from app.db.query import Row


class Cursor(NamedTuple):
    """The sort key and the id of the last row of a page."""

    key: Any
    id: int

    def encode(self, binding: str) -> str:
        """An opaque text that is good for lists with the same `binding` only."""
        key = self.key.isoformat() if isinstance(self.key, datetime) else self.key
        text = json.dumps([digest(binding), key, self.id], ensure_ascii=False)
        return urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str, binding: str, kind: type, *, nullable: bool) -> "Cursor":
        """The cursor in `text`. Raises InvalidError where it is broken or of another list."""
        try:
            bound, value, row_id = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            if bound != digest(binding) or type(row_id) is not int or not 0 < row_id < 2**63:
                raise ValueError
            return cls(_key_of(value, kind, nullable), row_id)
        except (ValueError, TypeError, OverflowError, RecursionError):
            raise wrong_cursor() from None


def wrong_cursor() -> InvalidError:
    """The error for a cursor that is broken or of another list."""
    fault = Fault("is not a cursor of this list", "cursor", parameter="cursor")
    return InvalidError("The cursor does not fit this list.", [fault])


def _key_of(value: Any, kind: type, nullable: bool) -> Any:
    """The sort key in a cursor, which anybody may have written: of its type, and storable."""
    if value is None and nullable:
        return None
    if kind is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(UTC)
    if kind is float and type(value) in (int, float) and abs(value) < 1e300:
        return value
    if type(value) is not kind or (isinstance(value, int) and abs(value) >= 2**31):
        raise TypeError
    if isinstance(value, str):
        clean(value)  # Only looked at: the key is folded, which is another form of Unicode.
    return value


def digest(binding: str) -> str:
    """A short fingerprint of the sort and the filters that a cursor belongs to."""
    return hashlib.sha256(binding.encode()).hexdigest()[:16]


def keyset(
    columns: Sequence[ColumnElement[Any]],
    conditions: Sequence[Sequence[ColumnElement[bool]]],
    key: ColumnElement[Any],
    row_id: ColumnElement[int],
    *,
    names: tuple[str, str],
    descending: bool,
    nullable: bool,
    after: Cursor | None,
) -> Select[Any] | CompoundSelect[Any]:
    """The page after `after`, whose values are the parameters `key` and `id`, `limit` rows long.

    Each of `conditions` lets rows of its own pass, by an index of its own. `names` are those under
    which `columns` hold the key and the id. Of `after` only the shape counts: whether it is there
    and whether its key is null.
    """
    last_key, last_id = bindparam("key", type_=key.type), bindparam("id", type_=row_id.type)
    beyond_id = row_id < last_id if descending else row_id > last_id
    beyond_key = key < last_key if descending else key > last_key
    ranges: list[ColumnElement[bool] | None]
    if after is None:
        ranges = [key.is_not(None), key.is_(None)] if nullable else [None]
    elif after.key is None:
        ranges = [key.is_(None) & beyond_id]
    else:
        ranges = [(key == last_key) & beyond_id, beyond_key]
        ranges += [key.is_(None)] if nullable else []

    order = [key.desc(), row_id.desc()] if descending else [key.asc(), row_id.asc()]
    limit = bindparam("limit", type_=row_id.type)
    pages = [
        (
            number,
            select(*columns).where(*some, *([] if within is None else [within])).order_by(*order),
        )
        for number, within in enumerate(ranges)
        for some in conditions
    ]
    if len(pages) == 1:
        return pages[0][1].limit(limit)
    parts = [
        page.add_columns(literal_column(str(number)).label("part")).limit(limit).subquery()
        for number, page in pages
    ]
    rows = union_all(*(select(*part.c) for part in parts)).subquery("page")
    keys = [rows.c[name] for name in names]
    return (
        select(*(rows.c[str(column.key)] for column in columns))
        .order_by(rows.c.part, *(column.desc() if descending else column.asc() for column in keys))
        .limit(limit)
    )


def in_order(rows: FromClause, key: str, *, descending: bool) -> list[ColumnElement[Any]]:
    """The order of a page of `rows`: by the key, nulls last, then by the id."""
    columns = [rows.c[key], rows.c.id]
    ordered = [column.desc() if descending else column.asc() for column in columns]
    return [rows.c[key].is_(None), *ordered]


def within_bytes(
    keys: Select[Any] | CompoundSelect[Any],
    columns: Sequence[ColumnElement[Any]],
    table: FromClause,
    order: Callable[[FromClause], Sequence[ColumnElement[Any]]],
    *conditions: ColumnElement[bool],
) -> Select[Any]:
    """The rows of `keys` with the `columns` of `table`, joined by `id`, in `order`.

    The last row is the one that reaches the parameter `most_bytes`. If no row of `table` has the
    id and meets `conditions`, its columns are null. Two more columns are for `take_bounds`: the
    `bytes` of the row, and how many rows would be `found` without the bound.

    Sizes are read before the columns themselves, so no row is sorted, kept or sent that is not in
    the answer, however large it is.
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
        .where(fitting.c.before < bindparam("most_bytes", type_=BigInteger()))
        .order_by(*order(fitting))
    )


class Bounds(NamedTuple):
    """How many rows there were to find, and the bytes of those that came."""

    found: int
    bytes: int = 0


def take_bounds(rows: Sequence[Row]) -> Bounds:
    """Take the columns that `within_bytes` adds out of its `rows`."""
    size, found = 0, len(rows)
    for row in rows:
        size += row.pop("bytes")
        found = row.pop("found")
    return Bounds(found, size)
