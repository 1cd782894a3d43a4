"""The application in the process of a test."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, Self, TypeVar

import httpx2
from fastapi import FastAPI
from fastapi.testclient import TestClient

T = TypeVar("T")


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
    def __init__(self, app: FastAPI, client: Client, address: str) -> None:
        self._client = client
        self._asgi = httpx2.ASGITransport(app, raise_app_exceptions=False, client=(address, 50000))

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        asked = httpx2.Request(request.method, request.url, content=request.read())
        asked.headers = request.headers
        return self._client.run(self._answer(asked, request))

    async def _answer(self, asked: httpx2.Request, request: httpx2.Request) -> httpx2.Response:
        answer = await self._asgi.handle_async_request(asked)
        assert isinstance(answer.stream, httpx2.AsyncByteStream)
        body = b"".join([part async for part in answer.stream])
        return httpx2.Response(
            answer.status_code,
            headers=answer.headers.raw,
            stream=httpx2.ByteStream(body),
            request=request,
        )
