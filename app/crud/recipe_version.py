"""The history of a recipe: the versions before the current one, which is the recipe itself."""

from typing import Any

from pydantic_core import PydanticCustomError
from sqlalchemy import BindParameter, bindparam, func, or_, select, union_all
from sqlalchemy.orm import Session

from app.core.errors import Fault, InvalidError, NotFoundError
from app.core.policy import OPENED_BY_KEY, VISIBILITY, Viewer, Who, may_open
from app.crud import share_link
from app.crud.base import PageOfRows
from app.crud.paging.cursor import Cursor
from app.db.reader import CompiledQuery, Reader, Row
from app.models.recipe import Recipe, RecipeVersion
from app.schemas.document import check_extras
from app.schemas.page import PageQuery
from app.schemas.recipe import RecipeDocument, VersionEntry
from app.schemas.stored_document import read_document
from app.schemas.types import MAX_VERSION

_OPENED_BY_ANYONE = [name for name, reach in VISIBILITY.items() if reach.opens is Who.ANYONE]

_DOCUMENT = tuple(RecipeDocument.model_fields)
_ID: BindParameter[int] = bindparam("recipe_id")

_HEAD = CompiledQuery(
    select(
        Recipe.id,
        Recipe.submitter_id,
        Recipe.version,
        Recipe.updated_at.label("at"),
        Recipe.changed_by.label("author_id"),
        *(Recipe.__table__.c[name] for name in _DOCUMENT),
    ).where(Recipe.id == _ID, Recipe.deleted_at.is_(None))
)
_ALL = union_all(
    select(
        Recipe.version,
        Recipe.updated_at.label("at"),
        Recipe.changed_by.label("author_id"),
        Recipe.label,
        Recipe.visibility,
    ).where(Recipe.id == _ID),
    select(
        RecipeVersion.version,
        RecipeVersion.at,
        RecipeVersion.author_id,
        RecipeVersion.label,
        RecipeVersion.visibility,
    ).where(RecipeVersion.recipe_id == _ID),
).subquery()
_PAGE = (
    select(_ALL.c.version, _ALL.c.at, _ALL.c.author_id, _ALL.c.label)
    .where(_ALL.c.version < bindparam("before"))
    .order_by(_ALL.c.version.desc())
    .limit(bindparam("limit"))
)
_COUNT = select(func.count().label("count")).select_from(_ALL)


def _for_others(*visibilities: str) -> tuple[CompiledQuery, CompiledQuery]:
    # Not IN, whose list is written out only as it is executed, which is not how the Reader works.
    opened = or_(*(_ALL.c.visibility == visibility for visibility in visibilities))
    return CompiledQuery(_PAGE.where(opened), model=VersionEntry), CompiledQuery(
        _COUNT.where(opened)
    )


# The page and the total count: for those who may change the recipe, and for everyone else.
_FOR_OWNER = CompiledQuery(_PAGE, model=VersionEntry), CompiledQuery(_COUNT)
_FOR_OTHERS = _for_others(*_OPENED_BY_ANYONE)
_WITH_KEY = _for_others(*_OPENED_BY_ANYONE, *OPENED_BY_KEY)
_ONE = CompiledQuery(
    select(RecipeVersion).where(
        RecipeVersion.recipe_id == _ID, RecipeVersion.version == bindparam("version")
    )
)


def document_of(recipe: Recipe) -> dict[str, Any]:
    """Return the document of a recipe: what its author writes, nothing else of the row."""
    return {name: getattr(recipe, name) for name in RecipeDocument.model_fields}


def keep_version(session: Session, recipe: Recipe) -> None:
    """Store the current version before a change."""
    session.add(
        RecipeVersion(
            recipe_id=recipe.id,
            version=recipe.version,
            at=recipe.updated_at,
            author_id=recipe.changed_by,
            label=recipe.label,
            visibility=recipe.visibility,
            snapshot=document_of(recipe),
            size=recipe.size,
        )
    )


async def list_versions(
    db: Reader, recipe_id: int, viewer: Viewer, query: PageQuery, key: str = ""
) -> PageOfRows:
    """Return the versions of a recipe that `viewer` or `key` may open, the newest first.

    A version keeps its visibility: one that was private is its owner's even if the recipe has been
    published since, and one that was unlisted takes the key.
    """
    has_key = bool(key) and await share_link.is_key(db, recipe_id, key)
    head = await _head(db, recipe_id, viewer, has_key)
    binding = f"versions {recipe_id}"
    before = MAX_VERSION
    if query.cursor:
        before = Cursor.decode(query.cursor, binding, int, nullable=False).key
    others = _WITH_KEY if has_key else _FOR_OTHERS
    page, count = _FOR_OWNER if viewer.may_change(head["submitter_id"]) else others
    values = {"recipe_id": recipe_id, "before": before, "limit": query.limit + 1}
    rows = await db.all(page, values)
    more, rows = len(rows) > query.limit, rows[: query.limit]
    cursor = Cursor(rows[-1]["version"], recipe_id).encode(binding) if more else None
    total = await db.first(count, {"recipe_id": recipe_id}) if query.count else None
    return PageOfRows(rows, cursor, total["count"] if total else None, VersionEntry)


async def get_version(
    db: Reader, recipe_id: int, version: int, viewer: Viewer, key: str = ""
) -> dict[str, Any]:
    """Return one version with its document, as `VersionPublic`.

    Raises NotFoundError if it does not exist, or neither `viewer` nor `key` may open it.
    """
    has_key = bool(key) and await share_link.is_key(db, recipe_id, key)
    head = await _head(db, recipe_id, viewer, has_key)
    entry = {name: head[name] for name in ("version", "at", "author_id", "label")}
    if version == head["version"]:
        return entry | {"recipe": read_document(head)}
    row = await db.first(_ONE, {"recipe_id": recipe_id, "version": version})
    if row is None or not may_open(
        viewer, row["visibility"], head["submitter_id"], has_key=has_key
    ):
        raise NotFoundError("There is no such version.")
    row = row.parsed()
    return {name: row[name] for name in entry} | {"recipe": read_document(row["snapshot"])}


async def _head(db: Reader, recipe_id: int, viewer: Viewer, has_key: bool) -> Row:
    row = await db.first(_HEAD, {"recipe_id": recipe_id})
    if row is None or not may_open(viewer, row["visibility"], row["submitter_id"], has_key=has_key):
        raise NotFoundError("There is no such recipe.")
    return row.parsed()


def load_document(session: Session, recipe: Recipe, version: int) -> dict[str, Any]:
    """The document of one version of a recipe that was loaded, to make it the current one.

    Raises NotFoundError, and InvalidError if it has more than a recipe may have.
    """
    if version == recipe.version:
        return document_of(recipe)
    rows = select(RecipeVersion.snapshot).where(
        RecipeVersion.recipe_id == recipe.id, RecipeVersion.version == version
    )
    snapshot: dict[str, Any] | None = session.scalar(rows)
    if snapshot is None:
        raise NotFoundError("There is no such version.")
    document = read_document(snapshot)
    try:
        check_extras(document["extras"])
    except PydanticCustomError as error:  # It is from before there was such a bound.
        fault = Fault(str(error), error.type, pointer="/extras")
        raise InvalidError("That version is not a valid recipe any more.", [fault]) from None
    return document
