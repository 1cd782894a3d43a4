"""Compiled reads: compiled once, values never in the text, and a database that is away."""

import asyncio
import math
import time
from typing import Any

import psycopg
import pytest
from sqlalchemy import (
    Engine,
    Integer,
    Text,
    bindparam,
    func,
    insert,
    literal_column,
    make_url,
    select,
)

from app import crud
from app.core import deadline
from app.core.config import Settings
from app.core.errors import UnavailableError
from app.core.policy import ANONYMOUS
from app.crud.base import PageOfRows
from app.db import reader as reader_module
from app.db.reader import Compiled, CompiledQuery, PostgresReader, Reader
from app.schemas.page import RecipeQuery
from tests.databases import execute
from tests.db.column_types import ALL, BY_ID, TABLE, stored
from tests.postgres import free_port
from tests.processes import make_settings
from tests.reader import OpenReader, open_reader

# --- Statements ----------------------------------------------------------------------------------


def test_a_parameter_is_a_value_whatever_it_looks_like(
    engine: Engine, read: OpenReader, subtests: pytest.Subtests
) -> None:
    by_parameter = CompiledQuery(select(TABLE.c.id).where(TABLE.c.text == bindparam("text")))
    for value in ("%", "100%", "%s", "%(id)s", "'", "?", ":id", "\\", '"', "x'--"):
        with subtests.test(value):
            row = [{"id": stored(engine, read, text=value)["id"]}]
            assert read.run(read.reader.all(by_parameter, {"text": value})) == row
            assert read.run(read.reader.all(by_parameter, {"text": value + "x"})) == []
            by_constant = CompiledQuery(select(TABLE.c.id).where(TABLE.c.text == value))
            assert read.run(read.reader.all(by_constant)) == row


def test_percent_signs_of_the_statement_itself_work(engine: Engine, read: OpenReader) -> None:
    stored(engine, read, whole=7)
    modulo = CompiledQuery(select((TABLE.c.whole % 4).label("rest")))
    assert read.run(read.reader.all(modulo)) == [{"rest": 3}]


def test_a_parameter_may_be_used_twice(engine: Engine, read: OpenReader) -> None:
    stored(engine, read, text="a", short="a")
    value = bindparam("value", type_=Text())
    twice = CompiledQuery(select(TABLE.c.id).where(TABLE.c.text == value, TABLE.c.short == value))
    assert read.run(read.reader.all(twice, {"value": "a"})) == [{"id": 1}]


def test_first_is_none_where_there_is_no_row(engine: Engine, read: OpenReader) -> None:
    assert read.run(read.reader.first(BY_ID, {"id": 5})) is None
    assert read.run(read.reader.all(ALL)) == []


@pytest.mark.parametrize("url", ["sqlite://", "postgresql+psycopg://"])
def test_a_statement_is_compiled_once(url: str) -> None:
    make_dialect: Any = make_url(url).get_dialect()
    dialect = make_dialect()
    statement = CompiledQuery(select(TABLE))
    assert statement.compiled(dialect) is statement.compiled(dialect)


