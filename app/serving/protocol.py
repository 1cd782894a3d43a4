"""HTTP/1.1 on one connection: uvicorn's, with bounds on clients that are slow or send too much.

`check`, called twice a second, enforces these:

- The line and the headers of a request arrive within 10 s of its first byte, and that within 10 s
  of connecting.
- The body arrives within 30 s, plus 1 s for each 1,000 bytes received, but within 10 minutes. A
  stream of NDJSON may go on for ever, as long as some of it arrives every 60 s.
- The client reads its answer: if it reads and sends nothing for 60 s, the connection is aborted.
- Between requests a connection may be idle for `timeout_keep_alive`.

While the application is too busy to read, the client's time does not count.
"""

import math
from asyncio import Transport
from contextlib import suppress
from enum import Enum, auto
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from app.core.bounds import MAX_BODY_SECONDS
from app.serving.refusal import refuse

HEAD_SECONDS = 10.0
BODY_SECONDS = 30.0
BODY_BYTES_PER_SECOND = 1000
STREAM_SECONDS = 60.0
UNREAD_SECONDS = 60.0
LINGER_SECONDS = 5.0
CLOSING_SECONDS = 1.0
"""How long an idle connection stays when the server stops: a request may be on its way."""

MAX_HEAD_BYTES = 32 * 1024
MAX_TARGET_BYTES = 8 * 1024
MAX_FIELDS = 100

_STREAM = b"application/x-ndjson"


class Phase(Enum):
    """What a connection waits for."""

    OPENED = auto()
    """Its first request."""
    HEAD = auto()
    """The rest of the line and the headers."""
    BODY = auto()
    """The rest of the body. The answer may have begun."""
    ANSWER = auto()
    """The application."""
    IDLE = auto()
    """Another request."""
    REFUSED = auto()
    """Its end. What the client still sends is discarded."""


class State(ServerState):
    """What all connections share."""

    is_closing = False
    """Whether the server stops."""


class _RefusedError(Exception):
    def __init__(self, status: int) -> None:
        self.status = status


class _LingeringTransport:
    """The transport of an answer whose request has unread bytes: `close` discards them first."""

    def __init__(self, protocol: "Protocol") -> None:
        self.write = protocol.transport.write
        self.is_closing = protocol.transport.is_closing
        self.close = protocol.end


