"""One run: how much longer answers take where there are a hundred times as many recipes.

The servers of both collections run side by side, and each request goes to both in turn, so that
what disturbs the machine meets both.
"""

import itertools
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import psycopg

from benchmarks.demo.words import place
from benchmarks.demo.words.english import ENGLISH
from benchmarks.demo.words.shapes import read, split
from benchmarks.figures import Figure, Result
from benchmarks.load import PATIENCE, RefusedError, body_of, fetch, percentile, request_bytes
from benchmarks.postgres import execute, running_postgres
from benchmarks.servers import ROOT, Target, running

DATABASES = ("sqlite", "postgresql")
COUNTS = (10_000, 1_000_000)
LEAST_COUNT = 1_000
FULL, QUICK = 1_000, 300
"""Requests of each figure; with fewer, their 99th percentile would be the chance of one or two."""
DEPTH = 0.9
DEEP_PAGES, DEEP_CURSORS = 20, "deep-cursors"
CALM = 4
"""How far p99 is from p50 at most for one request again and again, on a quiet machine."""

FIRST_PAGE = Figure("first page", 6, 3)
DEEP_PAGE = Figure("deep page", 2, 1.5)
ONE_WORD = Figure("one word", 4, 2)
THREE_WORDS = Figure("three words", 6, 3)
PREFIX = Figure("prefix", 6, 3)
TAG = Figure("tag", 6, 3)
TIME = Figure("time", 6, 3)
NO_MATCH = Figure("no match", 6, 3)
FIGURES = (FIRST_PAGE, DEEP_PAGE, ONE_WORD, THREE_WORDS, PREFIX, TAG, TIME, NO_MATCH)

_NEXT = re.compile(rb'"next_cursor":"([^"]+)"')
_NOTHING = re.compile(rb'"items":\[\]')


@dataclass(frozen=True)
class Collection:
    """A database with so many recipes."""

    count: int
    url: str
    server: str
    """The URL of the server that holds it, if it is no file."""
    folder: Path

    def environment(self) -> dict[str, str]:
        """The settings of its server, and of the commands that fill it."""
        return {
            "DATABASE_URL": self.url,
            "DATA_DIR": str(self.folder),
            "ENVIRONMENT": "production",
            "JWT_SECRET": secrets.token_urlsafe(48),
        }


