"""Measure the cost of work by its growth and its calls, which are the same on any machine."""

import sys
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import ParamSpec

P = ParamSpec("P")

NOTICEABLE = 0.02
"""CPU seconds. Below them, growth is noise."""
TOO_STEEP = 1.7
"""The exponent of growth that is refused: linear work has 1, quadratic work 2."""


def sizes(largest: int, smallest: int, factor: int) -> Iterator[int]:
    """Yield sizes that grow by `factor`, from at least `smallest` to `largest`."""
    found = [largest]
    while found[-1] // factor >= smallest:
        found.append(found[-1] // factor)
    yield from reversed(found)


def assert_linear(
    work: Callable[[int], object], largest: int, smallest: int = 256, factor: int = 2
) -> float:
    """Fail if the time of `work(size)` grows faster than `size`. Return the time of the largest.

    Sizes grow by `factor` from `smallest` to `largest`, so a steep growth fails while it is short.
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
    """Return the number of function calls that `work` makes, including those written in C."""
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
