"""Tags: found by name, and counted among the recipes that a viewer may find."""

from collections.abc import Sequence
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel
from sqlalchemy import ColumnElement, bindparam, exists, func, or_, select

from app.core.policy import ANONYMOUS, Viewer
from app.core.text import tag_key
from app.crud.base import CRUDBase, PageOfRows
from app.crud.paging.list_query import Filter, ListQuery
from app.crud.recipe_filters import IS_PUBLIC
from app.db.expressions import InArray
from app.db.reader import CompiledQuery, Reader, Row
from app.db.types import dump_json
from app.models.recipe import Recipe
from app.models.tag import Tag, recipe_tag
from app.schemas.document import TagKind
from app.schemas.tag import TagCount, TagQuery, TagsOfAll, TagsOfUser

KINDS = get_args(TagKind)


class FoundTag(NamedTuple):
    """The id of a tag, and how many recipes have it."""

    id: int
    recipes: int


_BY_KEY = CompiledQuery(
    select(Tag.id, Tag.kind, Tag.key, Tag.count).where(InArray(Tag.__table__.c.key, "keys"))
)


async def find_tags(db: Reader, asked: Sequence[str]) -> dict[str, list[FoundTag]]:
    """Return the tags that each of `asked` names: `kind:name`, or a name of any kind."""
    meant = {each: _parse(each) for each in asked}
    rows = await db.all(_BY_KEY, {"keys": dump_json(sorted({key for _, key in meant.values()}))})
    return {
        each: [
            FoundTag(row["id"], row["count"])
            for row in rows
            if row["key"] == key and kind in (None, row["kind"])
        ]
        for each, (kind, key) in meant.items()
    }


def _parse(asked: str) -> tuple[str | None, str]:
    """Return the kind, if one is named, and the key."""
    kind, _, name = asked.partition(":")
    kind, name = kind.strip().casefold(), name.strip()
    return (kind, tag_key(name)) if kind in KINDS and name else (None, tag_key(asked))


# --- Lists of tags -----------------------------------------------------------------------------

_own_hidden = (
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
    TagsOfUser: Tag.public_count + _own_hidden.scalar_subquery(),
    TagsOfAll: Tag.__table__.c.count,
}


class CRUDTag(CRUDBase[Tag, BaseModel, BaseModel]):
    """Tags. They are created and counted as recipes are written."""

    sorts = {"count": Tag.public_count, "name": Tag.key}
    filters = {
        "kind": Filter(condition=Tag.kind == bindparam("kind")),
        "contains": Filter(condition=Tag.key.contains(bindparam("contains"), escape="\\")),
        "public": Filter(condition=Tag.public_count > 0),
        "found_by": Filter(
            condition=or_(
                Tag.public_count > 0,
                exists(_own_hidden.with_only_columns(recipe_tag.c.recipe_id).correlate(Tag)),
            )
        ),
        "used": Filter(condition=Tag.count > 0),
    }

    def columns(self, view: type[BaseModel]) -> list[ColumnElement[Any]]:
        """The count of a tag is the number of recipes that the viewer finds."""
        table = self.model.__table__
        return [table.c.kind, table.c.name, _COUNTS[view].label("count")]

    async def list_found(self, db: Reader, query: TagQuery, viewer: Viewer) -> PageOfRows:
        """Return a page of the tags of the recipes that `viewer` finds."""
        view, filters, parameters = _access(viewer)
        if query.kind is not None:
            filters["kind"] = query.kind
        if query.q is not None:
            filters["contains"] = _escape_like(tag_key(query.q))
        listed = ListQuery.of(
            query, view=view, sort=query.sort, filters=filters, parameters=parameters
        )
        page = await self.page(db, listed)
        return page._replace(items=await as_spelled(db, page.items, viewer), view=TagCount)


def _access(viewer: Viewer) -> tuple[type[BaseModel], dict[str, Any], dict[str, Any]]:
    """Return the view, the filters and the other parameters of a viewer's list."""
    if viewer.is_superuser:
        return TagsOfAll, {"used": True}, {}
    if viewer == ANONYMOUS:
        return TagCount, {"public": True}, {}
    return TagsOfUser, {"found_by": viewer.id}, {"viewer_id": viewer.id}


# --- Spelling ------------------------------------------------------------------------


def _unnamed(*conditions: ColumnElement[bool]) -> CompiledQuery:
    """Return tags that no public recipe has, with all tags of the viewer's first recipe with it."""
    document = (
        select(Recipe.tags)
        .join_from(recipe_tag, Recipe, Recipe.id == recipe_tag.c.recipe_id)
        .where(recipe_tag.c.tag_id == Tag.id, *conditions)
        .order_by(Recipe.id)
        .limit(1)
    )
    rows = select(Tag.kind, Tag.key, document.scalar_subquery().label("tags"))
    rows = rows.where(Tag.public_count == 0, InArray(Tag.__table__.c.key, "keys"))
    return CompiledQuery(rows, heavy=True)


_UNNAMED_OF_USER = _unnamed(Recipe.submitter_id == bindparam("viewer_id"))
_UNNAMED = _unnamed()


async def as_spelled(db: Reader, rows: Sequence[Row], viewer: Viewer) -> list[Row]:
    """Return `rows` of tags, the name of each that no public recipe has as the viewer wrote it."""
    if viewer == ANONYMOUS or not rows:
        return list(rows)
    values = {"keys": dump_json(sorted({tag_key(row["name"]) for row in rows}))}
    if viewer.is_superuser:
        unnamed = await db.all(_UNNAMED, values)
    else:
        unnamed = await db.all(_UNNAMED_OF_USER, values | {"viewer_id": viewer.id})
    written = {
        (each["kind"], each["key"]): tag["name"]
        for each in unnamed
        for tag in each.parsed()["tags"] or ()
        if (tag["kind"], tag_key(tag["name"])) == (each["kind"], each["key"])
    }
    for row in rows:
        row["name"] = written.get((row["kind"], tag_key(row["name"])), row["name"])
    return list(rows)


def _escape_like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


tag = CRUDTag(Tag, TagCount)
