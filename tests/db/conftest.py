"""What tests of the reading side share."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from app.core.config import Settings
from app.db.engine import make_engine
from tests.db.column_types import TABLE
from tests.reader import OpenReader, open_reader


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    """The engine that writes, and the table of this module."""
    made = make_engine(settings)
    TABLE.create(made)
    yield made
    made.dispose()


@pytest.fixture
def read(settings: Settings) -> Iterator[OpenReader]:
    with open_reader(settings) as opened:
        yield opened
