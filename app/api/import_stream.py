"""An import of lines, each of which is reported on as soon as it is stored.

Most clients read no answer before they have sent everything. So what they do not read yet waits in
a file, or both sides would wait for each other once the buffers between them are full.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from app.api.importing import Import, patiently, temporary_file, to_json
from app.core.errors import UnauthenticatedError
from app.exchange.formats import MAX_LINE_BYTES, read_line
from app.exchange.reading.items import MAX_BYTES, MAX_ITEMS, Item, item_of

IDLE_SECONDS = 0.1
"""After which those who send line by line get their answer."""


class ImportStream(Response):
    """Answers a stream of NDJSON with another one, and the totals in its last line."""

    media_type = "application/x-ndjson"

    def __init__(self, running: Import) -> None:
        super().__init__()
        del self.headers["content-length"]
        self._running = running

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What was told is stored, also where the client goes away before the end."""
        start = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **start})
        outbox = Outbox()
        delivery = asyncio.create_task(outbox.deliver(send))
        try:
            number = 0
            async for lines in batches(receive):
                items = await patiently(_items_of, lines, number)
                number += len(items)
                for each in await self._running.bring_in(items) if items else ():
                    outbox.put(to_json(each) + b"\n")
            outbox.put(to_json(self._running.totals()) + b"\n")
        except UnauthenticatedError as error:
            outbox.put(to_json(self._running.ended(error)) + b"\n")
        finally:
            outbox.close()
            with suppress(OSError):  # The client has gone.
                await delivery
        await send({"type": "http.response.body", "body": b""})


def _items_of(lines: list[bytes | None], number: int) -> list[Item]:
    drafts = (draft for line in lines for draft in read_line(line))
    return [item_of(index, draft) for index, draft in enumerate(drafts, number)]


# --- Lines that come -----------------------------------------------------------------------------


async def batches(receive: Receive) -> AsyncIterator[list[bytes | None]]:
    """Lines of a request that are there, at most as many as one transaction takes.

    None stands for one that is too long. The last line needs no end, if the request has come whole.
    """
    lines: list[bytes | None] = []
    buffered = bytearray()
    is_too_long = False
    size = 0
    message = asyncio.ensure_future(receive())
    try:
        while True:
            done, _ = await asyncio.wait([message], timeout=IDLE_SECONDS if lines else None)
            if not done:
                yield lines
                lines, size = [], 0
                continue
            received = message.result()
            if received["type"] == "http.disconnect":
                break
            *complete, rest = bytes(received.get("body", b"")).split(b"\n")
            for part in complete:
                buffered += part
                if is_too_long or len(buffered) > MAX_LINE_BYTES:
                    lines.append(None)
                elif buffered.strip():
                    lines.append(bytes(buffered))
                size += len(buffered)
                buffered.clear()
                is_too_long = False
                if len(lines) >= MAX_ITEMS or size > MAX_BYTES:
                    yield lines
                    lines, size = [], 0
            buffered += rest
            if len(buffered) > MAX_LINE_BYTES:
                is_too_long = True
                buffered.clear()
            if not received.get("more_body", False):
                if is_too_long or buffered.strip():
                    lines.append(None if is_too_long else bytes(buffered))
                break
            message = asyncio.ensure_future(receive())
    finally:
        message.cancel()
    if lines:
        yield lines


# --- Lines that go -------------------------------------------------------------------------------


class Outbox:
    """What was said and not heard yet."""

    def __init__(self) -> None:
        self._file = temporary_file()
        self._read = self._written = 0
        self._is_closed = False
        self._news = asyncio.Event()

    def put(self, data: bytes) -> None:
        """Say something."""
        self._file.seek(self._written)
        self._written += self._file.write(data)
        self._news.set()

    def close(self) -> None:
        """Say that this was all."""
        self._is_closed = True
        self._news.set()

    async def deliver(self, send: Send) -> None:
        """Send all that is said, as quickly as the client takes it, until the end."""
        with self._file:
            while True:
                if self._read < self._written:
                    self._file.seek(self._read)
                    data = self._file.read(64 * 1024)
                    self._read += len(data)
                    if self._read == self._written:
                        self._read = self._written = self._file.truncate(0)
                    message: Message = {"type": "http.response.body", "body": data}
                    await send({**message, "more_body": True})
                elif self._is_closed:
                    return
                else:
                    self._news.clear()
                    await self._news.wait()
