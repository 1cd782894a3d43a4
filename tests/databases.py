"""Empty databases for tests, copied from a template that Alembic migrated."""

import contextlib
import itertools
import shutil
import subprocess
import tempfile
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy
from psycopg.sql import SQL, Identifier, Placeholder

import app.models  # noqa: F401 - Fills the metadata.
from app.db.base import Base
from tests.postgres import memory
from tests.processes import ALEMBIC, Done, make_settings, run

_KEPT: dict[str, sqlalchemy.Engine] = {}
"""Engines that keep a connection, by the URL of their database: to connect to PostgreSQL takes
longer than most statements."""
_APPLICATION_NAME = "tests"


class Databases(ABC):
    """The databases of one test process on one kind of server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count()

    @abstractmethod
    def create(self, *, migrated: bool = True) -> str:
        """Create a database, at the migration head or without tables, and return its URL."""

    @abstractmethod
    def drop(self, url: str) -> None:
        """Remove a database, and end its connections."""

    @property
    def template(self) -> str:
        """The URL of a migrated database that nothing writes to."""
        url, done = self._migrated
        assert done.returncode == 0, done.stdout
        return url

    @cached_property
    def _migrated(self) -> tuple[str, Done]:
        """Migrated once, even if it fails: then each test fails at once with the same reason."""
        url = self.create(migrated=False)
        return url, run(make_settings(url, self._folder), *ALEMBIC, "upgrade", "head")


class SqliteDatabases(Databases):
    """Files, each in a separate folder with its WAL and lock files."""

    def create(self, *, migrated: bool = True) -> str:
        template = sqlite_path(self.template) if migrated else None
        folder = self._folder / str(next(self._numbers))
        folder.mkdir()
        if template:
            shutil.copy(template, folder / "recipes.db")  # With its mode, which is private.
        return f"sqlite:///{folder / 'recipes.db'}"

    def drop(self, url: str) -> None:
        shutil.rmtree(sqlite_path(url).parent)


@contextlib.contextmanager
def folder_in_memory() -> Iterator[Path]:
    """Yield a folder, in memory if there is room, which is removed however the test run ends.

    A shell removes it when the kernel has closed its standard input.
    """
    folder = Path(tempfile.mkdtemp(prefix="recipes-sqlite-", dir=memory()))
    remover = ["/bin/sh", "-c", 'read -r _; rm -rf "$1"', "sh", str(folder)]
    with subprocess.Popen(remover, stdin=subprocess.PIPE, start_new_session=True):
        yield folder


class PostgresDatabases(Databases):
    """Databases of one PostgreSQL server, named so that several test runs can share it.

    A database is emptied for the next test, which takes a tenth of the time of a new copy of the
    template. It is dropped if a test has changed its schema, and after TESTS_EACH tests, since
    nothing vacuums it.
    """

    TESTS_EACH = 25

    def __init__(self, folder: Path, server_url: str) -> None:
        super().__init__(folder)
        self._server_url = server_url
        self._prefix = f"recipes_test_{uuid.uuid4().hex[:12]}_"
        self._connection = psycopg.connect(server_url, autocommit=True)
        self._used: dict[str, _Copy] = {}
        self._emptied: list[_Copy] = []

    def create(self, *, migrated: bool = True) -> str:
        if not migrated:
            return self._create(self._empty)
        if not self._emptied:
            url = self._create(f"TEMPLATE {self._name(self.template)}")
            self._emptied.append(_Copy(url, self._pristine))
        copy = self._emptied.pop()
        self._used[copy.url] = copy
        return copy.url

    def _create(self, options: str) -> str:
        # Copying the files is three times as fast as logging each of their blocks.
        if self._connection.info.server_version >= 15_00_00:
            options += " STRATEGY file_copy"
        name = f"{self._prefix}{next(self._numbers)}"
        self._connection.execute(f"CREATE DATABASE {name} {options}".encode())
        return self._server_url.rpartition("/")[0] + "/" + name

    def drop(self, url: str) -> None:
        copy = self._used.pop(url, None)
        if copy and copy.tests < self.TESTS_EACH and copy.empty():
            self._emptied.append(copy)
        else:
            if copy:
                copy.close()
            self._connection.execute(f"DROP DATABASE {self._name(url)} WITH (FORCE)".encode())

    @cached_property
    def _pristine(self) -> "_Contents":
        """The contents of the template."""
        with psycopg.connect(self.template) as connection:
            return _Contents(connection)

    def close(self) -> None:
        """Drop all remaining databases, including the template, and disconnect."""
        for copy in (*self._used.values(), *self._emptied):
            copy.close()
        self._used.clear()
        with self._connection as connection:
            left = connection.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [self._prefix]
            )
            for (name,) in left.fetchall():
                self.drop(f"/{name}")

    @cached_property
    def _empty(self) -> str:
        """The options of a database without tables.

        It sorts as in a dictionary if the server can, as most servers of users do. This reveals an
        ORDER BY that relies on the order of bytes.
        """
        # PostgreSQL 16 has an ICU collation also if it was built without ICU: "unicode".
        icu = self._connection.execute(
            "SELECT 1 FROM pg_collation WHERE collname = 'en-US-x-icu'"
        ).fetchone()
        if icu and self._connection.info.server_version >= 15_00_00:
            return "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"
        return "TEMPLATE template0"

    @staticmethod
    def _name(url: str) -> str:
        return url.rpartition("/")[2]


class _Contents:
    """The schema of a database, and its rows."""

    # It differs after any change of a table, index, constraint, right or setting.
    SCHEMA = """
        SELECT string_agg(each, chr(10) ORDER BY each) FROM (
            SELECT concat_ws(' ', c.oid, relname, relkind, relacl, reloptions) FROM pg_class c
                WHERE relnamespace = 'public'::regnamespace
            UNION ALL SELECT concat_ws(' ', attrelid, attname, atttypid, atttypmod, attnotnull,
                    attisdropped, attidentity, atthasdef)
                FROM pg_attribute JOIN pg_class c ON attrelid = c.oid
                WHERE relnamespace = 'public'::regnamespace
            UNION ALL SELECT concat_ws(' ', oid, conname, convalidated) FROM pg_constraint
            UNION ALL SELECT concat_ws(' ', oid, tgname, tgenabled) FROM pg_trigger
            UNION ALL SELECT concat_ws(' ', oid, proname) FROM pg_proc
                WHERE pronamespace = 'public'::regnamespace
            UNION ALL SELECT concat_ws(' ', oid, nspname, nspacl) FROM pg_namespace
                WHERE nspname NOT LIKE 'pg_%'
            UNION ALL SELECT concat_ws(' ', datconnlimit, datallowconn, datacl, datdba)
                FROM pg_database WHERE datname = current_database()
            UNION ALL SELECT concat_ws(' ', setdatabase, setrole, setconfig)
                FROM pg_db_role_setting
                WHERE setdatabase = (SELECT oid FROM pg_database
                                     WHERE datname = current_database())
        ) AS parts (each)
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        run = connection.execute
        names = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        found = {name for (name,) in run(names + " AND relkind = 'r'")}
        known = [table.name for table in reversed(Base.metadata.sorted_tables)]
        # Tables that refer to others come first. Those unknown to the models refer to none.
        tables = [*sorted(found - {*known}), *(name for name in known if name in found)]
        self.tables = [Identifier(name) for name in tables]
        self.rows = [
            (table, row)
            for table in reversed(self.tables)
            for row in run(SQL("SELECT * FROM {}").format(table)).fetchall()
        ]
        self.sequences = [Identifier(name) for (name,) in run(names + " AND relkind = 'S'")]


