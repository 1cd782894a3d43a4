"""The master process: gunicorn's, whose reload cannot fail and loses no request."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from typing import Any

from gunicorn import arbiter
from gunicorn.errors import HaltServer
from gunicorn.systemd import sd_notify

from app.serving.worker import Worker

CHECK_SECONDS = 120
RETRY_SECONDS = 5
_PASSED = "the check has passed"
_NOTIFY_SOCKET = "NOTIFY_SOCKET"


class _Check:
    """Another process that loads what a reload would load. The master goes on in the meantime."""

    def __init__(self, folder: str, environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "gunicorn", *sys.argv[1:], "--check-config"]
        self._end = time.monotonic() + CHECK_SECONDS
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - Closed when it has been read.
        # The master may reap it among its workers, and then nothing knows its exit status.
        self._process = subprocess.Popen(  # noqa: S603 - What we were started with ourselves.
            ["/bin/sh", "-c", f'"$@" && echo {_PASSED}', "sh", *command],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def has_ended(self) -> bool:
        """Whether it is known if a reload would work."""
        if time.monotonic() > self._end:
            self.end()
        return self._process.poll() is not None

    def fault(self) -> str:
        """Return what it said is wrong, or nothing."""
        with self._output as output:
            output.seek(0)
            said = output.read().decode(errors="replace").strip()
        if said.endswith(_PASSED):
            return ""
        return said or f"the check did not end within {CHECK_SECONDS} s"

    def end(self) -> None:
        """End it and all that it has started."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


class Arbiter(arbiter.Arbiter):
    """Lets the old workers go on until the new ones serve.

    Gunicorn ends them as soon as it has forked new ones, and itself where these cannot start.
    """

    WORKERS: dict[int, Worker]
    log: Any
    _outdated = 0
    """The age of the youngest worker from before the last reload."""
    _failed_at = -float(RETRY_SECONDS)

    _check: "_Check | None" = None
    _notify_socket: str | None = None

    def start(self) -> None:
        """Keep gunicorn from telling systemd that it is ready: no worker serves yet."""
        self._notify_socket = os.environ.pop(_NOTIFY_SOCKET, None)
        super().start()

    def _say_ready(self) -> None:
        """Tell systemd that a worker serves, once (Type=notify, sd_notify(3))."""
        if self._notify_socket and any(worker.has_started for worker in self._in_service()):
            os.environ[_NOTIFY_SOCKET], self._notify_socket = self._notify_socket, None
            sd_notify("READY=1", self.log, unset_environment=True)

    def handle_hup(self) -> None:
        """Reload, if what is there now would start; `manage_workers` goes on when that is known."""
        if self._check:
            self._check.end()  # It may have read what has changed since.
        self.log.info("Checking the code and the settings before the reload")
        self._check = _Check(self.START_CTX["cwd"], self.cfg.env_orig)

    def _go_on_reloading(self) -> None:
        if not self._check or not self._check.has_ended():
            return
        fault = self._check.fault()
        self._check = None
        if fault:
            self.log.error("Not reloaded, the workers go on as they are: %s", fault)
        else:
            super().handle_hup()

    def stop(self, graceful: bool = True) -> None:
        """End a check too, which would outlive its reason."""
        if self._check:
            self._check.end()
        super().stop(graceful)

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
        self._say_ready()
        self._go_on_reloading()
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
        workers = dict(self.WORKERS)
        while True:
            try:
                super().reap_workers()
                for pid in workers.keys() - self.WORKERS.keys():
                    if stacks := workers[pid].stacks():
                        self.log.error("Worker (pid:%s) was at:\n%s", pid, stacks)
            except HaltServer as error:
                if not any(worker.has_started for worker in self._in_service()):
                    raise
                self._failed_at = time.monotonic()
                self.log.error("%s The others serve on.", error.reason)
            else:
                return
