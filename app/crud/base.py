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
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from pydantic import BaseModel
from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.core.errors import ConflictError, Fault, InvalidError, NotFoundError
from app.core.preconditions import Precondition, etag_of
from app.crud.paging.cursor import Cursor
from app.crud.paging.keyset import SortKey, keyset, take_bounds, within_bytes
from app.crud.paging.list_query import Filter, How, ListQuery, Strategy
from app.db.base import Base
from app.db.driver import insert_one
from app.db.errors import ConstraintError, translated
from app.db.reader import NO_VALUES, CompiledQuery, Reader, Row
from app.db.types import dump_response

ModelT = TypeVar("ModelT", bound=Base)
CreateT = TypeVar("CreateT", bound=BaseModel)
UpdateT = TypeVar("UpdateT", bound=BaseModel)


class PageOfRows(NamedTuple):
    """One page: its rows, the cursor of the next page, and the total if it was asked for."""

    items: list[Row]
    next_cursor: str | None
    total: int | None
    view: type[BaseModel]
    corrected: Mapping[str, str] | None = None
    """The words of a query that match nothing, and the words that were searched instead."""
    facets: Mapping[str, Any] | None = None
    highlights: Sequence[Mapping[str, str]] | None = None


class RowsOf(NamedTuple):
    """An answer other than a page: the members of `model`, made of rows."""

    model: type[BaseModel]
    members: Mapping[str, Any]


def render_entity(entity: Base, model: type[BaseModel]) -> bytes:
    """Return the JSON of an entity, the same bytes as of its row."""
    return dump_response({name: getattr(entity, name) for name in model.model_fields})


