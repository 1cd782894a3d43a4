"""The index rows of recipes: written in the transaction of the recipe, or all of them rebuilt.

A recipe in the trash has none. Writers hold the row of `recipe_counter` from the number of their
change on, so two of them never update the count of a tag at the same time.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import partial
from itertools import accumulate, chain
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.core.policy import FOUND_BY_ANYONE
from app.core.text import fingerprint, tag_key
from app.db.driver import Driver, for_both
from app.db.transactions import after_commit, compute_first, computed
from app.db.types import UtcDateTime
from app.models.recipe import Recipe, RecipeCounter
from app.models.search import SearchState
from app.models.tag import MAX_TAG_NAME, Tag, recipe_tag
from app.search.fulltext import search_table
from app.search.words import (
    EVERY,
    HIDDEN,
    NORMALISATION,
    TEXTS,
    Terms,
    language_of,
    owner_term,
    tag_term,
    terms_of,
    texts_of,
)

VOCABULARY = "vocabulary"
"""The key in `Session.info` of the counter that `recipe_counter.vocabulary` had."""

INDEXED = {*TEXTS, "visibility", "submitter_id", "deleted_at"}
"""The columns that index rows are made of."""

_COLUMNS = [Recipe.__table__.c[name] for name in sorted(INDEXED | {"id", "created_at"})]
_REBUILT_AT_ONCE = 500
_MANY = 100
_MOST_KNOWN_WORDS = 50_000
LONG_TEXT = 4096
"""The terms of a document of more characters are computed before the transaction."""


# --- SQL ---------------------------------------------------------------------------------------

_INSERT = {
    "sqlite": "INSERT INTO recipe_search (rowid, ordered, others) VALUES (?, ?, ?)",
    "postgresql": "INSERT INTO recipe_search (rowid, terms) VALUES (%s, CAST(%s AS tsvector))",
    "copy": "COPY recipe_search (rowid, terms) FROM STDIN",
}
_EXPECT_MANY = {
    "sqlite": "SELECT 1",
    # The index is updated in larger batches, which takes a third less time.
    "postgresql": "SET LOCAL gin_pending_list_limit = '4MB'",
}
_DELETE = for_both("DELETE FROM recipe_search WHERE rowid = ?")
_INSERT_LANGUAGE = for_both("INSERT INTO search_language (code) VALUES (?) ON CONFLICT DO NOTHING")
_INSERT_WORDS = {
    "sqlite": "INSERT INTO search_word (word, reverse) VALUES (?, ?) ON CONFLICT DO NOTHING",
    "postgresql": (
        "INSERT INTO search_word (word, reverse)"
        " SELECT word, reverse(word) FROM unnest(CAST(%s AS text[])) AS word"
        " ON CONFLICT DO NOTHING"
    ),
}
UNUSED_WORDS = {
    "sqlite": (
        "SELECT asked.value FROM json_each(?) AS asked WHERE NOT EXISTS"
        " (SELECT 1 FROM recipe_search WHERE recipe_search MATCH '\"' || asked.value || '\"')"
    ),
    "postgresql": (
        "SELECT word FROM json_array_elements_text(CAST(%s AS json)) AS word WHERE NOT EXISTS"
        " (SELECT 1 FROM recipe_search WHERE terms @@ CAST('''' || word || '''' AS tsquery))"
    ),
}
"""Returns the words of a JSON array that no public recipe has."""
_COUNT_TAG = for_both(
    "INSERT INTO tag (kind, key, name, count, public_count) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (kind, key) DO UPDATE SET count = tag.count + excluded.count,"
    " public_count = tag.public_count + excluded.public_count,"
    # The spelling of a recipe that is not public must not show.
    " name = CASE WHEN tag.public_count = 0 AND excluded.public_count > 0 THEN excluded.name"
    " ELSE tag.name END RETURNING id"
)
_UNCOUNT_TAG = for_both(
    "UPDATE tag SET count = count - 1, public_count = public_count - ? WHERE id = ?"
)
_INSERT_TAG = {
    **for_both("INSERT INTO recipe_tag (recipe_id, tag_id, created_at) VALUES (?, ?, ?)"),
    "copy": "COPY recipe_tag (recipe_id, tag_id, created_at) FROM STDIN",
}
_DELETE_TAGS = for_both("DELETE FROM recipe_tag WHERE recipe_id = ? RETURNING tag_id")


def _row(
    dialect: str, recipe_id: int, ordered: Sequence[str | None], others: Sequence[str]
) -> tuple[Any, ...]:
    """Return the values of _INSERT."""
    if dialect == "sqlite":
        # A term that no query has takes the position of a line's end.
        return recipe_id, " ".join(each or "#" for each in ordered), " ".join(others)
    places: dict[str, list[str]] = {each: [] for each in others}
    for position, each in enumerate(ordered, 1):
        if each is not None:
            places.setdefault(each, []).append(str(position))
    terms = (f"'{each}':{','.join(at)}" if at else f"'{each}'" for each, at in places.items())
    return recipe_id, " ".join(terms)


# --- One recipe, or a few ------------------------------------------------------------------------


def compute_terms(session: Session, documents: Iterable[Mapping[str, Any]]) -> None:
    """Compute the terms of long documents while no transaction is open: see `compute_first`.

    Call it before anything is changed, with the documents that `add` will get.
    """
    works = {_key_of(each): partial(_compute, each) for each in documents if _is_long(each)}
    if works:
        compute_first(session, works)


def _is_long(document: Mapping[str, Any]) -> bool:
    texts = chain.from_iterable(texts_of(document).values())
    return any(total > LONG_TEXT for total in accumulate(map(len, texts)))


def _key_of(document: Mapping[str, Any]) -> Hashable:
    """Return all that the terms of a document depend on."""
    return document["language"], *map(tuple, texts_of(document).values())


def _compute(document: Mapping[str, Any]) -> Terms:
    # Cached for the transaction, which needs the same fingerprint.
    fingerprint(document["label"], tuple([each["text"] for each in document["ingredients"]]))
    return terms_of(document)


def _terms(session: Session, recipe: Mapping[str, Any]) -> Terms:
    found = computed(session)
    return (found.get(_key_of(recipe)) if found else None) or terms_of(recipe)


def add(session: Session, recipes: Sequence[Mapping[str, Any]]) -> None:
    """Insert the index rows of recipes, which are given as their rows."""
    driver = Driver(session)
    if len(recipes) >= _MANY:
        driver.run(_EXPECT_MANY, ())
    tag_ids = _count_tags(driver, recipes)
    instant = UtcDateTime().bind_processor(session.get_bind().dialect)
    links = [
        (each["id"], tag_ids[tag], instant(each["created_at"]))
        for each in recipes
        for tag in _tags(each)
    ]
    driver.run_many(_INSERT_TAG, links)
    terms = [_terms(session, each) for each in recipes]
    words, languages = _add_terms(driver, recipes, terms, tag_ids)
    _add_words(session, driver, words, languages)


def remove(session: Session, recipe_id: int, visibility: str) -> None:
    """Delete the index rows of a recipe that had this visibility."""
    driver = Driver(session)
    driver.run(_DELETE, (recipe_id,))
    public = int(visibility in FOUND_BY_ANYONE)
    deleted = [(public, tag_id) for (tag_id,) in driver.run(_DELETE_TAGS, (recipe_id,))]
    driver.run_many(_UNCOUNT_TAG, deleted)


def _tags(recipe: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(tag["kind"], tag_key(tag["name"])) for tag in recipe["tags"]]


def _count_tags(driver: Driver, recipes: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], int]:
    """Count the tags of `recipes`, create the new ones, and return their ids by kind and key."""
    counts: Counter[tuple[str, str]] = Counter()
    public_counts: Counter[tuple[str, str]] = Counter()
    # How a hidden recipe spells a tag stays in its document.
    names: dict[tuple[str, str], str] = {}
    for recipe in recipes:
        tags = _tags(recipe)
        counts.update(tags)
        if recipe["visibility"] in FOUND_BY_ANYONE:
            public_counts.update(tags)
            for tag, written in zip(tags, recipe["tags"], strict=True):
                names.setdefault(tag, written["name"])
    ids = {}
    for tag in sorted(counts):
        name = names.get(tag, tag[1][:MAX_TAG_NAME])
        row = (*tag, name, counts[tag], public_counts[tag])
        ((ids[tag],),) = driver.run(_COUNT_TAG, row)
    return ids


def _add_terms(
    driver: Driver,
    recipes: Sequence[Mapping[str, Any]],
    terms_of_recipes: Sequence[Terms],
    tag_ids: Mapping[tuple[str, str], int],
) -> tuple[set[str], set[str]]:
    """Insert the terms, and return the words of public recipes and all languages."""
    rows: list[tuple[Any, ...]] = []
    words: set[str] = set()
    languages: set[str] = set()
    for recipe, terms in zip(recipes, terms_of_recipes, strict=True):
        others = [*terms.others, EVERY, *(tag_term(tag_ids[tag]) for tag in _tags(recipe))]
        ordered = terms.ordered
        if recipe["visibility"] in FOUND_BY_ANYONE:
            words |= terms.words
        else:
            ordered = [each and HIDDEN + each for each in ordered]
            others = [HIDDEN + each for each in others]
            if recipe["submitter_id"]:
                others.append(owner_term(recipe["submitter_id"]))
        languages.add(language_of(recipe["language"]))
        rows.append(_row(driver.dialect, recipe["id"], ordered, others))
    driver.run_many(_INSERT, rows)
    return words, languages


class _KnownWords:
    """A cache of the words and languages that a database has, to insert only new ones."""

    def __init__(self) -> None:
        self._vocabulary = -1
        self._known: set[str] = set()

    def of(self, vocabulary: int) -> set[str]:
        """Return the cache, empty if the database has deleted words: its number then changed."""
        if vocabulary != self._vocabulary:
            self._vocabulary, self._known = vocabulary, set()
        return self._known


_known_words: WeakKeyDictionary[object, _KnownWords] = WeakKeyDictionary()


def _add_words(session: Session, driver: Driver, words: set[str], languages: set[str]) -> None:
    cache = _known_words.setdefault(session.get_bind(), _KnownWords())
    known = cache.of(session.info[VOCABULARY])
    new_words = sorted(words - known)
    # The cache has languages after a hyphen, which no word contains.
    new_languages = sorted(each for each in languages if f"-{each}" not in known)
    if driver.dialect == "postgresql" and new_words:
        # One statement, since each is a round trip.
        driver.run(_INSERT_WORDS, (new_words,))
    else:
        driver.run_many(_INSERT_WORDS, [(word, word[::-1]) for word in new_words])
    driver.run_many(_INSERT_LANGUAGE, [(each,) for each in new_languages])
    # What is written after a savepoint may be rolled back although the transaction commits.
    if not session.in_nested_transaction() and len(known) < _MOST_KNOWN_WORDS:
        new = [*new_words, *(f"-{each}" for each in new_languages)]
        after_commit(session, lambda: known.update(new))


# --- Rebuilding ----------------------------------------------------------------------------------


def is_current(session: Session) -> bool:
    """Return whether the index was made by the rules of this version."""
    return session.scalar(select(SearchState.normalisation)) == NORMALISATION


def count(session: Session) -> int:
    """Return the number of recipes that the index contains."""
    live = select(func.count()).select_from(Recipe).where(Recipe.deleted_at.is_(None))
    return session.scalar(live) or 0


def begin(session: Session) -> None:
    """Mark the index as incomplete until `finish`."""
    session.execute(delete(SearchState))


def rebuild_some(session: Session, after: int) -> tuple[int | None, int]:
    """Rebuild the rows of the next recipes, and return the last id and their number.

    Others read and write between the steps; during a step writers wait. Tags are not counted.
    """
    hold_writers(session)
    connection = session.connection()
    page = select(*_COLUMNS).where(Recipe.id > after, Recipe.deleted_at.is_(None))
    found = connection.execute(page.order_by(Recipe.id).limit(_REBUILT_AT_ONCE))
    rows = [dict(row) for row in found.mappings()]
    last = rows[-1]["id"] if rows else None
    # Also between these recipes: a damaged index may have rows of deleted ones there.
    ranges = [
        _within(column, after, last) for column in (search_table.c.rowid, recipe_tag.c.recipe_id)
    ]
    connection.execute(delete(search_table).where(ranges[0]))
    connection.execute(delete(recipe_tag).where(ranges[1]))
    if rows:
        add(session, rows)
    return last, len(rows)


def finish(session: Session) -> None:
    """Count the tags and store the number of the rules."""
    hold_writers(session)
    links = select(func.count()).select_from(recipe_tag).where(recipe_tag.c.tag_id == Tag.id)
    public = links.join(Recipe, Recipe.id == recipe_tag.c.recipe_id)
    public = public.where(Recipe.visibility.in_(FOUND_BY_ANYONE))
    counts = {"count": links.scalar_subquery(), "public_count": public.scalar_subquery()}
    session.execute(update(Tag).values(counts), execution_options={"synchronize_session": False})
    session.execute(delete(SearchState))
    session.add(SearchState(normalisation=NORMALISATION))


def _within(column: Any, after: int, last: int | None) -> Any:
    return column > after if last is None else column.between(after + 1, last)


def hold_writers(session: Session) -> None:
    """Let no other transaction change recipes before this one ends."""
    held = select(RecipeCounter.vocabulary).with_for_update()
    session.info[VOCABULARY] = session.scalar(held)
