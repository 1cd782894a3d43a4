"""Each request has so long, from when it is there as a whole."""

from collections.abc import Container

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core import deadline


class Deadline:
    """Sets the deadline that all who wait for a request keep to (`app.core.deadline`).

    `unhurried` are the paths of what takes as long as it is large. Each of their
    transactions and reads has its own bounds.
    """

    def __init__(self, app: ASGIApp, unhurried: Container[str], seconds: float) -> None:
        self.app = app
        self.unhurried = unhurried
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A body that comes slowly takes nothing from the time for its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["path"] in self.unhurried:
            # The server may have started this request from within another one.
            deadline.lift()
            await self.app(scope, receive, send)
        elif scope["method"] in ("GET", "HEAD"):
            deadline.start(self.seconds)
            await self.app(scope, receive, send)
        else:
            deadline.start(self.seconds)

            async def receive_noted() -> Message:
                message = await receive()
                deadline.start(self.seconds)
                return message

            await self.app(scope, receive_noted, send)
