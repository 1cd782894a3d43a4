"""What work costs, by how it grows: the same on any machine."""

import sys
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import ParamSpec

P = ParamSpec("P")

NOTICEABLE = 0.02
"""Seconds of the processor below which a doubling says nothing."""
TOO_STEEP = 3.2
"""Linear work doubles with its input, quadratic work takes four times as long."""


def sizes(largest: int, smallest: int = 256) -> Iterator[int]:
    """`largest` and its halves, from at least `smallest` on."""
    found = [largest]
    while found[-1] // 2 >= smallest:
        found.append(found[-1] // 2)
    yield from reversed(found)


def assert_linear(work: Callable[[int], object], largest: int, smallest: int = 256) -> None:
    """Fail if the time that `work(size)` takes grows faster than `size`.

    Sizes double from `smallest` to `largest`, so work that never ends is found while it is small.
    """
    before = 0.0
    for size in sizes(largest, smallest):
        taken = _seconds(work, size)
        if before and taken > NOTICEABLE and taken > TOO_STEEP * before:
            # A thread may have been unlucky once.
            again = min(_seconds(work, size) for _ in range(2))
            half = max(_seconds(work, size // 2) for _ in range(2))
            assert min(taken, again) <= TOO_STEEP * max(before, half), (
                f"{size // 2} take {half:.3f} s and {size} take {again:.3f} s"
            )
        before = taken


def _seconds(work: Callable[[int], object], size: int) -> float:
    start = time.process_time()
    work(size)
    return time.process_time() - start


def calls_of(work: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> int:
    """How many functions a call makes, those written in C included: its cost on any machine."""
    count = 0

    def profile(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(profile)
    try:
        work(*args, **kwargs)
    finally:
        sys.setprofile(None)
    return count
