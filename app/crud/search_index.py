"""The index rows of recipes: written in the transaction of the recipe, or all of them anew.

A recipe in the trash has none. What only its submitter finds has terms that begin with HIDDEN, so
a search for everybody passes over none of it. Writers hold the row of `recipe_counter` from the
number of their change on, so no two of them meet at the count of a tag.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.orm import Session

from app.core.policy import FOUND_BY_ANYONE
from app.core.search import terms_of, vocabulary_of
from app.core.words import NORMALISATION, language_of
from app.db import fulltext
from app.db.fulltext import search_table
from app.models.recipe import Recipe
from app.models.recipe_change import RecipeCounter
from app.models.search import SearchState, search_language, search_word
from app.models.tag import Tag, recipe_tag

HIDDEN = "x"
EVERY = "p"
"""The term of every recipe."""

TEXTS = {"label", "description", "source", "author", "notes", "language", "ingredients", "steps"}
WHERE = {"tags", "visibility", "submitter_id", "deleted_at"}
INDEXED = TEXTS | WHERE
"""The columns that index rows are made of."""

_COLUMNS = [Recipe.__table__.c[name] for name in sorted(INDEXED | {"id", "created_at"})]
_TAGS_AT_ONCE = 1000
_REBUILT_AT_ONCE = 500
_COUNT_TAGS = (
    "INSERT INTO tag (kind, key, name, count, public_count) VALUES {rows}"
    " ON CONFLICT (kind, key) DO UPDATE SET count = tag.count + excluded.count,"
    " public_count = tag.public_count + excluded.public_count RETURNING kind, key, id"
)


def owner_term(user_id: int) -> str:
    """The term of what belongs to a user and is not found by everybody."""
    return f"u{user_id}"


def tag_term(tag_id: int) -> str:
    """The term of what has a tag."""
    return f"#{tag_id}"


# --- One recipe, or a few ------------------------------------------------------------------------


def add(session: Session, recipes: Sequence[Mapping[str, Any]]) -> None:
    """Write the index rows of recipes that have none, in the shape of their rows."""
    connection = session.connection()
    tag_ids = _count_tags(connection, recipes)
    links = [
        {"recipe_id": each["id"], "tag_id": tag_ids[tag], "created_at": each["created_at"]}
        for each in recipes
        for tag in _tags(each)
    ]
    if links:
        connection.execute(insert(recipe_tag), links)
    _add_terms(connection, recipes, tag_ids)


def remove(session: Session, recipe_id: int, visibility: str) -> None:
    """Remove the index rows of a recipe that had this visibility."""
    connection = session.connection()
    connection.exec_driver_sql(fulltext.DELETE[connection.dialect.name], (recipe_id,))
    gone = delete(recipe_tag).where(recipe_tag.c.recipe_id == recipe_id)
    tag_ids = connection.execute(gone.returning(recipe_tag.c.tag_id)).scalars().all()
    if tag_ids:
        public = int(visibility in FOUND_BY_ANYONE)
        fewer = {"count": Tag.count - 1, "public_count": Tag.public_count - public}
        connection.execute(update(Tag).where(Tag.id.in_(tag_ids)).values(fewer))


def _tags(recipe: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(tag["kind"], tag["name"].casefold()) for tag in recipe["tags"]]


def _count_tags(
    connection: Connection, recipes: Sequence[Mapping[str, Any]]
) -> dict[tuple[str, str], int]:
    """Count the tags of `recipes`, making those that are new; their ids by kind and key."""
    counts: Counter[tuple[str, str]] = Counter()
    public_counts: Counter[tuple[str, str]] = Counter()
    names: dict[tuple[str, str], str] = {}
    for recipe in recipes:
        tags = _tags(recipe)
        counts.update(tags)
        if recipe["visibility"] in FOUND_BY_ANYONE:
            public_counts.update(tags)
        for tag, written in zip(tags, recipe["tags"], strict=True):
            names.setdefault(tag, written["name"])
    ids: dict[tuple[str, str], int] = {}
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    row = f"({', '.join([mark] * 5)})"
    in_order = sorted(counts)
    for start in range(0, len(in_order), _TAGS_AT_ONCE):
        some = in_order[start : start + _TAGS_AT_ONCE]
        statement = _COUNT_TAGS.format(rows=", ".join([row] * len(some)))
        values: list[object] = []
        for tag in some:
            values += [*tag, names[tag], counts[tag], public_counts[tag]]
        found = connection.exec_driver_sql(statement, tuple(values))
        ids |= {(kind, key): tag_id for kind, key, tag_id in found}
    return ids


def _add_terms(
    connection: Connection,
    recipes: Sequence[Mapping[str, Any]],
    tag_ids: Mapping[tuple[str, str], int],
) -> None:
    rows, words, languages = [], set(), set()
    for recipe in recipes:
        terms = terms_of(recipe)
        others = [*terms.others, EVERY, *(tag_term(tag_ids[tag]) for tag in _tags(recipe))]
        ordered = terms.ordered
        if recipe["visibility"] in FOUND_BY_ANYONE:
            words |= vocabulary_of(terms)
        else:
            ordered = [each and HIDDEN + each for each in ordered]
            others = [HIDDEN + each for each in others]
            if recipe["submitter_id"]:
                others.append(owner_term(recipe["submitter_id"]))
        languages.add(language_of(recipe["language"]))
        rows.append(fulltext.row_of(connection.dialect.name, recipe["id"], ordered, others))
    connection.exec_driver_sql(fulltext.INSERT[connection.dialect.name], rows)
    _remember(connection, languages, words)


def _remember(connection: Connection, languages: Iterable[str], words: Iterable[str]) -> None:
    dialect = connection.dialect.name
    for code in sorted(languages):
        connection.exec_driver_sql(fulltext.REMEMBER_LANGUAGE[dialect], (code,))
    if dialect == "postgresql":
        # One statement for all, since each would be a message to the server.
        connection.exec_driver_sql(fulltext.REMEMBER_WORDS[dialect], (sorted(words),))
    elif words:
        rows = [(word, word[::-1]) for word in sorted(words)]
        connection.exec_driver_sql(fulltext.REMEMBER_WORDS[dialect], rows)


# --- All of them ---------------------------------------------------------------------------------


def is_current(session: Session) -> bool:
    """Whether the index was made by the rules of this version."""
    return session.scalar(select(SearchState.normalisation)) == NORMALISATION


def count(session: Session) -> int:
    """How many recipes are to be indexed."""
    live = select(func.count()).select_from(Recipe).where(Recipe.deleted_at.is_(None))
    return session.scalar(live) or 0


def begin(session: Session) -> None:
    """Forget what only a whole index can tell: which words and languages there are."""
    session.execute(delete(SearchState))
    session.execute(delete(search_word))
    session.execute(delete(search_language))


def rebuild_some(session: Session, after: int) -> tuple[int | None, int]:
    """Write the rows of the next recipes anew: the id of the last one, and how many they were.

    Meanwhile others read and write: each step holds off the writers, and counts no tags.
    """
    _hold_writers(session)
    connection = session.connection()
    page = select(*_COLUMNS).where(Recipe.id > after, Recipe.deleted_at.is_(None))
    found = connection.execute(page.order_by(Recipe.id).limit(_REBUILT_AT_ONCE))
    rows = [dict(row) for row in found.mappings()]
    last = rows[-1]["id"] if rows else None
    # What is between them too: the rows of a recipe that is gone, if an index was ever wrong.
    gone = [
        _within(column, after, last) for column in (search_table.c.rowid, recipe_tag.c.recipe_id)
    ]
    connection.execute(delete(search_table).where(gone[0]))
    connection.execute(delete(recipe_tag).where(gone[1]))
    if rows:
        add(session, rows)
    return last, len(rows)


def finish(session: Session) -> None:
    """Count the tags and remember the rules, which ends a rebuilding."""
    _hold_writers(session)
    links = select(func.count()).select_from(recipe_tag).where(recipe_tag.c.tag_id == Tag.id)
    public = links.join(Recipe, Recipe.id == recipe_tag.c.recipe_id)
    public = public.where(Recipe.visibility.in_(FOUND_BY_ANYONE))
    counts = {"count": links.scalar_subquery(), "public_count": public.scalar_subquery()}
    session.execute(update(Tag).values(counts), execution_options={"synchronize_session": False})
    session.execute(delete(SearchState))
    session.add(SearchState(normalisation=NORMALISATION))


def _within(column: Any, after: int, last: int | None) -> Any:
    return column > after if last is None else column.between(after + 1, last)


def _hold_writers(session: Session) -> None:
    session.execute(select(RecipeCounter.value).with_for_update())
