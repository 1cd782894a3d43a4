"""Import a stream of lines. Each is reported as soon as it is stored.

Most clients read no answer before they have sent everything. So what they do not read yet waits in
a file, or both sides would wait for each other once the buffers between them are full.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from app.api.import_job import IMPORTS, Import, patiently, temporary_file, to_json
from app.core.bounds import MAX_BLANK_LINES, MAX_UNREAD_ANSWER
from app.core.errors import AppError, InvalidError
from app.core.policy import Viewer
from app.exchange.items import MAX_BYTES, MAX_ITEMS, Item, item_of
from app.exchange.reading import MAX_LINE_BYTES, read_line

IDLE_SECONDS = 0.1
"""Seconds after which a client that sends line by line gets results."""
_PIECE = 64 * 1024


class ImportStream(Response):
    """Answer a stream of NDJSON by a stream of results, with the totals in the last line."""

    media_type = "application/x-ndjson"

    def __init__(self, running: Import, viewer: Viewer) -> None:
        super().__init__()
        del self.headers["content-length"]
        self._running = running
        self._viewer = viewer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Store what is reported, even if the client disconnects."""
        with IMPORTS.hold(str(self._viewer.id)):
            start = {"status": self.status_code, "headers": self.raw_headers}
            await send({"type": "http.response.start", **start})
            outbox = Outbox()
            delivery = asyncio.create_task(outbox.deliver(send))
            try:
                await self._import(receive, outbox)
                outbox.put(to_json(self._running.totals()) + b"\n")
            except AppError as error:
                outbox.put(to_json(self._running.ended(error)) + b"\n")
            finally:
                outbox.close()
                with suppress(OSError):  # The client has gone.
                    await delivery
            await send({"type": "http.response.body", "body": b""})

    async def _import(self, receive: Receive, outbox: "Outbox") -> None:
        reader = _LineReader()
        number = 0
        async for block in blocks(receive):
            for lines in await patiently(reader.read, block):
                items = await patiently(_items_of, lines, number)
                number += len(items)
                report = await self._running.import_chunk(items)
                outbox.put(await patiently(_to_lines, report))
                await outbox.room()


def _items_of(lines: list[bytes | None], number: int) -> list[Item]:
    drafts = (draft for line in lines for draft in read_line(line))
    return [item_of(index, draft) for index, draft in enumerate(drafts, number)]


def _to_lines(report: list[dict[str, object]]) -> bytes:
    return b"".join(to_json(each) + b"\n" for each in report)


# --- Lines that come -----------------------------------------------------------------------------


async def blocks(receive: Receive) -> AsyncIterator[bytes]:
    """Yield the lines of a request, in groups for one transaction.

    An empty block says that the client pauses. The last line needs no end if the request has come
    whole. Lines are not looked at here: a mebibyte may have a million of them.
    """
    buffered = bytearray()
    lines = end = 0  # The whole lines in the buffer, and their end.
    is_paused = is_cut = False
    message = asyncio.ensure_future(receive())
    try:
        while True:
            done, _ = await asyncio.wait([message], timeout=None if is_paused else IDLE_SECONDS)
            if not done:
                yield bytes(buffered[:end])
                del buffered[:end]
                lines = end = 0
                is_paused = True
                yield b""
                continue
            received = message.result()
            if received["type"] == "http.disconnect":
                break
            body = received.get("body", b"")
            if is_cut:
                # The rest of a line that is too long.
                body = body[body.find(b"\n") :] if b"\n" in body else b""
                is_cut = not body
            is_paused = is_paused and not body
            lines += body.count(b"\n")
            end = len(buffered) + body.rfind(b"\n") + 1 if b"\n" in body else end
            buffered += body
            if len(buffered) - end > MAX_LINE_BYTES:
                del buffered[end + MAX_LINE_BYTES + 1 :]
                is_cut = True
            if not received.get("more_body", False):
                end = len(buffered)
                break
            if lines >= MAX_ITEMS or end > MAX_BYTES:
                yield bytes(buffered[:end])
                del buffered[:end]
                lines = end = 0
            message = asyncio.ensure_future(receive())
    finally:
        message.cancel()
    yield bytes(buffered[:end])
    yield b""


class _LineReader:
    """Split blocks into groups of whole lines. The rest of a block waits for the next."""

    def __init__(self) -> None:
        self._lines: list[bytes | None] = []
        self._blank = 0

    def read(self, block: bytes) -> list[list[bytes | None]]:
        """Return the full groups, or the rest for an empty block. None stands for a line too long.

        Raises InvalidError if too many lines were blank.
        """
        found = block.removesuffix(b"\n").split(b"\n") if block else []
        lines = [None if len(line) > MAX_LINE_BYTES else line for line in found if line.strip()]
        self._blank += len(found) - len(lines)
        if self._blank > MAX_BLANK_LINES:
            raise InvalidError(f"A stream may have at most {MAX_BLANK_LINES} blank lines.")
        self._lines += lines
        size = sum(len(line) for line in self._lines if line)
        least = MAX_ITEMS if block and size <= MAX_BYTES else 1
        parts = []
        while len(self._lines) >= least:
            parts.append(self._lines[:MAX_ITEMS])
            del self._lines[:MAX_ITEMS]
        return parts


# --- Lines that go -------------------------------------------------------------------------------


class Outbox:
    """The part of the response that the client has not read yet."""

    def __init__(self) -> None:
        self._file = temporary_file()
        self._read = self._written = 0
        self._is_closed = False
        self._news = asyncio.Event()
        self._has_room = asyncio.Event()

    def put(self, data: bytes) -> None:
        """Append to the response."""
        self._file.seek(self._written)
        self._written += self._file.write(data)
        self._news.set()

    async def room(self) -> None:
        """Wait until the client has read enough. The server disconnects one that reads nothing."""
        while self._written - self._read > MAX_UNREAD_ANSWER and not self._file.closed:
            self._has_room.clear()
            await self._has_room.wait()

    def close(self) -> None:
        """End the response."""
        self._is_closed = True
        self._news.set()

    async def deliver(self, send: Send) -> None:
        """Send the response as fast as the client reads, until the end."""
        try:
            while self._read < self._written or not self._is_closed:
                if self._read == self._written:
                    self._news.clear()
                    await self._news.wait()
                    continue
                self._file.seek(self._read)
                data = self._file.read(_PIECE)
                self._read += len(data)
                if self._read == self._written:
                    self._read = self._written = self._file.truncate(0)
                self._has_room.set()
                message: Message = {"type": "http.response.body", "body": data, "more_body": True}
                await send(message)
                # Others go on, and the loop may notice that the client has gone.
                await asyncio.sleep(0)
        finally:
            self._file.close()
            self._has_room.set()
