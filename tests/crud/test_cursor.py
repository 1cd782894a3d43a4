"""Keyset pages: every row once, in one order on both databases, at one price at any depth."""

import random
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import pytest
from sqlalchemy import delete, insert

from app import crud
from app.core.config import Settings
from app.core.errors import InvalidError
from app.core.text import bounded_key, fold
from app.crud.base import PageOfRows
from app.crud.paging.list_query import ListQuery
from app.db.reader import Reader, SqliteReader
from app.models.recipe import Recipe
from app.schemas.recipe import RecipeSummary
from tests.databases import connected
from tests.reader import OpenReader, open_reader

SORTS = [direction + name for name in crud.recipe.sorts for direction in ("", "-")]
SORTS_BY_COLUMN = [sort for sort in SORTS if sort not in ("id", "-id")]
each_sort = pytest.mark.parametrize("sort", SORTS)
MANY = 3000
SEVERAL = 20
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
LABELS = [
    "Zucchini",
    "apple",
    "Äpfel",
    "Banana",
    "banana",
    "éclair",
    "Eclair",
    "김치",
    "борщ",
    "🍕",
]


@pytest.fixture
def read(settings: Settings) -> Iterator[OpenReader]:
    with open_reader(settings) as opened:
        yield opened


def row(number: int, **members: object) -> dict[str, Any]:
    """A recipe whose sort keys are few, so that most of them tie."""
    chance = random.Random(number)  # noqa: S311 - the same recipes in every run
    label = chance.choice(LABELS)
    made = FIRST_DAY + timedelta(microseconds=chance.randrange(4))
    values: dict[str, Any] = {
        "id": number,
        "label": label,
        "tags": [],
        "ingredients": [],
        "steps": [],
        "extras": {},
        "visibility": "public",
        "total_minutes": chance.choice([None, 0, 30]),
        "created_at": made,
        "updated_at": made + timedelta(microseconds=chance.randrange(3)),
        "version": 1,
        "change_number": number,
        "fingerprint": "",
        "size": 1024,
        **members,
    }
    return values | {"label_key": bounded_key(fold(str(values["label"])))}


def fill(database_url: str, rows: Sequence[dict[str, Any]]) -> None:
    with connected(database_url) as connection:
        connection.execute(insert(Recipe), rows)


def remove(database_url: str, ids: Sequence[int]) -> None:
    with connected(database_url) as connection:
        connection.execute(delete(Recipe).where(Recipe.id.in_(ids)))


def expected(rows: Sequence[dict[str, Any]], sort: str) -> list[int]:
    """The ids in their order: by the key, then the id, and at the end those without a key."""
    column = {"label": "label_key"}.get(sort.removeprefix("-"), sort.removeprefix("-"))
    having = [(each[column], each["id"]) for each in rows if each[column] is not None]
    lacking = [(0, each["id"]) for each in rows if each[column] is None]
    downwards = sort.startswith("-")
    ordered = sorted(having, reverse=downwards) + sorted(lacking, reverse=downwards)
    return [row_id for _, row_id in ordered]


def page(
    read: OpenReader, sort: str, limit: int, cursor: str | None = None, **filters: Any
) -> PageOfRows:
    return read.run(
        crud.recipe.page(
            read.reader,
            ListQuery(
                view=RecipeSummary,
                sort=sort,
                limit=limit,
                cursor=cursor,
                filters={"live": True, **filters},
            ),
        )
    )


def pages(read: OpenReader, sort: str, limit: int, **filters: Any) -> Iterator[list[int]]:
    """The ids of each page, as one walks through all of them."""
    cursor = None
    for _ in range(1000):
        found = page(read, sort, limit, cursor, **filters)
        yield [each["id"] for each in found.items]
        cursor = found.next_cursor
        if cursor is None:
            return
    raise AssertionError("The list has no end.")


@each_sort
def test_a_walk_visits_every_row_once_in_order(
    database_url: str, read: OpenReader, sort: str
) -> None:
    rows = [row(number) for number in range(1, 61)]
    fill(database_url, rows)
    for limit in (1, 2, 7, 59, 60, 61, 100):
        walked = list(pages(read, sort, limit))
        assert list(chain(*walked)) == expected(rows, sort)
        assert [len(each) for each in walked[:-1]] == [limit] * (len(walked) - 1)
        assert 1 <= len(walked[-1]) <= limit


