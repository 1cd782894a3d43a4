"""Statements on the driver itself: what goes wrong there is told and mended as elsewhere."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Table, text
from sqlalchemy.orm import Session

from app.core.config import Settings
from app.core.errors import UnavailableError
from app.crud.recipe_change import next_number
from app.db.driver import Driver, insert_many
from app.db.transactions import Transactions, make_transactions
from app.models.tag import Tag

WRITTEN = "what somebody wrote and no log may tell"


@pytest.fixture
def transactions(settings: Settings) -> Iterator[Transactions]:
    """The transactions of this test's database."""
    made = make_transactions(settings)
    yield made
    made.close()


def test_a_row_that_is_refused_is_not_told(transactions: Transactions) -> None:
    def insert(session: Session) -> None:
        row = {"kind": None, "key": WRITTEN, "name": WRITTEN, "count": 0, "public_count": 0}
        assert isinstance(Tag.__table__, Table)
        insert_many(session, Tag.__table__, [row])

    def run(session: Session) -> None:
        insert = "INSERT INTO tag (kind, key, name, count) VALUES ({0}, {0}, {0}, 0)"
        sql = {"sqlite": insert.format("?"), "postgresql": insert.format("%s")}
        Driver(session).run(sql, [WRITTEN[:16]] * 3)

    for work in (insert, run):
        with pytest.raises(Exception, match=r"(?i)not.null") as refused:
            transactions.run_now(work)
        assert WRITTEN[:16] not in str(refused.value)


def test_a_server_that_has_become_read_only_is_left_after_one_failure(
    transactions: Transactions, settings: Settings
) -> None:
    sqlite, postgresql = "PRAGMA query_only = ON", "SET default_transaction_read_only = on"
    read_only = text(sqlite if settings.is_sqlite else postgresql)
    transactions.run_now(lambda session: session.connection().execute(read_only).close())
    with pytest.raises(UnavailableError):
        transactions.run_now(next_number, is_public=False)
    if settings.is_sqlite:
        transactions.engine.dispose()  # It has no other server: somebody mends the file.
    assert transactions.run_now(next_number, is_public=False) == 1
