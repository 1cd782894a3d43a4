"""The log: one line for each record, in two formats, and nobody forges one."""

import asyncio
import json
import logging
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from _pytest.logging import LogCaptureHandler

from app.observability.logging import configure_logging, request_id, timestamp
from app.observability.request_log import FLUSH_SECONDS, AccessLog, note_slower_than, note_statement
from tests.client import Client
from tests.factories import API
from tests.processes import make_settings

FORMATS = ["console", "json"]
LOGGERS = ["", "app", "alembic", "gunicorn.error", "uvicorn", "uvicorn.error", "uvicorn.access"]
# What could end a line, begin a new one, steer a terminal, or turn the order of what is read.
HOSTILE = "a\nb\rc\td\x00\x1b[31me\x7f\x85f\u2028g\u202eh\ud800"
ESCAPED = r"a\nb\rc\td\x00\x1b[31me\x7f\x85f\u2028g\u202eh\ud800"
LINE = re.compile(r"(\S+) (\S+) (\S+) \[(\S+)\] (.*)")

each_format = pytest.mark.parametrize("log_format", FORMATS)


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """The loggers are those of the whole process."""
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [(list(each.handlers), each.level, each.propagate) for each in loggers]
    yield
    for logger, (handlers, level, propagate) in zip(loggers, before, strict=True):
        logger.handlers[:], logger.propagate = handlers, propagate
        logger.setLevel(level)


def set_up(log_format: str, level: str = "INFO") -> None:
    settings = make_settings(
        "sqlite:///nothing.db", Path("nowhere"), log_format=log_format, log_level=level
    )
    configure_logging(settings)
    # What pytest keeps for its report as it was said, half a character included, cannot be sent
    # from one of its processes to another.
    root = logging.getLogger()
    root.handlers[:] = [each for each in root.handlers if not isinstance(each, LogCaptureHandler)]


def told(capsys: pytest.CaptureFixture[str], log_format: str) -> dict[str, str]:
    """The members of the one line that was written."""
    (line,) = capsys.readouterr().err.split("\n")[:-1]
    if log_format == "json":
        found: dict[str, str] = json.loads(line)
        return found
    match = LINE.fullmatch(line)
    assert match
    return dict(
        zip(["time", "level", "logger", "request_id", "message"], match.groups(), strict=True)
    )


