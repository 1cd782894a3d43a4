"""What every test can ask for. A test that uses a database runs once on each kind of them."""

import contextlib
import gc
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.config import Settings
from app.main import configure, create_app
from tests import server
from tests.browser.chromium import MISSING, find_chromium
from tests.client import Client
from tests.databases import Databases, PostgresDatabases, SqliteDatabases, folder_in_memory
from tests.factories import Account, create_user, set_superuser
from tests.log_secrets import JWT_SECRET, SCANNER
from tests.migrations import Scratch
from tests.postgres import PostgresError, find_binaries, running_postgres
from tests.processes import make_settings

# They run for minutes, so they begin first: else one process goes on with them alone at the end.
LONGEST = ("test_contract.py", "test_large_accounts.py", "test_restarts.py", "test_attacks.py")
IN_BROWSER = Path(__file__).parent / "browser"
OF_FAULTS = Path(__file__).parent / "faults"
SERVER_URL = pytest.StashKey[str]()
# On a busy machine the threads that hash passwords, whose priority is low, may need long.
PATIENT = {"request_timeout_seconds": 60.0}
TEST_SETTINGS = {"jwt_secret": JWT_SECRET, "log_level": "DEBUG", "drain_seconds": 0}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-postgres", action="store_true", help="test on SQLite alone")
    parser.addoption("--browser", action="store_true", help="a missing Chromium is an error")
    parser.addoption(
        "--faults",
        nargs="?",
        const="short",
        choices=["short", "long"],
        help="test faults and load too; long: with the full counts, which takes much longer",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Watch the log, and find the PostgreSQL server, or what it takes to start one."""
    # Most objects are modules and live on: with the usual thresholds, a tenth of the processor time
    # of a run goes into walking through them.
    gc.set_threshold(50_000, 20, 20)
    logging.setLogRecordFactory(SCANNER.make_record)
    if config.getoption("--browser") and not find_chromium():
        raise pytest.UsageError(MISSING)
    handed_over = getattr(config, "workerinput", {}).get("server_url")
    given = handed_over or os.environ.get("TEST_POSTGRES_URL")
    if given:
        config.stash[SERVER_URL] = given
    elif not config.getoption("--no-postgres"):
        try:
            find_binaries()
        except PostgresError as error:
            raise pytest.UsageError(str(error)) from None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are cores: a process often waits for a server, a browser or a clock.

    With the tests of faults, which wait most of the time, it is one more still.
    """
    return (os.cpu_count() or 1) + (2 if _tests_faults(config) else 1)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Give a worker of xdist, which is about to start, the server that all of them share."""
    if not node.config.getoption("--no-postgres"):
        node.workerinput["server_url"] = _server_url(node.config)


def _server_url(config: pytest.Config) -> str:
    if SERVER_URL not in config.stash:
        stack = contextlib.ExitStack()
        try:
            config.stash[SERVER_URL] = stack.enter_context(running_postgres())
        except PostgresError as error:
            pytest.exit(str(error), returncode=pytest.ExitCode.USAGE_ERROR)
        config.add_cleanup(stack.close)
    return config.stash[SERVER_URL]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    no_postgres, no_browser = config.getoption("--no-postgres"), not find_chromium()

    def is_left_out(item: pytest.Item) -> bool:
        in_browser = item.path.is_relative_to(IN_BROWSER)
        return (no_postgres and _backend_of(item) == "postgresql") or (no_browser and in_browser)

    left_out = [item for item in items if is_left_out(item)]
    run = [item for item in items if not is_left_out(item)]
    items[:] = sorted(run, key=_place)
    config.hook.pytest_deselected(items=left_out)


def _place(item: pytest.Item) -> int:
    """The place of a test in a run. One process of xdist gets those that come first.

    They often wait for a clock, and so leave the processor to the others; and only one process
    starts a browser.
    """
    if item.path.name in LONGEST:
        return 0
    return 1 if item.path.is_relative_to(OF_FAULTS) or item.path.is_relative_to(IN_BROWSER) else 2


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Tests of faults that are left out are not even imported, which takes a while."""
    return (collection_path == OF_FAULTS and not _tests_faults(config)) or None


def _tests_faults(config: pytest.Config) -> bool:
    """Whether faults are tested: when told to, and when a file of them is named."""
    named = (Path(given.partition("::")[0]).resolve() for given in config.args)
    told = config.getoption("--faults") is not None
    return told or any(path.is_relative_to(OF_FAULTS) for path in named)


def _backend_of(item: pytest.Item) -> object:
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("backend") if callspec else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if terminalreporter.config.getoption("--no-postgres"):
        terminalreporter.write_line("Left out by --no-postgres: every test on PostgreSQL.")
    if not find_chromium():
        terminalreporter.write_line(f"Left out: every test in a browser. {MISSING}")
    if not _tests_faults(terminalreporter.config):
        terminalreporter.write_line("Left out: every test of faults and load; --faults adds them.")


@pytest.fixture(autouse=True)
def _no_secret_in_the_log() -> Iterator[None]:
    """Fail a test that has written a secret to the log."""
    yield
    SCANNER.assert_none()


class _FailedSubtests:
    """Reports only subtests that fail: to report one to the controller of xdist takes 2 ms."""

    def __init__(self, subtests: pytest.Subtests) -> None:
        self._subtests = subtests

    @contextlib.contextmanager
    def test(self, msg: str | None = None, **parameters: object) -> Iterator[None]:
        try:
            yield
        except (Exception, pytest.fail.Exception):
            with self._subtests.test(msg, **parameters):
                raise


@pytest.fixture
def subtests(subtests: pytest.Subtests) -> _FailedSubtests:
    return _FailedSubtests(subtests)


@pytest.fixture(scope="session")
def sqlite_databases() -> Iterator[SqliteDatabases]:
    with folder_in_memory() as folder:
        yield SqliteDatabases(folder)


@pytest.fixture(scope="session")
def postgres_databases(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PostgresDatabases]:
    folder = tmp_path_factory.mktemp("postgresql")
    with contextlib.closing(PostgresDatabases(folder, _server_url(pytestconfig))) as databases:
        yield databases


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """The kind of database that this run of the test is about."""
    kind: str = request.param
    return kind


@pytest.fixture
def databases(backend: str, request: pytest.FixtureRequest) -> Databases:
    """Where databases come from, for a test that needs more than one."""
    names = {"sqlite": "sqlite_databases", "postgresql": "postgres_databases"}
    found: Databases = request.getfixturevalue(names[backend])
    return found


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """A database of this test's own, at the migration head and without a row."""
    url = databases.create()
    yield url
    databases.drop(url)


@pytest.fixture
def empty_database_url(databases: Databases) -> Iterator[str]:
    """A database of this test's own, without a table."""
    url = databases.create(migrated=False)
    yield url
    databases.drop(url)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """The defaults, on this test's database; but the secret is known, all of the log on, and a
    server stops at once."""
    return make_settings(database_url, tmp_path / "data", **TEST_SETTINGS)


@pytest.fixture
def empty_settings(empty_database_url: str, tmp_path: Path) -> Settings:
    """As above, on a database without a table."""
    return make_settings(empty_database_url, tmp_path / "data", **TEST_SETTINGS)


@pytest.fixture
def scratch(tmp_path: Path) -> Scratch:
    """A copy of the migrations, to add some to."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    return Scratch(folder)


@pytest.fixture(scope="session")
def built_app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    folder = tmp_path_factory.mktemp("built")
    url = f"sqlite:///{folder}/recipes.db"
    return create_app(make_settings(url, folder, **TEST_SETTINGS, **PATIENT))


@pytest.fixture
def app(built_app: FastAPI, settings: Settings) -> Iterator[FastAPI]:
    """The application on this test's database.

    FastAPI builds the routes of an application when the first request comes, which takes longer
    than most tests. So all tests with the usual settings share them.
    """
    usual = make_settings(settings.database_url, settings.data_dir, **TEST_SETTINGS)
    if settings != usual:
        yield create_app(settings.model_copy(update=PATIENT))
        return
    routes = list(built_app.router.routes)
    configure(built_app, settings)
    yield built_app
    built_app.router.routes[:] = routes
    built_app.dependency_overrides.clear()


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """The application, started; an error of the server is an answer, as for a real client."""
    with Client(app) as started:
        yield started


@pytest.fixture
def user(client: TestClient) -> Account:
    return create_user(client)


@pytest.fixture
def other_user(client: TestClient) -> Account:
    return create_user(client)


@pytest.fixture
def superuser(client: TestClient, database_url: str) -> Account:
    account = create_user(client)
    set_superuser(database_url, account)
    return account


@pytest.fixture
def live_server(settings: Settings, tmp_path: Path) -> Iterator[server.Server]:
    """The application as a process of its own."""
    with server.uvicorn(settings, tmp_path) as running:
        yield running
