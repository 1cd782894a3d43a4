"""Requests meant to freeze the server: each costs little, so that others are served as before.

All of them keep to the documented bounds, or go beyond them and are refused. While one client sends
an attack, another asks for /livez again and again. The slowest of its answers counts by the clock
or by the processor time that the worker used for it, whichever is less: on a shared machine a
worker also waits for other processes.
"""

import json
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests import server
from tests.databases import Databases
from tests.factories import API, Account, create_recipe, sign_in
from tests.faults.workers import processor_seconds
from tests.processes import make_settings
from tests.serving.wire import LIVE, connected

RECIPES = f"{API}/recipes"
SLOWEST_SECONDS = 1.5
MEMORY_BYTES = 200 * 1024 * 1024
ATTACK_SECONDS = 10
PAUSE_SECONDS = 0.02

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="only Linux says what a process has used"
)


@dataclass(frozen=True)
class Site:
    """A server with one worker, an attacker, and the recipes that the attacker has stored."""

    running: server.Server
    attacker: Account
    hostile: dict[str, int]
    statuses: list[int] = field(default_factory=list)
    """Of the answers to the attack that runs."""

    @property
    def worker(self) -> int:
        (worker,) = self.running.workers
        return worker

    def send(self, method: str, path: str, **options: Any) -> None:
        """One request of the attacker, which the server may refuse or cut off."""
        headers = self.attacker.headers | dict(options.pop("headers", {}))
        with self.running.client() as client, suppress(httpx2.TransportError):
            client.follow_redirects = True
            answer = client.request(method, path, headers=headers, **options)
            # Else it was no attack at all, or has found a fault of another kind.
            assert answer.status_code not in (401, 404, 405, 500), answer.text
            self.statuses.append(answer.status_code)

    def send_raw(self, *parts: bytes) -> None:
        """Send bytes, and read whatever comes until the attack is over."""
        with connected(self.running.url) as connection, suppress(OSError):
            connection.settimeout(ATTACK_SECONDS)
            for part in parts:
                connection.sendall(part)
            while connection.recv(65536):
                pass


Attack = Callable[[Site], object]


# --- The server and what is stored in it ---------------------------------------------------------