@each_sort
def test_a_walk_visits_what_stays_once_while_rows_come_and_go(
    database_url: str, read: OpenReader, sort: str
) -> None:
    chance = random.Random(sort)  # noqa: S311 - the same events in every run
    stay = [row(number) for number in range(1, 61)]
    go = [row(number) for number in range(101, 141)]
    fill(database_url, [*stay, *go])
    visited: list[int] = []
    for number, ids in enumerate(pages(read, sort, 8)):
        visited += ids
        # The row that the cursor names is among those that may go.
        gone = [each for each in ids if each > 100] + [chance.randrange(101, 141)]
        remove(database_url, gone)
        fill(database_url, [row(1000 + number)])
    assert len(visited) == len(set(visited))
    assert [each for each in visited if each <= 60] == expected(stay, sort)


def test_an_empty_list_is_one_empty_page(read: OpenReader) -> None:
    for sort in SORTS:
        assert list(pages(read, sort, 5)) == [[]]


@pytest.mark.parametrize("sort", ["total_minutes", "-total_minutes"])
@pytest.mark.parametrize("lacking", [0, 1, 5], ids=["none", "one", "all"])
def test_nulls_are_last(database_url: str, read: OpenReader, sort: str, lacking: int) -> None:
    minutes: list[int | None] = [None] * lacking + [30] * (5 - lacking)
    rows = [row(number + 1, total_minutes=each) for number, each in enumerate(minutes)]
    fill(database_url, rows)
    for limit in (1, 2, 5):
        assert list(chain(*pages(read, sort, limit))) == expected(rows, sort)


def test_labels_sort_as_they_fold_on_every_database(database_url: str, read: OpenReader) -> None:
    # "é" is before "z", capitals do not count, and other scripts follow in the order of Unicode.
    order = ["Äpfel", "apple", "Banana", "banana", "éclair", "Eclair", "Zucchini", "борщ"]
    order += ["ゆず", "餃子", "김치", "비빔밥", "🍕"]
    scattered = sorted(order, key=lambda label: label.encode()[::-1])
    rows = [row(order.index(label) + 1, label=label) for label in scattered]
    fill(database_url, rows)
    for limit in (1, 4, 100):
        # The Korean ones fold to their jamo, which stand before kana and kanji.
        found = [order[row_id - 1] for row_id in list(chain(*pages(read, "label", limit)))]
        assert found == [*order[:8], "김치", "비빔밥", "ゆず", "餃子", "🍕"]
        downwards = [order[row_id - 1] for row_id in list(chain(*pages(read, "-label", limit)))]
        assert downwards == [
            *("🍕", "餃子", "ゆず", "비빔밥", "김치", "борщ", "Zucchini", "Eclair", "éclair"),
            *("banana", "Banana", "apple", "Äpfel"),
        ]


def test_long_labels_that_begin_alike_are_all_visited(database_url: str, read: OpenReader) -> None:
    # Folded, each is 4,500 characters long, which no index of PostgreSQL takes.
    rows = [row(number, label="\ufdfa" * 255 + str(number)) for number in range(1, 8)]
    assert len({each["label_key"] for each in rows}) == 7
    fill(database_url, rows)
    assert sorted(chain(*pages(read, "label", 2))) == [each["id"] for each in rows]


def test_an_item_has_the_columns_of_its_view_alone(database_url: str, read: OpenReader) -> None:
    fill(database_url, [row(number) for number in range(1, 8)])
    for sort in SORTS:
        for item in page(read, sort, 3).items:
            assert list(item) == list(RecipeSummary.model_fields)


# --- What a page costs ---------------------------------------------------------------------------


