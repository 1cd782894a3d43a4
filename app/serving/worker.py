"""A worker process: gunicorn starts it, and uvicorn serves in it.

The server watches its connections, and stops without losing a request.
"""

import asyncio
import faulthandler
import logging
import os
import resource
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from fastapi import FastAPI
from gunicorn.workers.base import Worker as BaseWorker
from uvicorn import Config
from uvicorn import Server as BaseServer

from app.core.root_path import root_path
from app.serving.protocol import Protocol, State
from app.serving.supervisor import SUPERVISOR

logger = logging.getLogger("app.serving")

STOP_SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT}
RETRY_SECONDS = 5
REQUEST_SECONDS = 25
"""How long running requests have at a stop, before gunicorn kills what is left."""
URGENT_SECONDS = 2
SWEEP_SECONDS = 0.5


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


def serve(worker: Worker) -> None:
    """Serve until a signal ends it. Raises SystemExit if it could not start."""
    config = Config(
        worker.wsgi,
        # At saturation uvloop gains 2 to 4 % and makes the slowest requests five times slower.
        loop="asyncio",
        http=Protocol,
        ws="none",
        log_config=None,
        access_log=False,
        # A request does not inherit what the one before it on the connection has set. It costs
        # nothing: 7.0 instead of 7.5 µs for a task.
        reset_contextvars=True,
        server_header=False,
        proxy_headers=False,  # The application does it: `app.api.proxies`.
        backlog=worker.cfg.backlog,
        timeout_keep_alive=worker.cfg.keepalive,
        timeout_notify=worker.timeout,
        timeout_graceful_shutdown=REQUEST_SECONDS,
    )
    # For refusals, which the application never sees.
    root_path.set(worker.wsgi.state.settings.root_path)
    asyncio.run(Server(config, worker.wsgi, worker).serve(worker.sockets))


class Server(BaseServer):
    """Stops in three steps: fails /readyz, closes the listener, ends the connections."""

    server_state: State

    def __init__(self, config: Config, app: FastAPI, worker: Worker) -> None:
        config.callback_notify = self._notify
        super().__init__(config)
        self.server_state = State()
        self._app = app
        self._worker = worker
        self._is_urgent = False
        self._tasks: set[asyncio.Task[Any]] = set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle signals. Uvicorn would end the process by the signal after an orderly stop."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            loop.add_signal_handler(number, self._on_signal, number)
        yield

    def _on_signal(self, number: int) -> None:
        if number != signal.SIGTERM:
            # A second Ctrl-C waits for nothing.
            self.force_exit = number == signal.SIGINT and self._is_urgent
            self._is_urgent = True
            self.config.timeout_graceful_shutdown = URGENT_SECONDS
        drain = 0 if self._is_urgent else self._app.state.settings.drain_seconds
        if self._worker.is_replaced:  # The address goes on being served, and stays ready.
            drain = 0
        else:
            self._app.state.is_stopping = True
        asyncio.get_running_loop().call_later(drain, self._exit)

    def _exit(self) -> None:
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept connections, and to watch them."""
        await super().startup(sockets)
        self._start(self._watch())
        self._worker.report_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept no more connections, answer the running requests, and end the connections."""
        self.server_state.is_closing = True
        for listener in sockets or []:
            self._accept_waiting(listener)
        await super().shutdown(sockets)

    def _accept_waiting(self, listener: socket.socket) -> None:
        """Accept the clients that are connected already: closing the listener would reset them."""
        loop = asyncio.get_running_loop()
        make = partial(
            Protocol,
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:  # No more connections, or no more open files.
                return
            connection.setblocking(False)
            self._start(loop.connect_accepted_socket(make, connection))

    def _start(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _watch(self) -> None:
        """Look at all connections at once: that costs less than a timer for each request."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            sweep(self.server_state)
            if self._worker.is_orphan:
                self.should_exit = True
            elif self._worker.is_replaced and not self.should_exit:
                self._worker.stop_server()

    async def _notify(self) -> None:
        self._worker.notify()


def sweep(state: State) -> None:
    """End each connection whose client is too slow."""
    now = asyncio.get_running_loop().time()
    for connection in list(state.connections):
        assert isinstance(connection, Protocol)
        try:
            connection.check(now)
        except Exception:  # One connection must not end the sweep of the others.
            logger.exception("A connection could not be checked and is closed")
            connection.transport.abort()
