"""Fixtures for the tests of backups."""

import pytest

from app.core.config import Settings
from tests.ops.backup.programs import with_programs
from tests.ops.cli.commands import Recipes


@pytest.fixture(autouse=True)
def _programs(monkeypatch: pytest.MonkeyPatch) -> None:
    with_programs(monkeypatch)


@pytest.fixture
def recipes(settings: Settings) -> Recipes:
    return Recipes(settings)
