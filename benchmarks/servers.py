"""Start, observe and stop servers, each a single process on the same core."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import RefusedError, fetch

ROOT = Path(__file__).resolve().parent.parent
START_TIMEOUT = 30.0
UVICORN = (
    *("--loop", "asyncio", "--http", "httptools", "--no-access-log"),
    *("--log-level", "warning", "--workers", "1"),
)


@dataclass(frozen=True)
class Target:
    """A server that can be started."""

    name: str
    app: str
    environment: Mapping[str, str]
    factory: bool = False


@dataclass(frozen=True)
class Server:
    """A running server."""

    process: subprocess.Popen[bytes]
    port: int
    start_seconds: float

    def memory(self) -> int:
        """Bytes of resident memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024

    def cpu_seconds(self) -> float:
        """CPU time of all threads so far."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text()
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(target: Target, core: int, folder: Path, probe: bytes) -> Iterator[Server]:
    """Start a server, wait for its first answer, and stop it at the end of the block."""
    port = _free_port()
    log = folder / f"{target.name.replace(' ', '-')}.log"
    command = [sys.executable, "-m", "uvicorn", target.app, "--port", str(port), *UVICORN]
    if target.factory:
        command.append("--factory")
    with log.open("ab") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **target.environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )
    try:
        _first_answer(process, port, probe, target, log)
        yield Server(process, port, time.perf_counter() - began)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _first_answer(
    process: subprocess.Popen[bytes], port: int, probe: bytes, target: Target, log: Path
) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline and process.poll() is None:
        try:
            fetch(port, probe)
        except ConnectionRefusedError:
            # A short pause, since the time of the start is measured.
            time.sleep(0.002)
        else:
            return
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    raise RefusedError(f"{target.name} did not start:\n{tail}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
