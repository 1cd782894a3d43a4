"""Recipes, with their versions, share links and changes. One wide row holds the whole document."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.core.policy import VISIBILITY
from app.core.text import KEY_LENGTH
from app.db.base import Base, BigKey, Versioned
from app.db.types import JsonDocument, Number, binary_string


class Recipe(Versioned, Base):
    """A recipe. Parts of its document are JSON, so that a write is atomic and a read is one row."""

    __table_args__ = (
        CheckConstraint(f"visibility IN {tuple(VISIBILITY)}", "visibility"),
        CheckConstraint("servings > 0", "servings"),
    )

    label: Mapped[str] = mapped_column(String(256))
    label_key: Mapped[str] = mapped_column(binary_string(KEY_LENGTH))
    description: Mapped[str | None] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(String(2048))
    url_key: Mapped[str | None] = mapped_column(binary_string(KEY_LENGTH))
    fingerprint: Mapped[str] = mapped_column(binary_string(32))
    """A digest of label and ingredients, by which an import recognises a recipe without a url."""
    source: Mapped[str | None] = mapped_column(String(256))
    source_key: Mapped[str | None] = mapped_column(binary_string(KEY_LENGTH))
    author: Mapped[str | None] = mapped_column(String(256))
    language: Mapped[str | None] = mapped_column(String(35))
    prep_minutes: Mapped[int | None]
    cook_minutes: Mapped[int | None]
    total_minutes: Mapped[int | None]
    servings: Mapped[float | None] = mapped_column(Number)
    yield_text: Mapped[str | None] = mapped_column(String(256))
    tags: Mapped[list[dict[str, Any]]] = mapped_column(JsonDocument)
    ingredients: Mapped[list[dict[str, Any]]] = mapped_column(JsonDocument)
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JsonDocument)
    nutrition: Mapped[dict[str, Any] | None] = mapped_column(JsonDocument)
    notes: Mapped[str | None] = mapped_column(Text)
    visibility: Mapped[str] = mapped_column(String(16), default="public")
    extras: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    submitter_id: Mapped[int | None] = mapped_column(
        BigKey, ForeignKey("user.id", ondelete="SET NULL")
    )
    deleted_at: Mapped[datetime | None]
    changed_by: Mapped[int | None] = mapped_column(BigInteger)
    """The author of this version. No foreign key, since ids are never reused."""
    change_number: Mapped[int] = mapped_column(BigInteger)
    """The number of its last change, among those of all recipes, in the order of commits."""
    left_number: Mapped[int | None] = mapped_column(BigInteger)
    """The number of the change by which it left the public lists, or None."""
    left_version: Mapped[int | None]
    """Its version after that change. Later ones are not public."""
    size: Mapped[int]
    """Bytes of the document, as they count for the quota of its submitter."""


# Every sort ends with the id. Trashed recipes are in no list and few recipes are not public, so the
# public lists have separate indexes.
def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


_LIVE = _where("deleted_at IS NULL")
_PUBLIC = _where("deleted_at IS NULL AND visibility = 'public'")
_HIDDEN = _where("deleted_at IS NULL AND visibility != 'public'")
_UNLISTED = _where("deleted_at IS NOT NULL OR visibility != 'public'")
_LEFT = _where("left_number IS NOT NULL")
for _column in (Recipe.created_at, Recipe.updated_at, Recipe.label_key, Recipe.total_minutes):
    # With the times in the index, the newest quick recipes are found without reading slower ones.
    _more = [Recipe.total_minutes, Recipe.prep_minutes] if _column is Recipe.created_at else []
    # Of two indexes that fit, SQLite takes the narrower one, and of two with equal columns the one
    # created last. So both have the same columns, and migrations create the public one last.
    for _which, _suffix in ((_LIVE, ""), (_PUBLIC, "_public")):
        Index(f"ix_recipe_{_column.key}_id{_suffix}", _column, Recipe.id, *_more, **_which)
Index(None, Recipe.submitter_id, Recipe.created_at, Recipe.id)
for _name, _which in (("hidden", _HIDDEN), ("public", _PUBLIC)):
    Index(
        f"ix_recipe_submitter_id_created_at_id_{_name}",
        *(Recipe.submitter_id, Recipe.created_at, Recipe.id),
        **_which,
    )
Index(None, Recipe.source_key, Recipe.created_at, Recipe.id, **_LIVE)
Index(None, Recipe.url_key)
Index(None, Recipe.submitter_id, Recipe.fingerprint)
Index(None, Recipe.change_number)
Index("ix_recipe_change_number_public", Recipe.change_number, **_PUBLIC)
Index(
    "ix_recipe_submitter_id_change_number_hidden",
    *(Recipe.submitter_id, Recipe.change_number),
    **_UNLISTED,
)
Index(None, Recipe.left_number, **_LEFT)
Index(None, Recipe.deleted_at, **_where("deleted_at IS NOT NULL"))


class RecipeVersion(Base):
    """A recipe as it was before a change. The current version is the recipe itself."""

    __table_args__ = (UniqueConstraint("recipe_id", "version"),)

    recipe_id: Mapped[int] = mapped_column(BigKey, ForeignKey("recipe.id", ondelete="CASCADE"))
    version: Mapped[int]
    at: Mapped[datetime]
    author_id: Mapped[int | None] = mapped_column(BigInteger)
    label: Mapped[str] = mapped_column(String(256))
    visibility: Mapped[str] = mapped_column(String(16))
    snapshot: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    size: Mapped[int]
    """Bytes, as they count for the quota of the recipe's submitter."""


class ShareLink(Base):
    """The key that opens an unlisted recipe.

    It has its own table, so no snapshot, export or ETag of a recipe can contain it.
    """

    __table_args__ = (UniqueConstraint("recipe_id"),)

    recipe_id: Mapped[int] = mapped_column(BigKey, ForeignKey("recipe.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(22))


class RecipeCounter(Base):
    """The number of the last change: one row, which a writer locks until it commits."""

    value: Mapped[int] = mapped_column(BigInteger)
    vocabulary: Mapped[int] = mapped_column(default=0)
    """The number of deletions of search words. Processes compare it with that of their caches."""


class RecipeTombstone(Base):
    """A recipe that was deleted permanently."""

    __table_args__ = (UniqueConstraint("recipe_id"),)

    recipe_id: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int]
    submitter_id: Mapped[int | None] = mapped_column(BigInteger)
    change_number: Mapped[int] = mapped_column(BigInteger)
    left_number: Mapped[int | None] = mapped_column(BigInteger)
    """The number of the change by which it left the public lists, or None."""
    left_version: Mapped[int | None]
    removed_at: Mapped[datetime]


Index(None, RecipeTombstone.change_number)
Index(None, RecipeTombstone.left_number)
Index(None, RecipeTombstone.submitter_id, RecipeTombstone.change_number)
