"""Web pages, fetched on behalf of a client who names the URL.

No other module asks a foreign server for anything. Since this machine reaches what the client does
not, a name is resolved once, all of its addresses must be public, and the connection goes to the
address that was checked, never to the name. Every redirect begins from there.
"""

import asyncio
import math
import re
import string
import zlib
from collections.abc import Awaitable, Callable, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, aclosing
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urljoin, urlsplit

import idna

from app.core.bounds import DNS_SECONDS, MAX_FETCHED_CHUNKS, MAX_FETCHED_HEAD
from app.core.errors import Fault, InvalidError
from app.core.public_addresses import Address, is_public

if TYPE_CHECKING:
    import httpcore2

SECONDS = 10.0
"""For everything, from the first name to the last byte."""
CONNECT_SECONDS = 3.0
"""For one address, so that there is time for the next."""
MAX_ADDRESSES = 4
MAX_REDIRECTS = 3
MAX_URL_LENGTH = 2048
MAX_BYTES = 5 * 1024 * 1024
"""Of a page, both as it is sent and decoded."""

PORTS = frozenset({80, 443, 8080, 8443})
CONTENT_TYPES = frozenset(
    {
        "text/html",
        "application/xhtml+xml",
        "application/ld+json",
        "application/json",
        "text/plain",
    }
)
HEADERS = [
    ("User-Agent", "recipe-api"),
    ("Accept", "text/html, application/xhtml+xml, application/ld+json, */*;q=0.5"),
    ("Accept-Encoding", "gzip"),
    ("Connection", "close"),
]

Resolver = Callable[[str], Awaitable[Sequence[Address]]]
"""Gives the addresses of a host, or none."""


class Page(NamedTuple):
    """What was found at `url`, after all redirects. `content_type` has its parameters."""

    url: str
    content_type: str
    body: bytes


async def system_resolver(host: str) -> Sequence[Address]:
    """The addresses of `host` in DNS, or none if it has none or no server answers in time.

    Not by getaddrinfo(): that blocks a thread for as long as it likes, and knows names of this
    machine (/etc/hosts).
    """
    if host == "localhost":
        return [ip_address("127.0.0.1"), ip_address("::1")]  # RFC 6761 section 6.3.
    # Imported here, since few requests need it.
    import dns.asyncresolver
    import dns.exception

    async def addresses(kind: str) -> list[Address]:
        try:
            resolver = dns.asyncresolver.Resolver()
            # With its last dot a name is looked for in no search domain.
            found = await resolver.resolve(f"{host}.", kind, lifetime=DNS_SECONDS)
        except (dns.exception.DNSException, OSError):
            return []
        return [ip_address(record.to_text()) for record in found]

    return [
        address
        for found in await asyncio.gather(addresses("A"), addresses("AAAA"))
        for address in found
    ]


async def fetch_page(
    url: str,
    *,
    resolve: Resolver = system_resolver,
    is_allowed: Callable[[Address], bool] = is_public,
    ports: Set[int] = PORTS,
    seconds: float = SECONDS,
) -> Page:
    """The page at `url`. Raises InvalidError where there is none, or none that may be fetched.

    The error never tells what a name resolves to, nor whether one that is not public exists.
    """
    target = _target(url, ports)
    try:
        async with asyncio.timeout(seconds):
            for _ in range(MAX_REDIRECTS + 1):
                addresses = await _addresses(target.host, resolve, is_allowed)
                found = await _get(target, addresses)
                if isinstance(found, Page):
                    return found
                target = _target(found, ports, base=target.url)
    except TimeoutError:
        raise _refused(f"is not answered in full within {seconds:g} seconds", "timeout") from None
    raise _refused(f"redirects more than {MAX_REDIRECTS} times", "redirects")


def _refused(why: str, code: str) -> InvalidError:
    fault = Fault(why, code, pointer="/url")
    return InvalidError(f"The page cannot be fetched: its URL {why}.", [fault])


# --- Where to ------------------------------------------------------------------------------------


class _Target(NamedTuple):
    scheme: str
    host: str | Address
    port: int
    path: str  # With the query.

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if isinstance(self.host, IPv6Address) else str(self.host)
        return host if self.port == _USUAL_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"


_USUAL_PORTS = {"http": 80, "https": 443}
# There is no place for a user and a password.
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:@]+)(?::([0-9]{0,5}))?", re.IGNORECASE)
# Two labels at least, since a single one is a name of the local network; and the last begins with a
# letter, since "127.1" and "0x7f.0.0.1" are addresses to many resolvers.
_NAME = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
)
_MAX_NAME_LENGTH = 253
_KEPT_IN_PATH = "%/?:@!$&'()*+,;=[]~"


def _target(url: str, ports: Set[int], base: str = "") -> _Target:
    if len(url) > MAX_URL_LENGTH:
        raise _refused(f"is longer than {MAX_URL_LENGTH:,} characters", "url")
    try:
        parts = urlsplit(urljoin(base, url.strip()))
        found = _AUTHORITY.fullmatch(parts.netloc)
        if found is None or parts.scheme not in _USUAL_PORTS:
            raise ValueError
        host = _host(found[1])
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        path = quote(path, safe=_KEPT_IN_PATH)
    except ValueError:
        raise _refused("is not one of http or https with a public host", "url") from None
    port = int(found[2] or _USUAL_PORTS[parts.scheme])
    if port not in ports:
        raise _refused("has a port that is not one of the web", "port")
    return _Target(parts.scheme, host, port, path)


def _host(text: str) -> str | Address:
    """A name as DNS has it, or an address in its one usual notation. Raises ValueError else."""
    if text.startswith("["):
        return IPv6Address(text[1:-1])
    if len(text) > _MAX_NAME_LENGTH:
        raise ValueError
    if not text.isascii():
        # This maps digits and dots of other scripts too, so it comes before all that is checked.
        text = idna.encode(text, uts46=True).decode()
    text = text.lower().removesuffix(".")
    return text if _NAME.fullmatch(text) else IPv4Address(text)


