"""Servers on the loopback interface with given responses, and names that resolve to them."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

import pytest

from app.core.errors import InvalidError
from app.core.public_addresses import Address
from app.exchange.fetch import Page, fetch_page

NO_HOST = "leads to a host that is not known, or not public"
NO_URL = "is not one of http or https with a public host"
NO_PORT = "has a port that is not one of the web"
NO_SERVER = "leads to a server that does not answer as it should"

HTML = "Content-Type: text/html"

Answer = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]
"""The bytes of an answer, or what writes them."""


def answer(
    body: bytes = b"", *headers: str, status: str = "200 OK", length: int | None = None
) -> bytes:
    """An answer whose length is said as it is, or as `length` lies."""
    length = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {length}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def page(text: str = "soup", *headers: str) -> bytes:
    return answer(text.encode(), HTML, *headers)


def redirect(location: str, *headers: str, status: str = "302 Found") -> bytes:
    return answer(b"", f"Location: {location}", *headers, status=status)


def endless(head: bytes, chunk: bytes, pause: float = 0) -> Answer:
    """An answer that goes on until nobody listens any more."""

    async def write(writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(chunk)
            await writer.drain()
            await asyncio.sleep(pause)

    return write


@dataclass
class Site:
    """One server: what it answers on which path, the requests that came, and who answers them."""

    answers: Mapping[str, Answer]
    port: int = 0
    seen: list[str] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # That a client goes away in the middle is what many tests are about.
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            try:
                await self._answer(reader, writer)
            finally:
                writer.close()
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        self.seen.append(head)
        found = self.answers.get(self.paths[-1], answer(b"", status="404 Not Found"))
        if isinstance(found, bytes):
            writer.write(found)
            await writer.drain()
        else:
            await found(writer)

    @property
    def paths(self) -> list[str]:
        return [head.split(" ")[1] for head in self.seen]


class Names:
    """A resolver that answers from a table, whose lists are used up but for their last entry."""

    def __init__(self, **tables: Sequence[Sequence[str]]) -> None:
        self.tables = {name.replace("_", "."): list(table) for name, table in tables.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str) -> Sequence[Address]:
        self.asked.append(host)
        table = self.tables.get(host, [[]])
        found = table.pop(0) if len(table) > 1 else table[0]
        return [ip_address(address) for address in found]


def leads_to(*addresses: str) -> Names:
    """The name page.test, with these addresses each time."""
    return Names(page_test=[addresses])


HERE = "127.0.0.1"


async def fetch_from(
    site: Site,
    url: str = "http://page.test:{port}/",
    *,
    at: str = HERE,
    names: Names | None = None,
    tls: ssl.SSLContext | None = None,
    seconds: float = 10,
) -> Page:
    """Fetch from a site that is allowed although it is here, and alone is."""
    async with serving(site, at, tls):
        return await fetch_page(
            url.format(port=site.port),
            resolve=names or leads_to(at),
            is_allowed=lambda address: str(address) == at,
            ports={site.port},
            seconds=seconds,
        )


def fetch(site: Site, *args: Any, **kwargs: Any) -> Page:
    return asyncio.run(fetch_from(site, *args, **kwargs))


def refusal(work: Coroutine[Any, Any, Page]) -> str:
    """Why this is refused. What is said of it points at the URL."""
    with pytest.raises(InvalidError) as caught:
        asyncio.run(work)
    (fault,) = caught.value.faults
    assert (fault.pointer, fault.parameter) == ("/url", None)
    assert caught.value.detail == f"The page cannot be fetched: its URL {fault.detail}."
    return fault.detail


@contextlib.asynccontextmanager
async def serving(
    site: Site, at: str = HERE, tls: ssl.SSLContext | None = None
) -> AsyncIterator[None]:
    """Serve `site` at its port, or at a free one, which it then knows."""

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        site.tasks.add(asyncio.create_task(site.serve(reader, writer)))

    server = await asyncio.start_server(accept, at, site.port, ssl=tls)
    site.port = server.sockets[0].getsockname()[1]
    async with server:
        yield
        server.close()
        for task in site.tasks:
            task.cancel()
        await asyncio.gather(*site.tasks, return_exceptions=True)
        site.tasks.clear()
