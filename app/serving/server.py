"""Uvicorn's server in a worker: it watches its connections, and stops without losing a request."""

import asyncio
import logging
import signal
import socket
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from fastapi import FastAPI
from uvicorn import Config
from uvicorn import Server as BaseServer

from app.core.root_path import root_path
from app.serving.protocol import Protocol, State
from app.serving.worker import Worker

logger = logging.getLogger("app.serving")

REQUEST_SECONDS = 25
"""How long requests that run are given at a stop, before gunicorn kills what is left."""
URGENT_SECONDS = 2
SWEEP_SECONDS = 0.5


def serve(worker: Worker) -> bool:
    """Serve until a signal ends it; False where it could not start."""
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
        # What serves here is nobody's business.
        server_header=False,
        # The application does it: `app.api.proxies`.
        proxy_headers=False,
        backlog=worker.cfg.backlog,
        timeout_keep_alive=worker.cfg.keepalive,
        timeout_notify=worker.timeout,
        timeout_graceful_shutdown=REQUEST_SECONDS,
    )
    server = Server(config, worker.wsgi, worker)
    # For the answers that do not come from the application.
    root_path.set(worker.wsgi.state.settings.root_path)
    asyncio.run(server.serve(worker.sockets))
    return server.started


class Server(BaseServer):
    """A stop in three steps: say so at /readyz, take no more connections, end those there are."""

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
        """Uvicorn's own ends the process by the signal that it got, past all that ends in order."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            signal.signal(number, self._on_signal)
        yield

    def _on_signal(self, number: int, _: object) -> None:
        if number != signal.SIGTERM:
            # The second time, whoever presses Ctrl-C means it.
            self.force_exit = number == signal.SIGINT and self._is_urgent
            self._is_urgent = True
            self.config.timeout_graceful_shutdown = URGENT_SECONDS
        self.should_exit = True
        # Where others serve on, this machine does not stop being ready.
        self._app.state.is_stopping = not self._worker.is_replaced

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to take connections, and to watch them."""
        await super().startup(sockets)
        self._start(self._watch())
        self._worker.say_started()

    async def main_loop(self) -> None:
        """Serve until told to stop, and a little longer, so that nobody sends more requests."""
        await super().main_loop()
        drain = 0 if self._worker.is_replaced else self._app.state.settings.drain_seconds
        end = asyncio.get_running_loop().time() + drain
        counter = 0
        while asyncio.get_running_loop().time() < end and not self._is_urgent:
            await self.on_tick(counter)
            await asyncio.sleep(0.1)
            counter += 1

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: whether to stop."""
        return await super().on_tick(counter) or self._worker.is_orphan

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, answer what has been asked, and end the connections."""
        self.server_state.is_closing = True
        if self._is_urgent:
            self.server_state.grace_seconds = 0
        for listener in sockets or []:
            self._accept_waiting(listener)
        await super().shutdown(sockets)
        for task in self._tasks:
            task.cancel()

    def _accept_waiting(self, listener: socket.socket) -> None:
        """Take those that have connected already, whom closing the listener would reset."""
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
            except OSError:  # There is none, or no file is left for it.
                return
            connection.setblocking(False)
            self._start(loop.connect_accepted_socket(make, connection))

    def _start(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _watch(self) -> None:
        """One look at all connections costs less than a timer for each request."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            sweep(self.server_state)

    async def _notify(self) -> None:
        self._worker.notify()


def sweep(state: State) -> None:
    """End each connection whose client takes too long, even if one of them cannot be checked."""
    now = asyncio.get_running_loop().time()
    for connection in list(state.connections):
        assert isinstance(connection, Protocol)
        try:
            connection.check(now)
        except Exception:
            logger.exception("A connection could not be checked and is closed")
            connection.transport.abort()
