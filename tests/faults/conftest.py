"""What tests of faults share."""

from collections.abc import Iterator

import pytest

from tests.faults.database_server import DatabaseServer, database_server


@pytest.fixture(scope="module")
def database() -> Iterator[DatabaseServer]:
    with database_server() as running:
        yield running


@pytest.fixture(scope="session")
def in_full(pytestconfig: pytest.Config) -> bool:
    """Whether to try as often as `--faults=long` asks for: a short run shows the kind."""
    return bool(pytestconfig.getoption("--faults") == "long")
