"""Fixtures for the tests of the command line."""

import pytest

from app.core.config import Settings
from tests.ops.cli.commands import Recipes


@pytest.fixture
def recipes(settings: Settings) -> Recipes:
    return Recipes(settings)
