"""prestart.sh migrates a database and adds the first data; run.sh keeps what is stored."""

import contextlib
import re
import shutil
import socketserver
import sys
import threading
from pathlib import Path
from socket import SHUT_WR, create_connection, socket
from urllib.parse import urlsplit

import pytest

from app.core.config import ROOT, Settings
from app.ops.first_data import RECIPES
from tests import server
from tests.databases import execute, rows
from tests.factories import API, create_recipe, sign_in, sign_up
from tests.migrations import Scratch, assert_ready
from tests.postgres import free_port
from tests.processes import AS_ONE_OF_MANY, COMMAND_SECONDS, make_settings, run, started

PRESTART = "./prestart.sh"
WAIT = (sys.executable, "-m", "app.backend_pre_start")
only_postgresql = pytest.mark.parametrize("backend", ["postgresql"], indirect=True)


def test_a_second_run_changes_nothing(empty_settings: Settings) -> None:
    seen = []
    for _ in range(2):
        done = run(empty_settings, PRESTART)
        assert done.returncode == 0, done.stdout
        seen.append([rows(empty_settings.database_url, table) for table in ("user", "recipe")])
    assert seen[0] == seen[1]
    assert_ready(empty_settings)


@only_postgresql
def test_wrong_credentials_fail_at_once_with_one_line(empty_settings: Settings) -> None:
    # Waiting would take longer than the timeout of the command.
    wrong = make_settings(
        re.sub(r":[^:@]+@", ":a-wrong-password@", empty_settings.database_url),
        empty_settings.data_dir,
        database_wait_seconds=2 * COMMAND_SECONDS,
    )
    assert run(wrong, PRESTART).returncode != 0
    done = run(wrong, *WAIT)
    assert done.returncode != 0
    assert len(done.stdout.splitlines()) == 1
    assert "password" in done.stdout
    assert "a-wrong-password" not in done.stdout


@only_postgresql
def test_the_wait_for_a_server_is_bounded(empty_settings: Settings) -> None:
    away = make_settings(
        re.sub(r":\d+/", f":{free_port()}/", empty_settings.database_url),
        empty_settings.data_dir,
        database_wait_seconds=1,
    )
    done = run(away, PRESTART)
    assert done.returncode != 0
    assert "Traceback" not in done.stdout


@only_postgresql
def test_it_waits_for_a_starting_server(empty_settings: Settings) -> None:
    there = urlsplit(empty_settings.database_url)
    port = free_port()
    late = make_settings(
        empty_settings.database_url.replace(f":{there.port}/", f":{port}/"),
        empty_settings.data_dir,
    )

    class Forward(socketserver.BaseRequestHandler):
        """Joins a connection to the real server."""

        def handle(self) -> None:
            with create_connection((there.hostname, there.port)) as upstream:
                back = threading.Thread(target=copy, args=(upstream, self.request))
                back.start()
                copy(self.request, upstream)
                back.join()

    with started(late, PRESTART) as process:
        assert process.stdout
        progress = process.stdout.readline()
        assert process.poll() is None, progress
        with socketserver.ThreadingTCPServer(("127.0.0.1", port), Forward) as proxy:
            threading.Thread(target=proxy.serve_forever).start()
            try:
                output = process.communicate(timeout=COMMAND_SECONDS)[0]
            finally:
                proxy.shutdown()
    assert process.returncode == 0, progress + output
    assert_ready(empty_settings)