class Protocol(HttpToolsProtocol):
    """One connection."""

    server_state: State
    transport: Transport

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.url = b""
        self.phase = Phase.OPENED
        self.since = self.loop.time()
        """When the client's time for this phase began."""
        self.allowed = 0.0
        """Seconds from `since` within which the body must arrive."""
        self.is_stream = False
        self.arrived = 0
        """Bytes of the read that is being parsed."""
        self.pending = 0
        """Bytes received that belong to no body and no complete head."""
        self.uncounted = 0
        """Bytes of a head that `pending` may lack: those of the read in which it began."""
        self.running: RequestResponseCycle | None = None
        """The request that the application answers. Those in `pipeline` wait, the latest first."""
        self.reads = 0
        self.resumed = 0
        self.progress = (0, 0, 0)
        self.progress_at = self.since

    # --- Receiving -------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Parse what arrived. Refuse it as soon as it is too much."""
        if self.phase is Phase.REFUSED:
            return
        self.reads += 1
        self.arrived = len(data)
        self.pending += self.arrived
        try:
            self.parser.feed_data(data)
            if self.pending > MAX_TARGET_BYTES:
                self._bound_incomplete()
        except httptools.HttpParserUpgrade:
            # No other protocol is spoken here. Answer the request, and ignore what follows it.
            self.cycle.keep_alive = False
        except httptools.HttpParserError as error:
            cause = error.__context__
            self._refuse(cause.status if isinstance(cause, _RefusedError) else 400)
        except _RefusedError as error:
            self._refuse(error.status)
        if self.phase is Phase.BODY and self.cycle.transport is self.transport:
            # The first read of this request did not hold all of its body.
            self._linger_after(self.cycle)
            self.is_stream = any(
                name == b"content-type" and value.lower().startswith(_STREAM)
                for name, value in self.scope["headers"]
            )
            if self.is_stream:
                self.allowed = STREAM_SECONDS

    def on_message_begin(self) -> None:
        """Start the clock of a request."""
        super().on_message_begin()
        self.phase = Phase.HEAD
        self.uncounted = self.arrived
        self.since = self.loop.time()
        self.allowed = BODY_SECONDS
        self.is_stream = False

    def on_headers_complete(self) -> None:
        """Start the application, unless the head is too large."""
        if self.uncounted + self.pending > MAX_TARGET_BYTES or len(self.headers) > MAX_FIELDS:
            self._bound_head()
        self.pending = 0
        super().on_headers_complete()
        self.headers = []  # For trailers, which are ignored.
        self.phase = Phase.BODY
        if self.server_state.is_closing:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Extend the time for a body by what has arrived of it."""
        super().on_body(body)
        self.pending = 0
        if self.is_stream:
            self.since = self.loop.time()
        else:
            self.allowed += len(body) / BODY_BYTES_PER_SECOND

    def on_message_complete(self) -> None:
        """Stop the clock of a request."""
        super().on_message_complete()
        self.pending = 0
        if self.cycle.response_complete:
            self._rest()
        else:
            self.phase = Phase.ANSWER

    def _bound_head(self) -> None:
        fields = sum(len(name) + len(value) + 4 for name, value in self.headers)
        if len(self.url) > MAX_TARGET_BYTES:
            raise _RefusedError(414)
        if len(self.url) + fields > MAX_HEAD_BYTES or len(self.headers) > MAX_FIELDS:
            raise _RefusedError(431)

    def _bound_incomplete(self) -> None:
        """Bound a head, trailers, or the extension of a chunk."""
        if self.phase is Phase.HEAD and not self.headers and len(self.url) > MAX_TARGET_BYTES:
            raise _RefusedError(414)
        if self.pending > MAX_HEAD_BYTES:
            raise _RefusedError(431)

    # --- Answering -------------------------------------------------------------------------------

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self.running = cycle
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        """As uvicorn does, without a timer for each request."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif self.phase is Phase.ANSWER:
            self._rest()
        elif self.phase is Phase.BODY and self.is_stream:
            self.end()  # The rest of a stream may never end.

    def resume_writing(self) -> None:
        """The client has read some of its answer."""
        self.resumed += 1
        super().resume_writing()

    def _rest(self) -> None:
        self.phase = Phase.IDLE
        self.since = self.loop.time()

    # --- Ending ----------------------------------------------------------------------------------

    def check(self, now: float) -> None:
        """End the connection if the client is too slow."""
        if self._is_unread(now):
            self.transport.abort()
            return
        waited = now - self.since
        match self.phase:
            case Phase.OPENED | Phase.IDLE if waited > self._idle_seconds():
                self.transport.close()
            case Phase.HEAD | Phase.BODY if self.flow.read_paused:
                self.since = now
            case Phase.HEAD if waited > HEAD_SECONDS:
                self._refuse(408)
            case Phase.BODY if waited > min(self.allowed, MAX_BODY_SECONDS):
                self._refuse(408)
            case Phase.REFUSED if waited > LINGER_SECONDS:
                self.transport.close()

    def _idle_seconds(self) -> float:
        if self.server_state.is_closing:
            return CLOSING_SECONDS
        return HEAD_SECONDS if self.phase is Phase.OPENED else self.timeout_keep_alive

    def _is_unread(self, now: float) -> bool:
        size = self.transport.get_write_buffer_size()
        progress = (size, self.resumed, self.reads)
        # The application does not read the body. That is its own fault, unless it waits for the
        # client to read the answer.
        is_paused = self.flow.read_paused and not self.pipeline and not self.flow.write_paused
        if not size or progress != self.progress or is_paused:
            self.progress, self.progress_at = progress, now
        return now - self.progress_at > UNREAD_SECONDS

    def shutdown(self) -> None:
        """The server stops: close after the running request, or soon if there is none."""
        if self.phase in (Phase.OPENED, Phase.IDLE):
            # Uvicorn would close here, and lose a request that is on its way.
            self.since = self.loop.time()
        elif self.phase in (Phase.BODY, Phase.ANSWER) and not self.cycle.response_started:
            self.cycle.keep_alive = False

    def connection_lost(self, exc: Exception | None) -> None:
        """End the running request. Uvicorn ends only the last one in the pipeline."""
        if self.running:
            self._disconnect(self.running)
        super().connection_lost(exc)

    def end(self) -> None:
        """Close the connection. If the client may still send, discard that for a while first.

        A connection that is closed with unread bytes is reset, and the client may lose its answer.
        """
        if self.phase not in (Phase.BODY, Phase.REFUSED):
            self.transport.close()
            return
        self.phase = Phase.REFUSED
        self.since = self.loop.time()
        self.pipeline.clear()
        self.flow.resume_reading()
        with suppress(OSError):  # The client has gone.
            self.transport.write_eof()

    def _refuse(self, status: int) -> None:
        """Answer with a problem and read no more. Answers that are owed come first, or instead."""
        refused = self.cycle if self.phase is Phase.BODY else None
        if refused and refused is not self.running:
            self.pipeline.popleft()
        last = self.pipeline[0][0] if self.pipeline else self.running
        if last and last is not refused and not last.response_complete:
            last.keep_alive = False
            self._linger_after(last)
            self.phase = Phase.REFUSED
            self.since = math.inf  # The answer may take longer than lingering does.
            return
        if refused:
            self._disconnect(refused)  # The application may wait for the rest of the body.
        if not refused or not refused.response_started:
            # The application logs a request that it knows.
            seconds = None if refused else self.loop.time() - self.since
            self.transport.write(self._refusal(status, seconds))
        self.phase = Phase.REFUSED
        self.end()

    def _refusal(self, status: int, seconds: float | None) -> bytes:
        path = self.url.partition(b"?")[0]
        if not path or len(path) > MAX_TARGET_BYTES:
            path = b"/"
        client = self.client[0] if self.client else "-"
        return refuse(status, path, self.server_state.default_headers, client, seconds)

    def _linger_after(self, cycle: RequestResponseCycle) -> None:
        cycle.transport = _LingeringTransport(self)  # type: ignore[assignment] # What it uses of one.

    @staticmethod
    def _disconnect(cycle: RequestResponseCycle) -> None:
        cycle.disconnected = True
        cycle.message_event.set()
