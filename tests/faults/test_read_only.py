"""A database that may only be read: it is read, and writes wait until it may be written again."""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.databases import SqliteDatabases, sqlite_path
from tests.factories import sign_up
from tests.faults.database_server import database_server
from tests.faults.outages import RECIPES, command, until
from tests.problems import assert_problem
from tests.processes import ALEMBIC, kill, make_settings, run
from tests.server import uvicorn


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[Callable[[], None]]:
    """Let nobody write below `folder`; gives what ends that."""
    if os.geteuid() == 0:
        # Root may write whatever the permissions say, but not where the mount does not allow it.
        command("mount", "--bind", folder, folder)
        try:
            command("mount", "-o", "remount,ro,bind", folder)
            yield lambda: command("mount", "-o", "remount,rw,bind", folder)
        finally:
            command("umount", "--lazy", folder)
        return
    paths = [folder, *folder.iterdir()]
    modes = {path: path.stat().st_mode for path in paths}

    def restore() -> None:
        for path, mode in modes.items():
            path.chmod(mode)

    for path, mode in modes.items():
        path.chmod(mode & ~0o222)
    try:
        yield restore
    finally:
        restore()


def test_a_file_that_may_only_be_read_is_read(
    tmp_path: Path, sqlite_databases: SqliteDatabases
) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    shutil.copyfile(sqlite_path(sqlite_databases.create()), folder / "recipes.db")
    settings = make_settings(f"sqlite:///{folder / 'recipes.db'}", tmp_path / "data")
    with uvicorn(settings, tmp_path) as server, server.client() as client:
        user = sign_up(client)
        body = {"label": "Soup"}
        assert client.post(RECIPES, json=body, headers=user.headers).status_code == 201
        # As a crash leaves it: what was written last is in the log beside the file.
        kill(server.process)
        server.process.wait()
    with (
        read_only(folder) as end,
        uvicorn(settings, tmp_path) as server,
        server.client() as client,
    ):
        for _ in range(3):
            assert client.get(RECIPES).json()["items"][0]["label"] == "Soup"
            refused = client.post(RECIPES, json=body, headers=user.headers)
            assert_problem(refused, 503)
        end()
        until(lambda: client.post(RECIPES, json=body, headers=user.headers).status_code == 201)
        assert len(client.get(RECIPES).json()["items"]) == 2


def test_a_server_that_may_only_be_read_is_read(tmp_path: Path) -> None:
    with database_server() as database:
        settings = make_settings(database.url, tmp_path / "data")
        assert run(settings, *ALEMBIC, "upgrade", "head").returncode == 0
        with uvicorn(settings, tmp_path) as server, server.client() as client:
            user = sign_up(client)
            body = {"label": "Soup"}
            assert client.post(RECIPES, json=body, headers=user.headers).status_code == 201
            database.execute("ALTER SYSTEM SET default_transaction_read_only = on")
            database.execute("SELECT pg_reload_conf()")
            until(lambda: client.post(RECIPES, json=body, headers=user.headers).status_code == 503)
            for _ in range(3):
                assert_problem(client.post(RECIPES, json=body, headers=user.headers), 503)
                assert client.get(RECIPES).status_code == 200
            database.execute("ALTER SYSTEM RESET default_transaction_read_only")
            database.execute("SELECT pg_reload_conf()")
            until(lambda: client.post(RECIPES, json=body, headers=user.headers).status_code == 201)