class Client:
    """One connection that is kept, and asks one thing after the other."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, request: bytes) -> bytes:
        """The body of the answer; one that is no success refuses the run."""
        self._socket.sendall(request)
        data = b""
        while chunk := self._socket.recv(262_144):
            data += chunk
            if (body := body_of(data)) is not None:
                return body
        raise RefusedError("the server closed the connection")

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


@dataclass
class Scale:
    """A run that keeps its databases in `folder`, and finds them there again."""

    folder: Path
    core: int
    databases: Sequence[str]
    counts: Sequence[int]
    requests: int
    seconds: dict[tuple[Figure, str, int], list[float]] = field(
        default_factory=partial(defaultdict, list)
    )

    def run(self) -> bool:
        """Fill what is not there yet, and measure. Whether every figure is what it must be."""
        try:
            for database in self.databases:
                with ExitStack() as stack:
                    self._measure(database, stack)
        except (OSError, psycopg.Error) as error:
            raise RefusedError(str(error)) from error
        return not any(self._result(*row).missed for row in self._rows())

    def table(self) -> str:
        """What was found, in Markdown that a terminal shows as well."""
        heads = [f"{count:,}: p50 / p99 ms" for count in self.counts]
        lines = [("figure", "database", *heads, "p99 ratio", "must", "")]
        for figure, database in self._rows():
            result = self._result(figure, database)
            cells = []
            for count in self.counts:
                half, tail = self._milliseconds(figure, database, count)
                cells.append(f"{half:.2f} / {tail:.2f}")
            verdict = "above" if result.missed else result.verdict
            bounds = f"{result.value:.2f}", f"≤ {figure.must:g}", verdict
            lines.append((figure.name, database, *cells, *bounds))
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        lines.insert(1, tuple("-" * width for width in widths))
        table = [f"| {' | '.join(map(str.ljust, line, widths))} |" for line in lines]
        runs = itertools.product(self.databases, self.counts)
        pairs = (self._milliseconds(FIRST_PAGE, *run) for run in runs)
        if any(tail > CALM * half for half, tail in pairs):
            table.append("First pages were disturbed: repeat on a quiet machine.")
        return "\n".join(table)

    def _rows(self) -> Iterator[tuple[Figure, str]]:
        return itertools.product(FIGURES, self.databases)

    def _result(self, figure: Figure, database: str) -> Result:
        few, many = (self._milliseconds(figure, database, count)[1] for count in self.counts)
        return Result(figure, [many / few])

    def _milliseconds(self, figure: Figure, database: str, count: int) -> tuple[float, float]:
        seconds = self.seconds[figure, database, count]
        return 1000 * percentile(seconds, 50), 1000 * percentile(seconds, 99)

    def _measure(self, database: str, stack: ExitStack) -> None:
        collections = [*self._collections(database, stack)]
        for collection in collections:
            _fill(collection)
        ports = [self._start(each, stack) for each in collections]
        ready = zip(collections, ports, strict=True)
        requests = {each.count: _prepare(port, each.folder) for each, port in ready}
        # Only now, since the servers hang up on who is silent for some seconds.
        connections = [stack.enter_context(closing(Client(port))) for port in ports]
        clients = [*zip(self.counts, connections, strict=True)]
        print(f"Measuring {database}: {self.requests} requests of each figure …", flush=True)
        for number in range(self.requests):
            for figure in FIGURES:
                # Every second time the other way round, so that none always follows.
                for count, client in clients[:: -1 if number % 2 else 1]:
                    some = requests[count][figure]
                    request = some[number % len(some)]
                    began = time.perf_counter()
                    client.get(request)
                    self.seconds[figure, database, count].append(time.perf_counter() - began)

    def _collections(self, database: str, stack: ExitStack) -> Iterator[Collection]:
        server = ""
        if database == "postgresql":
            server = stack.enter_context(running_postgres(self.folder / "postgresql"))
        for count in self.counts:
            folder = self.folder / f"{database}-{count}"
            url = f"{server}/recipes_{count}" if server else f"sqlite:///{folder / 'recipes.db'}"
            yield Collection(count, url, server, folder)

    def _start(self, collection: Collection, stack: ExitStack) -> int:
        target = Target(
            collection.folder.name, "app.main:create_app", collection.environment(), factory=True
        )
        return stack.enter_context(running(target, self.core, collection.folder, _list())).port


# --- What is asked for ---------------------------------------------------------------------------


def _list(**query: object) -> bytes:
    return request_bytes("GET", f"/api/v1/recipes?{urlencode({'limit': 20} | query)}")


def _requests() -> dict[Figure, list[bytes]]:
    """What is measured but for the deep page, each from the most common to the rare."""
    savoury, sweet = ENGLISH.savoury, ENGLISH.sweet
    mains = [word.name for word in read(savoury.mains) if " " not in word.name]
    fruits = [word.name for word in read(sweet.mains) if " " not in word.name]
    places = [place(number) for number in (0, 1, 3, 10, 30, 100)]
    dishes = [word.name for word in read(savoury.dishes)]
    threes = zip(itertools.cycle(split(savoury.manners)[:8]), mains[:30:2], dishes, strict=False)
    tags = [
        *(f"cuisine:{word.name}" for word in read(ENGLISH.cuisines)[::4]),
        *(f"category:{word.kind}" for word in read(savoury.dishes)[:6]),
        *(f"diet:{name}" for name in ENGLISH.diets.values()),
        *(f"method:{name}" for name in split(ENGLISH.methods)[::3]),
        *(f"tool:{name}" for name in split(ENGLISH.tools)[::3]),
        *(f"keyword:{name}" for name in [*split(ENGLISH.keywords)[::5], *places]),
    ]
    unknown = [f"q{letters}zxj" for letters in ("wvk", "xwv", "vkq", "kwx", "jvw")]
    return {
        FIRST_PAGE: [_list()],
        ONE_WORD: [_list(q=word) for word in [*mains[::3], *fruits[::3], *places]],
        THREE_WORDS: [_list(q=" ".join(words)) for words in threes],
        PREFIX: [_list(q=word[: 2 + number % 3]) for number, word in enumerate(mains[:40])],
        TAG: [_list(tag=tag) for tag in tags],
        TIME: [_list(max_total_minutes=minutes) for minutes in (5, 10, 15, 20, 30, 45, 60, 120)],
        NO_MATCH: [_list(q=word) for word in unknown] + [_list(tag=word) for word in unknown],
    }


def _prepare(port: int, folder: Path) -> dict[Figure, list[bytes]]:
    """The requests for one server, each of which has been answered once."""
    cursors = _deep_cursors(port, folder / DEEP_CURSORS)
    requests = _requests() | {DEEP_PAGE: [_list(cursor=cursor) for cursor in cursors]}
    with closing(Client(port)) as client:
        for figure in FIGURES:
            answers = [client.get(request) for request in requests[figure]]
            empty = sum(_NOTHING.search(answer) is not None for answer in answers)
            # Rare words may be in no recipe of few, but a search that finds nothing is no search.
            if empty != len(answers) if figure is NO_MATCH else empty > len(answers) / 2:
                raise RefusedError(f"{figure.name}: {empty} of {len(answers)} lists were empty")
    return requests


def _deep_cursors(port: int, kept: Path) -> list[str]:
    """Where pages far down begin: found once, by walking there in the longest steps."""
    if kept.exists():
        cursors: list[str] = json.loads(kept.read_text())
        with suppress(RefusedError):  # A later version may know cursors of another kind.
            fetch(port, _list(cursor=cursors[0]))
            return cursors
    cursors = []
    query: dict[str, object] = {"limit": 100}
    with closing(Client(port)) as client:
        total = json.loads(client.get(_list(count="true")))["total"]
        for _ in range(int(total * DEPTH) // 100):
            found = _NEXT.search(client.get(_list(**query)))
            if found is None:
                raise RefusedError("the list ended before it was over")
            query["cursor"] = cursor = found[1].decode()
            cursors.append(cursor)
    kept.write_text(json.dumps(cursors[-DEEP_PAGES:]))
    return cursors[-DEEP_PAGES:]


# --- What answers --------------------------------------------------------------------------------


def _fill(collection: Collection) -> None:
    """Bring a collection up to date, or make it as an operator would."""
    folder = collection.folder
    finished = folder / "filled"
    if not finished.exists():
        folder.mkdir(parents=True, exist_ok=True)
        # What a run that was ended has left.
        for path in [*folder.glob("recipes.db*"), *folder.glob(DEEP_CURSORS)]:
            path.unlink()
        if collection.server:
            name = collection.url.rpartition("/")[2]
            anew = f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}"
            execute(f"{collection.server}/postgres", *anew)
    _run(collection, sys.executable, "-m", "app.prestart", quiet=True)
    if not finished.exists():
        print(f"Filling {folder} …", flush=True)
        recipes = str(Path(sys.executable).with_name("recipes"))
        _run(collection, recipes, "seed", "--count", str(collection.count))
        if collection.server:
            # The server does so by itself, but some minutes later: in the middle of measuring.
            execute(collection.url, "VACUUM (ANALYZE)")
        finished.touch()


def _run(collection: Collection, *command: str, quiet: bool = False) -> None:
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **collection.environment()},
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        text=True,
    )
    if done.returncode:
        raise RefusedError(f"{' '.join(command)} failed:\n{(done.stdout or '')[-2000:]}")
