"""The index rows of recipes: written in the transaction of the recipe, or all of them anew.

A recipe in the trash has none. What only its submitter finds has terms that begin with HIDDEN, so
a search for everybody passes over none of it. Writers hold the row of `recipe_counter` from the
number of their change on, so no two of them meet at the count of a tag.
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
from app.core.text import fingerprint
from app.db.driver import Driver
from app.db.transactions import after_commit, compute_first, computed
from app.db.types import UtcDateTime
from app.models.recipe import Recipe
from app.models.recipe_change import RecipeCounter
from app.models.search import SearchState
from app.models.tag import MAX_TAG_NAME, Tag, recipe_tag
from app.search import fulltext
from app.search.fulltext import search_table
from app.search.terms import Terms, terms_of, texts_of
from app.search.words import NORMALISATION, language_of

HIDDEN = "x#"
EVERY = "e#"
"""The term of every recipe."""

VOCABULARY = "vocabulary"
"""The key in `Session.info` of the counter that `recipe_counter.vocabulary` had."""

TEXTS = {"label", "description", "source", "author", "notes", "language", "ingredients", "steps"}
WHERE = {"tags", "visibility", "submitter_id", "deleted_at"}
INDEXED = TEXTS | WHERE
"""The columns that index rows are made of."""

_COLUMNS = [Recipe.__table__.c[name] for name in sorted(INDEXED | {"id", "created_at"})]
_REBUILT_AT_ONCE = 500
_MANY = 100
_MOST_REMEMBERED = 50_000
LONG_TEXT = 4096
"""Characters of a document from which on its terms are computed before the transaction."""


def owner_term(user_id: int) -> str:
    """The term of what belongs to a user and is not found by everybody."""
    return f"u#{user_id}"


def tag_term(tag_id: int) -> str:
    """The term of what has a tag."""
    return f"g#{tag_id}"


# --- One recipe, or a few ------------------------------------------------------------------------


def compute_terms(session: Session, documents: Iterable[Mapping[str, Any]]) -> None:
    """Have the terms of long documents computed while no transaction is open: see `compute_first`.

    Call it with the documents that `add` will get, before anything is changed.
    """
    works = {_key_of(each): partial(_compute, each) for each in documents if _is_long(each)}
    if works:
        compute_first(session, works)


def _is_long(document: Mapping[str, Any]) -> bool:
    texts = chain.from_iterable(texts_of(document).values())
    return any(total > LONG_TEXT for total in accumulate(map(len, texts)))


def _key_of(document: Mapping[str, Any]) -> Hashable:
    """All that the terms of a document depend on."""
    return document["language"], *map(tuple, texts_of(document).values())


def _compute(document: Mapping[str, Any]) -> Terms:
    # Its result is kept for the transaction, in which the same is asked for again.
    fingerprint(document["label"], tuple([each["text"] for each in document["ingredients"]]))
    return terms_of(document)


def _terms(session: Session, recipe: Mapping[str, Any]) -> Terms:
    found = computed(session)
    return (found.get(_key_of(recipe)) if found else None) or terms_of(recipe)


def add(session: Session, recipes: Sequence[Mapping[str, Any]]) -> None:
    """Write the index rows of recipes that have none, in the shape of their rows."""
    driver = Driver(session)
    if len(recipes) >= _MANY:
        driver.run(fulltext.EXPECT_MANY, ())
    tag_ids = _count_tags(driver, recipes)
    instant = UtcDateTime().bind_processor(session.get_bind().dialect)
    links = [
        (each["id"], tag_ids[tag], instant(each["created_at"]))
        for each in recipes
        for tag in _tags(each)
    ]
    driver.run_many(fulltext.INSERT_TAG, links)
    terms = [_terms(session, each) for each in recipes]
    words, languages = _add_terms(driver, recipes, terms, tag_ids)
    _remember(session, driver, words, languages)


def remove(session: Session, recipe_id: int, visibility: str) -> None:
    """Remove the index rows of a recipe that had this visibility."""
    driver = Driver(session)
    driver.run(fulltext.DELETE, (recipe_id,))
    public = int(visibility in FOUND_BY_ANYONE)
    gone = [(public, tag_id) for (tag_id,) in driver.run(fulltext.DELETE_TAGS, (recipe_id,))]
    driver.run_many(fulltext.UNCOUNT_TAG, gone)


def _tags(recipe: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(tag["kind"], tag["name"].casefold()) for tag in recipe["tags"]]


def _count_tags(driver: Driver, recipes: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], int]:
    """Count the tags of `recipes`, making those that are new; their ids by kind and key."""
    counts: Counter[tuple[str, str]] = Counter()
    public_counts: Counter[tuple[str, str]] = Counter()
    # The spelling of a recipe that is not public is in its document alone.
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
        ((ids[tag],),) = driver.run(fulltext.COUNT_TAG, row)
    return ids


def _add_terms(
    driver: Driver,
    recipes: Sequence[Mapping[str, Any]],
    terms_of_recipes: Sequence[Terms],
    tag_ids: Mapping[tuple[str, str], int],
) -> tuple[set[str], set[str]]:
    """Write the terms; the words of what is public, and all languages."""
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
        rows.append(fulltext.row_of(driver.dialect, recipe["id"], ordered, others))
    driver.run_many(fulltext.INSERT, rows)
    return words, languages


class _Remembered:
    """The words and languages that a database is known to have, as of one vocabulary of its."""

    def __init__(self) -> None:
        self.vocabulary = -1
        self.known: set[str] = set()

    def of(self, vocabulary: int) -> set[str]:
        """What is known of this vocabulary: nothing yet, if words were forgotten before it."""
        if vocabulary != self.vocabulary:
            self.vocabulary, self.known = vocabulary, set()
        return self.known


_remembered: WeakKeyDictionary[object, _Remembered] = WeakKeyDictionary()


def _remember(session: Session, driver: Driver, words: set[str], languages: set[str]) -> None:
    remembered = _remembered.setdefault(session.get_bind(), _Remembered())
    known = remembered.of(session.info[VOCABULARY])
    new_words = sorted(words - known)
    # Behind a mark that is in no word.
    new_languages = sorted(each for each in languages if f"-{each}" not in known)
    if driver.dialect == "postgresql" and new_words:
        # One statement for all, since each would be a message to the server.
        driver.run(fulltext.REMEMBER_WORDS, (new_words,))
    else:
        driver.run_many(fulltext.REMEMBER_WORDS, [(word, word[::-1]) for word in new_words])
    driver.run_many(fulltext.REMEMBER_LANGUAGE, [(each,) for each in new_languages])
    # What is written behind a savepoint may be undone although the transaction commits.
    if not session.in_nested_transaction() and len(known) < _MOST_REMEMBERED:
        new = [*new_words, *(f"-{each}" for each in new_languages)]
        after_commit(session, lambda: known.update(new))


# --- All of them ---------------------------------------------------------------------------------


def is_current(session: Session) -> bool:
    """Whether the index was made by the rules of this version."""
    return session.scalar(select(SearchState.normalisation)) == NORMALISATION


def count(session: Session) -> int:
    """How many recipes are to be indexed."""
    live = select(func.count()).select_from(Recipe).where(Recipe.deleted_at.is_(None))
    return session.scalar(live) or 0


def begin(session: Session) -> None:
    """Say that the index is not whole, until it is written anew."""
    session.execute(delete(SearchState))


def rebuild_some(session: Session, after: int) -> tuple[int | None, int]:
    """Write the rows of the next recipes anew: the id of the last one, and how many they were.

    Meanwhile others read and write: each step holds off the writers, and counts no tags.
    """
    hold_writers(session)
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
