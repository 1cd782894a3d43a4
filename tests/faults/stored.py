"""Compare what a database holds with what its clients know, and its tables with each other."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy

from app.db.base import Base
from app.schemas.recipe import RecipeDocument
from tests.databases import execute
from tests.faults.writers import AcknowledgedRecipe, RecordingWriter
from tests.operations import stored

Rows = Sequence[Any]


def assert_kept(database_url: str, writers: Iterable[RecordingWriter]) -> None:
    """Assert that the database holds exactly what was acknowledged, once and whole.

    Call it when no request is in flight and each write has its answer.
    """
    writers = list(writers)
    known = {each: recipe for writer in writers for each, recipe in writer.recipes.items()}
    tables = stored(database_url)
    _assert_recipes(tables, known)
    _assert_index(database_url, tables)
    numbers = [row.change_number for row in (*tables["recipe"], *tables["recipe_tombstone"])]
    assert len(set(numbers)) == len(numbers)
    assert [row.value for row in tables["recipe_counter"]] == [max(numbers, default=0)]
    tombstones = {row.recipe_id: row.version for row in tables["recipe_tombstone"]}
    assert tombstones == {
        each: version for writer in writers for each, version in writer.removed.items()
    }
    keys = {(row.user_id, row.key) for row in tables["idempotency_key"]}
    assert keys == {(writer.account.id, key) for writer in writers for key in writer.keys}
    assert_sound(database_url, tables)


def _assert_recipes(tables: Mapping[str, Rows], known: Mapping[int, AcknowledgedRecipe]) -> None:
    assert {row.id for row in tables["recipe"]} == known.keys()
    history: dict[int, list[Any]] = defaultdict(list)
    for row in sorted(tables["recipe_version"], key=lambda row: row.version):
        history[row.recipe_id].append(row)
    for row in tables["recipe"]:
        recipe = known[row.id]
        assert row.version == len(recipe.documents)
        assert (row.deleted_at is not None) == recipe.in_trash
        before = history[row.id]
        assert [each.version for each in before] == [*range(1, row.version)]
        current = {name: getattr(row, name) for name in RecipeDocument.model_fields}
        assert [*(each.snapshot for each in before), current] == recipe.documents


def _assert_index(database_url: str, tables: Mapping[str, Rows]) -> None:
    """What is derived from the documents says what they say."""
    live = [row for row in tables["recipe"] if row.deleted_at is None]
    searched = execute(database_url, "SELECT rowid FROM recipe_search ORDER BY rowid")
    assert [row.rowid for row in searched] == [row.id for row in live]
    tagged = {(row.id, tag["kind"], tag["name"].casefold()) for row in live for tag in row.tags}
    tags = {row.id: row for row in tables["tag"]}
    pairs = [(row.recipe_id, tags[row.tag_id]) for row in tables["recipe_tag"]]
    assert {(each, tag.kind, tag.key) for each, tag in pairs} == tagged
    public = {row.id for row in live if row.visibility == "public"}
    counts = Counter(tag.id for _, tag in pairs)
    of_public = Counter(tag.id for each, tag in pairs if each in public)
    for tag in tables["tag"]:
        assert (tag.count, tag.public_count) == (counts[tag.id], of_public[tag.id])


def assert_sound(database_url: str, tables: Mapping[str, Rows]) -> None:
    """The file is whole, and what the constraints promise is so."""
    if database_url.startswith("sqlite"):
        assert execute(database_url, "PRAGMA integrity_check") == [("ok",)]
        assert execute(database_url, "PRAGMA foreign_key_check") == []
    for table in Base.metadata.tables.values():
        for key in table.foreign_keys:
            there = {getattr(row, key.column.name) for row in tables[key.column.table.name]}
            pointed = {getattr(row, key.parent.name) for row in tables[table.name]}
            assert pointed - {None} <= there, key
        for constraint in table.constraints:
            if isinstance(
                constraint, sqlalchemy.UniqueConstraint | sqlalchemy.PrimaryKeyConstraint
            ):
                names = constraint.columns.keys()
                values = [tuple(getattr(row, name) for name in names) for row in tables[table.name]]
                assert len(set(values)) == len(values), constraint.name
