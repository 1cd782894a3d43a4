"""Counters in memory that all workers of a server share, and that survive a killed worker.

The master makes a file in memory without a name, so it vanishes with the last process that has it
open. Each worker claims a slot of the file by a lock, which the kernel releases however the worker
ends, and the next worker goes on counting in that slot. Nothing is lost or left over, and counting
takes no system call.
"""

import fcntl
import logging
import mmap
import os
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from threading import Lock
from typing import NamedTuple

logger = logging.getLogger("app.metrics")

SLOTS = 256  # Two for each worker, for the time of a reload.
SLOT_BYTES = 256 * 1024  # Only what is written takes memory.
FILE = "METRICS_FILE"
"""The environment variable that names the file; `app.serving.supervisor.share_memory` sets it."""

_PLACES = SLOT_BYTES // 8
# The header of a slot: the end of its rows, its process, and the active requests of that.
_END, _PID, _STARTED, ACTIVE, _HEADER = range(5)
# When a slot is full, further rows share this place, which is never read.
_LOST = _PLACES - 64


class Row(NamedTuple):
    """The numbers of one key."""

    key: str
    numbers: tuple[float, ...]


class Worker(NamedTuple):
    """A living process that counts, and the number of its active requests."""

    slot: int
    pid: int
    started: float
    active: float


class Slot:
    """The slot of this process: in the shared file, or in private memory if there is none."""

    def __init__(self) -> None:
        self._file, self._number = _taken_slot()
        size = SLOT_BYTES if self._file is None else SLOTS * SLOT_BYTES
        self._memory = memoryview(mmap.mmap(-1 if self._file is None else self._file, size))
        begin = self._number * SLOT_BYTES
        self._bytes = self._memory[begin : begin + SLOT_BYTES]
        self.numbers = self._bytes.cast("d")
        self._rows = {(key, size): at for key, at, size in _places(self._bytes)}
        self._lock = Lock()
        self.numbers[_END] = max(self.numbers[_END], _HEADER)
        self.numbers[_PID] = os.getpid()
        self.numbers[_STARTED] = time.time()
        self.numbers[ACTIVE] = 0

    def row(self, key: str, size: int) -> int:
        """Return the index of the first of the `size` numbers of `key`. New ones are zero."""
        with self._lock:
            if (key, size) not in self._rows:
                self._rows[key, size] = self._append(key.encode(), size)
            return self._rows[key, size]

    def _append(self, key: bytes, size: int) -> int:
        at = int(self.numbers[_END])
        begin = at + 2 + -(-len(key) // 8)
        if begin + size > _LOST:
            return _LOST
        self.numbers[at], self.numbers[at + 1] = len(key), size
        self._bytes[8 * (at + 2) : 8 * (at + 2) + len(key)] = key
        # Last: from then on other processes read the row.
        self.numbers[_END] = begin + size
        return begin

    def add(self, at: int, amount: float) -> None:
        """Add to a number that several threads use."""
        with self._lock:
            self.numbers[at] += amount

    def rows(self) -> Iterator[Row]:
        """Return the rows of all slots, including those of processes that have ended."""
        for number in range(len(self._memory) // SLOT_BYTES):
            content = self._content(number)
            for key, at, size in _places(content):
                yield Row(key, struct.unpack_from(f"{size}d", content, 8 * at))

    def workers(self) -> Iterator[Worker]:
        """Return the living processes."""
        for number in range(len(self._memory) // SLOT_BYTES):
            if self._is_taken(number):
                _, pid, started, active = struct.unpack_from(f"{_HEADER}d", self._content(number))
                yield Worker(number, int(pid), started, active)

    def _content(self, number: int) -> memoryview:
        return self._memory[number * SLOT_BYTES : (number + 1) * SLOT_BYTES]

    def _is_taken(self, number: int) -> bool:
        # Probing our own slot would release it.
        if self._file is None or number == self._number:
            return True
        if not _lock(self._file, number):
            return True
        fcntl.lockf(self._file, fcntl.LOCK_UN, 1, number)
        return False


def _taken_slot() -> tuple[int | None, int]:
    """Claim the lowest free slot, and return the shared file and the number of the slot."""
    file = _shared_file()
    if file is not None:
        for number in range(SLOTS):
            if _lock(file, number):
                return file, number
        logger.warning("More than %s processes: the metrics leave this one out.", SLOTS)
    return None, 0


def _shared_file() -> int | None:
    """Return the file that the master made, if it did, grown to the size of all slots."""
    descriptor, _, inode = os.environ.get(FILE, "").partition(":")
    with suppress(ValueError, OSError):
        if os.fstat(int(descriptor)).st_ino == int(inode):
            os.ftruncate(int(descriptor), SLOTS * SLOT_BYTES)
            return int(descriptor)
    return None


def _lock(file: int, number: int) -> bool:
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
    except OSError:
        return False
    return True


def _places(content: memoryview) -> Iterator[tuple[str, int, int]]:
    """Return the key of each row, the index of its first number, and how many it has.

    A row that another process is writing may be visible before it is complete, because no memory
    barrier orders the writes. Reading stops there.
    """
    (end,) = struct.unpack_from("d", content)
    at = _HEADER
    while at < min(end, _LOST):
        length, size = map(int, struct.unpack_from("2d", content, 8 * at))
        key = bytes(content[8 * (at + 2) : 8 * (at + 2) + length])
        if not size or 0 in key:
            return
        begin = at + 2 + -(-length // 8)
        yield key.decode(), begin, size
        at = begin + size
