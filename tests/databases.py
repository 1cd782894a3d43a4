"""Databases for tests: a fresh one for each, copied from a template that Alembic made."""

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

from tests.postgres import memory
from tests.processes import ALEMBIC, Done, make_settings, run


class Databases(ABC):
    """The databases of one test process on one kind of server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count()

    @abstractmethod
    def create(self, *, migrated: bool = True) -> str:
        """Make a database, at the migration head or empty, and give its URL."""

    @abstractmethod
    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected."""

    @property
    def template(self) -> str:
        """The URL of a database that our migrations made, and nobody else writes to."""
        url, done = self._migrated
        assert done.returncode == 0, done.stdout
        return url

    @cached_property
    def _migrated(self) -> tuple[str, Done]:
        """Made once, also when it fails: each test then fails at once with the same reason."""
        url = self.create(migrated=False)
        return url, run(make_settings(url, self._folder), *ALEMBIC, "upgrade", "head")


class SqliteDatabases(Databases):
    """Files, each in a folder of its own: WAL and lock files lie beside them."""

    def create(self, *, migrated: bool = True) -> str:
        template = sqlite_path(self.template) if migrated else None
        folder = self._folder / str(next(self._numbers))
        folder.mkdir()
        if template:
            shutil.copyfile(template, folder / "recipes.db")
        return f"sqlite:///{folder / 'recipes.db'}"

    def drop(self, url: str) -> None:
        shutil.rmtree(sqlite_path(url).parent)


@contextlib.contextmanager
def folder_in_memory() -> Iterator[Path]:
    """A folder, in memory if there is room, that is gone when the test run has ended, however it
    does: the shell removes it when the kernel has closed its standard input."""
    folder = Path(tempfile.mkdtemp(prefix="recipes-sqlite-", dir=memory()))
    remover = ["/bin/sh", "-c", 'read -r _; rm -rf "$1"', "sh", str(folder)]
    with subprocess.Popen(remover, stdin=subprocess.PIPE, start_new_session=True):
        yield folder


class PostgresDatabases(Databases):
    """Databases of one PostgreSQL server, named so that several test runs can share it."""

    def __init__(self, folder: Path, server_url: str) -> None:
        super().__init__(folder)
        self._server_url = server_url
        self._prefix = f"recipes_test_{uuid.uuid4().hex[:12]}_"
        self._connection = psycopg.connect(server_url, autocommit=True)

    def create(self, *, migrated: bool = True) -> str:
        options = f"TEMPLATE {self._name(self.template)}" if migrated else self._empty
        # Copying the files is three times as fast as logging each of their blocks.
        if self._connection.info.server_version >= 15_00_00:
            options += " STRATEGY file_copy"
        name = f"{self._prefix}{next(self._numbers)}"
        self._connection.execute(f"CREATE DATABASE {name} {options}".encode())
        return self._server_url.rpartition("/")[0] + "/" + name

    def drop(self, url: str) -> None:
        self._connection.execute(f"DROP DATABASE {self._name(url)} WITH (FORCE)".encode())

    def close(self) -> None:
        """Drop what is left, the template included, and disconnect."""
        with self._connection as connection:
            left = connection.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [self._prefix]
            )
            for (name,) in left.fetchall():
                self.drop(f"/{name}")

    @cached_property
    def _empty(self) -> str:
        """Where the server can, names sort as in a dictionary, as they do on most servers that
        people run: an ORDER BY that relies on the order of bytes shows."""
        icu = self._connection.execute(
            "SELECT 1 FROM pg_collation WHERE collprovider = 'i' LIMIT 1"
        ).fetchone()
        if icu and self._connection.info.server_version >= 15_00_00:
            return "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"
        return "TEMPLATE template0"

    @staticmethod
    def _name(url: str) -> str:
        return url.rpartition("/")[2]


def sqlite_path(url: str) -> Path:
    """The file of an SQLite URL."""
    return Path(url.removeprefix("sqlite:///"))


@contextlib.contextmanager
def connected(database_url: str) -> Iterator[sqlalchemy.Connection]:
    """A connection of its own, with the driver's own settings; commits at the end."""
    url = database_url.replace("postgresql://", "postgresql+psycopg://")
    with sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool).begin() as connection:
        yield connection


def execute(
    database_url: str, statement: str | sqlalchemy.Executable, **values: object
) -> Sequence[Any]:
    """Run one SQL statement, commit, and give the rows."""
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
