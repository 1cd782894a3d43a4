"""What two sequences have in common, found in bounded work."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.matches import Match, matches


def test_what_is_in_both_once_stays_where_it_is() -> None:
    old, new = ["salt", "the", "red", "soup"], ["cook", "the", "green", "soup"]
    assert matches(old, new) == [Match(1, 1, 1), Match(3, 3, 1)]
    assert matches("", "abc") == []
    assert matches("abc", "abc") == [Match(0, 0, 3)]


@given(st.lists(st.integers(0, 9), max_size=40), st.lists(st.integers(0, 9), max_size=40))
def test_matches_are_the_same_in_both_and_in_order(old: list[int], new: list[int]) -> None:
    i = j = 0
    for match in matches(old, new):
        assert match.size > 0
        assert match.old >= i
        assert match.new >= j
        i, j = match.old + match.size, match.new + match.size
        assert old[match.old : i] == new[match.new : j]
    assert bool(matches(old, new)) == bool(set(old) & set(new))


# --- Hostile sequences ---------------------------------------------------------------------------


class Counted(str):
    """A text that counts how often it is compared."""

    __slots__ = ()
    comparisons = 0

    def __eq__(self, other: object) -> bool:
        Counted.comparisons += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


HOSTILE = {
    "one word": lambda n, k: ["a"] * (n + k),
    "two words": lambda n, k: [str((i * i + k) % 2) for i in range(n)],
    "some words": lambda n, k: [str((i * i * 7 + i * k) % 97) for i in range(n)],
    "other order": lambda n, k: [str((i * (3 + 4 * k)) % 9973) for i in range(n)],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_the_work_grows_with_the_length(name: str) -> None:
    def work(size: int) -> int:
        old, new = ([Counted(each) for each in HOSTILE[name](size, k)] for k in (0, 1))
        Counted.comparisons = 0
        matches(old, new)
        return Counted.comparisons

    # Each with each would be a hundred times as much, and more.
    assert work(9000) < 20 * work(900) + 20_000