class _Copy:
    """A database that was copied from the template, and a connection to empty it."""

    def __init__(self, url: str, pristine: _Contents) -> None:
        self.url = url
        self.tests = 0
        self._pristine = pristine
        self._connection = psycopg.connect(url, autocommit=True, application_name=_APPLICATION_NAME)
        self._schema = self._connection.execute(_Contents.SCHEMA).fetchone()
        name = {"application_name": _APPLICATION_NAME}
        _KEPT[url] = sqlalchemy.create_engine(
            _driver_url(url), pool_size=1, pool_pre_ping=True, connect_args=name
        )

    def empty(self) -> bool:
        """Restore the rows of the template. Return False if the schema has changed."""
        self.tests += 1
        try:
            self._empty()
        except psycopg.Error:
            return False
        return True

    def close(self) -> None:
        """Disconnect."""
        self._connection.close()
        _KEPT.pop(self.url).dispose()

    def _empty(self) -> None:
        run = self._connection.execute
        run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name <> %s",
            [_APPLICATION_NAME],
        )
        if run(_Contents.SCHEMA).fetchone() != self._schema:
            raise psycopg.ProgrammingError("The schema has changed.")
        with self._connection.transaction(), self._connection.pipeline():
            for table in self._pristine.tables:
                run(SQL("DELETE FROM {}").format(table))
            for table, row in self._pristine.rows:
                places = SQL(", ").join([Placeholder()] * len(row))
                run(SQL("INSERT INTO {} VALUES ({})").format(table, places), row)
            for sequence in self._pristine.sequences:
                run(SQL("ALTER SEQUENCE {} RESTART").format(sequence))


def sqlite_path(url: str) -> Path:
    """Return the file of an SQLite URL."""
    return Path(url.removeprefix("sqlite:///"))


@contextlib.contextmanager
def connected(database_url: str) -> Iterator[sqlalchemy.Connection]:
    """Open a connection with the default settings of the driver, and commit at the end."""
    engine = _KEPT.get(database_url) or sqlalchemy.create_engine(
        _driver_url(database_url), poolclass=sqlalchemy.NullPool
    )
    with engine.begin() as connection:
        yield connection


def _driver_url(database_url: str) -> str:
    return database_url.replace("postgresql://", "postgresql+psycopg://")


def execute(
    database_url: str, statement: str | sqlalchemy.Executable, **values: object
) -> Sequence[Any]:
    """Run one SQL statement, commit, and return the rows."""
    if isinstance(statement, str):
        statement = sqlalchemy.text(statement)
    with connected(database_url) as connection:
        result = connection.execute(statement, values)
        return result.all() if result.returns_rows else []


def rows(database_url: str, table: str) -> Sequence[Any]:
    """All that a table holds, as the database keeps it."""
    everything = sqlalchemy.select(sqlalchemy.text("*")).select_from(sqlalchemy.table(table))
    return execute(database_url, everything.order_by(sqlalchemy.text("id")))


def table_names(database_url: str) -> set[str]:
    """The tables of a database, its own bookkeeping apart."""
    with connected(database_url) as connection:
        names = sqlalchemy.inspect(connection).get_table_names()
        return {name for name in names if not name.startswith("sqlite_")}
