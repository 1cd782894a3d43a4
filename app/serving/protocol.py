"""HTTP/1.1 on one connection: uvicorn's, with bounds for clients that are slow, or send too much.

The rules, which `check` applies to each connection about twice a second:

- The line and the headers of a request are there within 10 s of its first byte; who connects must
  begin within 10 s too.
- Its body is there within 30 s, and one second more for each 1,000 bytes that have come, but
  within 10 minutes. A stream of NDJSON has no end to wait for: some of it must come every 60 s.
- An answer is read: nothing of it taken for 60 s, and nothing sent, ends the connection.
- Between requests a connection may be silent for as long as `timeout_keep_alive` says.

While the application is too busy to read, the client's time does not count.
"""

import math
from asyncio import Transport
from contextlib import suppress
from enum import Enum, auto
from typing import Any, cast

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
"""How long what a refused client still sends is taken: else the refusal would not reach it."""

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
    """The rest of the body; an answer may be on its way already."""
    ANSWER = auto()
    """Us."""
    IDLE = auto()
    """Another request."""
    REFUSED = auto()
    """Its end: what still comes is not read."""


class State(ServerState):
    """What all connections share."""

    is_closing = False
    """Whether the server ends its connections."""
    grace_seconds = 1.0
    """How long an idle connection then stays, for a request that is on its way."""


class _RefusedError(Exception):
    def __init__(self, status: int) -> None:
        self.status = status


class _Nowhere(list[Any]):
    """Where trailers go. Uvicorn would add them to the headers, without a bound."""

    def append(self, _: Any) -> None:
        pass


_NOWHERE = _Nowhere()


