"""Metrics of all workers, in the text format of Prometheus.

HTTP metrics have the names of OpenTelemetry's semantic conventions. Why prometheus_client is not
used: docs/decisions/0016-the-process.md.
"""

import json
import os
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from app.observability.counters import ACTIVE, Slot, Worker

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
UNMATCHED = "unmatched"
"""The route of a request that matches none. Clients cannot create labels."""
OTHER_METHOD = "_OTHER"
_METHODS = frozenset(
    ("CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE")
)
# Seconds, as the semantic conventions recommend.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)


@lru_cache(maxsize=1)
def _slot() -> Slot:
    return Slot()


class Metric:
    """A metric with `size` numbers for each combination of label values."""

    kind = "counter"
    size = 1

    def __init__(self, name: str, text: str, labels: Sequence[str] = ()) -> None:
        self.name = name
        self.text = text
        self.labels = labels
        self._at: dict[tuple[str, ...], int] = {}

    def _row(self, values: tuple[str, ...]) -> int:
        at = self._at[values] = _slot().row(json.dumps([self.name, *values]), self.size)
        return at

    def samples(self, values: Sequence[str], numbers: Sequence[float]) -> Iterator[str]:
        """Return the lines of one combination of label values."""
        yield _sample(self.name, zip(self.labels, values, strict=True), numbers[0])


class Counter(Metric):
    """A number that only grows. Threads may share it."""

    def add(self, *values: str) -> None:
        """Add one for these label values, which must come from a small set."""
        at = self._at.get(values)
        _slot().add(self._row(values) if at is None else at, 1)


class Durations(Metric):
    """A histogram of durations. It takes no lock, so only the event loop may use it."""

    kind = "histogram"
    size = len(BUCKETS) + 2

    def observe(self, values: tuple[str, ...], seconds: float) -> None:
        """Add a duration for these label values."""
        at = self._at.get(values)
        if at is None:
            at = self._row(values)
        numbers = _slot().numbers
        numbers[at + bisect_left(BUCKETS, seconds)] += 1
        numbers[at + len(BUCKETS) + 1] += seconds

    def samples(self, values: Sequence[str], numbers: Sequence[float]) -> Iterator[str]:
        """Return the lines of one combination of label values; buckets are cumulative."""
        labels = list(zip(self.labels, values, strict=True))
        counts = list(accumulate(numbers[:-1]))
        for bound, count in zip([*map(repr, BUCKETS), "+Inf"], counts, strict=True):
            yield _sample(f"{self.name}_bucket", [*labels, ("le", bound)], count)
        yield _sample(f"{self.name}_sum", labels, numbers[-1])
        yield _sample(f"{self.name}_count", labels, counts[-1])


REQUESTS = Durations(
    "http_server_request_duration_seconds",
    "How long requests took, by the template of their route.",
    ("http_request_method", "http_route", "http_response_status_code"),
)
FAULTS = Counter("recipes_faults_total", "Requests that failed by a fault of the server (500).")
UNAVAILABLE = Counter(
    "recipes_unavailable_total", "Requests that the database could not serve.", ("error_type",)
)
SLOW_STATEMENTS = Counter(
    "recipes_slow_statements_total", "Statements slower than SLOW_STATEMENT_MS."
)
RATE_LIMITED = Counter("recipes_rate_limited_total", "Refusals by a rate limit.", ("limit",))
FAILED_LOGINS = Counter("recipes_failed_logins_total", "Passwords that were wrong.")
_COUNTED: tuple[Metric, ...] = (
    *(REQUESTS, FAULTS, UNAVAILABLE, SLOW_STATEMENTS, RATE_LIMITED, FAILED_LOGINS),
)


def begin_counting() -> None:
    """Claim the slot of this worker, and expose counters without labels from zero."""
    for metric in _COUNTED:
        if not metric.labels:
            metric._row(())


def begin_request() -> None:
    """Count a request as active."""
    _slot().numbers[ACTIVE] += 1


