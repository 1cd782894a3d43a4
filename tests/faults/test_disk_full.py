"""A disk without room under SQLite: writing waits for room, reading goes on, nothing breaks."""

import contextlib
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2

from tests.databases import SqliteDatabases, sqlite_path
from tests.factories import Account, sign_up
from tests.faults.outages import RECIPES, command
from tests.problems import assert_problem
from tests.processes import make_settings
from tests.server import uvicorn

ROOM = 8 * 1024 * 1024
LARGE = {"label": "Soup", "notes": "Stir. " * 8000}


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of some MiB, which only root may make."""
    folder.mkdir()
    options = f"size={ROOM},mode=0700"
    command("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder)
    try:
        yield folder
    finally:
        command("umount", "--lazy", folder)


@contextlib.contextmanager
def short_files(folder: Path) -> Iterator[Path]:
    """For others: no file of this process, or of those that it starts, becomes longer."""
    folder.mkdir()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, hard))
    try:
        yield folder
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def can_mount(folder: Path) -> bool:
    """Whether this account may mount: root may, but not in every container."""
    folder.mkdir()
    try:
        command("mount", "-t", "tmpfs", "tmpfs", folder)
    except subprocess.CalledProcessError:
        return False
    command("umount", folder)
    return True


def filled(client: httpx2.Client, user: Account) -> httpx2.Response:
    """Store until there is no room, and give the refusal."""
    for _ in range(1000):
        answer = client.post(RECIPES, json=LARGE, headers=user.headers)
        if answer.status_code != 201:
            return answer
    raise AssertionError("The disk is larger than it was made.")


def test_a_full_disk_refuses_writes_alone_and_room_cures_it(
    tmp_path: Path, sqlite_databases: SqliteDatabases
) -> None:
    is_disk = can_mount(tmp_path / "trial")
    make: Callable[[Path], contextlib.AbstractContextManager[Path]]
    make = small_disk if is_disk else short_files
    template = sqlite_path(sqlite_databases.create())
    with make(tmp_path / "disk") as disk:
        shutil.copyfile(template, disk / "recipes.db")
        ballast = disk / "ballast"
        if is_disk:
            ballast.write_bytes(bytes(ROOM // 2))
        settings = make_settings(f"sqlite:///{disk / 'recipes.db'}", tmp_path / "data")
        with uvicorn(settings, tmp_path) as server, server.client() as client:
            user = sign_up(client)
            refused = filled(client, user)
            if is_disk:
                assert_problem(refused, 507)
            else:
                # SQLite cannot tell a limit of the system from a disk that fails.
                assert refused.status_code in (503, 507)
            assert int(refused.headers["retry-after"]) >= 1
            seen = client.get(f"{RECIPES}?count=true").json()["total"]
            assert seen > 5
            for _ in range(20):
                assert client.post(RECIPES, json=LARGE, headers=user.headers).status_code in (
                    503,
                    507,
                )
                assert client.get(f"{RECIPES}?count=true").json()["total"] == seen
                assert client.get("/readyz").status_code == 200
            page = client.get("/", headers={"Accept": "text/html"})
            assert page.status_code == 200
            with contextlib.closing(sqlite3.connect(disk / "recipes.db")) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            if is_disk:
                ballast.unlink()
            else:
                _lift_limit(server.process.pid)
            again = client.post(RECIPES, json=LARGE, headers=user.headers)
            assert again.status_code == 201, again.text
            assert client.get(f"{RECIPES}?count=true").json()["total"] == seen + 1
        with contextlib.closing(sqlite3.connect(disk / "recipes.db")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def _lift_limit(pid: int) -> None:
    assert sys.platform == "linux", "Elsewhere only root can run this test."
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))
