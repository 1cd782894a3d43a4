"""What was written comes back as it was, the same on both databases."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Engine, bindparam, insert, select

from app.db.reader import CompiledQuery
from tests.databases import execute
from tests.db.column_types import BY_ID, TABLE, stored
from tests.reader import OpenReader

NOON = datetime(2026, 11, 20, 12, 30, 15, tzinfo=UTC)


VALUES: dict[str, list[object]] = {
    "text": [
        "",
        "Crème brûlée 🍮 \U0010ffff e\u0301 김치 שלום",
        "quotes ' \" ` \\ % %s %(id)s :id ? $1 ; -- \n\t",
        "x" * 100_000,
    ],
    "key": ["ǆ", "a"],
    "short": ["NULL", "🍮" * 100],
    "whole": [0, 2**63 - 1, -(2**63)],
    "flag": [True, False],
    "number": [0.1, 1 / 3, 999_999_999.5, 5e-324, -2.5],
    "at": [
        NOON,
        NOON.replace(microsecond=1),
        NOON.replace(microsecond=999_999),
        datetime(1, 1, 2, tzinfo=UTC),
        datetime(9999, 12, 30, 23, 59, 59, 999_999, tzinfo=UTC),
    ],
    "document": [
        {},
        [],
        {"b": [1, 2.5, None, True, "é🍮"], "a": {"": '\\" \u2028 </x>'}},
        [1e300, 5e-324, 2**63 - 1, -(2**63), 1.0],
        *("", "x", False, True, 0, 1.5),
    ],
}


@pytest.mark.parametrize("column", VALUES)
def test_a_value_comes_back_as_it_was(
    engine: Engine, read: OpenReader, column: str, subtests: pytest.Subtests
) -> None:
    for value in VALUES[column]:
        with subtests.test(ascii(value)[:60]):
            found = stored(engine, read, **{column: value})[column]
            assert found == value
            assert type(found) is type(value)
            assert repr(found) == repr(value)


def test_nothing_comes_back_as_none(engine: Engine, read: OpenReader) -> None:
    found = stored(engine, read, **dict.fromkeys(VALUES))
    assert found == {"id": 1, **dict.fromkeys(VALUES)}


def test_none_is_no_json_null(engine: Engine, read: OpenReader, database_url: str) -> None:
    stored(engine, read, document=None)
    ((null,),) = execute(database_url, "SELECT document IS NULL FROM thing")
    assert null


def test_a_number_that_is_whole_is_an_integer(
    engine: Engine, read: OpenReader, subtests: pytest.Subtests
) -> None:
    for value, found in ((4.0, 4), (0.0, 0), (1e15, 10**15), (-3.0, -3), (4.5, 4.5)):
        with subtests.test(str(value)):
            number = stored(engine, read, number=value)["number"]
            assert (number, type(number)) == (found, type(found))


def test_an_instant_in_another_zone_comes_back_in_utc(engine: Engine, read: OpenReader) -> None:
    there = NOON.astimezone(timezone(timedelta(hours=5, minutes=45)))
    found = stored(engine, read, at=there)["at"]
    assert (found, found.utcoffset()) == (NOON, timedelta(0))


def test_a_naive_datetime_is_refused(engine: Engine, read: OpenReader) -> None:
    with pytest.raises(Exception, match="zone"):
        stored(engine, read, at=datetime(2026, 1, 1))  # noqa: DTZ001 - this is what is refused


def test_instants_compare_by_time(engine: Engine, read: OpenReader) -> None:
    # With and without microseconds, which SQLite's text could mix up.
    instants = [NOON + timedelta(microseconds=n) for n in (-1_000_000, -1, 0, 1, 10, 999_999)]
    with engine.begin() as connection:
        rows = [{"id": n, "at": at} for n, at in enumerate(reversed(instants))]
        connection.execute(insert(TABLE), rows)
    ordered = CompiledQuery(select(TABLE.c.at).order_by(TABLE.c.at))
    assert [row["at"] for row in read.run(read.reader.all(ordered))] == instants
    later = CompiledQuery(select(TABLE.c.at).where(TABLE.c.at > bindparam("at")))
    assert len(read.run(read.reader.all(later, {"at": NOON}))) == 3
    assert len(read.run(read.reader.all(later, {"at": NOON - timedelta(microseconds=1)}))) == 4


def test_json_goes_on_as_the_text_that_was_stored(engine: Engine, read: OpenReader) -> None:
    document = {"b": 1.0, "a": [1, {"z": None, "y": 1e16}]}
    stored(engine, read, document=document)
    row = read.run(read.reader.first(BY_ID, {"id": 1}))
    assert row is not None
    parsed = row.parsed()["document"]
    assert json.dumps(parsed) == json.dumps(document)


def test_a_row_has_its_columns_in_the_order_of_the_select(engine: Engine, read: OpenReader) -> None:
    assert list(stored(engine, read)) == [column.name for column in TABLE.columns]