def end_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count a request as answered."""
    _slot().numbers[ACTIVE] -= 1
    note_request(method, route, status, seconds)


def note_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count an answer to a request that was never active, such as one that cannot be parsed."""
    method = method if method in _METHODS else OTHER_METHOD
    # No operation has a method that its path lacks.
    route = UNMATCHED if status == 405 else route
    REQUESTS.observe((method, route, str(status)), seconds)


class Storage(NamedTuple):
    """What is known about the stored data; None if it was not available in time."""

    last_backup: float | None = None
    database_bytes: float | None = None
    free_bytes: float | None = None


UNKNOWN = Storage()

_STORAGE = (
    ("recipes_last_backup_timestamp_seconds", "When the last backup was written; 0: never."),
    ("recipes_database_size_bytes", "The size of the database."),
    ("recipes_data_disk_free_bytes", "What is free on the disk of DATA_DIR."),
)


def exposition(version: str, is_ready: bool, storage: Storage = UNKNOWN) -> str:
    """Return all metrics in the text format."""
    return "\n".join([*_counted(), *_states(version, is_ready), *_stored(storage), ""])


def _counted() -> Iterator[str]:
    found: dict[str, list[float]] = {}
    for row in _slot().rows():
        before = found.get(row.key)
        if before is None or len(before) != len(row.numbers):
            found[row.key] = list(row.numbers)
        else:
            found[row.key] = [a + b for a, b in zip(before, row.numbers, strict=True)]
    # A row that another process is just writing may have no key yet.
    rows = sorted((*json.loads(key), numbers) for key, numbers in found.items() if key)
    for metric in _COUNTED:
        yield from _head(metric.name, metric.kind, metric.text)
        for name, *values, numbers in rows:
            # An older version, before a reload, may have used other labels.
            fits = len(values) == len(metric.labels) and len(numbers) == metric.size
            if name == metric.name and fits:
                yield from metric.samples(values, numbers)


def _states(version: str, is_ready: bool) -> Iterator[str]:
    workers = list(_slot().workers())
    name = "http_server_active_requests"
    yield from _head(name, "gauge", "Requests in hand.")
    yield _sample(name, (), sum(worker.active for worker in workers))
    name = "recipes_ready"
    yield from _head(name, "gauge", "1 where /readyz answers 200.")
    yield _sample(name, (), is_ready)
    name = "recipes_build_info"
    yield from _head(name, "gauge", "The version of the application.")
    yield _sample(name, [("version", version)], 1)
    for name, kind, text in _PROCESS:
        yield from _head(name, kind, text)
        for worker in workers:
            value = _of_process(name, worker)
            if value is not None:
                yield _sample(name, [("worker", str(worker.slot))], value)


def _stored(storage: Storage) -> Iterator[str]:
    for (name, text), value in zip(_STORAGE, storage, strict=True):
        yield from _head(name, "gauge", text)
        if value is not None:
            yield _sample(name, (), value)


_START = "process_start_time_seconds"
_MEMORY = "process_resident_memory_bytes"
_CPU = "process_cpu_seconds_total"
_PROCESS = (
    (_START, "gauge", "When the worker began, since the Unix epoch."),
    (_MEMORY, "gauge", "The memory of the worker."),
    (_CPU, "counter", "The time of processors that the worker has taken."),
)


def _of_process(name: str, worker: Worker) -> float | None:
    """Return None if there is no /proc, or the worker has just ended."""
    if name == _START:
        return worker.started
    with suppress(OSError):
        if name == _MEMORY:
            return int(_proc(worker, "statm").split()[1]) * os.sysconf("SC_PAGE_SIZE")
        # The fields follow the program's name, which is in brackets and may contain anything.
        times = _proc(worker, "stat").rpartition(")")[2].split()[11:13]
        return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")
    return None


def _proc(worker: Worker, name: str) -> str:
    with open(f"/proc/{worker.pid}/{name}") as file:
        return file.read()


def _head(name: str, kind: str, text: str) -> Iterator[str]:
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} {kind}"


def _sample(name: str, labels: Iterable[tuple[str, str]], value: float) -> str:
    given = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels)
    return f"{name}{f'{{{given}}}' if given else ''} {float(value)!r}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
