"""Server processes for tests."""

import contextlib
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
from uvicorn import run as run_uvicorn

from app.core.config import ROOT, Settings
from tests.log_secrets import SCANNER
from tests.postgres import free_port
from tests.processes import Forked, forked, started

READY_SECONDS = 60
STOP_SECONDS = 30


@dataclass(frozen=True)
class Server:
    """A running server. `log` is the file with the output of all its processes."""

    url: str
    process: subprocess.Popen[str] | Forked
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
    port = free_port()
    return _running(folder, port, lambda log: forked(settings, log, _serve, port))


def _serve(port: int) -> None:
    run_uvicorn("app.main:create_app", factory=True, port=port)


def run_sh(
    settings: Settings, folder: Path, workers: int = 1
) -> contextlib.AbstractContextManager[Server]:
    """Start run.sh: prestart, then gunicorn with its workers."""
    return _run(settings, folder, "./run.sh", workers=workers)


def gunicorn(
    settings: Settings, folder: Path, workers: int = 1, root: Path = ROOT, without: str = ""
) -> contextlib.AbstractContextManager[Server]:
    """Start gunicorn as run.sh does, on a migrated database, `without` these variables."""
    unset = [f"--unset={name}" for name in without.split()]
    command = ("env", *unset, "python", "-m", "app.serving.supervisor")
    return _run(settings, folder, *command, workers=workers, root=root)


def dev(
    settings: Settings, folder: Path, root: Path, without: str = ""
) -> contextlib.AbstractContextManager[Server]:
    """Start scripts/dev in the checkout `root`, `without` these variables."""
    unset = [f"--unset={name}" for name in without.split()]
    return _run(settings, folder, "env", *unset, "scripts/dev", root=root)


def _run(
    settings: Settings, folder: Path, *command: str, workers: int = 1, root: Path = ROOT
) -> contextlib.AbstractContextManager[Server]:
    port = free_port()
    variables = {"HOST": "127.0.0.1", "PORT": str(port), "WEB_CONCURRENCY": str(workers)}

    @contextlib.contextmanager
    def start(log: Path) -> Iterator[subprocess.Popen[str]]:
        with (
            log.open("wb") as output,
            started(settings, *command, variables=variables, output=output, root=root) as process,
        ):
            yield process

    return _running(folder, port, start)


def children(pid: int) -> set[int]:
    """Return the child processes of a process; none if it has ended."""
    try:
        return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
    except FileNotFoundError:
        return set()


@contextlib.contextmanager
def _running(
    folder: Path,
    port: int,
    start: Callable[[Path], contextlib.AbstractContextManager[subprocess.Popen[str] | Forked]],
) -> Iterator[Server]:
    log = folder / f"server-{port}.log"
    with start(log) as process:
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
