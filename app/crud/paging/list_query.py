"""What `CRUDBase.page` takes: a query with filters, and the strategy that finds its rows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Select

from app.crud.paging.keyset import SortKey
from app.db.expressions import Unindexed
from app.schemas.page import PageQuery


class How(Enum):
    """The ways to find the rows of a page in the order of a column."""

    WALK_SORT_INDEX = "walk the index of the sort, and skip the rows that the filters refuse"
    WALK_FILTER_INDEX = "walk the index of a filter, which is in the order of the sort"
    SORT_IN_MEMORY = "collect the ids that pass a filter by its index, and sort these rows"


class IndexWalk(NamedTuple):
    """An index of another table that is in the order of some sorts: its key and id, its join."""

    key: ColumnElement[Any]
    row_id: ColumnElement[int]
    conditions: Sequence[ColumnElement[bool]]
    sorts: Collection[str]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Filter:
    """A condition on the rows of a list, and how indexes help to find the rows that pass.

    The value of a filter is the bind parameter of the same name.
    """

    condition: ColumnElement[bool]
    unindexed: ColumnElement[bool] | None = None
    """The same condition, written so that the database uses no index for it."""
    indexed_sorts: Collection[str] = ()
    """The sorts in which the database may use the index of `condition`. In all others it gets
    `unindexed`, so that it walks the index of the sort."""
    alternatives: Sequence[ColumnElement[bool]] = ()
    """Conditions that exclude each other and add up to `condition`; each has its own index."""
    ids: Select[Any] | None = None
    """The ids of the rows that pass, found by an index, for SORT_IN_MEMORY."""
    walk: IndexWalk | None = None
    """For WALK_FILTER_INDEX."""
    in_thread: bool = True
    """Whether a page may skip enough rows to block the event loop."""

    def beside(self, sort: str) -> ColumnElement[bool]:
        """Return the condition for a list in the order of `sort`."""
        if self.unindexed is None or sort in self.indexed_sorts:
            return self.condition
        return self.unindexed

    def strategy(self, how: How, sort: SortKey) -> tuple[SortKey, Sequence[ColumnElement[bool]]]:
        """Return what takes the place of the sort key, and the conditions that find the rows."""
        if how is How.WALK_FILTER_INDEX and self.walk is not None:
            found = sort._replace(key=self.walk.key, row_id=self.walk.row_id)
            return found, self.walk.conditions
        if how is How.SORT_IN_MEMORY and self.ids is not None:
            key = Unindexed(sort.key)
            found = sort._replace(key=key, row_id=key if sort.is_id else sort.row_id)
            return found, [sort.row_id.in_(self.ids)]
        raise LookupError(f"This filter has no way to {how.value}.")


class Strategy(NamedTuple):
    """How the rows of a page are found, and by which filter."""

    how: How = How.WALK_SORT_INDEX
    filter: str = ""


WALK_SORT_INDEX = Strategy()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """One page of a list: which rows, in which order, and which of their columns."""

    view: type[BaseModel]
    """The model whose members are selected."""
    sort: str
    """One of `CRUDBase.sorts`; descending with a leading minus. The id breaks ties."""
    limit: int
    cursor: str | None = None
    count: bool = False
    filters: Mapping[str, Any] = field(default_factory=dict)
    """The values of filters, by their names in `CRUDBase.filters`."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Values of other bind parameters."""
    strategy: Strategy = WALK_SORT_INDEX
    cursor_scope: str | None = None
    """Cursors are valid for the same sort and scope only. By default the filters."""
    max_bytes: int | None = None
    """The page ends with the row that reaches this size."""

    @classmethod
    def of(cls, page: PageQuery, **members: Any) -> "ListQuery":
        """Return a query for the page that a client asks for."""
        return cls(limit=page.limit, cursor=page.cursor, count=page.count, **members)
