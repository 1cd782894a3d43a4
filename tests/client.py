"""The application in the process of a test."""

import asyncio
import contextlib
import threading
from collections.abc import Coroutine, MutableMapping
from typing import Any, Self, TypeVar

import httpx2
from fastapi import FastAPI
from fastapi.testclient import TestClient

T = TypeVar("T")
Message = MutableMapping[str, Any]


class Client(TestClient):
    """A client of the started application, whose requests run in the thread that asks.

    The one of Starlette has an event loop in another thread: to go there and back some times for
    each request takes twice as long as the request. What is sent and answered is whole here; a
    stream that is to be followed while it comes needs a real server.
    """

    _loop: asyncio.AbstractEventLoop
    _turn: threading.Lock

    def __init__(self, app: FastAPI, address: str = "testclient") -> None:
        super().__init__(app, raise_server_exceptions=False)
        self._api = app
        self._lifespan = app.router.lifespan_context(app)
        self._transport = _Transport(app, self, address)

    def at(self, address: str) -> "Client":
        """Another client of the same started application, at another address."""
        other = Client(self._api, address)
        other._loop, other._turn = self._loop, self._turn
        return other

    def __enter__(self) -> Self:
        self._loop, self._turn = asyncio.new_event_loop(), threading.Lock()
        self.run(self._lifespan.__aenter__())
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self._lifespan.__aexit__(None, None, None))
        self.run(self._loop.shutdown_asyncgens())
        self.run(self._loop.shutdown_default_executor())
        self._loop.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What `work` returns. Where several threads ask at once, one runs the loop for all."""
        if self._turn.acquire(blocking=False):
            try:
                return self._loop.run_until_complete(work)
            finally:
                self._turn.release()
        done = asyncio.run_coroutine_threadsafe(work, self._loop)
        while not done.done():
            if self._turn.acquire(timeout=0.001):
                try:
                    if not done.done():
                        self._loop.run_until_complete(asyncio.wrap_future(done, loop=self._loop))
                finally:
                    self._turn.release()
        return done.result()


class _Transport(httpx2.BaseTransport):
    """What httpx2.ASGITransport does, which looks for a package that is not there each time."""

    def __init__(self, app: FastAPI, client: Client, address: str) -> None:
        self._app = app
        self._client = client
        self._address = address

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return self._client.run(self._answer(request, request.read()))

    async def _answer(self, request: httpx2.Request, body: bytes) -> httpx2.Response:
        url = request.url
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "scheme": url.scheme,
            "path": url.path,
            "raw_path": url.raw_path.partition(b"?")[0],
            "query_string": url.query,
            "server": (url.host, url.port),
            "client": (self._address, 50000),
            "root_path": "",
        }
        unsent = [{"type": "http.request", "body": body, "more_body": False}]
        over = asyncio.Event()
        start: Message = {"status": 500, "headers": []}
        parts: list[bytes] = []

        async def receive() -> Message:
            if unsent:
                return unsent.pop()
            await over.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                over.set()

        # What a server does with an error that nothing has answered: it ends the connection.
        with contextlib.suppress(Exception):
            await self._app(scope, receive, send)
        return httpx2.Response(
            start["status"],
            headers=start["headers"],
            stream=httpx2.ByteStream(b"" if request.method == "HEAD" else b"".join(parts)),
            request=request,
        )
