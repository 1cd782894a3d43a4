"""What work costs, by how it grows: the same on any machine."""

import sys
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import ParamSpec

P = ParamSpec("P")

NOTICEABLE = 0.02
"""Seconds of the processor below which a growth says nothing."""
TOO_STEEP = 1.7
"""The exponent of the growth: linear work has 1, quadratic work 2."""


def sizes(largest: int, smallest: int, factor: int) -> Iterator[int]:
    """`largest` and its fractions, from at least `smallest` on."""
    found = [largest]
    while found[-1] // factor >= smallest:
        found.append(found[-1] // factor)
    yield from reversed(found)


def assert_linear(
    work: Callable[[int], object], largest: int, smallest: int = 256, factor: int = 2
) -> float:
    """Fail if the time that `work(size)` takes grows faster than `size`; that of the largest one.

    Sizes grow by `factor` from `smallest` to `largest`, so work that never ends is found while it
    is small.
    """
    before = 0.0
    most = factor**TOO_STEEP
    for size in sizes(largest, smallest, factor):
        taken = _seconds(work, size)
        if before and taken > NOTICEABLE and taken > most * before:
            # The machine may have been busy once.
            smaller = size // factor
            before = max(before, *(_seconds(work, smaller) for _ in range(2)))
            taken = min(taken, *(_seconds(work, size) for _ in range(2)))
            assert taken <= most * before, (
                f"{smaller} take {before:.4f} s and {size} take {taken:.4f} s"
            )
        before = taken
    return before


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
