"""A worker process: gunicorn starts it, uvicorn's server runs in it."""

import faulthandler
import logging
import os
import resource
import signal
import socket
import sys
import tempfile
import time
from contextlib import suppress
from typing import Any

from gunicorn.workers.base import Worker as BaseWorker

from app.serving.server import serve
from app.serving.supervisor import SUPERVISOR

logger = logging.getLogger("app.serving")

STOP_SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT}
RETRY_SECONDS = 5


def hold_stop_signals_during_forks() -> None:
    """Let a stop signal that reaches a new worker wait until `init_signals`.

    It would otherwise run the handler inherited from the master, and be lost.
    """
    os.register_at_fork(
        before=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS),
        after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS),
    )


class Worker(BaseWorker):
    """A worker, as the master sees it and in its own process."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Opened before the fork, so that the master can read it.
        self._stacks = tempfile.TemporaryFile()  # noqa: SIM115 - Open as long as the worker runs.
        self._supervisor: socket.socket | None = None

    @property
    def is_orphan(self) -> bool:
        """Whether the master has died."""
        return bool(os.getppid() != self.ppid)

    @property
    def is_replaced(self) -> bool:
        """Whether another gunicorn serves, or the supervisor has died."""
        if self._supervisor:
            with suppress(BlockingIOError):
                return not self._supervisor.recv(1, socket.MSG_PEEK)
        return False

    def report_started(self) -> None:
        """Tell the supervisor that connections are accepted."""
        if self._supervisor:
            with suppress(OSError):  # It has died.
                self._supervisor.send(b"%d\n" % self.cfg.workers)

    def stop_server(self) -> None:
        """Ask the master to stop, and all workers with it."""
        os.kill(self.ppid, signal.SIGTERM)

    def log_stacks(self) -> None:
        """Log where the threads of a worker that hung or crashed were. Called in the master."""
        with self._stacks as file:
            file.seek(0)
            if stacks := file.read().decode(errors="replace").strip():
                logger.error("Worker (pid:%s) was at:\n%s", self.pid, stacks)

    def init_signals(self) -> None:
        """Until the server runs, a signal ends the process."""
        for each in self.SIGNALS:
            signal.signal(each, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
        # Gunicorn ends a hanging worker by SIGABRT. Its stacks say why it hung; a core file would
        # hold secrets.
        faulthandler.enable(self._stacks)
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))

    def run(self) -> None:
        """Serve until a signal ends it."""
        if SUPERVISOR in os.environ:
            self._supervisor = socket.socket(fileno=int(os.environ[SUPERVISOR]))
            self._supervisor.setblocking(False)
        try:
            serve(self)
        except SystemExit:  # It could not start; uvicorn has logged why.
            if self.age <= self.cfg.workers:
                raise  # Gunicorn ends as well.
            # A replacement: the other workers serve, so try again later.
            time.sleep(RETRY_SECONDS)
            sys.exit(1)