@pytest.fixture(scope="module")
def backend(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture(scope="module")
def site(
    backend: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    fixture = {"sqlite": "sqlite_databases", "postgresql": "postgres_databases"}[backend]
    databases: Databases = request.getfixturevalue(fixture)
    url = databases.create()
    folder = tmp_path_factory.mktemp("attacks")
    settings = make_settings(url, folder, log_level="WARNING", drain_seconds=0)
    with server.gunicorn(settings, folder) as running:
        with running.client() as client:
            attacker = _sign_up(client)
            hostile = {
                name: create_recipe(client, attacker, **document)["id"]
                for name, document in _hostile_documents().items()
            }
            for number in range(60):
                create_recipe(client, attacker, label=f"chicken cake {number}", **LARGE)
        yield Site(running, attacker, hostile)
    databases.drop(url)


def _sign_up(client: httpx2.Client) -> Account:
    email, password = "mallory@example.com", "seven wooden spoons"
    body = {"email": email, "password": password}
    answer = client.post(f"{API}/auth/signup", json=body)
    assert answer.status_code == 201, answer.text
    return Account(answer.json()["id"], email, password, sign_in(client, email, password))


AMOUNTS = " - ".join(["a"] + ["1"] * 240)
LARGE = {
    "notes": "word " * 9_000,
    "steps": [f"Step {number}: stir, wait and taste. " * 30 for number in range(100)],
    "extras": {"values": [[]] * 1_000},
}


def _hostile_documents() -> dict[str, dict[str, Any]]:
    """Documents that the bounds allow, made to be dear to read."""
    words = " ".join(f"w{number:x}" for number in range(8_000))[:49_000]
    return {
        "amounts": {"label": "Amounts", "servings": 4, "ingredients": [AMOUNTS] * 430},
        "words": {"label": "Words", "notes": words, "steps": [words[:9_000]] * 30},
        "marks": {"label": "Marks", "notes": ("*_`[" * 12_500)[:50_000]},
        "quotes": {"label": "Quotes", "notes": (">" * 200 + "\n") * 240},
        "large": {"label": "Large", **LARGE},
    }


# --- The attacks ---------------------------------------------------------------------------------


def post(path: str, body: object, **headers: str) -> Attack:
    content = json.dumps(body).encode()
    return post_bytes(path, content, "application/json", **headers)


def post_bytes(path: str, content: bytes, media_type: str, **headers: str) -> Attack:
    named = {"Content-Type": media_type} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return lambda site: site.send("POST", path, content=content, headers=named)


def get(path: str, **headers: str) -> Attack:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda site: site.send("GET", path.format(**site.hostile), headers=named)


def upload(name: str, content: bytes) -> Attack:
    """A file as a form of a browser or a program sends it."""

    def attack(site: Site) -> None:
        files = {"file": (name, content)}
        site.send("POST", f"{RECIPES}/import", params={"dry_run": "true"}, files=files)

    return attack


def import_text(member: str, text: str) -> Attack:
    return post(f"{RECIPES}/import?dry_run=true", {member: text})


def json_ld(**members: object) -> Attack:
    recipe = {"@context": "https://schema.org", "@type": "Recipe", "name": "Cake", **members}
    return post(f"{RECIPES}/import?dry_run=true", {"json_ld": recipe})


def archive(files: int, size: int) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as written:
        for number in range(files):
            written.writestr(f"{number}.json", b" " * size)
    return packed.getvalue()


def patch_many(site: Site) -> None:
    """A few bytes each, and each stores the whole document once more."""
    large = site.hostile["large"]
    operations = [
        {"op": "patch", "id": large, "recipe": {"label": f"Large {number}"}}
        for number in range(1_000)
    ]
    site.send("POST", f"{RECIPES}/batch", json={"operations": operations})


def log_in_often(site: Site) -> None:
    def log_in(_: int) -> None:
        user = {"username": site.attacker.email, "password": site.attacker.password}
        site.send("POST", f"{API}/auth/login", data=user)

    with ThreadPoolExecutor(15) as threads:
        list(threads.map(log_in, range(60)))


def stream(line: bytes, query: str, reads: bool = True) -> Attack:
    """An import as a stream of lines that goes on as long as the attack does."""

    def attack(site: Site) -> None:
        head = (
            f"POST {RECIPES}/import?{query} HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: Bearer {site.attacker.token}\r\n"
            "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        content = line * (32_768 // len(line))
        chunk = b"%x\r\n%s\r\n" % (len(content), content)
        end = time.monotonic() + ATTACK_SECONDS
        with connected(site.running.url) as connection, suppress(OSError):
            connection.settimeout(ATTACK_SECONDS)
            connection.sendall(head.encode())
            while time.monotonic() < end:
                connection.sendall(chunk)
                if reads:
                    connection.setblocking(False)
                    with suppress(BlockingIOError):
                        while connection.recv(65536):
                            pass
                    connection.settimeout(ATTACK_SECONDS)

    return attack


def unfinished_upload(site: Site) -> None:
    """A large body of which the end never comes."""
    head = (
        f"POST {RECIPES}/import HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {site.attacker.token}\r\n"
        "Content-Type: application/zip\r\nContent-Length: 64000000\r\n\r\n"
    )
    with connected(site.running.url) as connection, suppress(OSError):
        connection.sendall(head.encode() + b"0" * 60_000_000)
        time.sleep(ATTACK_SECONDS / 2)


def pipelined_garbage(site: Site) -> None:
    for _ in range(50):
        site.send_raw(LIVE, b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n")


def page_form(path: str, content: bytes) -> Attack:
    return post_bytes(path, content, "application/x-www-form-urlencoded")


def many_exports(site: Site) -> None:
    with ThreadPoolExecutor(8) as threads:
        for each in ("csv", "ndjson", "jsonld", "markdown", "zip", "csv", "csv", "zip"):
            threads.submit(site.send, "GET", f"{RECIPES}/export", params={"format": each})


def differences(site: Site) -> None:
    site.send("PATCH", f"{RECIPES}/{site.hostile['large']}", json={"steps": ["Stir."] * 300})
    for _ in range(3):
        site.send("GET", f"{RECIPES}/{site.hostile['large']}/versions/1/diff?against=2")


DIGITS = "1" * 4_000 + "x"
MARKED = "<html><body><div class='recipe-details' data-app='copymethat'>{}</div></body></html>"
NESTED = "[" * 900 + "]" * 900

ATTACKS: dict[str, Attack] = {
    # Headers and query strings
    "blanks in Accept": get(f"{RECIPES}/{{large}}", Accept="a/b" + " " * 30_000 + "x"),
    "ranges in Accept": get(f"{RECIPES}/{{large}}", Accept="a/b;q=0.1," * 3_000),
    "tags in If-None-Match": get(f"{RECIPES}/{{large}}", If_None_Match='"x",' * 7_500),
    "cookies": get("/", Cookie="a=\\" * 10_000),
    "parameters": get(f"{RECIPES}?" + "&" * 8_000),
    "words of a query": get(f"{RECIPES}?facets=tag,total_minutes&count=true&q=" + "a+b-" * 240),
    "a cursor": get(f"{RECIPES}?cursor=" + "A" * 7_900),
    # Bodies
    "arrays in a batch": post_bytes(
        f"{RECIPES}/batch", b"[" + b"[]," * 5_000_000 + b"[]]", "application/json"
    ),
    "arrays to parse": post_bytes(
        f"{API}/ingredients/parse", b'{"lines":[' + b"[]," * 340_000 + b"[]]}", "application/json"
    ),
    "a large form": page_form("/import", b"text=" + b"%41" * 20_000_000),
    "escapes in a form": page_form("/login", b"email=" + b"%41" * 340_000),
    "fields in a form": page_form("/login", b"&" * 1_000_000),
    "nested arrays": post_bytes(
        RECIPES, f'{{"label":"x","extras":{{"a":{NESTED}}}}}'.encode(), "application/json"
    ),
    "values in extras": post(RECIPES, {"label": "x", "extras": {"a": [[]] * 170_000}}),
    "parts of a form": post_bytes(
        f"{RECIPES}/import",
        b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n" * 200_000 + b"--x--",
        "multipart/form-data; boundary=x",
    ),
    "an upload without an end": unfinished_upload,
    "garbage after a request": pipelined_garbage,
    # Lines, times and pages to read
    "amounts to parse": post(f"{API}/ingredients/parse", {"lines": [AMOUNTS] * 500}),
    "amounts to store": post(RECIPES, {"label": "x", "ingredients": [AMOUNTS] * 500}),
    "digits of a time": json_ld(prepTime=DIGITS, cookTime=DIGITS, totalTime=DIGITS),
    "digits of a cell": upload(
        "a.csv", f"name,prep time,ingredients\nCake,{'1' * 500_000}x,egg\n".encode()
    ),
    "digits of a text": import_text(
        "text", f"Cake\n\nPrep: {'1 ' * 20_000}\n\nIngredients\n" + f"{'1' * 900}\n" * 400
    ),
    "tags of a page": import_text("html", MARKED.format("<div class= " * 50_000)),
    "depth of a page": import_text("html", "<div>" * 150_000),
    "steps of a document": json_ld(
        recipeInstructions=[{"@type": "HowToSection", "itemListElement": ["Stir."] * 300}] * 1_000
    ),
    "zeros in an archive": upload("a.zip", archive(20, 20_000_000)),
    "files in an archive": upload("a.zip", archive(20_000, 2)),
    "blank lines of a stream": stream(b"\n", "dry_run=true"),
    "refused lines of a stream": stream(b"1\n", "dry_run=true"),
    "answers that nobody reads": stream(b"1\n", "dry_run=true", reads=False),
    # Documents to render and to find
    "to scale": get(f"{RECIPES}/{{amounts}}?servings=3.7"),
    "the page of a scaled recipe": get("/recipes/{amounts}?servings=3.7"),
    "marks in notes": get("/recipes/{marks}"),
    "quotes in notes": get("/recipes/{quotes}"),
    "changes": get(f"{RECIPES}/changes?limit=1000"),
    "whole recipes": get(f"{RECIPES}?view=full&limit=100"),
    "search": get(f"{RECIPES}/search?keyword=chicken&max_results=100"),
    "highlights": get(f"{RECIPES}?q=stir+taste&highlight=true&limit=100"),
    "my recipes": get(f"{RECIPES}/my-recipes"),
    "exports": many_exports,
    "differences": differences,
    # Writes and log-ins
    "words to index": post(
        RECIPES,
        {
            "label": "x",
            "steps": [
                " ".join(f"v{n:x}" for n in range(start, start + 1_500))[:9_900]
                for start in range(0, 45_000, 1_500)
            ],
        },
    ),
    "patches of one recipe": patch_many,
    "log-ins": log_in_often,
}


# --- What others see -----------------------------------------------------------------------------


@dataclass
class Probe:
    """What /livez took another client, and the worker, while an attack ran."""

    seconds: list[float] = field(default_factory=list)

    @property
    def slowest(self) -> float:
        return max(self.seconds)


@contextmanager
def probing(site: Site) -> Iterator[Probe]:
    probe, over = Probe(), threading.Event()

    def ask() -> None:
        with connected(site.running.url) as connection:
            while not over.wait(PAUSE_SECONDS):
                began, used = time.monotonic(), processor_seconds(site.worker)
                connection.sendall(LIVE)
                answer = b""
                while not answer.endswith(b"}"):
                    received = connection.recv(65536)
                    assert received, "The server closed a connection that kept to the rules."
                    answer += received
                took = time.monotonic() - began
                probe.seconds.append(min(took, processor_seconds(site.worker) - used))

    with ThreadPoolExecutor(1) as threads:
        asking = threads.submit(ask)
        try:
            yield probe
        finally:
            over.set()
        asking.result()


def resident_bytes(process: int, what: str) -> int:
    """`VmRSS` of now, or `VmHWM`, the most since it was forgotten."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith(f"{what}:"))
    return int(line.split()[1]) * 1024


ON_INPUT = list(ATTACKS)[: list(ATTACKS).index("to scale")]
"""The attacks that are refused, or read, before the database is asked: a short run sends them to
the server on SQLite alone."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    in_full = metafunc.config.getoption("--faults") == "long"
    on_both = in_full or metafunc.function is test_others_are_served_during_an_attack_on_data
    backends = ["sqlite", "postgresql"] if on_both else ["sqlite"]
    metafunc.parametrize("backend", backends, indirect=True, scope="module")


@pytest.mark.parametrize("name", ON_INPUT)
def test_others_are_served_during_an_attack_on_input(name: str, site: Site) -> None:
    assert_others_are_served(name, site)


@pytest.mark.parametrize("name", [name for name in ATTACKS if name not in ON_INPUT])
def test_others_are_served_during_an_attack_on_data(name: str, site: Site) -> None:
    assert_others_are_served(name, site)


def assert_others_are_served(name: str, site: Site) -> None:
    worker = site.worker
    Path(f"/proc/{worker}/clear_refs").write_text("5")  # Forgets the most memory so far.
    before = resident_bytes(worker, "VmRSS")
    site.statuses.clear()
    with probing(site) as probe, ThreadPoolExecutor(4) as threads:
        end = time.monotonic() + ATTACK_SECONDS
        for each in [threads.submit(ATTACKS[name], site) for _ in range(4)]:
            each.result()
        assert time.monotonic() < end + 60
        time.sleep(2 * PAUSE_SECONDS)
    assert site.worker == worker
    # What is refused for its number alone shows nothing.
    assert not site.statuses or set(site.statuses) != {429}
    assert probe.slowest < SLOWEST_SECONDS
    assert resident_bytes(worker, "VmHWM") - before < MEMORY_BYTES
