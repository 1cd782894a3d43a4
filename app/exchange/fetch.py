"""Fetch web pages whose URLs come from clients. No other module makes outbound requests.

This machine reaches networks that the client does not (SSRF). So a name is resolved once, all of
its addresses must be public, and the connection goes to an address that was checked, never to the
name. Every redirect is checked the same way.
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
"""For the whole fetch, from the first name lookup to the last byte."""
CONNECT_SECONDS = 3.0
"""For one address, so that there is time to try the next."""
MAX_ADDRESSES = 4
MAX_REDIRECTS = 3
MAX_URL_LENGTH = 2048
MAX_BYTES = 5 * 1024 * 1024
"""Of a page, as sent and as decoded."""

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
"""Returns the addresses of a host, or none."""


class Page(NamedTuple):
    """A page at its final URL, after all redirects. `content_type` includes parameters."""

    url: str
    content_type: str
    body: bytes


async def system_resolver(host: str) -> Sequence[Address]:
    """Return the addresses of `host` in DNS; none if it has none or no server answers in time.

    getaddrinfo() would block a thread without a bound, and also knows the names of this machine
    (/etc/hosts).
    """
    if host == "localhost":
        return [ip_address("127.0.0.1"), ip_address("::1")]  # RFC 6761 section 6.3.
    # Imported here, because few requests need it.
    import dns.asyncresolver
    import dns.exception

    async def addresses(kind: str) -> list[Address]:
        try:
            resolver = dns.asyncresolver.Resolver()
            # The final dot keeps the resolver from trying search domains.
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
    """Return the page at `url`. Raises InvalidError if it cannot or must not be fetched.

    The error never reveals what a name resolves to, or whether a name that is not public exists.
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


# --- Targets -------------------------------------------------------------------------------------


class _Target(NamedTuple):
    scheme: str
    host: str | Address
    port: int
    path: str  # Including the query.

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if isinstance(self.host, IPv6Address) else str(self.host)
        return host if self.port == _USUAL_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"


_USUAL_PORTS = {"http": 80, "https": 443}
# Without user and password.
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:@]+)(?::([0-9]{0,5}))?", re.IGNORECASE)
# At least two labels, because a single one is a name in the local network. The last one begins with
# a letter, because many resolvers take "127.1" and "0x7f.0.0.1" for addresses.
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
    """Return a DNS name, or an address in its usual notation. Raises ValueError for all else."""
    if text.startswith("["):
        return IPv6Address(text[1:-1])
    if len(text) > _MAX_NAME_LENGTH:
        raise ValueError
    if not text.isascii():
        # This also maps digits and dots of other scripts, so it comes before the checks below.
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


# --- Responses -----------------------------------------------------------------------------------

_REDIRECTS = {301, 302, 303, 307, 308}
_COMPRESSED = {"gzip", "x-gzip", "deflate"}
_PLAIN = {"", "identity"}
_certificates = ThreadPoolExecutor(1, thread_name_prefix="certificates")
_READ_BYTES = 4096
_MIN_COUNTED = 64
_CHUNKS_AT_ONCE = 50


async def _get(target: _Target, addresses: Sequence[Address]) -> Page | str:
    """Return the page, or the URL reference it redirects to."""
    # Imported here, because few requests need it. It reads no proxies or passwords from the
    # environment, follows no redirects and keeps no cookies.
    import httpcore2

    reads = _Reads()

    async def on_event(event: str, info: dict[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            # The pool forgets a connection whose handshake is cancelled, which would stay open.
            opened.push_async_callback(info["return_value"].aclose)
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            reads.bound(info["return_value"])

    is_secure = target.scheme == "https"
    # Reading the certificates takes a while, so a thread does it.
    tls = None
    if is_secure:
        read = httpcore2.default_ssl_context
        tls = await asyncio.get_running_loop().run_in_executor(_certificates, read)
    headers = [("Host", target.authority), *HEADERS]
    extensions = {
        # The certificate must be for the host, not for the address.
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
    """The reads of one response.

    A server may send very many small events in one packet: interim responses (1xx), or chunks of
    one byte. So each read is small and lets other requests run after it, and only MAX_FETCHED_HEAD
    bytes may come before the body.
    """

    def __init__(self) -> None:
        self._left: float = MAX_FETCHED_HEAD

    def end_head(self) -> None:
        """Stop counting: the head has been read, and the body has its own bounds."""
        self._left = math.inf

    def bound(self, stream: "httpcore2.AsyncNetworkStream") -> None:
        """Count the bytes that are read from `stream`."""
        read = stream.read

        async def read_some(
            max_bytes: int,
            timeout: float | None = None,  # noqa: ASYNC109 - httpcore2 has this parameter.
        ) -> bytes:
            data = await read(min(max_bytes, _READ_BYTES), timeout)
            # A single byte costs as much as several together.
            self._left -= max(len(data), _MIN_COUNTED)
            if self._left < 0:
                raise _refused("leads to a server that does not answer as it should", "unreachable")
            await asyncio.sleep(0)
            return data

        stream.read = read_some  # type: ignore[method-assign] # Only of this stream.


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
    # zlib recognises gzip by the first bytes.
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 32) if encoding in _COMPRESSED else None
    received, count, body = 0, 0, bytearray()
    async with aclosing(response.aiter_stream()) as chunks:
        async for chunk in chunks:
            received += len(chunk)
            count += 1
            if count > MAX_FETCHED_CHUNKS:
                raise _refused("leads to a page that comes in too many pieces", "too_large")
            if count % _CHUNKS_AT_ONCE == 0:
                # Chunks that have already arrived come without a pause.
                await asyncio.sleep(0)
            try:
                # Decode only one byte more than allowed.
                body += inflate.decompress(chunk, MAX_BYTES + 1 - len(body)) if inflate else chunk
            except zlib.error:
                raise _refused("leads to a page that is damaged", "encoding") from None
            if max(received, len(body)) > MAX_BYTES:
                raise _refused(f"leads to more than {MAX_BYTES // 1024**2} MiB", "too_large")
    if inflate and received and not inflate.eof:
        raise _refused("leads to a page that is damaged", "encoding")
    return bytes(body)
