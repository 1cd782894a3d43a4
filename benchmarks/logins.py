"""Measure how alike refused log-ins are, and how long reads take during log-ins."""

import itertools
import math
import secrets
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address
from pathlib import Path
from statistics import median

from benchmarks import data, figures
from benchmarks.comparison import Plan
from benchmarks.load import Arrival, RefusedError, fetch, percentile, play
from benchmarks.servers import Server, running
from benchmarks.targets import EMAIL, GET_ONE, Targets, log_in, sign_up

SAMPLES = 125
"""Log-ins of each kind."""
READS = 200
"""Reads a second: far from what saturates the server."""
LOG_INS = 2
FLOOD = 100
"""Log-ins a second: more than the number of passwords that one core can verify."""
CALM = 4
"""The largest ratio of p99 to p50 of reads alone, on a quiet machine."""
DISABLED = "former@example.com"
UNKNOWN = "unknown@example.com"


class LogIns:
    """A run in a folder. Every log-in comes from another address, except in one flood."""

    FULL = (5, 2.0)
    QUICK = (3, 1.5)
    """Rounds, and seconds of each measurement."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self.plan = plan
        self.folder = folder
        self.targets = Targets(folder)
        self.addresses = map(str, map(IPv4Address, itertools.count(int(IPv4Address("10.0.0.1")))))
        self.medians: dict[str, float] = {}
        self.reads: dict[str, list[list[float]]] = defaultdict(list)
        self.statuses: dict[str, Counter[int]] = defaultdict(Counter)

    def run(self) -> list[figures.Result]:
        """Prepare, measure, and return one result for each promised figure."""
        self.targets.prepare(self.plan.core)
        target = self.targets.service("logins")
        with running(target, self.plan.core, self.folder, GET_ONE) as server:
            fetch(server.port, sign_up(DISABLED, self.targets.password))
            data.disable(self.folder / "logins" / "recipes.db", DISABLED)
            try:
                self._compare_refusals(server)
                self._compare_reads(server)
            except OSError as error:
                raise RefusedError(f"a connection failed: {error}") from error
        refused = [middle for kind, middle in self.medians.items() if kind != "right password"]
        return [
            figures.Result(figures.REFUSALS, [max(refused) / min(refused)]),
            figures.Result(figures.READS_BESIDE, self._ratios(f"{LOG_INS} log-ins a second")),
        ]

    def rates(self) -> str:
        """Return the medians, and the ratios without a promised figure."""
        lines = [f"{kind:26}p50 {1000 * middle:6.2f} ms" for kind, middle in self.medians.items()]
        lines.append(f"\nGET one recipe, {READS} a second, beside")
        for name, rounds in self.reads.items():
            half, tail = (1000 * median(percentile(each, p) for each in rounds) for p in (50, 99))
            statuses = ", ".join(
                f"{count} of {code}" for code, count in self.statuses[name].items()
            )
            lines.append(
                f"{name:26}p50 {half:6.2f} ms   p99 {tail:6.2f} ms"
                f"   {median(self._ratios(name)):5.2f} times   {statuses}"
            )
        quiet = self.reads["nothing"]
        if median(percentile(each, 99) / percentile(each, 50) for each in quiet) > CALM:
            lines.append("Reads were disturbed beside nothing: repeat on a quiet machine.")
        return "\n".join(lines)

    def _compare_refusals(self, server: Server) -> None:
        password = self.targets.password
        kinds = {
            "unknown user": (UNKNOWN, password, b"401"),
            "wrong password": (EMAIL, password[::-1], b"401"),
            "disabled user": (DISABLED, password, b"401"),
            "right password": (EMAIL, password, b"200"),
        }
        times: dict[str, list[float]] = {kind: [] for kind in kinds}
        for _ in range(SAMPLES):
            # Each kind once, in random order, so that a disturbance affects all kinds alike.
            for kind in secrets.SystemRandom().sample([*kinds], len(kinds)):
                email, attempt, expected = kinds[kind]
                request = log_in(email, attempt, _from(next(self.addresses)))
                began = time.perf_counter()
                fetch(server.port, request, expected)
                times[kind].append(time.perf_counter() - began)
        self.medians = {kind: median(each) for kind, each in times.items()}

    def _compare_reads(self, server: Server) -> None:
        play(server.port, self._reads())
        works = {
            "nothing": list,
            f"{LOG_INS} log-ins a second": self._log_ins,
            "a flood from one address": self._flood_from_one,
            "a flood from many": self._flood_from_many,
        }
        for number in range(self.plan.rounds):
            # Every second round runs backwards, so that no measurement always follows the same one.
            for name in [*works][:: -1 if number % 2 else 1]:
                answers = play(server.port, [*self._reads(), *works[name]()])
                reads = [each for each in answers if each.arrival.request == GET_ONE]
                self.reads[name].append([each.seconds for each in reads])
                others = (each.status for each in answers if each.arrival.request != GET_ONE)
                self.statuses[name].update(others)

    def _reads(self) -> list[Arrival]:
        return [Arrival(at, GET_ONE) for at in self._times(READS)]

    def _log_ins(self) -> list[Arrival]:
        right = (self.targets.password, (b"200",))
        wrong = (self.targets.password[::-1], (b"401",))
        return [
            Arrival(at, log_in(EMAIL, password, _from(next(self.addresses))), expected)
            for at, (password, expected) in zip(
                self._times(LOG_INS), itertools.cycle([right, wrong]), strict=False
            )
        ]

    def _flood_from_one(self) -> list[Arrival]:
        return self._flood(itertools.repeat(next(self.addresses)))

    def _flood_from_many(self) -> list[Arrival]:
        return self._flood(self.addresses)

    def _flood(self, addresses: Iterable[str]) -> list[Arrival]:
        wrong = self.targets.password[::-1]
        return [
            # 429: too many guesses. 503: too many log-ins are waiting.
            Arrival(at, log_in(EMAIL, wrong, _from(address)), (b"401", b"429", b"503"))
            for at, address in zip(self._times(FLOOD), addresses, strict=False)
        ]

    def _times(self, rate: int) -> Iterator[float]:
        # In the middle of their intervals, so that reads and log-ins do not coincide.
        return ((number + 0.5) / rate for number in range(math.ceil(self.plan.seconds * rate)))

    def _ratios(self, name: str) -> list[float]:
        pairs = zip(self.reads[name], self.reads["nothing"], strict=True)
        return [percentile(each, 99) / percentile(quiet, 99) for each, quiet in pairs]


def _from(address: str) -> tuple[str, str]:
    # The server trusts a proxy on this machine.
    return ("X-Forwarded-For", address)
