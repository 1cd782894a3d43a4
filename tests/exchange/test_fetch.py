"""fetch_page(): the hosts that it connects to, and that no other module connects to any."""

import ast
import asyncio
import random
import re
from ipaddress import ip_address
from pathlib import Path

import pytest

from app.core.config import ROOT
from app.core.public_addresses import is_public
from app.exchange import fetch as client
from app.exchange.fetch import MAX_URL_LENGTH, Page, fetch_page, system_resolver
from tests.exchange.fetching import (
    HERE,
    NO_HOST,
    NO_PORT,
    NO_SERVER,
    NO_URL,
    Answer,
    Names,
    Site,
    fetch,
    fetch_from,
    leads_to,
    page,
    redirect,
    refusal,
    serving,
)

OTHER_HERE = "127.0.0.2"


# --- Addresses -----------------------------------------------------------------------------------

NOT_PUBLIC = [
    "0.0.0.0",  # noqa: S104 - Nothing is bound to it.
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "127.0.0.1",
    "127.1.2.3",
    "127.255.255.255",
    "168.63.129.16",
    "169.254.0.1",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.31.196.1",
    "192.52.193.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.255.255",
    "192.175.48.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::5db8:d70e",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:93.184.215.14",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::5db8:d70e",
    "100::1",
    "100:0:0:1::1",
    "2001::1",
    "2001:0:7f00:1::",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2002:5db8:d70e::1",
    "2620:4f:8000::1",
    "3ffe::1",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "fe80::1",
    "fe80::1%eth0",
    "2606:4700::1111%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]

PUBLIC = [
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "93.184.215.14",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2000::1",
    "2001:200::1",
    "2001:4860:4860::8888",
    "2606:4700::1111",
    "2a00:1450::1",
    "64:ff9b::5db8:d70e",
]


def literal(address: str) -> str:
    return f"[{address}]" if ":" in address else address


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    assert not is_public(ip_address(address))
    names = leads_to(address)
    assert refusal(fetch_page("http://page.test/", resolve=names)) == NO_HOST
    assert names.asked == ["page.test"]
    assert refusal(fetch_page(f"https://{literal(address)}/")) in {NO_HOST, NO_URL}


def test_one_address_that_is_not_public_refuses_the_name() -> None:
    for addresses in (["93.184.215.14", HERE], ["2606:4700::1111", "::1", "93.184.215.14"]):
        names = leads_to(*addresses)
        assert refusal(fetch_page("http://page.test/", resolve=names)) == NO_HOST


def test_an_unknown_name_gets_the_same_error() -> None:
    assert refusal(fetch_page("http://page.test/", resolve=leads_to())) == NO_HOST
    assert refusal(fetch_page("http://nobody.invalid/", resolve=leads_to())) == NO_HOST


def test_localhost_resolves_to_this_machine() -> None:
    assert ip_address(HERE) in asyncio.run(system_resolver("localhost"))


# --- URLs ----------------------------------------------------------------------------------------

TRICKS = [
    # Other notations of IPv4
    "http://2130706433/",
    "http://017700000001/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0x7f.0x0.0x0.0x1/",
    "http://0177.0.0.1/",
    "http://0177.1/",
    "http://127.1/",
    "http://127.0.1/",
    "http://127.000.000.001/",
    "http://127.0.0.1./",
    "http://127.0.0.0x1/",
    "http://127.0.0.256/",
    "http://425.510.425.510/",
    "http://0/",
    "http://4294967296/",
    # Digits and dots of other scripts
    "http://①②⑦.⓪.⓪.①/",
    "http://\uff11\uff12\uff17.0.0.1/",
    "http://127\uff0e0\uff0e0\uff0e1/",
    "http://127。0。0。1/",
    "http://127｡0｡0｡1/",
    "http://[::ffff:①②⑦.0.0.1]/",
    "http://٠.٠.٠.٠/",
    # Local names
    "http://localhost/",
    "http://LOCALHOST./",
    "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
    "http://localhost../",
    "http://.localhost/",
    "http://redis/",
    "http://page.test../",
    "http://page..test/",
    "http://-page.test/",
    f"http://{'a' * 64}.test/",
    f"http://{'a.' * 126}test/",
    f"http://{'ä.' * 1000}test/",
    # Escaped, hidden and divided hosts
    "http://%31%32%37.0.0.1/",
    "http://127.0.0.1%00.page.test/",
    "http://127.0.0.1%2f.page.test/",
    "http://page%2etest/",
    "http://page.test\\@127.0.0.1/",
    "http://127.0.0.1\\.page.test/",
    "http://page.test@127.0.0.1/",
    "http://user:secret@page.test/",
    "http://@page.test/",
    "http://127.0.0.1#@page.test/",
    "http://127.0.0.1?@page.test/",
    "http://page.test℀127.0.0.1/",
    "http://page test/",
    "http://page.test\x00/",
    "http://loc\talhost/",
    "http://page.test|127.0.0.1/",
    "http://$(id).page.test/",
    "http://\ud800.test/",
    "http://page.test/\ud800",
    # IPv6
    "http://[::1]/",
    "http://[::1]page.test/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[fe80::1%25eth0]/",
    "http://[fe80::1%eth0]/",
    "http://[v1.fe80::1]/",
    "http://[127.0.0.1]/",
    "http://[::1",
    "http://::1/",
    "http://[]/",
    # Schemes
    "file:///etc/passwd",
    "ftp://page.test/",
    "gopher://page.test/",
    "dict://page.test/",
    "data:text/html,soup",
    "javascript:alert(1)",
    "ws://page.test/",
    "unix:///run/docker.sock",
    "//page.test/",
    "page.test/",
    "/etc/passwd",
    "http:page.test",
    "http:/page.test/",
    "http:///page.test/",
    "https://",
    "http",
    "",
]

PORTS = [0, 1, 21, 22, 23, 25, 79, 81, 111, 442, 444, 2375, 3306, 5432, 6379, 8000, 9200, 99999]


@pytest.mark.parametrize("url", TRICKS)
def test_urls_without_a_public_host(url: str) -> None:
    names = leads_to("93.184.215.14")
    assert refusal(fetch_page(url, resolve=names)) in {NO_URL, NO_HOST}
    assert names.asked == []


@pytest.mark.parametrize("port", PORTS)
def test_ports_that_are_not_allowed(port: int) -> None:
    names = leads_to("93.184.215.14")
    assert refusal(fetch_page(f"http://page.test:{port}/", resolve=names)) == NO_PORT
    assert names.asked == []


@pytest.mark.parametrize("port", ["x", "-1", "80x", "100000", "8 0", "٨٠", "80:80", "80%20"])
def test_invalid_ports(port: str) -> None:
    assert refusal(fetch_page(f"http://page.test:{port}/", resolve=leads_to(HERE))) == NO_URL


def test_a_url_that_is_too_long() -> None:
    url = "http://page.test/"
    names = leads_to(HERE)
    assert refusal(fetch_page(url.ljust(MAX_URL_LENGTH, "x"), resolve=names)) == NO_HOST
    long = url.ljust(MAX_URL_LENGTH + 1, "x")
    assert refusal(fetch_page(long, resolve=names)) == "is longer than 2,048 characters"


@pytest.mark.parametrize(
    ("url", "asked", "final"),
    [
        ("http://PAGE.test:{port}", "page.test", "http://page.test:{port}/"),
        ("  HTTP://page.test.:{port}/a\n", "page.test", "http://page.test:{port}/a"),
        (
            "http://page.test:{port}/ö?q=a b#c",
            "page.test",
            "http://page.test:{port}/%C3%B6?q=a%20b",
        ),
        ("http://page.test:{port}/%C3%B6", "page.test", "http://page.test:{port}/%C3%B6"),
        ("http://page.test:{port}?q", "page.test", "http://page.test:{port}/?q"),
        ("http://page.test:{port}/a\r\nX: y", "page.test", "http://page.test:{port}/aX:%20y"),
        ("http://page.test:{port}/\\x", "page.test", "http://page.test:{port}/%5Cx"),
        ("http://my_page.test:{port}/", "my_page.test", "http://my_page.test:{port}/"),
        ("http://Müsli.test:{port}/", "xn--msli-0ra.test", "http://xn--msli-0ra.test:{port}/"),
        ("http://straße.test:{port}/", "xn--strae-oqa.test", "http://xn--strae-oqa.test:{port}/"),
        ("http://127.0.0.1:{port}/", None, "http://127.0.0.1:{port}/"),
    ],
)
def test_how_a_url_is_requested(url: str, asked: str | None, final: str) -> None:
    names = leads_to(HERE)
    names.tables = {asked: [[HERE]]} if asked else {}
    path = final.partition("{port}")[2]
    site = Site({path: page()})
    found = fetch(site, url, names=names)
    expected = final.format(port=site.port)
    assert found == Page(expected, "text/html", b"soup")
    assert names.asked == ([asked] if asked else [])
    host = expected.split("/")[2]
    assert site.seen == [
        f"GET {path} HTTP/1.1\r\n"
        f"Host: {host}\r\n"
        "User-Agent: recipe-api\r\n"
        "Accept: text/html, application/xhtml+xml, application/ld+json, */*;q=0.5\r\n"
        "Accept-Encoding: gzip\r\n"
        "Connection: close\r\n\r\n"
    ]


# --- Redirects -----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["301 M", "302 F", "303 S", "307 T", "308 P"])
@pytest.mark.parametrize(
    "location", ["/b", "b", "//page.test:{port}/b", "http://page.test:{port}/b#there"]
)
def test_a_redirect(status: str, location: str) -> None:
    site = Site({"/b": page()})

    async def work() -> Page:
        async with serving(site):
            first = redirect(location.format(port=site.port), status=status)
            site.answers = {"/": first, "/b": page()}
            url = f"http://page.test:{site.port}/"
            return await fetch_page(
                url, resolve=leads_to(HERE), is_allowed=lambda _: True, ports={site.port}
            )

    found = asyncio.run(work())
    assert found == Page(f"http://page.test:{site.port}/b", "text/html", b"soup")
    assert site.paths == ["/", "/b"]


def test_three_redirects_are_followed_but_not_a_fourth() -> None:
    steps: dict[str, Answer] = {f"/{step}": redirect(f"/{step + 1}") for step in range(4)}
    site = Site(steps | {"/4": page()})
    url = "http://page.test:{port}"
    names = leads_to(HERE)
    assert fetch(site, f"{url}/1", names=names).body == b"soup"
    assert names.asked == ["page.test"] * 4
    site.port, site.seen = 0, []
    assert refusal(fetch_from(site, f"{url}/0")) == "redirects more than 3 times"
    assert site.paths == ["/0", "/1", "/2", "/3"]


ELSEWHERE = {
    NO_HOST: [
        *(f"http://{literal(address)}/" for address in NOT_PUBLIC[::3] if "%" not in address),
        "http://127.0.0.1:{port}/secret",
        "//[::ffff:127.0.0.1]:{port}/secret",
        "http://inside.test/",
        "https://inside.test/",
        "//inside.test:{port}/secret",
        "//nowhere.test/",
    ],
    NO_URL: [
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "https://localhost/",
        "//localhost:{port}/secret",
        "//user:secret@page.test:{port}/secret",
        "http://①②⑦.⓪.⓪.①:{port}/secret",
        "ftp://page.test/",
        "file:///etc/passwd",
        "data:text/html,soup",
        "javascript:alert(1)",
        "http://[::1",
    ],
    NO_PORT: ["http://page.test:22/", "//page.test:6379/", "https://127.0.0.1:2375/"],
    "is longer than 2,048 characters": [f"/{'x' * MAX_URL_LENGTH}"],
}


@pytest.mark.parametrize(
    ("why", "location"), [(why, each) for why, locations in ELSEWHERE.items() for each in locations]
)
def test_a_redirect_is_checked_from_the_beginning(why: str, location: str) -> None:
    """The first request is allowed although it stays here; for the next all is as it always is."""
    site = Site({})
    names = Names(page_test=[[HERE]], inside_test=[["93.184.215.14", "10.0.0.1"]])

    async def work() -> Page:
        async with serving(site):
            site.answers = {"/": redirect(location.format(port=site.port)), "/secret": page()}
            return await fetch_page(
                f"http://page.test:{site.port}/",
                resolve=names,
                is_allowed=lambda address: not site.seen or is_public(address),
                ports={site.port, 80, 443},
            )

    assert refusal(work()) == why
    assert site.paths == ["/"]


# --- One resolution, and the address that was checked --------------------------------------------


def test_a_name_that_changes_is_resolved_once_and_again_for_a_redirect() -> None:
    """The name leads to where it may first, and to this machine's other server ever after."""
    names = Names(page_test=[[OTHER_HERE], [HERE]])
    allowed, inside = Site({"/": redirect("/again")}), Site({"/": page("secret")})
    inside.answers = {"/": page("secret"), "/again": page("secret")}
    # Not one that the system gives to anybody, who may then have it at the other address.
    allowed.port = inside.port = random.randrange(20_000, 30_000)  # noqa: S311 - Any will do.

    async def work() -> Page:
        async with serving(allowed, OTHER_HERE), serving(inside, HERE):
            return await fetch_page(
                f"http://page.test:{allowed.port}/",
                resolve=names,
                is_allowed=lambda address: str(address) == OTHER_HERE,
                ports={allowed.port},
            )

    assert refusal(work()) == NO_HOST
    assert (allowed.paths, inside.paths) == (["/"], [])
    assert names.asked == ["page.test"] * 2


def test_no_name_reaches_the_resolver_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """The event loop is asked for no name: what it connects to is the address."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("A name was resolved a second time.")

    monkeypatch.setattr("socket.getaddrinfo", refuse)
    monkeypatch.setattr("socket.gethostbyname", refuse)
    site = Site({"/": page()})
    assert fetch(site, names=leads_to(HERE)).body == b"soup"


DEAD = [f"127.0.0.{number}" for number in range(2, 6)]


@pytest.mark.parametrize("dead", [DEAD[:1], DEAD[:3]])
def test_the_next_address_is_tried_if_one_does_not_answer(dead: list[str]) -> None:
    assert asyncio.run(fetch_behind(dead)).body == b"soup"


def test_only_the_first_addresses_of_a_name_are_tried() -> None:
    assert refusal(fetch_behind(DEAD)) == NO_SERVER


async def fetch_behind(dead: list[str]) -> Page:
    """Fetch from a site whose name has dead addresses too, which come first."""
    site = Site({"/": page()})
    async with serving(site):
        return await fetch_page(
            f"http://page.test:{site.port}/",
            resolve=leads_to(*dead, HERE),
            is_allowed=lambda _: True,
            ports={site.port},
        )


def test_a_server_that_is_down() -> None:
    site = Site({})

    async def work() -> Page:
        async with serving(site):
            url = f"http://page.test:{site.port}/"
        return await fetch_page(
            url, resolve=leads_to(HERE), is_allowed=lambda _: True, ports={site.port}
        )

    assert refusal(work()) == NO_SERVER


# --- The only one --------------------------------------------------------------------------------

CLIENT = re.compile(
    r"(aiohttp|ftplib|http\.client|httpcore2?|httpx2?|requests|smtplib|telnetlib|urllib\.request|"
    r"urllib3|websockets|xmlrpc\.client)\."
)
CONNECTS = {"connect_tcp", "create_connection", "open_connection", "sock_connect", "urlopen"}


def _clients(source: Path) -> set[str]:
    used: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text())):
        match node:
            case ast.Import(names):
                used |= {each.name for each in names}
            case ast.ImportFrom(module, names):
                used |= {f"{module}.{each.name}" for each in names}
            case ast.Attribute(attr=name):
                used.add(name)
    return {name for name in used if CLIENT.match(f"{name}.") or name.split(".")[-1] in CONNECTS}


def test_no_other_module_makes_outbound_requests() -> None:
    sources = (ROOT / "app").rglob("*.py")
    found = {path: clients for path in sources if (clients := _clients(path))}
    assert found == {Path(client.__file__): {"httpcore2"}}
