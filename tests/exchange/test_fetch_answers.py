"""fetch_page(): the responses that it accepts, and the requests that it sends."""

import asyncio
import gzip
import shutil
import ssl
import subprocess
import zlib
from pathlib import Path

import pytest

from app.core.bounds import MAX_FETCHED_CHUNKS
from app.core.public_addresses import Address
from app.exchange import fetch as client
from app.exchange.fetch import MAX_BYTES, Page, fetch_page
from tests.exchange.fetching import (
    HERE,
    HTML,
    NO_SERVER,
    Answer,
    Names,
    Site,
    answer,
    endless,
    fetch,
    fetch_from,
    leads_to,
    page,
    redirect,
    refusal,
    serving,
)

NO_TYPE = "leads to what is neither HTML, JSON nor plain text"
TOO_MUCH = "leads to more than 5 MiB"
DAMAGED = "leads to a page that is damaged"
TOO_SLOW = "is not answered in full within 0.3 seconds"

NEARLY_ALL = b"x" * (MAX_BYTES - 1)
EMPTY = gzip.compress(b"")


# --- Answers -------------------------------------------------------------------------------------


def raw(*lines: str, body: bytes = b"") -> bytes:
    return "\r\n".join(["HTTP/1.1 200 OK", HTML, *lines, "", ""]).encode("latin-1") + body


def zipped(body: bytes, encoding: str = "gzip", packed: bytes | None = None) -> bytes:
    packed = gzip.compress(body, 1) if packed is None else packed
    return answer(packed, HTML, f"Content-Encoding: {encoding}")