def copy(source: socket, target: socket) -> None:
    """Forward all bytes, and the end of the stream."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(SHUT_WR)


def test_a_file_that_cannot_be_created_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = run(
        make_settings(
            f"sqlite:///{tmp_path}/file/recipes.db", tmp_path / "data", database_wait_seconds=1
        ),
        PRESTART,
    )
    assert done.returncode != 0
    assert "Traceback" not in done.stdout


def test_a_newer_database_is_reported_with_both_remedies(settings: Settings) -> None:
    execute(settings.database_url, "UPDATE alembic_version SET version_num = 'aaaa00000001'")
    done = run(settings, PRESTART)
    assert done.returncode == 1
    line = done.stdout.splitlines()[-1]
    assert "aaaa00000001" in line
    assert "of a newer version of the application: install that, or restore the backup" in line
    assert "Traceback" not in done.stdout


@pytest.mark.parametrize("sample_recipes", [None, True])
def test_a_new_database_in_production_is_announced(
    empty_settings: Settings, sample_recipes: bool | None
) -> None:
    """The disk with the old database may be missing."""
    production = make_settings(
        empty_settings.database_url,
        empty_settings.data_dir,
        environment="production",
        jwt_secret="6Zk4tq1vWb8xYc2nRm5pLd9sGf3hJe7u",
        sample_recipes=sample_recipes,
    )
    first, second = (run(production, PRESTART) for _ in range(2))
    assert (first.returncode, second.returncode) == (0, 0), first.stdout
    (line,) = [line for line in first.stdout.splitlines() if "WARNING" in line]
    assert "A new, empty database was made at " in line
    assert "WARNING" not in second.stdout
    made = rows(production.database_url, "recipe")
    assert len(made) == (len(RECIPES) if sample_recipes else 0)


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"PORT": "99999"}, "PORT"),
        ({"HOST": "300.1.1.1"}, "300.1.1.1"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_address_that_cannot_be_served_is_one_line(
    tmp_path: Path, variables: dict[str, str], named: str
) -> None:
    command = ("python", "-m", "app.serving.supervisor")
    done = run(make_settings("", tmp_path), *command, variables=variables)
    assert done.returncode == 1
    (line,) = done.stdout.splitlines()
    assert line.startswith("settings: ")
    assert named in line


def test_a_service_that_must_not_install_names_the_command(tmp_path: Path) -> None:
    """Its user must not be able to change the code."""
    folder = tmp_path / "srv"
    (folder / "scripts").mkdir(parents=True)
    for name in ("scripts/setup", "pyproject.toml", "requirements.txt"):
        shutil.copy(ROOT / name, folder / name)
    (folder / "pyproject.toml").chmod(0o400)
    folder.chmod(0o500)
    command = (*AS_ONE_OF_MANY, str(folder / "scripts" / "setup"), "--only", "main")
    done = run(make_settings("", tmp_path / "data"), *command)
    folder.chmod(0o700)
    assert done.returncode == 1
    (line,) = done.stdout.splitlines()
    assert line.endswith(f"run scripts/setup --only main as the owner of {folder}")


def test_a_taken_address_is_one_line(tmp_path: Path) -> None:
    command = ("python", "-m", "app.serving.supervisor")
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as taken:
        port = str(taken.server_address[1])
        done = run(make_settings("", tmp_path), *command, variables={"PORT": port})
    assert done.returncode == 1
    (line,) = done.stdout.splitlines()
    assert f"127.0.0.1:{port}: Address already in use" in line


@pytest.mark.parametrize("log_format", ["console", "json"])
def test_a_migration_that_fails_is_one_line_with_its_reason(
    settings: Settings, scratch: Scratch, log_format: str
) -> None:
    scratch.add("op.execute('INSERT INTO no_such_table VALUES (1)')")
    quiet = settings.model_copy(update={"log_level": "INFO", "log_format": log_format})
    done = run(quiet, PRESTART, variables=scratch.variables)
    assert done.returncode == 1
    line = done.stdout.splitlines()[-1]
    assert "ERROR" in line
    assert "The migration to revision scratch failed and was undone: " in line
    assert "no_such_table" in line
    # JSON contains the traceback; in text it needs LOG_LEVEL=DEBUG.
    assert ("Traceback" in line) == (log_format == "json")
    assert "Traceback" not in done.stdout.removesuffix(f"{line}\n")


def test_a_restart_keeps_all_changes(empty_settings: Settings, tmp_path: Path) -> None:
    with server.run_sh(empty_settings, tmp_path) as first, first.client() as client:
        posted = create_recipe(client, sign_up(client), label="Soup of the day")
        password = (empty_settings.data_dir / "first-superuser-password").read_text().strip()
        token = sign_in(client, empty_settings.first_superuser, password)
        seeded = client.get(f"{API}/recipes", params={"limit": 100}).json()["items"]
        assert len(seeded) == len(RECIPES) + 1
        for recipe in seeded:
            if recipe["id"] != posted["id"]:
                deleted = client.delete(
                    f"{API}/recipes/{recipe['id']}", headers={"Authorization": f"Bearer {token}"}
                )
                assert deleted.status_code == 204
        assert first.stop() == 0
    with server.run_sh(empty_settings, tmp_path) as second, second.client() as client:
        assert client.get(f"{API}/recipes/{posted['id']}").json() == posted
        left = client.get(f"{API}/recipes", params={"limit": 100}).json()["items"]
        assert [recipe["label"] for recipe in left] == ["Soup of the day"]
        assert "Soup of the day" in client.get("/").text