@each_format
def test_a_line_tells_when_what_where_and_which_request(
    log_format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up(log_format)
    set_up(log_format)  # It is said once even so.
    token = request_id.set("abc123")
    logging.getLogger("app.test").info("said %s", "once")
    request_id.reset(token)
    logging.getLogger("app.test").debug("not said")
    line = told(capsys, log_format)
    assert (line["level"], line["logger"]) == ("INFO", "app.test")
    assert (line["request_id"], line["message"]) == ("abc123", "said once")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
    assert abs(datetime.now(UTC) - datetime.fromisoformat(line["time"])) < timedelta(minutes=1)


def test_a_moment_is_cut_to_the_millisecond() -> None:
    assert timestamp(1795314427.0019) == "2026-11-22T02:27:07.001Z"
    assert timestamp(1795314427.9999) == "2026-11-22T02:27:07.999Z"


@each_format
@pytest.mark.parametrize("logger", ["app", "alembic", "gunicorn.error", "uvicorn", "uvicorn.error"])
def test_servers_and_tools_write_the_same_log(
    log_format: str, logger: str, capsys: pytest.CaptureFixture[str]
) -> None:
    # As they set themselves up before.
    logging.getLogger(logger).addHandler(logging.StreamHandler())
    logging.getLogger(logger).propagate = False
    set_up(log_format)
    logging.getLogger(logger).info("hello")
    assert told(capsys, log_format)["message"] == "hello"


def test_the_libraries_are_heard_from_their_warnings_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    set_up("console", "DEBUG")
    logging.getLogger("somebody.else").info("chatter")
    logging.getLogger("uvicorn.error").debug("chatter")
    logging.getLogger("uvicorn.access").info("a line that we write ourselves")
    logging.getLogger("somebody.else").warning("trouble")
    assert told(capsys, "console")["message"] == "trouble"


@each_format
def test_nobody_forges_a_line(log_format: str, capsys: pytest.CaptureFixture[str]) -> None:
    set_up(log_format)
    logging.getLogger("app.test").warning("sent: %s", HOSTILE)
    assert told(capsys, log_format)["message"] == f"sent: {ESCAPED}"


@each_format
def test_nobody_forges_a_line_by_an_exception(
    log_format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up(log_format)
    forged = "2026-11-20T00:00:00.000Z INFO app.test [-] forged"
    try:
        raise ValueError(f"{HOSTILE}\n{forged}")
    except ValueError:
        logging.getLogger("app.test").exception("failed")
    output = capsys.readouterr().err
    assert "\x1b" not in output
    if log_format == "json":
        (line,) = output.splitlines()
        trace = json.loads(line)["exception"].split("\n")
    else:
        first, *rest = output.splitlines()
        assert LINE.fullmatch(first)
        assert all(each.startswith("  ") for each in rest)
        trace = [each[2:] for each in rest]
    assert trace[0] == "Traceback (most recent call last):"
    assert trace[-1] == forged


def test_what_a_record_has_beside_its_message_is_in_its_object(
    capsys: pytest.CaptureFixture[str],
) -> None:
    set_up("json")
    extra = {"recipe": 7, "where": Path("/a\nb"), "pid": "not this"}
    logging.getLogger("app.test").info("imported", extra=extra)
    line: dict[str, object] = dict(told(capsys, "json"))
    assert (line["recipe"], line["where"], line["pid"]) == (7, r"/a\nb", os.getpid())
    assert "request_id" not in line


# --- Requests ------------------------------------------------------------------------------------


def access_log(log_format: str, level: str = "INFO") -> AccessLog:
    log = AccessLog()
    log.configure(level, log_format == "json")
    return log


def note(log: AccessLog, path: str = "/a", status: int = 200, client: str = "::1") -> None:
    log.note("GET", path, "/{x}", status, 0.0123, client, user=7)


async def and_flush(log: AccessLog, path: str = "/a", client: str = "::1") -> None:
    note(log, path, client=client)
    log.flush()


def test_a_request_is_a_line_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(and_flush(access_log("console")))
    line = told(capsys, "console")
    assert (line["level"], line["logger"]) == ("INFO", "app.access")
    assert line["message"] == "GET /a 200 12.3 ms ::1 user=7"


def test_a_request_is_an_object_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(and_flush(access_log("json")))
    line: dict[str, object] = dict(told(capsys, "json"))
    del line["time"], line["pid"]
    about = {"level": "INFO", "logger": "app.access", "message": "GET /a 200", "request_id": "-"}
    asked = {"method": "GET", "path": "/a", "route": "/{x}", "client": "::1", "user": 7}
    assert line == about | asked | {"status": 200, "duration_ms": 12.3}


@each_format
def test_nobody_forges_a_line_by_a_path_or_an_address(
    log_format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(and_flush(access_log(log_format), f"/{HOSTILE}" + "x" * 9999, HOSTILE))
    output = capsys.readouterr().err
    assert output.isascii()
    assert output[:-1].isprintable()
    assert "/a%0Ab%0Dc" in output
    assert len(output) < 9999


def test_lines_are_written_together_after_a_moment(capsys: pytest.CaptureFixture[str]) -> None:
    log = access_log("console")

    async def some() -> None:
        note(log, "/1")
        note(log, "/2")
        assert capsys.readouterr().err == ""
        await asyncio.sleep(3 * FLUSH_SECONDS)

    asyncio.run(some())
    assert re.findall(r"GET /(\d)", capsys.readouterr().err) == ["1", "2"]


def test_a_fault_is_a_warning_and_written_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    log = access_log("console")

    async def some() -> None:
        note(log)
        note(log, status=503)
        assert re.findall(r"(INFO|WARNING) .* (\d{3}) ", capsys.readouterr().err) == [
            ("INFO", "200"),
            ("WARNING", "503"),
        ]

    asyncio.run(some())


def test_many_lines_are_written_in_pieces_that_a_pipe_takes_whole(tmp_path: Path) -> None:
    log = access_log("console")
    pieces = []

    class Pipe:
        def write(self, text: str) -> None:
            pieces.append(text)

        def flush(self) -> None: ...

    async def many() -> None:
        for number in range(200):
            note(log, f"/{number}")
        log.flush()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stderr", Pipe())
        asyncio.run(many())
    assert len(pieces) > 1
    assert all(len(piece) <= 4096 and piece.endswith("\n") for piece in pieces)
    assert re.findall(r"GET /(\d+)", "".join(pieces)) == [str(each) for each in range(200)]


@pytest.mark.parametrize(("level", "statuses"), [("WARNING", ["500"]), ("ERROR", [])])
def test_the_level_of_the_log_is_that_of_requests_too(
    level: str, statuses: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    log = access_log("console", level)

    async def some() -> None:
        note(log, status=200)
        note(log, status=404)
        note(log, status=500)
        log.flush()

    asyncio.run(some())
    assert re.findall(r" (\d{3}) ", capsys.readouterr().err) == statuses


# --- Statements ----------------------------------------------------------------------------------


def test_a_slow_statement_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    set_up("console")
    note_slower_than(0.5)
    note_statement("SELECT quick", 0.499)
    note_statement("SELECT a,\n       b\nFROM t" + " " * 3000 + "WHERE" + "x" * 9999, 1.25)
    note_slower_than(float("inf"))
    message = told(capsys, "console")["message"]
    start = "-: a statement took 1250.0 ms in MainThread: SELECT a, b FROM t WHERExxx"
    assert message.startswith(start)
    assert len(message) < 2100


def test_every_statement_is_logged_with_its_route_and_request(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    client.get("/livez")  # The application has set its own threshold.
    note_slower_than(0)
    try:
        client.get(f"{API}/tags?kind=keyword")
        client.head(f"{API}/tags?kind=keyword")
        client.get(f"{API}/tags/?kind=keyword")
        client.post(f"{API}/auth/signup", json={"email": "a@example.com", "password": "12345678x"})
    finally:
        note_slower_than(float("inf"))
    lines = [each.getMessage() for each in caplog.records if each.name == "app.slow"]
    tags = [line for line in lines if line.startswith(f"{API}/tags: a statement took ")]
    # HEAD and a trailing slash are of the same route.
    assert len(tags) == 3
    signup = [line for line in lines if line.startswith(f"{API}/auth/signup: ")]
    assert any("INSERT INTO" in line for line in signup)