REFUSED = {
    "a missing page": (answer(b"", status="404 Not Found"), "is answered with the status 404"),
    "a broken server": (answer(b"", status="500 No"), "is answered with the status 500"),
    "a page in part": (answer(b"x", HTML, status="206 P"), "is answered with the status 206"),
    "a redirect to nowhere": (answer(b"", status="302 F"), "is answered with the status 302"),
    "no change": (answer(b"", "Location: /b", status="304 N"), "is answered with the status 304"),
    "another protocol": (
        answer(b"", "Connection: upgrade", "Upgrade: x", status="101 S"),
        NO_SERVER,
    ),
    "a picture": (answer(b"x", "Content-Type: image/png"), NO_TYPE),
    "a program": (answer(b"x", "Content-Type: text/javascript"), NO_TYPE),
    "no type": (answer(b"x"), NO_TYPE),
    "an empty type": (answer(b"x", "Content-Type: ;text/html"), NO_TYPE),
    "nothing": (b"", NO_SERVER),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.2\r\n", NO_SERVER),
    "half a head": (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n", NO_SERVER),
    "two lengths": (raw("Content-Length: 1", "Content-Length: 2", body=b"xx"), NO_SERVER),
    "a negative length": (raw("Content-Length: -1", body=b"xx"), NO_SERVER),
    "less than was said": (answer(b"soup", HTML, length=99), NO_SERVER),
    "chunks that are none": (raw("Transfer-Encoding: chunked", body=b"zz\r\n"), NO_SERVER),
    "an endless head": (endless(b"HTTP/1.1 200 OK\r\n", b"X: " + b"y" * 999 + b"\r\n"), NO_SERVER),
    "an endless line": (endless(b"HTTP/1.1 200 OK\r\nX: ", b"y" * 999), NO_SERVER),
    "an endless body": (endless(raw(), b"x" * 99_999), TOO_MUCH),
    "an endless body in chunks": (
        endless(raw("Transfer-Encoding: chunked"), b"ffff\r\n" + b"x" * 0xFFFF + b"\r\n"),
        TOO_MUCH,
    ),
    "a byte too much": (answer(NEARLY_ALL + b"xx", HTML), TOO_MUCH),
    "a byte too much, packed": (zipped(NEARLY_ALL + b"xx"), TOO_MUCH),
    "a bomb": (zipped(b"", packed=gzip.compress(bytes(200 * 1024**2), 1)), TOO_MUCH),
    "a bomb of zlib": (zipped(b"", "deflate", zlib.compress(bytes(99 * 1024**2), 1)), TOO_MUCH),
    "what never unpacks to anything": (
        endless(raw("Content-Encoding: gzip", body=EMPTY[:10]), b"\0\0\0\xff\xff" * 9999),
        TOO_MUCH,
    ),
    "what follows the end of what is packed": (
        endless(raw("Content-Encoding: gzip"), gzip.compress(b"soup") * 9999),
        TOO_MUCH,
    ),
    "packed and damaged": (zipped(b"", packed=b"soup"), DAMAGED),
    "packed and cut": (zipped(b"", packed=gzip.compress(b"soup")[:-1]), DAMAGED),
    "packed otherwise": (
        zipped(b"soup", "br"),
        "leads to a page in an encoding that was not asked for",
    ),
    "packed twice": (
        zipped(b"soup", "gzip, gzip"),
        "leads to a page in an encoding that was not asked for",
    ),
}


@pytest.mark.parametrize(("given", "why"), REFUSED.values(), ids=REFUSED)
def test_refused_responses(given: Answer, why: str) -> None:
    assert refusal(fetch_from(Site({"/": given}))) == why


def chunked(count: int) -> bytes:
    """A page in chunks of one byte."""
    return raw("Transfer-Encoding: chunked", body=b"1\r\nx\r\n" * count + b"0\r\n\r\n")


def test_a_page_in_very_many_pieces_does_not_block_the_loop() -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    async def work() -> Page:
        task = asyncio.create_task(others())
        try:
            return await fetch_from(Site({"/": chunked(10_000)}))
        finally:
            task.cancel()

    assert len(asyncio.run(work()).body) == 10_000
    assert turns > 10_000 / 50


def test_a_page_in_too_many_pieces_is_refused() -> None:
    site = Site({"/": chunked(MAX_FETCHED_CHUNKS + 1)})
    assert refusal(fetch_from(site)) == "leads to a page that comes in too many pieces"


@pytest.mark.parametrize("hint", [b"HTTP/1.1 103 Early\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: ", b"X"])
def test_an_endless_head_is_refused(hint: bytes) -> None:
    site = Site({"/": endless(hint, hint)})
    assert refusal(fetch_from(site)) == NO_SERVER


@pytest.mark.parametrize(
    ("given", "body"),
    [
        (page(""), b""),
        (answer(NEARLY_ALL + b"x", HTML), NEARLY_ALL + b"x"),
        (zipped(NEARLY_ALL + b"x"), NEARLY_ALL + b"x"),
        (zipped(b"soup"), b"soup"),
        (zipped(b"soup", "GZIP"), b"soup"),
        (zipped(b"soup", "x-gzip"), b"soup"),
        (zipped(b"soup", "deflate", zlib.compress(b"soup")), b"soup"),
        (zipped(b"soup", "identity", b"soup"), b"soup"),
        (zipped(b"", packed=b""), b""),
        (raw(body=b"soup"), b"soup"),
        (raw("Transfer-Encoding: chunked", body=b"2\r\nso\r\n2\r\nup\r\n0\r\n\r\n"), b"soup"),
        (answer(b"soup and more", HTML, length=4), b"soup"),
        (b"HTTP/1.1 103 Early Hints\r\n\r\n" + page(), b"soup"),
    ],
)
def test_accepted_responses(given: Answer, body: bytes) -> None:
    assert fetch(Site({"/": given})).body == body


@pytest.mark.parametrize(
    "content_type",
    [
        "text/html; charset=ISO-8859-1",
        "TEXT/HTML",
        "application/xhtml+xml",
        "application/ld+json",
        "application/json ; x=y",
        "text/plain",
    ],
)
def test_the_type_comes_with_its_parameters(content_type: str) -> None:
    site = Site({"/": answer(b"soup", f"Content-Type: {content_type}")})
    assert fetch(site).content_type == content_type


@pytest.mark.parametrize(
    "given",
    [
        endless(b"", b""),
        endless(b"", b"HTTP/1.1 102 Processing\r\n\r\n", pause=0.01),
        endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", pause=0.01),
        endless(raw(), b"x", pause=0.01),
        endless(raw("Content-Encoding: gzip", body=EMPTY[:10]), b"\0\0\0\xff\xff", pause=0.01),
    ],
    ids=["silence", "in progress", "a slow head", "a slow body", "slow and packed"],
)
def test_a_slow_server_is_given_up_at_the_deadline(given: Answer) -> None:
    # Without a deadline the response would never end.
    assert refusal(fetch_from(Site({"/": given}), seconds=0.3)) == TOO_SLOW


def advance_clock(seconds: float) -> None:
    """Let the clock of the running event loop jump."""
    loop = asyncio.get_running_loop()
    now = loop.time
    loop.time = lambda: now() + seconds  # type: ignore[method-assign] # asyncio reads it each time.


def test_the_deadline_covers_all_redirects() -> None:
    async def slowly(writer: asyncio.StreamWriter) -> None:
        advance_clock(20)
        writer.write(redirect("/"))

    site = Site({"/": slowly})
    assert refusal(fetch_from(site, seconds=35)) == "is not answered in full within 35 seconds"
    assert site.paths == ["/", "/"]


def test_a_slow_resolver_is_given_up_at_the_deadline() -> None:
    async def never(_: str) -> list[Address]:
        await asyncio.sleep(60)
        return []

    assert refusal(fetch_page("http://page.test/", resolve=never, seconds=0.3)) == TOO_SLOW


# --- What is not sent ----------------------------------------------------------------------------


def test_requests_share_no_cookies_or_headers() -> None:
    cookies = ("Set-Cookie: id=1; Path=/", "WWW-Authenticate: Basic")
    site = Site({"/": redirect("/b", *cookies), "/b": page("soup", *cookies)})
    fetch(site)
    assert site.paths == ["/", "/b"]
    names = [line.partition(":")[0] for line in site.seen[1].split("\r\n")[1:] if line]
    assert names == ["Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"]


def test_environment_variables_are_ignored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    proxy, site = Site({}), Site({"/": page()})
    (tmp_path / ".netrc").write_text("machine page.test login cook password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))

    async def work() -> Page:
        async with serving(proxy):
            for name in ("http_proxy", "https_proxy", "all_proxy"):
                monkeypatch.setenv(name, f"http://{HERE}:{proxy.port}")
                monkeypatch.setenv(name.upper(), f"http://{HERE}:{proxy.port}")
            return await fetch_from(site)

    assert asyncio.run(work()).body == b"soup"
    assert (proxy.seen, site.paths) == ([], ["/"])
    assert "Authorization" not in site.seen[0]


# --- TLS -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of page.test that vouches for itself, and its key, in one file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("There is no openssl to make a certificate with.")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        (
            *(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=page.test"),
            *("-addext", "subjectAltName=DNS:page.test"),
            *("-keyout", folder / "key", "-out", folder / "certificate"),
        ),
        check=True,
        capture_output=True,
    )
    both = folder / "both.pem"
    both.write_bytes((folder / "key").read_bytes() + (folder / "certificate").read_bytes())
    return both


def server_side(certificate: Path, asked: list[str | None]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _, name, __: asked.append(name)
    return context


def test_a_certificate_must_be_trusted_and_match_the_host(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str | None] = []
    tls = server_side(certificate, asked)
    site = Site({"/": page()})
    url = "https://{name}.test:{{port}}/"
    names = Names(page_test=[[HERE]], other_test=[[HERE]])

    assert refusal(fetch_from(site, url.format(name="page"), names=names, tls=tls)) == NO_SERVER
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert refusal(fetch_from(site, url.format(name="other"), names=names, tls=tls)) == NO_SERVER
    by_address = fetch_from(site, "https://127.0.0.1:{port}/", tls=tls)
    assert refusal(by_address) == NO_SERVER
    assert site.seen == []

    assert fetch(site, url.format(name="page"), names=names, tls=tls).body == b"soup"
    assert site.seen[0].split("\r\n")[1] == f"Host: page.test:{site.port}"
    assert asked == ["page.test", "other.test", None, "page.test"]


def test_http_to_an_https_port(certificate: Path) -> None:
    tls = server_side(certificate, [])
    assert refusal(fetch_from(Site({"/": page()}), tls=tls)) == NO_SERVER


def test_a_slow_handshake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "CONNECT_SECONDS", 0.2)
    assert refusal(fetch_from(Site({}), "https://page.test:{port}/")) == NO_SERVER


def test_an_endless_handshake_leaves_no_connection_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "CONNECT_SECONDS", 1000)
    site = Site({})

    async def work() -> Page:
        async with serving(site):
            fetching = asyncio.create_task(
                fetch_page(
                    f"https://page.test:{site.port}/",
                    resolve=leads_to(HERE),
                    is_allowed=lambda _: True,
                    ports={site.port},
                    seconds=60,
                )
            )
            while not site.tasks and not fetching.done():  # noqa: ASYNC110 - The server has no event.
                await asyncio.sleep(0.01)
            advance_clock(60)
            try:
                return await fetching
            finally:
                # The site waits for HTTP, so only that the client goes away ends this.
                assert site.tasks
                await asyncio.wait_for(asyncio.gather(*site.tasks), timeout=60)

    assert refusal(work()) == "is not answered in full within 60 seconds"