class CRUDBase(Generic[ModelT, CreateT, UpdateT]):
    """Reads and writes the rows of one model."""

    sorts: Mapping[str, InstrumentedAttribute[Any]] = {}
    """The columns that a list may be sorted by, by their name in the API; `id` always is one."""
    filters: ClassVar[Mapping[str, Filter]] = {}
    """The filters that a list may have, by name."""
    conflicts: ClassVar[Mapping[str, str]] = {}
    """What a broken constraint means, in a sentence for people, by the constraint's name."""

    representation: type[BaseModel]
    """The response model of one row, whose JSON has the ETag; by default that of the database."""

    def __init__(self, model: type[ModelT], in_db: type[BaseModel]) -> None:
        self.model = model
        self.sorts = {"id": model.id, **self.sorts}
        self.in_db = in_db
        if not hasattr(self, "representation"):
            self.representation = in_db
        self._check_declarations()
        # Statements are bounded in number, since sorts, filters, strategies and views are.
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

    async def page(self, db: Reader, query: ListQuery) -> PageOfRows:
        """Return one page of a list.

        Raises InvalidError if the cursor is malformed or belongs to another list, and LookupError
        if the query names a sort or a filter that the model does not have.
        """
        sort = self._sort(query.sort)
        scope = query.cursor_scope or sorted(query.filters.items())
        scope = f"{self.model.__tablename__} {query.sort} {scope}"
        after = self._read_cursor(query.cursor, scope, sort) if query.cursor else None
        parameters = {**query.filters, **query.parameters, "limit": query.limit + 1}
        if query.max_bytes is not None:
            parameters["max_bytes"] = query.max_bytes
        if after is not None:
            parameters |= {"id": after.id, "key": after.key}
        shape = None if after is None else Cursor(None if after.key is None else True, 0)
        statement = self._page_statement(
            query.view,
            query.sort,
            frozenset(query.filters),
            query.strategy,
            shape,
            query.max_bytes is not None,
        )
        rows = await db.all(statement, parameters)
        found = len(rows) if query.max_bytes is None else take_bounds(rows).found
        rows = rows[: query.limit]
        next_cursor = None
        if found > len(rows):
            key = None if sort.is_id else rows[-1][sort.name]
            next_cursor = Cursor(key, rows[-1]["id"]).encode(scope)
        for name in {sort.name, "id"} - query.view.model_fields.keys():
            for row in rows:
                del row[name]
        total = None
        if query.count:
            total = await self.count(db, query.filters, query.parameters)
        return PageOfRows(rows, next_cursor, total, query.view)

    async def count(
        self, db: Reader, filters: Mapping[str, Any], parameters: Mapping[str, Any] = NO_VALUES
    ) -> int:
        """Return how many rows pass the filters."""
        row = await db.first(self._count_statement(frozenset(filters)), {**filters, **parameters})
        return int(row["count"]) if row else 0

    def _read_cursor(self, text: str, scope: str, sort: SortKey) -> Cursor:
        if sort.is_id:
            return Cursor.decode(text, scope, type(None), nullable=True)
        return Cursor.decode(text, scope, sort.key.type.python_type, nullable=sort.nullable)

    def columns(self, view: type[BaseModel]) -> list[ColumnElement[Any]]:
        """Return the columns for the members of `view`: rows are sent as they are selected.

        Raises LookupError if a member is not a column.
        """
        columns = self.model.__table__.c
        for name in view.model_fields:
            self._check_name(f"column for {view.__name__}", columns.keys(), name)
        return [columns[name] for name in view.model_fields]

    def _make_get_statement(self, view: type[BaseModel]) -> CompiledQuery:
        rows = select(*self.columns(view)).where(self.model.id == bindparam("id"))
        return CompiledQuery(rows, model=view)

    def _make_page_statement(
        self,
        view: type[BaseModel],
        sort_name: str,
        names: frozenset[str],
        strategy: Strategy,
        after: Cursor | None,
        is_bounded: bool,
    ) -> CompiledQuery:
        sort = self._sort(sort_name)
        filters = [self._filter(name) for name in sorted(names - {strategy.filter})]
        by_name = sort_name.removeprefix("-")
        conditions = [each.beside(by_name) for each in filters if not each.alternatives]
        kinds = itertools.product(*(each.alternatives for each in filters if each.alternatives))
        walked = sort
        if strategy.how is not How.WALK_SORT_INDEX:
            walked, more = self._filter(strategy.filter).strategy(strategy.how, sort)
            conditions += more
        columns = [] if is_bounded else self.columns(view)
        columns += [each for each in sort.columns if each not in set(columns)]
        rows = keyset(columns, [[*conditions, *kind] for kind in kinds], walked, after)
        if is_bounded:
            rows = within_bytes(rows, self.columns(view), self.model.__table__, sort.order)
        is_slow = strategy.how is How.SORT_IN_MEMORY or any(each.in_thread for each in filters)
        return CompiledQuery(rows, model=view, heavy=is_bounded or is_slow)

    def _make_count_statement(self, names: frozenset[str]) -> CompiledQuery:
        conditions = [self._filter(name).condition for name in sorted(names)]
        rows = select(func.count().label("count")).select_from(self.model).where(*conditions)
        return CompiledQuery(rows, heavy=True)

    def _sort(self, name: str) -> SortKey:
        column_name = name.removeprefix("-")
        self._check_name("sort", self.sorts, column_name)
        columns = self.model.__table__.c
        key = columns[self.sorts[column_name].key]
        return SortKey(key, columns["id"], name.startswith("-"), str(key.key), bool(key.nullable))

    def _filter(self, name: str) -> Filter:
        self._check_name("filter", self.filters, name)
        return self.filters[name]

    def _check_name(self, kind: str, known: Collection[str], name: str) -> None:
        if name not in known:
            has = f"It has {', '.join(known)}." if known else "It has none."
            raise LookupError(f"{type(self).__name__} has no {kind} named {name!r}. {has}")

    def _check_declarations(self) -> None:
        """Raise LookupError if the class names columns that the model does not have."""
        self.columns(self.in_db)
        for column in self.sorts.values():
            self._check_name("column to sort by", self.model.__table__.c.keys(), column.key)

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
            yield
        except Exception as error:
            known = translated(error)
            if known is None:
                raise
            if isinstance(known, ConstraintError):
                known = ConflictError(self.conflicts.get(known.constraint, known.detail))
            raise known from error

    def not_found(self) -> NotFoundError:
        """Return the error for a row that does not exist, or not for the caller."""
        return NotFoundError(f"There is no such {self.model.__tablename__.replace('_', ' ')}.")

    def _columns_of(self, values: Mapping[str, Any]) -> dict[str, Any]:
        columns: Sequence[str] = self.model.__table__.columns.keys()
        return {name: value for name, value in values.items() if name in columns}
