"""Numbers that the workers of one server count together, also when one of them is killed.

The parent of the workers makes one file in memory, which has no name and so is gone with the last
process that has it open. Each worker counts in a slot of its own there, which its number belongs to
as long as it lives: the kernel frees it at any death, and the next worker counts on from there. So
nothing is lost or left behind by restarts, and a number is changed without a lock or a system call.
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
"""The environment tells a worker which file: `app.serving.machine.share_memory`."""

_PLACES = SLOT_BYTES // 8
# The first numbers of a slot: where its rows end, and the process that it belongs to.
_END, _PID, _STARTED, ACTIVE, _HEADER = range(5)
# Rows that find no place share this one, which nobody reads.
_LOST = _PLACES - 64


class Row(NamedTuple):
    """Numbers and the name that they are counted under."""

    key: str
    numbers: tuple[float, ...]


class Worker(NamedTuple):
    """A process that counts, and how many requests it has in hand."""

    slot: int
    pid: int
    started: float
    active: float


class Slot:
    """Where this process counts: in shared memory, or alone where nobody shared any."""

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
        """Where the `size` numbers of `key` begin; zeros the first time."""
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
        # Last, since from then on others read it.
        self.numbers[_END] = begin + size
        return begin

    def add(self, at: int, amount: float) -> None:
        """Count where several threads may."""
        with self._lock:
            self.numbers[at] += amount

    def rows(self) -> Iterator[Row]:
        """What every process has counted, those included that have ended."""
        for number in range(len(self._memory) // SLOT_BYTES):
            content = self._content(number)
            for key, at, size in _places(content):
                yield Row(key, struct.unpack_from(f"{size}d", content, 8 * at))

    def workers(self) -> Iterator[Worker]:
        """The processes that count now."""
        for number in range(len(self._memory) // SLOT_BYTES):
            if self._is_taken(number):
                _, pid, started, active = struct.unpack_from(f"{_HEADER}d", self._content(number))
                yield Worker(number, int(pid), started, active)

    def _content(self, number: int) -> memoryview:
        return self._memory[number * SLOT_BYTES : (number + 1) * SLOT_BYTES]

    def _is_taken(self, number: int) -> bool:
        # Not to be asked for one's own, which would give it free.
        if self._file is None or number == self._number:
            return True
        if not _lock(self._file, number):
            return True
        fcntl.lockf(self._file, fcntl.LOCK_UN, 1, number)
        return False


def _taken_slot() -> tuple[int | None, int]:
    """The shared file, and the lowest number that no living process has, now of this one."""
    file = _shared_file()
    if file is not None:
        for number in range(SLOTS):
            if _lock(file, number):
                return file, number
        logger.warning("More than %s processes: the metrics lack what this one counts.", SLOTS)
    return None, 0


def _shared_file() -> int | None:
    """The file that the parent made, if it did; it is as large as the workers want it."""
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
    """The key of each row, and where its numbers are: how far from the beginning, how many.

    A row that another process is writing may be seen before it is all there, since no barrier
    orders its parts on every processor. It ends the rows that are read this time.
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
