"""CRUDBase: what every repository can do.

A new model needs four things, and no change here (`docs/add-a-model.md` walks through them):

    app/models/menu.py          class Menu(Base): …
    app/schemas/menu.py         MenuCreate, MenuUpdate, MenuInDB, MenuPublic
    app/crud/menu.py            class CRUDMenu(CRUDBase[Menu, MenuCreate, MenuUpdate]):
                                    \"\"\"Menus.\"\"\"
                                menu = CRUDMenu(Menu, MenuInDB)
    app/api/v1/menus.py         a router, included in `app/api/v1/__init__.py`, and a row for each
                                of its routes in `app/core/policy.py`

Reading is asynchronous, takes a `Reader` and returns plain rows (dicts). Writing is synchronous
SQLAlchemy on a `Session` that `Transactions` opens, commits and closes; methods flush and never
commit.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from pydantic import BaseModel
from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.core.errors import ConflictError, Fault, InvalidError, NotFoundError
from app.core.preconditions import Precondition, etag_of
from app.crud.listing.cursor import Cursor, in_order, keyset, take_bounds, within_bytes
from app.db.base import Base
from app.db.errors import ConstraintError, translate_errors
from app.db.expressions import Unindexed
from app.db.insert import insert_one
from app.db.reader import CompiledQuery, Reader, Row
from app.db.types import dump_response

ModelT = TypeVar("ModelT", bound=Base)
CreateT = TypeVar("CreateT", bound=BaseModel)
UpdateT = TypeVar("UpdateT", bound=BaseModel)


class PageOfRows(NamedTuple):
    """One page: its rows, where the next begins, and the number of all rows if it was asked for."""

    items: list[Row]
    next_cursor: str | None
    total: int | None
    view: type[BaseModel]
    corrected: Mapping[str, str] | None = None
    """The words of a query that nobody uses, with those that were taken instead."""
    facets: Mapping[str, Any] | None = None
    highlights: Sequence[Mapping[str, str]] | None = None


class RowsOf(NamedTuple):
    """An answer other than a page: the members of `model`, made of rows."""

    model: type[BaseModel]
    members: Mapping[str, Any]


class Path(NamedTuple):
    """Another index than that of the sort: the same key and id, in a table that leads to them."""

    key: ColumnElement[Any]
    row_id: ColumnElement[int]
    conditions: tuple[ColumnElement[bool], ...]


def render_entity(entity: Base, model: type[BaseModel]) -> bytes:
    """Return the JSON of an entity, the same bytes as of its row."""
    return dump_response({name: getattr(entity, name) for name in model.model_fields})


class CRUDBase(Generic[ModelT, CreateT, UpdateT]):
    """Reads and writes the rows of one model."""

    sorts: Mapping[str, InstrumentedAttribute[Any]] = {}
    """The columns that a list may be sorted by, by their name in the API; by default the id."""
    filters: ClassVar[Mapping[str, ColumnElement[bool]]] = {}
    """The conditions that a list may have; a condition's parameter is named as the filter."""
    parts: ClassVar[Mapping[str, Sequence[ColumnElement[bool]]]] = {}
    """Filters that let several kinds of rows pass, each found by an index of its own."""
    conflicts: ClassVar[Mapping[str, str]] = {}
    """What a broken constraint means, in a sentence for people, by the constraint's name."""

    representation: type[BaseModel]
    """The response model of one row, whose JSON has the ETag; by default that of the database."""

    def __init__(self, model: type[ModelT], in_db: type[BaseModel]) -> None:
        self.model = model
        self.sorts = self.sorts or {"id": model.id}
        self.in_db = in_db
        if not hasattr(self, "representation"):
            self.representation = in_db
        # Statements are bounded in number, since sorts, filters and views are.
        self._get_statement = lru_cache(32)(self._make_get_statement)
        self._page_statement = lru_cache(256)(self._make_page_statement)
        self._count_statement = lru_cache(64)(self._make_count_statement)

    # --- Reading ---------------------------------------------------------------------------------

    async def get(
        self, db: Reader, row_id: int, *, view: type[BaseModel] | None = None
    ) -> Row | None:
        """The row with this id, with the columns that `view` names, or None."""
        return await db.first(self._get_statement(view or self.in_db), {"id": row_id})

    async def get_or_raise(
        self, db: Reader, row_id: int, *, view: type[BaseModel] | None = None
    ) -> Row:
        """As `get`, but raises NotFoundError."""
        row = await self.get(db, row_id, view=view)
        if row is None:
            raise self.not_found()
        return row

    async def page(
        self,
        db: Reader,
        *,
        sort: str,
        limit: int,
        cursor: str | None = None,
        filters: Mapping[str, Any] | None = None,
        count: bool = False,
        view: type[BaseModel],
        heavy: bool = False,
        few: bool = False,
        path: Path | None = None,
        values: Mapping[str, Any] | None = None,
        binding: str | None = None,
        most_bytes: int | None = None,
    ) -> PageOfRows:
        """One page in the order of `sort` (descending with a leading minus), ties by id.

        It ends early with the row that reaches `most_bytes`, if that is given.

        `filters` maps names of `self.filters` to their values, `values` gives more parameters.
        Where `few` rows pass, these are sorted, else the index of the sort is walked, or `path`.
        Raises InvalidError where `cursor` is not of a list with this sort and this `binding`, by
        default these filters.
        """
        filters = filters or {}
        names = frozenset(filters)
        column = self.sorts[sort.removeprefix("-")]
        binding = f"{self.model.__tablename__} {sort} {binding or sorted(filters.items())}"
        nullable = bool(self.model.__table__.c[column.key].nullable)
        kind = column.type.python_type
        after = Cursor.decode(cursor, binding, kind, nullable=nullable) if cursor else None
        shape = None if after is None else Cursor(None if after.key is None else True, 0)
        statement = self._page_statement(
            view, sort, names, shape, heavy, few, path, most_bytes is not None
        )
        given = {**filters, **(values or {}), "limit": limit + 1}
        if most_bytes is not None:
            given["most_bytes"] = most_bytes
        if after is not None:
            given |= {"id": after.id} if after.key is None else {"id": after.id, "key": after.key}
        rows = await db.all(statement, given)
        found = len(rows) if most_bytes is None else take_bounds(rows).found
        rows = rows[:limit]
        more = found > len(rows)
        last = Cursor(rows[-1][column.key], rows[-1]["id"]) if more else None
        for name in {column.key, "id"} - view.model_fields.keys():
            for row in rows:
                del row[name]
        total = await self.count(db, filters, values) if count else None
        return PageOfRows(rows, last.encode(binding) if last else None, total, view)

    async def count(
        self, db: Reader, filters: Mapping[str, Any], values: Mapping[str, Any] | None = None
    ) -> int:
        """How many rows pass the filters."""
        statement = self._count_statement(frozenset(filters))
        row = await db.first(statement, {**filters, **(values or {})})
        return int(row["count"]) if row else 0

    def columns(self, view: type[BaseModel]) -> list[ColumnElement[Any]]:
        """The columns for the members of `view`, which must all be columns: rows are sent as is."""
        table = self.model.__table__
        return [table.c[name] for name in view.model_fields]

    def _make_get_statement(self, view: type[BaseModel]) -> CompiledQuery:
        rows = select(*self.columns(view)).where(self.model.id == bindparam("id"))
        return CompiledQuery(rows, model=view)

    def _make_page_statement(
        self,
        view: type[BaseModel],
        sort: str,
        names: frozenset[str],
        after: Cursor | None,
        heavy: bool,
        few: bool,
        path: Path | None,
        is_bounded: bool,
    ) -> CompiledQuery:
        table = self.model.__table__
        key = table.c[self.sorts[sort.removeprefix("-")].key]
        columns = [] if is_bounded else self.columns(view)
        columns += [column for column in (key, table.c.id) if column not in set(columns)]
        conditions = [self.filters[name] for name in sorted(names - self.parts.keys())]
        conditions += path.conditions if path else ()
        kinds = itertools.product(*(self.parts[name] for name in sorted(names & self.parts.keys())))
        descending = sort.startswith("-")
        rows = keyset(
            columns,
            [[*conditions, *kind] for kind in kinds],
            path.key if path else Unindexed(key) if few else key,
            path.row_id if path else table.c.id,
            names=(str(key.key), "id"),
            descending=descending,
            nullable=bool(key.nullable),
            after=after,
        )
        if is_bounded:
            order = partial(in_order, key=str(key.key), descending=descending)
            rows = within_bytes(rows, self.columns(view), table, order)
        return CompiledQuery(rows, model=view, heavy=heavy)

    def _make_count_statement(self, names: frozenset[str]) -> CompiledQuery:
        conditions = [self.filters[name] for name in sorted(names)]
        rows = select(func.count().label("count")).select_from(self.model).where(*conditions)
        return CompiledQuery(rows, heavy=True)

    # --- Writing ---------------------------------------------------------------------------------

    def load(self, session: Session, row_id: int) -> ModelT:
        """Return the entity, locked until the transaction ends, or raise NotFoundError."""
        entity = session.get(self.model, row_id, with_for_update=True)
        if entity is None:
            raise self.not_found()
        return entity

    def create(self, session: Session, data: CreateT, /, **members: Any) -> ModelT:
        """Insert a row from `data` and from `members`, which clients cannot set."""
        return self.add(session, data.model_dump() | members)

    def update(
        self, session: Session, entity: ModelT, changes: UpdateT, /, **members: Any
    ) -> ModelT:
        """Change what `changes` sets, and `members`, which clients cannot set."""
        return self.set(session, entity, changes.model_dump(exclude_unset=True) | members)

    def remove(self, session: Session, entity: ModelT) -> None:
        """Delete the row."""
        session.delete(entity)
        self.flush(session)

    def derived(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the columns that follow from `values`, such as a folded key; by default none."""
        return {}

    def add(self, session: Session, values: dict[str, Any]) -> ModelT:
        """Insert a row; members of `values` that are not columns are ignored."""
        columns = self._columns_of(values | self.derived(values))
        with self.translate_conflicts():
            return insert_one(session, self.model, columns)

    def set(self, session: Session, entity: ModelT, values: dict[str, Any]) -> ModelT:
        """Set columns. Equal values are not written and count as no change."""
        for name, value in self.changes(entity, values).items():
            setattr(entity, name, value)
        self.flush(session)
        return entity

    def changes(self, entity: ModelT, values: dict[str, Any]) -> dict[str, Any]:
        """Return the columns of `values` that would change, with what follows from them."""
        changed = self._different(entity, values)
        return changed and changed | self._different(entity, self.derived(values))

    def _different(self, entity: ModelT, values: Mapping[str, Any]) -> dict[str, Any]:
        columns = self.model.__table__.c
        return {
            name: value
            for name, value in self._columns_of(values).items()
            if not columns[name].type.compare_values(getattr(entity, name), value)
        }

    def check(self, entity: ModelT, precondition: Precondition) -> None:
        """Raise PreconditionFailedError if a locked row is not the one that the client requires."""
        version: int = getattr(entity, "version", 1)
        precondition.check(version, lambda: etag_of(render_entity(entity, self.representation)))

    def check_read_only(self, entity: ModelT, given: Mapping[str, Any]) -> None:
        """Raise InvalidError if a read-only member differs from the stored one."""
        different = [name for name, value in given.items() if getattr(entity, name) != value]
        if different:
            faults = [Fault("is read-only", "read_only", pointer=f"/{name}") for name in different]
            raise InvalidError("Read-only members must be as stored, or left out.", faults)

    def flush(self, session: Session) -> None:
        """Flush the session. Raises ConflictError, worded by `self.conflicts`."""
        with self.translate_conflicts():
            session.flush()

    @contextmanager
    def translate_conflicts(self) -> Iterator[None]:
        """Turn a constraint violation into a ConflictError, worded by `self.conflicts`."""
        try:
            with translate_errors():
                yield
        except ConstraintError as error:
            raise ConflictError(self.conflicts.get(error.constraint, error.detail)) from error

    def not_found(self) -> NotFoundError:
        """Return the error for a row that does not exist, or not for the caller."""
        return NotFoundError(f"There is no such {self.model.__tablename__.replace('_', ' ')}.")

    def _columns_of(self, values: Mapping[str, Any]) -> dict[str, Any]:
        columns: Sequence[str] = self.model.__table__.columns.keys()
        return {name: value for name, value in values.items() if name in columns}
