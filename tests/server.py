"""Server processes for tests."""

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx2

from app.core.config import ROOT, Settings
from tests.log_secrets import SCANNER
from tests.postgres import free_port
from tests.processes import started

READY_SECONDS = 60
STOP_SECONDS = 30


@dataclass(frozen=True)
class Server:
    """A running server. `log` is the file with the output of all its processes."""

    url: str
    process: subprocess.Popen[str]
    log: Path

    def client(self) -> httpx2.Client:
        """Return a client of this server, which the caller closes."""
        return httpx2.Client(base_url=self.url, timeout=30)

    @property
    def workers(self) -> set[int]:
        """The process ids of the workers of each gunicorn master."""
        return {worker for master in self.masters for worker in children(master)}

    @property
    def masters(self) -> set[int]:
        """The process ids of the gunicorn masters: during a reload there are two."""
        return children(self.process.pid)

    def stop(self) -> int:
        """Stop the server with SIGTERM, as a service manager does, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)


def uvicorn(settings: Settings, folder: Path) -> contextlib.AbstractContextManager[Server]:
    """Start a single uvicorn process, which is fast."""
    port = str(free_port())
    factory = ("uvicorn", "--factory", "app.main:create_app")
    return _running(settings, folder, port, sys.executable, "-m", *factory, "--port", port)


def run_sh(
    settings: Settings, folder: Path, workers: int = 1
) -> contextlib.AbstractContextManager[Server]:
    """Start run.sh: prestart, then gunicorn with its workers."""
    port = str(free_port())
    variables = {"HOST": "127.0.0.1", "PORT": port, "WEB_CONCURRENCY": str(workers)}
    return _running(settings, folder, port, "./run.sh", variables=variables)


def gunicorn(
    settings: Settings, folder: Path, workers: int = 1, root: Path = ROOT, without: str = ""
) -> contextlib.AbstractContextManager[Server]:
    """Start gunicorn as run.sh does, on a migrated database, `without` these variables."""
    port = str(free_port())
    own = {"HOST": "127.0.0.1", "PORT": port, "WEB_CONCURRENCY": str(workers)}
    unset = [f"--unset={name}" for name in without.split()]
    command = ("env", *unset, "python", "-m", "app.serving.supervisor")
    return _running(settings, folder, port, *command, variables=own, root=root)


def dev(
    settings: Settings, folder: Path, root: Path, without: str = ""
) -> contextlib.AbstractContextManager[Server]:
    """Start scripts/dev in the checkout `root`, `without` these variables."""
    port = str(free_port())
    unset = [f"--unset={name}" for name in without.split()]
    variables = {"HOST": "127.0.0.1", "PORT": port}
    return _running(
        settings, folder, port, "env", *unset, "scripts/dev", variables=variables, root=root
    )


def children(pid: int) -> set[int]:
    """Return the child processes of a process; none if it has ended."""
    try:
        return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
    except FileNotFoundError:
        return set()


@contextlib.contextmanager
def _running(
    settings: Settings,
    folder: Path,
    port: str,
    *command: str,
    variables: Mapping[str, str] | None = None,
    root: Path = ROOT,
) -> Iterator[Server]:
    log = folder / f"server-{port}.log"
    with (
        log.open("wb") as output,
        started(settings, *command, variables=variables, output=output, root=root) as process,
    ):
        server = Server(f"http://127.0.0.1:{port}", process, log)
        _wait_until_ready(server)
        yield server
        if process.poll() is None:
            server.stop()
    SCANNER.scan(log.read_text())


def _wait_until_ready(server: Server) -> None:
    end = time.monotonic() + READY_SECONDS
    answer = "no answer"
    with server.client() as client:
        while time.monotonic() < end and server.process.poll() is None:
            try:
                response = client.get("/readyz")
            except httpx2.TransportError as error:
                answer = repr(error)
            else:
                if response.is_success:
                    return
                answer = f"{response.status_code} {response.text}"
            time.sleep(0.02)
    raise AssertionError(f"The server is not ready: {answer}\n{server.log.read_text()}")
