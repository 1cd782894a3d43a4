"""Real server processes for tests, ended by their own id."""

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
    """A server that answers at `url`; what it and its workers print goes to `log`."""

    url: str
    process: subprocess.Popen[str]
    log: Path

    def client(self) -> httpx2.Client:
        """A client whose paths begin at this server; the caller closes it."""
        return httpx2.Client(base_url=self.url, timeout=30)

    @property
    def workers(self) -> set[int]:
        """The workers of each gunicorn that the supervisor runs."""
        return {worker for master in self.masters for worker in children(master)}

    @property
    def masters(self) -> set[int]:
        """The gunicorn that serves; during a reload also the one that starts or ends."""
        return children(self.process.pid)

    def stop(self) -> int:
        """Ask the server to end, as a service manager does, and give its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)


def uvicorn(settings: Settings, folder: Path) -> contextlib.AbstractContextManager[Server]:
    """One worker and nothing before it: quick to start."""
    port = str(free_port())
    factory = ("uvicorn", "--factory", "app.main:create_app")
    return _running(settings, folder, port, sys.executable, "-m", *factory, "--port", port)


def run_sh(
    settings: Settings, folder: Path, workers: int = 1
) -> contextlib.AbstractContextManager[Server]:
    """What people start: prestart, then gunicorn with its workers."""
    port = str(free_port())
    variables = {"HOST": "127.0.0.1", "PORT": port, "WEB_CONCURRENCY": str(workers)}
    return _running(settings, folder, port, "./run.sh", variables=variables)


def gunicorn(
    settings: Settings, folder: Path, workers: int = 1, root: Path = ROOT, without: str = ""
) -> contextlib.AbstractContextManager[Server]:
    """What run.sh starts in the end, on a database that is ready; `without` these variables."""
    port = str(free_port())
    own = {"HOST": "127.0.0.1", "PORT": port, "WEB_CONCURRENCY": str(workers)}
    unset = [f"--unset={name}" for name in without.split()]
    command = ("env", *unset, "python", "-m", "app.serving.supervisor")
    return _running(settings, folder, port, *command, variables=own, root=root)


def dev(
    settings: Settings, folder: Path, root: Path, without: str = ""
) -> contextlib.AbstractContextManager[Server]:
    """What developers start, in the checkout `root`; `without` these variables."""
    port = str(free_port())
    unset = [f"--unset={name}" for name in without.split()]
    variables = {"HOST": "127.0.0.1", "PORT": port}
    return _running(
        settings, folder, port, "env", *unset, "scripts/dev", variables=variables, root=root
    )


def children(pid: int) -> set[int]:
    """The child processes of a process, if it still runs."""
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
