"""Metrics: what is counted, also by processes that die, is what Prometheus reads."""

import fcntl
import json
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.observability import counters, metrics
from app.observability.counters import SLOT_BYTES, SLOTS, Slot
from app.serving.supervisor import share_memory

FORK = multiprocessing.get_context("fork")


@pytest.fixture
def _shared(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What the processes that this test forks count together."""
    monkeypatch.setenv(counters.FILE, "")
    share_memory()
    descriptor = int(os.environ[counters.FILE].partition(":")[0])
    yield
    os.close(descriptor)


shared = pytest.mark.usefixtures("_shared")


def _work(pipe: Connection, work: Callable[[Slot], None]) -> None:
    slot = Slot()
    work(slot)
    pipe.send(slot.numbers[counters.ACTIVE])
    pipe.recv()


@contextmanager
def worker(work: Callable[[Slot], None]) -> Iterator[int]:
    """The id of a process that has done its work and lives on; then it is killed."""
    ours, theirs = FORK.Pipe()
    process = FORK.Process(target=_work, args=(theirs, work))
    process.start()
    try:
        assert ours.poll(30)
        ours.recv()
        assert process.pid
        yield process.pid
    finally:
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()


def counts(key: str, times: int) -> Callable[[Slot], None]:
    def work(slot: Slot) -> None:
        for _ in range(times):
            slot.add(slot.row(key, 2), 1)
        slot.numbers[counters.ACTIVE] = times

    return work


def total(key: str) -> float:
    return sum(row.numbers[0] for row in Slot().rows() if row.key == key)


@shared
def test_processes_count_together_and_nothing_is_lost_when_they_are_killed() -> None:
    with worker(counts("a", 3)), worker(counts("a", 4)), worker(counts("b", 5)):
        assert total("a") == 7
    # Each takes over from one that was killed.
    with worker(counts("a", 10)), worker(counts("b", 20)):
        assert (total("a"), total("b")) == (17, 25)
    assert (total("a"), total("b")) == (17, 25)


@shared
def test_slots_are_used_again_so_restarts_take_no_memory() -> None:
    for _ in range(3):
        with worker(counts("a", 1)) as first, worker(counts("a", 1)) as second:
            slot = Slot()
            by_slot = {each.slot: each.pid for each in slot.workers()}
            assert by_slot == {0: first, 1: second, 2: os.getpid()}
    assert total("a") == 6


@shared
def test_what_is_in_hand_counts_only_as_long_as_its_process_lives() -> None:
    with worker(counts("a", 3)), worker(counts("a", 4)):
        slot = Slot()
        assert sum(each.active for each in slot.workers()) == 7
    assert sum(each.active for each in slot.workers()) == 0


def test_a_program_without_the_file_counts_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with open(os.devnull) as other:
        for said in ("", "x", "5:x", "99999:1", f"{other.fileno()}:1"):
            monkeypatch.setenv(counters.FILE, said)
            slot = Slot()
            slot.add(slot.row("a", 1), 2)
            assert [row.numbers for row in slot.rows()] == [(2,)]
            assert [each.pid for each in slot.workers()] == [os.getpid()]


def test_a_row_is_found_again_whatever_its_key() -> None:
    slot = Slot()
    keys = ["", "a", "b" * 8, "ü" * 5, '["x", "é\\n"]']
    for number, key in enumerate(keys):
        slot.add(slot.row(key, 3) + 1, number)
    assert slot.row("a", 3) == slot.row("a", 3) != slot.row("a", 2)
    found = {row.key: row.numbers for row in slot.rows() if len(row.numbers) == 3}
    assert found == {key: (0, number, 0) for number, key in enumerate(keys)}


def test_what_finds_no_place_harms_nobody() -> None:
    slot = Slot()
    for number in range(SLOT_BYTES // 100):
        slot.add(slot.row(f"{number:050}", 10) + 9, 1)
    assert all(row.numbers == (0,) * 9 + (1,) for row in slot.rows())
    assert len(list(slot.rows())) > 1000


@shared
def test_one_process_more_than_there_are_slots_counts_alone() -> None:
    def take_all(slot: Slot) -> None:
        file = int(os.environ[counters.FILE].partition(":")[0])
        fcntl.lockf(file, fcntl.LOCK_EX, SLOTS)
        slot.add(slot.row("a", 1), 1)

    with worker(take_all):
        slot = Slot()
        slot.add(slot.row("a", 1), 2)
        assert [row.numbers for row in slot.rows()] == [(2,)]


def read(text: str) -> dict[tuple[str, ...], float]:
    """The samples by their name and the values of their labels, as Prometheus reads them."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_a_duration_is_in_each_bucket_that_it_is_not_above() -> None:
    route = "/test_a_duration"
    for seconds in (0.001, 0.005, 0.3, 60):
        metrics.note_request("GET", route, 200, seconds)
    found = read(metrics.exposition("1", is_ready=True))
    name = f"{metrics.REQUESTS.name}_"
    buckets = {
        key[-1]: value for key, value in found.items() if key[:3] == (f"{name}bucket", "GET", route)
    }
    assert buckets == {
        **{str(bound): 2 for bound in (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25)},
        **{str(bound): 3 for bound in (0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)},
        "+Inf": 4,
    }
    assert found[f"{name}count", "GET", route, "200"] == 4
    assert found[f"{name}sum", "GET", route, "200"] == pytest.approx(60.306)


def test_a_label_may_hold_anything() -> None:
    value = 'a"b\\c\nd'
    metrics.UNAVAILABLE.add(value)
    assert read(metrics.exposition("1", is_ready=True))[metrics.UNAVAILABLE.name, value] == 1


def test_the_state_of_the_process_is_told() -> None:
    found = read(metrics.exposition("1.2.3", is_ready=False))
    assert found["recipes_build_info", "1.2.3"] == 1
    assert found["recipes_ready",] == 0
    assert found["process_start_time_seconds", "0"] > 1_600_000_000
    assert 10_000_000 < found["process_resident_memory_bytes", "0"] < 10_000_000_000
    assert found["process_cpu_seconds_total", "0"] > 0


@shared
def test_a_row_that_is_not_all_there_does_not_break_those_before_it() -> None:
    """Another process may be writing it at this moment."""

    def tears_behind(parts: int) -> Callable[[Slot], None]:
        def work(slot: Slot) -> None:
            slot.row('["whole"]', 1)
            begin = int(slot.numbers[0])
            slot.row('["torn by the order of writes"]', 1)
            for at in range(begin + parts, int(slot.numbers[0])):
                slot.numbers[at] = 0

        return work

    slot = Slot()
    for parts in range(4):
        with worker(tears_behind(parts)):
            assert ["whole"] in [json.loads(row.key) for row in slot.rows()]