@pytest.fixture
def statements(read: OpenReader, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """The SQL that the reader has run, with its parameters."""
    ran: list[tuple[str, Any]] = []
    run = type(read.reader)._run

    async def recording(self: Reader, sql: str, parameters: Any, heavy: bool) -> Any:
        ran.append((sql, parameters))
        return await run(self, sql, parameters, heavy)

    monkeypatch.setattr(type(read.reader), "_run", recording)
    return ran


def test_a_page_is_one_statement(
    database_url: str, read: OpenReader, statements: list[tuple[str, Any]]
) -> None:
    fill(database_url, [row(number) for number in range(1, 61)])
    for sort in SORTS:
        for limit in (1, 20, 100):
            statements.clear()
            walked = list(pages(read, sort, limit))
            assert len(statements) == len(walked)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("sort", SORTS_BY_COLUMN)
def test_a_public_list_walks_the_index_of_the_public_recipes(
    database_url: str, read: OpenReader, statements: list[tuple[str, Any]], sort: str
) -> None:
    """Several versions of SQLite choose by different rules between the indexes that fit."""
    fill(database_url, [row(number) for number in range(1, 61)])
    assert len(list(pages(read, sort, SEVERAL, found_by_anyone=True))) == 3
    assert isinstance(read.reader, SqliteReader)
    connection = read.reader._on_loop.driver
    assert connection is not None
    key = crud.recipe.sorts[sort.removeprefix("-")].key
    for sql, parameters in statements:
        plan = str(connection.execute(f"EXPLAIN QUERY PLAN {sql}", parameters).fetchall())
        assert set(re.findall(r"USING INDEX (\w+)", plan)) == {f"ix_recipe_{key}_id_public"}


def steps_of(read: OpenReader, sort: str, cursor: str | None, **filters: Any) -> int:
    """How many instructions SQLite's machine runs for a page: its price, without a clock."""
    assert isinstance(read.reader, SqliteReader)
    page(read, sort, SEVERAL, cursor, **filters)
    connection = read.reader._on_loop.driver
    assert connection is not None
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection.set_progress_handler(count, 10)
    page(read, sort, SEVERAL, cursor, **filters)
    connection.set_progress_handler(None, 0)
    return steps


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@each_sort
def test_a_deep_page_costs_what_the_second_costs_also_where_all_keys_tie(
    database_url: str, read: OpenReader, sort: str
) -> None:
    same = {"label": "Same", "created_at": FIRST_DAY, "updated_at": FIRST_DAY}
    fill(database_url, [row(number + 1, **same, total_minutes=5) for number in range(MANY)])
    second, deep = (page(read, sort, limit).next_cursor for limit in (SEVERAL, MANY - 100))
    assert steps_of(read, sort, deep) < 2 * steps_of(read, sort, second)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("mine", [{"found_by_anyone": True}, {"found_by": 1}], ids=str)
@pytest.mark.parametrize("sort", SORTS_BY_COLUMN)
def test_private_recipes_of_others_do_not_make_a_list_dear(
    database_url: str, read: OpenReader, sort: str, mine: dict[str, Any]
) -> None:
    public = [row(number + 1, label="m", total_minutes=5) for number in range(SEVERAL)]
    fill(database_url, public)
    before = steps_of(read, sort, None, live=True, **mine)
    # Before and after the public ones in every order.
    for start, label, minutes, days in ((1_000, "a", 1, -1), (10_000, "z", 9, 1)):
        when = FIRST_DAY + timedelta(days=days)
        others = {"label": label, "total_minutes": minutes, "visibility": "private"}
        times = {"created_at": when, "updated_at": when}
        fill(database_url, [row(start + n, **others, **times) for n in range(MANY)])
    assert steps_of(read, sort, None, live=True, **mine) < 3 * before


# --- Cursors -------------------------------------------------------------------------------------


def test_a_cursor_is_good_for_its_own_list_alone(database_url: str, read: OpenReader) -> None:
    fill(database_url, [row(number, source_key="a") for number in range(1, 8)])
    lists: list[tuple[str, dict[str, Any]]] = [(sort, {}) for sort in SORTS]
    lists += [("label", {"found_by_anyone": True}), ("label", {"source": "a"})]
    lists += [("label", {"source": "b"}), ("label", {"submitter_id": 1})]
    for sort, filters in lists:
        cursor = page(read, sort, 1, **filters).next_cursor
        if cursor is None:  # Nothing is from "b" or of the user 1.
            continue
        assert page(read, sort, 1, cursor, **filters).items
        for other_sort, other_filters in lists:
            if (other_sort, other_filters) != (sort, filters):
                with pytest.raises(InvalidError) as refused:
                    page(read, other_sort, 1, cursor, **other_filters)
                assert [fault.parameter for fault in refused.value.faults] == ["cursor"]
