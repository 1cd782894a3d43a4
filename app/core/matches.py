"""What two sequences have in common, found in about linear time: the patience diff.

What is in each of them once stays where it is, and what lies between is compared in the same way.
Other algorithms find more, in time that grows with the square of the length or worse.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any, NamedTuple

MAX_DEPTH = 8
MAX_CELLS = 2_500
"""What has no such place is compared each with each, where it is no more than this."""


class Match(NamedTuple):
    """A part that is in both: where it begins in the old and in the new one, and its length."""

    old: int
    new: int
    size: int


def matches(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Match]:
    """The parts that are in both, in order and never next to each other."""
    found: list[Match] = []
    for match in _within(old, new, MAX_DEPTH):
        last = found[-1] if found else Match(0, 0, 0)
        if last.old + last.size == match.old and last.new + last.size == match.new:
            found[-1:] = [last._replace(size=last.size + match.size)]
        else:
            found.append(match)
    return found


def _within(
    old: Sequence[Hashable], new: Sequence[Hashable], depth: int, i: int = 0, j: int = 0
) -> Iterator[Match]:
    """The matches of two parts that begin at `i` and `j`."""
    shorter = min(len(old), len(new))
    start = next((k for k in range(shorter) if old[k] != new[k]), shorter)
    rest = shorter - start
    end = next((k for k in range(rest) if old[-1 - k] != new[-1 - k]), rest)
    inner, other = old[start : len(old) - end], new[start : len(new) - end]
    if start:
        yield Match(i, j, start)
    i, j = i + start, j + start
    anchors = _anchors(inner, other) if depth else []
    if anchors:
        anchors = [(0, 0), *anchors, (len(inner), len(other))]
        for (x, y), (next_x, next_y) in pairwise(anchors):
            yield from _within(inner[x:next_x], other[y:next_y], depth - 1, i + x, j + y)
    elif len(inner) * len(other) <= MAX_CELLS:
        for match in SequenceMatcher(None, inner, other, autojunk=False).get_matching_blocks():
            if match.size:
                yield Match(i + match.a, j + match.b, match.size)
    if end:
        yield Match(i + len(inner), j + len(other), end)


def _anchors(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """The places of what is in each of both once, as many as are in the same order in both."""
    once_in_old, once_in_new = _once(old), _once(new)
    ends: list[int] = []
    """By length of a run in order, the least place in `new` that one ends at."""
    chains: list[tuple[int, int, Any]] = []
    for item, x in once_in_old.items():
        y = once_in_new.get(item)
        if y is not None:
            length = bisect_left(ends, y)
            ends[length : length + 1] = [y]
            chains[length : length + 1] = [(x, y, chains[length - 1] if length else None)]
    places = []
    link = chains[-1] if chains else None
    while link:
        places.append(link[:2])
        link = link[2]
    return places[::-1]


def _once(items: Sequence[Hashable]) -> dict[Hashable, int]:
    counts = Counter(items)
    return {item: place for place, item in enumerate(items) if counts[item] == 1}
