"""What tests of the reading side share."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from app.core.config import Settings
from app.db.engine import make_engine
from tests.db.things import THINGS
from tests.reading import Reading, reading


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    """The engine that writes, and the table of this module."""
    made = make_engine(settings)
    THINGS.create(made)
    yield made
    made.dispose()


@pytest.fixture
def read(settings: Settings) -> Iterator[Reading]:
    with reading(settings) as opened:
        yield opened
