"""A PostgreSQL server of a test's own, to be stopped, frozen and brought back."""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from tests import postgres
from tests.processes import die_with_parent

STOP_SECONDS = 30


class DatabaseServer:
    """It has one database, `recipes`, whose owner is the role of the same name."""

    def __init__(self, folder: Path, binaries: Path, become: dict[str, Any], **options: str):
        self._folder = folder
        self._binaries = binaries
        self._become = become
        self._password = secrets.token_urlsafe(16)
        self._port = postgres.free_port()
        # What is committed is the system's, so a crash of the server loses none of it.
        safe = {"synchronous_commit": "on", "port": str(self._port)}
        self._options = postgres.OPTIONS | safe | options
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Of the database."""
        return f"postgresql://recipes:{self._password}@127.0.0.1:{self._port}/recipes"

    @property
    def _superuser_url(self) -> str:
        return f"postgresql://postgres:{self._password}@127.0.0.1:{self._port}/"

    def create(self) -> None:
        """Make the files, the role and the database; then it runs."""
        password = self._folder / "password"
        password.write_text(self._password)
        if self._become:
            os.chown(self._folder, self._become["user"], self._become["group"])
            os.chown(password, self._become["user"], self._become["group"])
        command = [
            str(self._binaries / "initdb"),
            "--pgdata=data",
            "--username=postgres",
            "--no-sync",
        ]
        options = ["--pwfile=password", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"]
        subprocess.run(
            [*command, *options],
            cwd=self._folder,
            check=True,
            stdout=subprocess.DEVNULL,
            **self._become,
        )
        self.start()
        self.execute(f"CREATE ROLE recipes LOGIN PASSWORD '{self._password}'")
        self.execute("CREATE DATABASE recipes OWNER recipes")

    def start(self) -> None:
        """Start it, and return when it answers."""
        options = [f"--{name}={value}" for name, value in self._options.items()]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._binaries / "postgres", "-D", "data", *options],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,
                **self._become,
            )
        end = time.monotonic() + postgres.START_SECONDS
        while True:
            try:
                self.execute("SELECT 1")
            except psycopg.OperationalError:
                assert self._process.poll() is None, (self._folder / "log").read_text()
                assert time.monotonic() < end
                time.sleep(0.02)
            else:
                return

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it; by default as an administrator does who waits for nobody."""
        assert self._process is not None
        self._process.send_signal(how)
        self._process.wait(STOP_SECONDS)

    def freeze(self) -> None:
        """Let none of its processes go on: connections stay, and nothing is answered."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let all of them go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        # The parent first, which makes the others.
        os.kill(self._process.pid, number)
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        for child in children.read_text().split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(child), number)

    def execute(self, statement: str, database: str = "postgres") -> list[Any]:
        """Run a statement as the superuser, and give the rows."""
        url = self._superuser_url + database
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
            cursor = connection.execute(statement.encode())
            return [] if cursor.description is None else cursor.fetchall()

    def connections(self) -> int:
        """How many connections the role of the application has."""
        ((count,),) = self.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'recipes'"
        )
        return int(count)

    def end(self) -> None:
        """End it, in whatever state it is."""
        if self._process is not None and self._process.poll() is None:
            self.thaw()
            self.stop(signal.SIGQUIT)


@contextlib.contextmanager
def database_server(**options: str) -> Iterator[DatabaseServer]:
    """A server that runs, with `options` of its configuration."""
    account = postgres.system_account()
    folder = Path(tempfile.mkdtemp(prefix="recipes-fault-", dir=postgres.data_parent(account)))
    become: dict[str, Any] = {}
    binaries = postgres.find_binaries()
    if account:
        become = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        binaries = postgres.reachable(binaries, become, folder)
    server = DatabaseServer(folder, binaries, become, **options)
    try:
        server.create()
        yield server
    finally:
        server.end()
        shutil.rmtree(folder, ignore_errors=True)
