"""The log."""

import logging
from collections.abc import Iterator

import pytest

from app.core.logging import configure_logging, request_id


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    """The application's logger, as it was again afterwards."""
    found = logging.getLogger("app")
    before = found.handlers, found.level, found.propagate
    yield found
    found.handlers, found.level, found.propagate = before


def test_a_line_of_the_log_names_its_request(
    logger: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging("INFO")
    configure_logging("INFO")
    token = request_id.set("abc123")
    logging.getLogger("app.test").info("said %s", "once")
    request_id.reset(token)
    logging.getLogger("app.test").debug("not said")
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("INFO app.test [abc123] said once")