class _Lingering:
    """The transport of a request behind which bytes are unread: it closes once they are discarded.

    A connection that is closed with bytes unread is reset, and the client may never see the answer.
    """

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
        self.allowed = 0.0
        """Seconds from `since` on in which the body must be there."""
        self.is_stream = False
        self.pending = 0
        """Bytes that have come and are neither of a body nor of a head that is complete."""
        self.arrived = 0
        """Bytes of the read that is being parsed."""
        self.most = 0
        """How many bytes of the head came with its first read, at most: others were before it."""
        self.running: RequestResponseCycle | None = None
        """The request that the application answers; those in `pipeline` wait for it."""
        self.reads = 0
        self.resumed = 0
        self.progress = (0, 0, 0)
        self.progress_at = self.since

    # --- What comes ------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Parse what came; refuse it as soon as it is too much."""
        if self.phase is Phase.REFUSED:
            return
        self.reads += 1
        self.arrived = len(data)
        self.pending += self.arrived
        try:
            self.parser.feed_data(data)
            if self.pending > MAX_TARGET_BYTES:
                self._bound_pending()
        except httptools.HttpParserUpgrade:
            # We know no other protocol. The request is answered; what follows it is not read.
            self.cycle.keep_alive = False
        except httptools.HttpParserError as error:
            cause = error.__context__
            self._refuse(cause.status if isinstance(cause, _RefusedError) else 400)
        except _RefusedError as error:
            self._refuse(error.status)
        if self.phase is Phase.BODY and self.cycle.transport is self.transport:
            self.cycle.transport = _Lingering(self)  # type: ignore[assignment] # what it uses of one
            self.is_stream = any(
                name == b"content-type" and value.lower().startswith(_STREAM)
                for name, value in self.scope["headers"]
            )
            if self.is_stream:
                self.allowed = STREAM_SECONDS

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self.phase = Phase.HEAD
        self.most = self.arrived
        self.since = self.loop.time()
        self.allowed = BODY_SECONDS
        self.is_stream = False

    def on_headers_complete(self) -> None:
        """The head is there: the application begins, if it is not too large."""
        if self.most + self.pending > MAX_TARGET_BYTES or len(self.headers) > MAX_FIELDS:
            self._bound_head()
        self.pending = 0
        super().on_headers_complete()
        self.headers = _NOWHERE
        self.phase = Phase.BODY
        if self.server_state.is_closing:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Some of the body."""
        super().on_body(body)
        self.pending = 0
        if self.is_stream:
            self.since = self.loop.time()
        else:
            self.allowed += len(body) / BODY_BYTES_PER_SECOND

    def on_message_complete(self) -> None:
        """All of the request is there."""
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

    def _bound_pending(self) -> None:
        """Bound what is not complete: a head, trailers, or the extension of a chunk."""
        if self.phase is Phase.HEAD and not self.headers and len(self.url) > MAX_TARGET_BYTES:
            raise _RefusedError(414)
        if self.pending > MAX_HEAD_BYTES:
            raise _RefusedError(431)

    # --- What goes -------------------------------------------------------------------------------

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
            self.end()  # A stream has no end that could be waited for.

    def resume_writing(self) -> None:
        """The client has read some of its answer."""
        self.resumed += 1
        super().resume_writing()

    def _rest(self) -> None:
        self.phase = Phase.IDLE
        self.since = self.loop.time()

    # --- The end ---------------------------------------------------------------------------------

    def connection_lost(self, exc: Exception | None) -> None:
        """End the request that runs; uvicorn ends the last of the pipeline alone."""
        if self.running:
            self.running.disconnected = True
            self.running.message_event.set()
        super().connection_lost(exc)

    def check(self, now: float) -> None:
        """End the connection where the client keeps us waiting for too long."""
        if self._is_unread(now):
            self.transport.abort()
            return
        waited = now - self.since
        match self.phase:
            case Phase.OPENED | Phase.IDLE:
                if waited > self._rest_seconds():
                    self.transport.close()
            case Phase.HEAD | Phase.BODY if self.flow.read_paused:
                self.since = now
            case Phase.HEAD if waited > HEAD_SECONDS:
                self._refuse(408)
            case Phase.BODY if waited > min(self.allowed, MAX_BODY_SECONDS):
                self._refuse(408)
            case Phase.REFUSED if waited > LINGER_SECONDS:
                self.transport.close()

    def _rest_seconds(self) -> float:
        if self.server_state.is_closing:
            return self.server_state.grace_seconds
        return HEAD_SECONDS if self.phase is Phase.OPENED else self.timeout_keep_alive

    def _is_unread(self, now: float) -> bool:
        size = self.transport.get_write_buffer_size()
        progress = (size, self.resumed, self.reads)
        # Paused with nothing in the pipeline, it is the application that does not read the body,
        # unless it waits for the client to read its answer.
        is_paused = self.flow.read_paused and not self.pipeline
        is_ours = is_paused and not self.flow.write_paused
        if not size or progress != self.progress or is_ours:
            self.progress, self.progress_at = progress, now
        return now - self.progress_at > UNREAD_SECONDS

    def shutdown(self) -> None:
        """The server stops: this answer is the last, and the client is told so in its headers."""
        if self.phase in (Phase.OPENED, Phase.IDLE):
            # A request may be on its way: uvicorn would close here, and lose it.
            self.since = self.loop.time()
        elif self.phase in (Phase.BODY, Phase.ANSWER) and not self.cycle.response_started:
            self.cycle.keep_alive = False

    def end(self) -> None:
        """Close the connection, but first take for a while what the client still sends."""
        if self.phase not in (Phase.BODY, Phase.REFUSED) or not self.transport.can_write_eof():
            self.transport.close()
            return
        self.phase = Phase.REFUSED
        self.since = self.loop.time()
        self.pipeline.clear()
        self.flow.resume_reading()
        with suppress(OSError):  # The client has gone.
            self.transport.write_eof()

    def _refuse(self, status: int) -> None:
        """Answer with a problem and read no more; answers that are owed come first, or instead."""
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if self.phase is not Phase.BODY and cycle and not cycle.response_complete:
            self._end_after(cycle)
            return
        if self.phase is Phase.BODY and cycle is not self.running:
            self.pipeline.popleft()  # Its body is broken, and nothing has begun to answer it.
            self._end_after(self.pipeline[0][0] if self.pipeline else self.running)
            return
        is_answered = self.phase is Phase.BODY and self.cycle.response_started
        if self.phase is Phase.BODY:
            # The application waits for the rest of the body, which will not come.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if not is_answered:
            self.transport.write(self._refusal(status))
        self.phase = Phase.BODY
        self.end()

    def _end_after(self, cycle: RequestResponseCycle | None) -> None:
        """Read no more, and close the connection when this request has been answered."""
        assert cycle is not None
        cycle.keep_alive = False
        cycle.transport = _Lingering(self)  # type: ignore[assignment] # what it uses of one
        self.phase = Phase.REFUSED
        # Its answer may take longer than a client is given that has been refused.
        self.since = math.inf

    def _refusal(self, status: int) -> bytes:
        path = self.url.partition(b"?")[0]
        if not path or len(path) > MAX_TARGET_BYTES:
            path = b"/"
        client = self.client[0] if self.client else "-"
        # The application reports a request that it has begun to answer.
        seconds = None if self.phase is Phase.BODY else self.loop.time() - self.since
        return refuse(status, path, self.server_state.default_headers, client, seconds)
