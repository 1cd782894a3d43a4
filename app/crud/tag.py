"""Tags: what is meant by a name, and how many of the recipes that one may find have it."""

from collections.abc import Sequence
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel
from sqlalchemy import ColumnElement, bindparam, exists, func, or_, select

from app.core.policy import ANONYMOUS, Viewer
from app.crud.base import CRUDBase, PageOfRows
from app.crud.listing.filters import IS_PUBLIC
from app.db.expressions import InArray
from app.db.reader import CompiledQuery, Reader, Row
from app.db.types import dump_json
from app.models.recipe import Recipe
from app.models.tag import Tag, recipe_tag
from app.schemas.document import TagKind
from app.schemas.tag import TagCount, TagQuery, TagsOfAll, TagsOfUser

KINDS = get_args(TagKind)


class Known(NamedTuple):
    """A tag that there is, and on how many recipes."""

    id: int
    recipes: int


_BY_KEY = CompiledQuery(
    select(Tag.id, Tag.kind, Tag.key, Tag.count).where(InArray(Tag.__table__.c.key, "keys"))
)


async def find_tags(db: Reader, asked: Sequence[str]) -> dict[str, list[Known]]:
    """What each of `asked` means: `kind:name` one tag at most, a name alone that of any kind."""
    meant = {each: _read(each) for each in asked}
    rows = await db.all(_BY_KEY, {"keys": dump_json(sorted({key for _, key in meant.values()}))})
    return {
        each: [
            Known(row["id"], row["count"])
            for row in rows
            if row["key"] == key and kind in (None, row["kind"])
        ]
        for each, (kind, key) in meant.items()
    }


def _read(asked: str) -> tuple[str | None, str]:
    kind, colon, name = asked.partition(":")
    if colon and kind.strip().casefold() in KINDS and name.strip():
        return kind.strip().casefold(), name.strip().casefold()
    return None, asked.casefold()


# --- Which there are -----------------------------------------------------------------------------

_hidden_ones_own = (
    select(func.count())
    .select_from(recipe_tag)
    .join(Recipe, Recipe.id == recipe_tag.c.recipe_id)
    .where(
        recipe_tag.c.tag_id == Tag.id,
        Recipe.submitter_id == bindparam("viewer_id"),
        ~IS_PUBLIC,
    )
)
_COUNTS: dict[type[BaseModel], ColumnElement[Any]] = {
    TagCount: Tag.__table__.c.public_count,
    TagsOfUser: Tag.public_count + _hidden_ones_own.scalar_subquery(),
    TagsOfAll: Tag.__table__.c.count,
}


class CRUDTag(CRUDBase[Tag, BaseModel, BaseModel]):
    """Tags. They are made by the recipes that have them."""

    sorts = {"count": Tag.public_count, "name": Tag.key}
    filters = {
        "kind": Tag.kind == bindparam("kind"),
        "contains": Tag.key.contains(bindparam("contains"), escape="\\"),
        "public": Tag.public_count > 0,
        "found_by": or_(
            Tag.public_count > 0,
            exists(_hidden_ones_own.with_only_columns(recipe_tag.c.recipe_id).correlate(Tag)),
        ),
        "used": Tag.count > 0,
    }

    def columns(self, view: type[BaseModel]) -> list[ColumnElement[Any]]:
        """The count of a tag is that of the recipes which the viewer finds."""
        table = self.model.__table__
        return [table.c.kind, table.c.name, _COUNTS[view].label("count")]

    async def list_found(self, db: Reader, query: TagQuery, viewer: Viewer) -> PageOfRows:
        """A page of the tags of what `viewer` finds."""
        view, filters, values = _for(viewer)
        if query.kind is not None:
            filters["kind"] = query.kind
        if query.q is not None:
            filters["contains"] = _escape_like(query.q.casefold())
        page = await self.page(
            db,
            sort=query.sort,
            limit=query.limit,
            cursor=query.cursor,
            filters=filters,
            count=query.count,
            view=view,
            heavy=True,
            values=values,
        )
        return page._replace(items=await as_spelled(db, page.items, viewer), view=TagCount)


def _for(viewer: Viewer) -> tuple[type[BaseModel], dict[str, Any], dict[str, Any]]:
    if viewer.is_superuser:
        return TagsOfAll, {"used": True}, {}
    if viewer == ANONYMOUS:
        return TagCount, {"public": True}, {}
    return TagsOfUser, {"found_by": viewer.id}, {"viewer_id": viewer.id}


# --- How they are written ------------------------------------------------------------------------


def _unnamed(*conditions: ColumnElement[bool]) -> CompiledQuery:
    """The tags of no public recipe, with all tags of the viewer's first recipe that has one."""
    document = (
        select(Recipe.tags)
        .join_from(recipe_tag, Recipe, Recipe.id == recipe_tag.c.recipe_id)
        .where(recipe_tag.c.tag_id == Tag.id, *conditions)
        .order_by(Recipe.id)
        .limit(1)
    )
    is_asked_for = InArray(Tag.__table__.c.key, "keys")
    rows = select(Tag.kind, Tag.key, document.scalar_subquery().label("tags"))
    return CompiledQuery(rows.where(Tag.public_count == 0, is_asked_for), heavy=True)


_UNNAMED_OF_USER = _unnamed(Recipe.submitter_id == bindparam("viewer_id"))
_UNNAMED = _unnamed()


async def as_spelled(db: Reader, rows: Sequence[Row], viewer: Viewer) -> list[Row]:
    """The tags of `rows`, those of no public recipe as the viewer's own documents write them."""
    if viewer == ANONYMOUS or not rows:
        return list(rows)
    values = {"keys": dump_json(sorted({row["name"].casefold() for row in rows}))}
    if viewer.is_superuser:
        unnamed = await db.all(_UNNAMED, values)
    else:
        unnamed = await db.all(_UNNAMED_OF_USER, values | {"viewer_id": viewer.id})
    written = {
        (each["kind"], each["key"]): tag["name"]
        for each in unnamed
        for tag in each.parsed()["tags"] or ()
        if (tag["kind"], tag["name"].casefold()) == (each["kind"], each["key"])
    }
    for row in rows:
        row["name"] = written.get((row["kind"], row["name"].casefold()), row["name"])
    return list(rows)


def _escape_like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


tag = CRUDTag(Tag, TagCount)
