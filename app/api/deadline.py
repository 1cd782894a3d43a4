"""The deadline of each request, counted from when all of it has arrived."""

from collections.abc import Container

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core import deadline


class Deadline:
    """Set the deadline to which every wait within a request keeps (`app.core.deadline`).

    `unhurried` paths have none: they take as long as their data is large, and each of their
    transactions and reads has its own bounds.
    """

    def __init__(self, app: ASGIApp, unhurried: Container[str], seconds: float) -> None:
        self.app = app
        self.unhurried = unhurried
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Start the clock again with each part of the body: a slow upload costs no time."""
        if scope["type"] != "http" or scope["path"] in self.unhurried:
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