def test_no_request_compiles_what_an_earlier_one_compiled(
    read: OpenReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[str] = []

    class Counting(Compiled):
        __slots__ = ()

        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            compiled.append(self.sql)

    async def requests(number: int) -> None:
        for sort in ("label", "-created_at"):
            query = RecipeQuery(sort=sort, source=f"source {number}", submitter_id=number)
            await crud.list_recipes(read.reader, query, ANONYMOUS)
        query = RecipeQuery(q=f"keyword {number}", limit=number)
        await crud.list_recipes(read.reader, query, ANONYMOUS)
        await crud.find_account(read.reader, number)
        await crud.user.get(read.reader, number)

    read.run(requests(1))
    monkeypatch.setattr(reader_module, "Compiled", Counting)
    for number in (2, 3):
        read.run(requests(number))
    assert compiled == []
    # And it does count: a statement that is new is compiled.
    read.run(read.reader.first(CompiledQuery(select(literal_column("1").label("one")))))
    assert len(compiled) == 1


def test_values_are_never_in_the_text(read: OpenReader, monkeypatch: pytest.MonkeyPatch) -> None:
    texts: list[str] = []
    run = type(read.reader)._run

    async def noting(self: Reader, sql: str, parameters: Any, heavy: bool) -> Any:
        texts.append(sql)
        return await run(self, sql, parameters, heavy)

    monkeypatch.setattr(type(read.reader), "_run", noting)

    async def one() -> PageOfRows:
        query = RecipeQuery(source="unmistakable", url="https://unmistakable.example/", limit=87)
        page: PageOfRows = await crud.list_recipes(read.reader, query, ANONYMOUS)
        return page

    read.run(one())
    assert texts
    assert not any("unmistakable" in text or "87" in text or "88" in text for text in texts)


# --- Heavy statements ----------------------------------------------------------------------------

# Counts to three million: a part of a second on either database.
_NUMBERS = select(literal_column("1").label("n")).cte("numbers", recursive=True)
_NUMBERS = _NUMBERS.union_all(
    select(_NUMBERS.c.n + 1).where(_NUMBERS.c.n < bindparam("last", type_=Integer()))
)
COUNT = select(func.count().label("count")).select_from(_NUMBERS)


def test_a_heavy_statement_gives_the_same_rows(engine: Engine, read: OpenReader) -> None:
    stored(engine, read, text="é", number=4.0, document={"b": 1, "a": 2})
    light = read.run(read.reader.all(ALL))
    heavy = read.run(read.reader.all(CompiledQuery(select(TABLE).order_by(TABLE.c.id), heavy=True)))
    assert [row.parsed() for row in heavy] == [row.parsed() for row in light]


def test_a_light_read_does_not_wait_for_a_heavy_one(read: OpenReader) -> None:
    async def both() -> list[str]:
        finished: list[str] = []

        async def one(name: str, last: int, *, heavy: bool) -> None:
            row = await read.reader.first(CompiledQuery(COUNT, heavy=heavy), {"last": last})
            assert row == {"count": last}
            finished.append(name)

        heavy = asyncio.create_task(one("heavy", 1_000_000, heavy=True))
        await asyncio.sleep(0)  # It has begun.
        await one("light", 1, heavy=False)
        await heavy
        return finished

    assert read.run(both()) == ["light", "heavy"]


def test_several_heavy_reads_at_once_each_get_their_own(read: OpenReader) -> None:
    async def several() -> list[Any]:
        statement = CompiledQuery(COUNT, heavy=True)
        reads = [read.reader.first(statement, {"last": last}) for last in range(1, 21)]
        return [row["count"] for row in await asyncio.gather(*reads) if row]

    assert read.run(several()) == list(range(1, 21))


# --- A database that is away ---------------------------------------------------------------------


def test_a_table_that_is_not_there_is_unavailable(read: OpenReader) -> None:
    with pytest.raises(UnavailableError):
        read.run(read.reader.all(ALL))


def test_it_reads_what_was_committed_meanwhile(engine: Engine, read: OpenReader) -> None:
    assert read.run(read.reader.all(ALL)) == []
    stored(engine, read, text="a")
    assert len(read.run(read.reader.all(ALL))) == 1


def test_what_is_not_committed_is_not_read(engine: Engine, read: OpenReader) -> None:
    with engine.begin() as connection:
        connection.execute(insert(TABLE).values(id=1))
        assert read.run(read.reader.all(ALL)) == []
    assert len(read.run(read.reader.all(ALL))) == 1


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_connection_that_the_server_ended_is_replaced(
    engine: Engine, read: OpenReader, database_url: str
) -> None:
    stored(engine, read, text="a")
    ended = execute(
        database_url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    assert ended
    for _ in range(3):
        assert len(read.run(read.reader.all(ALL))) == 1


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_server_that_does_not_listen_is_unavailable(settings: Settings) -> None:
    url = f"postgresql://nobody@127.0.0.1:{free_port()}/recipes"
    away = make_settings(url, settings.data_dir)
    with open_reader(away) as read, pytest.raises(UnavailableError):
        read.run(read.reader.all(ALL))


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_read_cannot_write(read: OpenReader) -> None:
    nextval = CompiledQuery(select(func.nextval("user_id_seq").label("id")))
    with pytest.raises(UnavailableError) as refused:
        read.run(read.reader.first(nextval))
    assert isinstance(refused.value.__cause__, psycopg.errors.ReadOnlySqlTransaction)


def test_an_in_with_a_list_is_refused_at_once() -> None:
    with pytest.raises(TypeError, match="InArray"):
        CompiledQuery(select(TABLE.c.id).where(TABLE.c.id.in_([1, 2])))


# --- Heavy reads on PostgreSQL -------------------------------------------------------------------


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_heavy_reads_leave_a_connection_for_light_ones(read: OpenReader) -> None:
    slow = CompiledQuery(select(func.pg_sleep(1.5).label("slept")), heavy=True)
    quick = CompiledQuery(select(literal_column("1").label("one")))

    async def work() -> list[str]:
        ended: list[str] = []

        async def ask(name: str, statement: CompiledQuery) -> None:
            await read.reader.all(statement)
            ended.append(name)

        async with asyncio.TaskGroup() as group:
            for _ in range(4):
                group.create_task(ask("heavy", slow))
            await asyncio.sleep(0)
            group.create_task(ask("light", quick))
        return ended

    assert read.run(work()) == ["light", *["heavy"] * 4]


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_slow_statement_costs_no_other_connection(read: OpenReader) -> None:
    assert isinstance(read.reader, PostgresReader)
    pid = CompiledQuery(select(func.pg_backend_pid().label("pid")))
    slow = CompiledQuery(
        select(func.pg_sleep(5).label("slept"), func.pg_backend_pid().label("pid"))
    )

    async def work() -> tuple[set[int], set[int]]:
        async def ask() -> int:
            return int((await read.reader.all(pid))[0]["pid"])

        before = {*await asyncio.gather(*(ask() for _ in range(4)))}
        deadline.start(0.5)
        with pytest.raises(UnavailableError):
            await read.reader.all(slow)
        deadline.start(math.inf)
        return before, {*await asyncio.gather(*(ask() for _ in range(3)))}

    before, after = read.run(work())
    # The slow one may have had a connection that was opened last, for none of those before.
    assert len(after & before) >= len(before) - 1 > 0


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_an_old_connection_is_replaced(read: OpenReader, monkeypatch: pytest.MonkeyPatch) -> None:
    pid = CompiledQuery(select(func.pg_backend_pid().label("pid")))

    def ask() -> int:
        return int(read.run(read.reader.all(pid))[0]["pid"])

    first = ask()
    assert ask() == first
    monkeypatch.setattr("app.db.pool.MAX_AGE_SECONDS", 0.5)
    time.sleep(0.6)
    assert ask() == first
    assert ask() != first
