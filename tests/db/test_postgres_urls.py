"""What DATABASE_URL says of the connection to PostgreSQL counts, wherever we connect."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import literal_column, select, text

from app.core.config import Settings
from app.db import locks
from app.db import wait_for_database as waiting
from app.db.engine import make_engine
from app.db.postgres import POSTGRES_OPTIONS, connect_options, postgres_url
from app.db.reader import CompiledQuery
from app.ops.backup import postgresql
from tests.processes import make_settings
from tests.reader import open_reader


def settings_of(url: str, tmp_path: Path) -> Settings:
    return make_settings(url, tmp_path)


def with_options(url: str, options: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}options={quote(options)}"


def options_of(url: str, tmp_path: Path, *args: Any) -> dict[str, Any]:
    return connect_options(postgres_url(settings_of(url, tmp_path)), *args)


def test_options_are_joined(tmp_path: Path) -> None:
    url = "postgresql://cook@db/recipes"
    assert options_of(url, tmp_path)["options"] == POSTGRES_OPTIONS
    asked = options_of(with_options(url, "-c search_path=kitchen"), tmp_path, "-c a=b")
    assert asked["options"] == f"{POSTGRES_OPTIONS} -c search_path=kitchen -c a=b"


def test_what_the_url_says_of_waiting_counts(tmp_path: Path) -> None:
    url = "postgresql://cook@db/recipes?connect_timeout=7&keepalives_idle=5"
    asked = options_of(url, tmp_path)
    assert "connect_timeout" not in asked
    assert "keepalives_idle" not in asked
    assert {"keepalives", "tcp_user_timeout"} <= asked.keys()


@pytest.mark.parametrize("port", ["", ":5433"])
def test_a_unix_socket_as_libpq_writes_it(tmp_path: Path, port: str) -> None:
    url = postgres_url(settings_of(f"postgresql://cook@%2Fvar%2Frun{port}/recipes", tmp_path))
    _, named = url.get_dialect()().create_connect_args(url)
    expected = {"host": "/var/run", "user": "cook", "dbname": "recipes"}
    assert named == expected | ({"port": "5433"} if port else {})


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_every_connection_has_the_options(database_url: str, tmp_path: Path) -> None:
    settings = settings_of(with_options(database_url, "-c application_name=kitchen"), tmp_path)
    name = text("SELECT current_setting('application_name')")
    for engine in (make_engine(settings), postgresql.make_engine(settings)):
        with engine.connect() as connection:
            assert connection.scalar(name) == "kitchen"
        engine.dispose()
    with locks.migration_lock(settings):
        waiting.wait_for_database(settings)
        engine = make_engine(settings)
        with engine.connect() as connection:
            holders = connection.scalars(
                text(
                    "SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)"
                    " WHERE locktype = 'advisory' AND datname = current_database()"
                )
            )
            assert holders.all() == ["kitchen"]
        engine.dispose()
    with open_reader(settings) as read:
        asked = CompiledQuery(
            select(literal_column("current_setting('application_name')").label("name"))
        )
        assert read.run(read.reader.all(asked)) == [{"name": "kitchen"}]
