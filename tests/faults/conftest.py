"""What tests of faults share."""

from collections.abc import Iterator

import pytest

from tests.faults.database_server import DatabaseServer, database_server


@pytest.fixture(scope="module")
def database() -> Iterator[DatabaseServer]:
    with database_server() as running:
        yield running