async def _addresses(
    host: str | Address, resolve: Resolver, is_allowed: Callable[[Address], bool]
) -> Sequence[Address]:
    addresses = await resolve(host) if isinstance(host, str) else [host]
    if not addresses or not all(map(is_allowed, addresses)):
        raise _refused("leads to a host that is not known, or not public", "host")
    return addresses[:MAX_ADDRESSES]


# --- What comes ----------------------------------------------------------------------------------

_REDIRECTS = {301, 302, 303, 307, 308}
_COMPRESSED = {"gzip", "x-gzip", "deflate"}
_PLAIN = {"", "identity"}
_certificates = ThreadPoolExecutor(1, thread_name_prefix="certificates")
_READ_BYTES = 4096
_LEAST_COUNTED = 64
_CHUNKS_AT_ONCE = 50


async def _get(target: _Target, addresses: Sequence[Address]) -> Page | str:
    """The page, or the reference that it redirects to."""
    # Imported here, since few requests need it. It reads no proxies and passwords from the
    # environment, follows no redirects and keeps no cookies.
    import httpcore2

    reads = _Reads()

    async def on_event(event: str, info: dict[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            # The pool forgets a connection whose handshake is cancelled, and it would stay open.
            opened.push_async_callback(info["return_value"].aclose)
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            reads.bound(info["return_value"])

    is_secure = target.scheme == "https"
    # The certificates take a while to read.
    tls = None
    if is_secure:
        read = httpcore2.default_ssl_context
        tls = await asyncio.get_running_loop().run_in_executor(_certificates, read)
    headers = [("Host", target.authority), *HEADERS]
    extensions = {
        # The certificate must be the host's, whatever the address.
        "sni_hostname": str(target.host),
        "timeout": {"connect": CONNECT_SECONDS},
        "trace": on_event,
    }
    async with AsyncExitStack() as opened, httpcore2.AsyncConnectionPool(tls) as pool:
        for address in addresses:
            url = httpcore2.URL(
                scheme=target.scheme, host=str(address), port=target.port, target=target.path
            )
            try:
                async with pool.stream(
                    "GET", url, headers=headers, extensions=extensions
                ) as response:
                    reads.end_head()
                    return await _read(response, target.url)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
            except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError):
                break
    raise _refused("leads to a server that does not answer as it should", "unreachable")


class _Reads:
    """The reads of one answer.

    A server may send very many small events in one packet: interim answers (1xx), chunks of one
    byte. So little is read at once, with a pause after it in which other requests go on, and only
    MAX_FETCHED_HEAD bytes before the answer begins.
    """

    def __init__(self) -> None:
        self._left: float = MAX_FETCHED_HEAD

    def end_head(self) -> None:
        """Count no more: the head is read, and the body has bounds of its own."""
        self._left = math.inf

    def bound(self, stream: "httpcore2.AsyncNetworkStream") -> None:
        """Count what is read from `stream`."""
        read = stream.read

        async def read_some(
            max_bytes: int,
            timeout: float | None = None,  # noqa: ASYNC109 - The method of httpcore2 has it.
        ) -> bytes:
            data = await read(min(max_bytes, _READ_BYTES), timeout)
            # Bytes that come one by one cost as much as some together.
            self._left -= max(len(data), _LEAST_COUNTED)
            if self._left < 0:
                raise _refused("leads to a server that does not answer as it should", "unreachable")
            await asyncio.sleep(0)
            return data

        stream.read = read_some  # type: ignore[method-assign] # This stream alone.


async def _read(response: "httpcore2.Response", url: str) -> Page | str:
    headers = {name.lower(): value for name, value in response.headers}
    if response.status in _REDIRECTS and b"location" in headers:
        return quote(headers[b"location"], safe=string.punctuation)
    if response.status != 200:
        raise _refused(f"is answered with the status {response.status}", "status")
    content_type = headers.get(b"content-type", b"").decode("latin-1")
    if content_type.partition(";")[0].strip().lower() not in CONTENT_TYPES:
        raise _refused("leads to what is neither HTML, JSON nor plain text", "content_type")
    encoding = headers.get(b"content-encoding", b"").decode("latin-1").lower()
    return Page(url, content_type, await _body(response, encoding))


async def _body(response: "httpcore2.Response", encoding: str) -> bytes:
    if encoding not in _COMPRESSED | _PLAIN:
        raise _refused("leads to a page in an encoding that was not asked for", "encoding")
    # It tells gzip from zlib by the first bytes.
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 32) if encoding in _COMPRESSED else None
    received, count, body = 0, 0, bytearray()
    async with aclosing(response.aiter_stream()) as chunks:
        async for chunk in chunks:
            received += len(chunk)
            count += 1
            if count > MAX_FETCHED_CHUNKS:
                raise _refused("leads to a page that comes in too many pieces", "too_large")
            if count % _CHUNKS_AT_ONCE == 0:
                # Of chunks that have come already each is given without a pause.
                await asyncio.sleep(0)
            try:
                # No more is decoded than shows that it is too much.
                body += inflate.decompress(chunk, MAX_BYTES + 1 - len(body)) if inflate else chunk
            except zlib.error:
                raise _refused("leads to a page that is damaged", "encoding") from None
            if max(received, len(body)) > MAX_BYTES:
                raise _refused(f"leads to more than {MAX_BYTES // 1024**2} MiB", "too_large")
    if inflate and received and not inflate.eof:
        raise _refused("leads to a page that is damaged", "encoding")
    return bytes(body)
