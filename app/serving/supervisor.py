"""The process that run.sh becomes: it owns the listening socket and runs gunicorn.

On a reload it starts a second gunicorn on the same socket. Once every worker of that one serves, it
retires the first one. If the second one cannot start, the first one keeps serving. The socket stays
open throughout, so no connection is refused or reset.

This process keeps its old code across reloads, so it does and imports as little as possible.
"""

import asyncio
import logging
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress

from app.observability.logging import set_up_log
from app.serving.address import listen, setting

logger = logging.getLogger("app.serving")

START_SECONDS = 120
"""How long a reload may take until every worker serves."""

LISTENER = "RECIPES_LISTENER"
"""Environment of gunicorn: the descriptor of the listening socket."""
SUPERVISOR = "RECIPES_SUPERVISOR"
"""Environment of gunicorn: the descriptor of a socket to the supervisor.

Each worker that serves sends a line with the number of workers. End of file tells the workers that
this gunicorn has been replaced, or that the supervisor has died.
"""


class Gunicorn:
    """A gunicorn with its workers."""

    def __init__(self, inherited: list[int]) -> None:
        self._channel, theirs = socket.socketpair()
        self._channel.setblocking(False)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn"],
                env=os.environ | {SUPERVISOR: str(theirs.fileno())},
                pass_fds=[*inherited, theirs.fileno()],
            )

    async def serves(self) -> bool:
        """Wait until every worker serves. Return False if gunicorn ends before that."""
        reports = b""
        while data := await self._receive():
            reports += data
            *lines, _ = reports.split(b"\n")
            if lines and len(lines) >= int(lines[-1]):
                return True
        return False

    async def ended(self) -> int:
        """Wait until gunicorn and all its workers have ended, and return the exit status."""
        while await self._receive():
            pass
        self._channel.close()
        return self._process.wait()

    def send_signal(self, number: int) -> None:
        """Send a signal to gunicorn, unless it has ended."""
        self._process.send_signal(number)

    def retire(self) -> None:
        """Ask for an end without a notice at /readyz: another gunicorn serves."""
        with suppress(OSError):  # All its processes have ended.
            self._channel.shutdown(socket.SHUT_WR)

    async def _receive(self) -> bytes:
        return await asyncio.get_running_loop().sock_recv(self._channel, 4096)


class Supervisor:
    """Runs one gunicorn, and during a reload a second one."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._inherited = [listener.fileno(), share_memory()]
        # Not for gunicorn, which reports that it is ready before any worker serves.
        self._notify_socket = os.environ.pop("NOTIFY_SOCKET", "")
        self._all: dict[Gunicorn, asyncio.Task[None]] = {}
        self._current: Gunicorn | None = None
        self._starting: Gunicorn | None = None
        self._is_stopping = False
        self._status = 0

    async def run(self) -> int:
        """Serve until a signal or a failure, and return the exit status."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            loop.add_signal_handler(number, self._stop, number)
        for number in (signal.SIGTTIN, signal.SIGTTOU):  # One worker more, one less.
            loop.add_signal_handler(number, self._forward, number)
        loop.add_signal_handler(signal.SIGHUP, self._start)
        # run.sh blocks it until there is a handler.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        self._start()
        while self._all:
            await asyncio.wait(self._all.values(), return_when=asyncio.FIRST_COMPLETED)
        return self._status

    def _start(self) -> None:
        """Start a gunicorn with the code and the settings of now, to replace the current one."""
        if self._is_stopping:
            return
        if self._starting:
            self._starting.send_signal(signal.SIGTERM)  # It may have read older code.
        if self._current:
            logger.info("Reloading: starting new workers beside the current ones")
        new = self._starting = Gunicorn(self._inherited)
        self._all[new] = asyncio.create_task(self._follow(new))

    async def _follow(self, gunicorn: Gunicorn) -> None:
        """Make a gunicorn the current one once it serves, and wait until it ends."""
        try:
            async with asyncio.timeout(START_SECONDS if self._current else None):
                serves = await gunicorn.serves()
        except TimeoutError:
            gunicorn.send_signal(signal.SIGTERM)
            serves = False
        if gunicorn is self._starting:
            self._starting = None
            if serves:
                self._take_over(gunicorn)
            elif self._current and not self._is_stopping:
                logger.error(
                    "Not reloaded: the new workers did not start, see above. The current ones go on"
                )
        status = await gunicorn.ended()
        del self._all[gunicorn]
        if self._current in (None, gunicorn) and not self._is_stopping and not self._starting:
            self._status = status
            self._stop(signal.SIGTERM)

    def _take_over(self, gunicorn: Gunicorn) -> None:
        self._notify_ready()
        previous, self._current = self._current, gunicorn
        if previous:
            previous.retire()

    def _stop(self, number: int) -> None:
        self._is_stopping = True
        self._listener.close()
        for each in self._all:
            each.send_signal(number)

    def _forward(self, number: int) -> None:
        if self._current:
            self._current.send_signal(number)

    def _notify_ready(self) -> None:
        """Tell systemd that the server is ready (Type=notify, sd_notify(3)), once."""
        path, self._notify_socket = self._notify_socket, ""
        if path:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified, suppress(OSError):
                notified.sendto(b"READY=1", path.replace("@", "\0", 1))


def share_memory() -> int:
    """Make a file in memory for `app.observability.counters`, which outlives a reload.

    Workers find it through the environment. The inode is there for programs started by a worker:
    they do not inherit the file, and may have another one under its number.
    """
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("metrics")
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    os.environ["METRICS_FILE"] = f"{descriptor}:{os.fstat(descriptor).st_ino}"
    return descriptor


def _raise_open_files() -> None:
    """Allow as many open files, and so connections, as the hard limit does."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):  # "unlimited" may be more than the kernel gives.
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def main() -> int:
    """Listen and serve."""
    is_production = setting("ENVIRONMENT", "development") == "production"
    log_format = setting("LOG_FORMAT", "json" if is_production else "console")
    set_up_log(setting("LOG_LEVEL", "INFO").upper(), log_format == "json")
    _raise_open_files()
    listener = listen()
    os.environ[LISTENER] = str(listener.fileno())
    return asyncio.run(Supervisor(listener).run())


if __name__ == "__main__":
    sys.exit(main())
