"""The master process: gunicorn's, whose reload cannot fail and loses no request."""

import os
import signal
import subprocess
import sys
import time
from typing import Any

from gunicorn import arbiter
from gunicorn.errors import HaltServer

from app.serving.worker import Worker

CHECK_SECONDS = 120
RETRY_SECONDS = 5


class Arbiter(arbiter.Arbiter):
    """Lets the old workers go on until the new ones serve.

    Gunicorn ends them as soon as it has forked new ones, and itself where these cannot start.
    """

    WORKERS: dict[int, Worker]
    log: Any
    _outdated = 0
    """The age of the youngest worker from before the last reload."""
    _failed_at = -float(RETRY_SECONDS)

    def handle_hup(self) -> None:
        """Reload, if what is there now would start."""
        self.log.info("Checking the code and the settings before the reload")
        fault = self._check()
        if fault:
            self.log.error("Not reloaded, the workers go on as they are: %s", fault)
        else:
            super().handle_hup()

    def _check(self) -> str:
        """What is wrong with what a reload would load; another process tries it."""
        command = [sys.executable, "-m", "gunicorn", *sys.argv[1:], "--check-config"]
        try:
            subprocess.run(  # noqa: S603 - What we were started with ourselves.
                command,
                cwd=self.START_CTX["cwd"],
                env=self.cfg.env_orig,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=CHECK_SECONDS,
                check=True,
            )
        except subprocess.CalledProcessError as error:
            return str(error.output).strip() or str(error)
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
        return ""

    def reload(self) -> None:
        """Start workers with the code and the settings of now; the old ones end when these serve.

        Gunicorn's own waits here, deaf to signals, until the old ones have ended.
        """
        for name in self.cfg.env:
            if name in self.cfg.env_orig:
                os.environ[name] = self.cfg.env_orig[name]
            else:
                os.environ.pop(name, None)
        address = self.cfg.address
        self.app.reload()
        self.setup(self.app)
        self.log.reopen_files()
        if self.cfg.address != address:
            self.log.warning("Another HOST or PORT is taken at the next start only")
        self.cfg.on_reload(self)
        for worker in self._in_service():
            if not worker.has_started:  # Of a reload a moment ago.
                self._replace(worker)
        self._outdated = self.worker_age
        self.manage_workers()

    def manage_workers(self) -> None:
        """Start what is missing, and stop what is too much once all others serve."""
        current = [worker for worker in self._in_service() if worker.age > self._outdated]
        if time.monotonic() - self._failed_at >= RETRY_SECONDS:
            for _ in range(self.num_workers - len(current)):
                self.spawn_worker()
        workers = self._in_service()
        if all(worker.has_started for worker in workers[-self.num_workers :]):
            for worker in workers[: -self.num_workers]:
                self._replace(worker)

    def _in_service(self) -> list[Worker]:
        """The workers that are not told to stop, the oldest first."""
        workers = [each for each in self.WORKERS.values() if not each.is_told_to_stop]
        return sorted(workers, key=lambda worker: worker.age)

    def _replace(self, worker: Worker) -> None:
        worker.is_told_to_stop = True
        worker.say_replaced()
        self.kill_worker(worker.pid, signal.SIGTERM)

    def reap_workers(self) -> None:
        """A worker that cannot start ends the server only where no other one serves."""
        while True:
            try:
                super().reap_workers()
            except HaltServer as error:
                if not any(worker.has_started for worker in self._in_service()):
                    raise
                self._failed_at = time.monotonic()
                self.log.error("%s The others serve on.", error.reason)
            else:
                return
