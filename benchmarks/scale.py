"""Measure how much longer answers take with a hundred times as many recipes.

The servers of both collections run side by side, and each request goes to both in turn, so that a
disturbance affects both.
"""

import itertools
import json
import os
import re
import secrets
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import psycopg

from benchmarks.demo.words import place
from benchmarks.demo.words.english import ENGLISH
from benchmarks.demo.words.language import read, split
from benchmarks.figures import Figure, Result
from benchmarks.load import RefusedError, ask, connect, fetch, percentile, request_bytes
from benchmarks.postgres import execute, running_postgres
from benchmarks.servers import ROOT, Target, running

DATABASES = ("sqlite", "postgresql")
COUNTS = (10_000, 1_000_000)
LEAST_COUNT = 1_000
FULL, QUICK = 1_000, 300
"""Requests of each figure. Of fewer, the 99th percentile would be one or two requests."""
DEPTH = 0.9
DEEP_PAGES, DEEP_CURSORS = 20, "deep-cursors"
CALM = 4
"""The largest ratio of p99 to p50 of a repeated request, on a quiet machine."""

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
    """A database with `count` recipes."""

    count: int
    url: str
    server: str
    """The URL of its PostgreSQL server, or an empty string."""
    folder: Path

    def environment(self) -> dict[str, str]:
        """Return the settings of its server, and of the commands that fill it."""
        return {
            "DATABASE_URL": self.url,
            "DATA_DIR": str(self.folder),
            "ENVIRONMENT": "production",
            "JWT_SECRET": secrets.token_urlsafe(48),
        }


@dataclass
class Scale:
    """A run that keeps its databases in `folder` for the next run."""

    folder: Path
    core: int
    databases: Sequence[str]
    counts: Sequence[int]
    requests: int
    seconds: dict[tuple[Figure, str, int], list[float]] = field(
        default_factory=partial(defaultdict, list)
    )

    def run(self) -> bool:
        """Fill the databases if needed, and measure. Return whether every bound is met."""
        try:
            for database in self.databases:
                with ExitStack() as stack:
                    self._measure(database, stack)
        except (OSError, psycopg.Error) as error:
            raise RefusedError(str(error)) from error
        return not any(self._result(*row).missed for row in self._rows())

    def table(self) -> str:
        """Return the results as an aligned Markdown table."""
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
        # Only now, since the servers close idle connections.
        connections = [stack.enter_context(connect(port)) for port in ports]
        clients = [*zip(self.counts, connections, strict=True)]
        print(f"Measuring {database}: {self.requests} requests of each figure …", flush=True)
        for number in range(self.requests):
            for figure in FIGURES:
                # The order alternates, so that no collection always comes second.
                for count, client in clients[:: -1 if number % 2 else 1]:
                    choices = requests[count][figure]
                    request = choices[number % len(choices)]
                    began = time.perf_counter()
                    ask(client, request)
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


# --- Requests ------------------------------------------------------------------------------------


def _list(**query: object) -> bytes:
    return request_bytes("GET", f"/api/v1/recipes?{urlencode({'limit': 20} | query)}")


def _requests() -> dict[Figure, list[bytes]]:
    """Return the requests of all figures except the deep page, from common to rare words."""
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
    """Return the requests for one server, after sending each once."""
    cursors = _deep_cursors(port, folder / DEEP_CURSORS)
    requests = _requests() | {DEEP_PAGE: [_list(cursor=cursor) for cursor in cursors]}
    with connect(port) as client:
        for figure in FIGURES:
            answers = [ask(client, request) for request in requests[figure]]
            empty = sum(_NOTHING.search(answer) is not None for answer in answers)
            # A small collection may lack rare words, but most searches must find something.
            if empty != len(answers) if figure is NO_MATCH else empty > len(answers) / 2:
                raise RefusedError(f"{figure.name}: {empty} of {len(answers)} lists were empty")
    return requests


def _deep_cursors(port: int, kept: Path) -> list[str]:
    """Return cursors of pages far down the list. They are stored, since finding them takes long."""
    if kept.exists():
        cursors: list[str] = json.loads(kept.read_text())
        with suppress(RefusedError):  # The format of cursors may have changed.
            fetch(port, _list(cursor=cursors[0]))
            return cursors
    cursors = []
    query: dict[str, object] = {"limit": 100}
    with connect(port) as client:
        total = json.loads(ask(client, _list(count="true")))["total"]
        for _ in range(int(total * DEPTH) // 100):
            found = _NEXT.search(ask(client, _list(**query)))
            if found is None:
                raise RefusedError("the list ended too early")
            query["cursor"] = cursor = found[1].decode()
            cursors.append(cursor)
    kept.write_text(json.dumps(cursors[-DEEP_PAGES:]))
    return cursors[-DEEP_PAGES:]


# --- Databases -----------------------------------------------------------------------------------


def _fill(collection: Collection) -> None:
    """Migrate a collection, or create it as an operator would."""
    folder = collection.folder
    finished = folder / "filled"
    if not finished.exists():
        folder.mkdir(parents=True, exist_ok=True)
        # Files of an interrupted run.
        for path in [*folder.glob("recipes.db*"), *folder.glob(DEEP_CURSORS)]:
            path.unlink()
        if collection.server:
            name = collection.url.rpartition("/")[2]
            statements = f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}"
            execute(f"{collection.server}/postgres", *statements)
    _run(collection, sys.executable, "-m", "app.prestart", quiet=True)
    if not finished.exists():
        print(f"Filling {folder} …", flush=True)
        recipes = str(Path(sys.executable).with_name("recipes"))
        _run(collection, recipes, "seed", "--count", str(collection.count))
        if collection.server:
            # Or autovacuum would do it some minutes later, during the measurement.
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
