"""A PostgreSQL server for the benchmarks, which keeps its data for the next run."""

import os
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.load import RefusedError
from benchmarks.servers import START_TIMEOUT
from tests.postgres import PostgresError, find_binaries, free_port, system_account


@contextmanager
def running_postgres(folder: Path) -> Iterator[str]:
    """Start a server with its data in `folder` and default settings, and yield its URL."""
    try:
        binaries = find_binaries()
    except PostgresError as error:
        raise RefusedError(str(error)) from None
    data, password, log = folder / "data", folder / "password", folder / "log"
    account = system_account()
    become: dict[str, Any] = {}
    if account:
        become = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True)
        password.write_text(secrets.token_urlsafe(16))
        if become:
            for path in (folder, password):
                os.chown(path, become["user"], become["group"])
        _initialise(binaries, data, password, become)
    port = free_port()
    url = f"postgresql://recipes:{password.read_text()}@127.0.0.1:{port}"
    options = (f"--port={port}", "--listen_addresses=127.0.0.1", "--unix_socket_directories=")
    with log.open("ab") as output:
        process = subprocess.Popen(
            [binaries / "postgres", "-D", data, *options],
            stdout=output,
            stderr=output,
            # It may also use the core of the load generator, which waits while it works.
            preexec_fn=lambda: os.sched_setaffinity(0, range(os.cpu_count() or 1)),
            **become,
        )
    try:
        _wait_until_ready(process, f"{url}/postgres", log)
        yield url
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def _initialise(binaries: Path, data: Path, password: Path, become: dict[str, Any]) -> None:
    command = [
        str(binaries / "initdb"),
        *(f"--pgdata={data}", f"--pwfile={password}", "--username=recipes"),
        *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"),
    ]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **become
    )
    if done.returncode:
        raise RefusedError(f"PostgreSQL could not be set up:\n{done.stdout[-2000:]}")


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline and process.poll() is None:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    raise RefusedError(f"PostgreSQL did not start:\n{tail}")


def execute(url: str, *statements: str) -> None:
    """Run statements, each in a separate transaction."""
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())
