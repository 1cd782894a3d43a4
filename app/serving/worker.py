"""A worker process: gunicorn starts it, uvicorn's server runs in it."""

import faulthandler
import mmap
import os
import resource
import signal
import sys
import tempfile
from typing import Any

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker as BaseWorker

_STARTED, _REPLACED = 0, 1


class Worker(BaseWorker):
    """A worker, as the master sees it and as it is in its own process."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Made before the fork, so that both processes see it.
        self._shared = mmap.mmap(-1, mmap.PAGESIZE)
        self._stacks = tempfile.TemporaryFile()  # noqa: SIM115 - As long as there is a worker.
        self.is_told_to_stop = False

    @property
    def has_started(self) -> bool:
        """Whether it takes connections."""
        return bool(self._shared[_STARTED])

    @property
    def is_replaced(self) -> bool:
        """Whether others serve on when it stops."""
        return bool(self._shared[_REPLACED])

    @property
    def is_orphan(self) -> bool:
        """Whether the master has died, and nobody will ever stop this worker."""
        return bool(os.getppid() != self.ppid)

    def say_started(self) -> None:
        """Tell the master that connections are taken."""
        self._shared[_STARTED] = 1

    def say_replaced(self) -> None:
        """Tell the worker that others serve on when it stops."""
        self._shared[_REPLACED] = 1

    def stacks(self) -> str:
        """Return where the threads of a worker were that hung or crashed; else nothing."""
        with self._stacks as file:
            file.seek(0)
            return file.read().decode(errors="replace").strip()

    def init_signals(self) -> None:
        """Until the server runs, a signal ends the process as if nothing handled it."""
        for each in self.SIGNALS:
            signal.signal(each, signal.SIG_DFL)
        signal.signal(signal.SIGUSR1, self.handle_usr1)
        signal.siginterrupt(signal.SIGUSR1, False)
        # A worker that hangs is ended by SIGABRT. Its stacks tell why; a dump of its memory would
        # hold secrets.
        faulthandler.enable(self._stacks)
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))

    def load_wsgi(self) -> None:
        """Make the application, or end in the way that gunicorn does not try again at once."""
        # What the master has imported of ours may be older than what is there now.
        for name in [each for each in sys.modules if each.partition(".")[0] == "app"]:
            del sys.modules[name]
        try:
            super().load_wsgi()
        except SystemExit as error:  # Settings that are wrong.
            self.log.error("%s", error)
            sys.exit(Arbiter.WORKER_BOOT_ERROR)

    def run(self) -> None:
        """Serve until a signal ends it."""
        # Imported in this process, so that a reload takes the code of now.
        from app.serving.server import serve

        if not serve(self):
            sys.exit(Arbiter.WORKER_BOOT_ERROR)
