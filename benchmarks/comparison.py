"""Compare the service with the reference servers, in rounds that alternate between them."""

import json
from collections import defaultdict
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks import figures
from benchmarks.load import Measurement, RefusedError, fetch, measure
from benchmarks.servers import Server, Target, running
from benchmarks.targets import GET_HOME, GET_LIST, GET_ONE, Targets

READERS = 16
"""Connections for reads: they saturate each server, but more of them slow the plain stack."""
WRITERS = 4
"""Connections for writes, for the same reason."""
CROWD = 64
"""Connections for the tail of the latencies."""


@dataclass(frozen=True)
class Plan:
    """The number of rounds, the seconds of each measurement, and the core of the servers."""

    rounds: int
    seconds: float
    core: int


@dataclass(frozen=True)
class Burst:
    """One measurement, and the share of its core that the server used."""

    load: Measurement
    server_share: float


class Comparison:
    """A run in a folder. `bursts` holds all measurements by name."""

    FULL = (7, 1.5)
    QUICK = (3, 0.4)
    """Rounds, and seconds of each measurement."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self.plan = plan
        self.folder = folder
        self.targets = Targets(folder)
        self.bursts: dict[str, list[Burst]] = defaultdict(list)

    def run(self) -> list[figures.Result]:
        """Prepare, compare, and return one result for each figure."""
        self.targets.prepare(self.plan.core)
        with ExitStack() as stack:
            ours = stack.enter_context(self._running(self.targets.service()))
            body = fetch(ours.port, GET_ONE)
            plain = stack.enter_context(self._running(self.targets.plain()))
            constant = stack.enter_context(self._running(self.targets.fixed("constant", body)))
            bare = stack.enter_context(self._running(self.targets.fixed("bare", body)))
            assert_same_work(ours, plain)
            self._compare_reads(bare, constant, plain, ours)
            self._compare_writes(plain, ours)
        starts, memory = self._footprints(body)
        return [
            figures.Result(figures.GET_CONSTANT, self._ratios("GET one", "constant")),
            figures.Result(figures.GET_PLAIN, self._ratios("GET one", "plain")),
            figures.Result(figures.LIST_PLAIN, self._ratios("list", "plain")),
            figures.Result(figures.HOME_PLAIN, self._ratios("home", "plain")),
            figures.Result(figures.POST_PLAIN, self._ratios("POST", "plain")),
            figures.Result(figures.TAIL, [burst.load.tail for burst in self.bursts["crowd, ours"]]),
            figures.Result(figures.MEMORY, memory),
            figures.Result(figures.START, starts),
        ]

    def rates(self) -> str:
        """Return the medians, and how busy the servers and the load generator were."""
        lines = []
        disturbed = False
        for name, bursts in self.bursts.items():
            rate = median(burst.load.rate for burst in bursts)
            server = median(burst.server_share for burst in bursts)
            client = median(burst.load.client_share for burst in bursts)
            lines.append(
                f"{name:18}{rate:9,.0f}/s   server busy {server:4.0%}   load busy {client:4.0%}"
            )
            # Only writes wait for anything other than the processor.
            disturbed |= server < 0.9 and not name.startswith("POST")
        if disturbed:
            lines.append("A server did not have its core to itself: repeat on a quiet machine.")
        return "\n".join(lines)

    def _compare_reads(self, bare: Server, constant: Server, plain: Server, ours: Server) -> None:
        works = [
            ("GET one, bare", bare, GET_ONE, READERS),
            ("GET one, constant", constant, GET_ONE, READERS),
            ("GET one, plain", plain, GET_ONE, READERS),
            ("GET one, ours", ours, GET_ONE, READERS),
            ("list, plain", plain, GET_LIST, READERS),
            ("list, ours", ours, GET_LIST, READERS),
            ("home, plain", plain, GET_HOME, READERS),
            ("home, ours", ours, GET_HOME, READERS),
            ("crowd, ours", ours, GET_ONE, CROWD),
        ]
        self._rounds(works)

    def _compare_writes(self, plain: Server, ours: Server) -> None:
        # After the reads, whose lists must not grow.
        post = self.targets.post
        self._rounds([("POST, plain", plain, post, WRITERS), ("POST, ours", ours, post, WRITERS)])

    def _rounds(self, works: list[tuple[str, Server, bytes, int]]) -> None:
        for _, server, request, connections in works:
            measure(server.port, request, connections, self.plan.seconds / 3)
        for number in range(self.plan.rounds):
            # Every second round runs backwards, so that no server always follows the same one.
            for name, server, request, connections in works[:: -1 if number % 2 else 1]:
                before = server.cpu_seconds()
                load = measure(server.port, request, connections, self.plan.seconds)
                share = (server.cpu_seconds() - before) / load.seconds
                self.bursts[name].append(Burst(load, share))

    def _ratios(self, work: str, reference: str) -> list[float]:
        pairs = zip(self.bursts[f"{work}, ours"], self.bursts[f"{work}, {reference}"], strict=True)
        return [ours.load.rate / other.load.rate for ours, other in pairs]

    def _footprints(self, body: bytes) -> tuple[list[float], list[float]]:
        """Return start time and memory as ratios to a FastAPI application with a single route."""
        service = self.targets.service("footprint")
        empty = self.targets.fixed("constant", body)
        starts, memory = [], []
        for _ in range(self.plan.rounds):
            with self._running(service) as ours, self._running(empty) as other:
                for request in (GET_ONE, GET_LIST, GET_HOME, self.targets.post):
                    measure(ours.port, request, READERS, self.plan.seconds / 5)
                measure(other.port, GET_ONE, READERS, self.plan.seconds / 5)
                starts.append(ours.start_seconds / other.start_seconds)
                memory.append(ours.memory() / other.memory())
        return starts, memory

    def _running(self, target: Target) -> AbstractContextManager[Server]:
        return running(target, self.plan.core, self.folder, GET_ONE)


def assert_same_work(ours: Server, plain: Server) -> None:
    """Raise RefusedError if the service leaves out something that the plain stack sends."""
    one, other = (json.loads(fetch(server.port, GET_ONE)) for server in (ours, plain))
    _assert_holds("GET one", one, other)
    mine, theirs = (json.loads(fetch(server.port, GET_LIST))["items"] for server in (ours, plain))
    if len(mine) != len(theirs):
        raise RefusedError(f"list: the service has {len(mine)} recipes, not {len(theirs)}")
    for one, other in zip(mine, theirs, strict=True):
        _assert_holds("list", one, other)
    for server in (ours, plain):
        page = fetch(server.port, GET_HOME).decode()
        missing = [recipe["id"] for recipe in theirs[:10] if recipe["label"] not in page]
        if missing:
            raise RefusedError(f"home: a page lacks the recipes {missing}")


def _assert_holds(work: str, one: dict[str, object], other: dict[str, object]) -> None:
    differing = [key for key, value in other.items() if not _same(key, one.get(key), value)]
    if differing:
        raise RefusedError(f"{work}: the service differs in {', '.join(differing)}")


def _same(key: str, one: object, other: object) -> bool:
    if key.endswith("_at"):
        # The plain stack sends timestamps without a time zone.
        return str(one).removesuffix("Z") == other
    if isinstance(one, dict) and isinstance(other, dict):
        return all(_same(name, one.get(name), value) for name, value in other.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(partial(_same, key), one, other))
    return one == other
