"""Importers take linear time, whatever they read.

This is a sample of the texts; `--faults` reads all of them at a quarter of the size, and
`--faults=long` at the full size.
"""

from itertools import islice

import pytest

from tests.costs import NOTICEABLE, assert_linear
from tests.exchange.hostile import Hostile, hostile_texts, read

SIZE = 40_000
ONE_IN = 151
MOST_TIMES = 50
"""The time of the worst text, over that of a recipe of the same length."""
LINES = "".join(f"- {number} cups of milk, warm (2%)\n" for number in range(1, 400))
STEPS = "".join(f"{number}. Stir for 5 minutes, then let it rest.\n" for number in range(1, 300))
ORDINARY = f"# Soup\n\nServes 4\n\n## Ingredients\n\n{LINES}\n## Method\n\n{STEPS}"


def assert_cheap(hostile: Hostile, usual: float, size: int = SIZE) -> None:
    """Fail if the time to read a text grows faster than its size, or is very long for its size.

    `usual` is how long a recipe of the same size takes.
    """

    def read_it(size: int) -> None:
        read(hostile.text(size))

    taken = assert_linear(read_it, size, smallest=2000, factor=4)
    assert taken < NOTICEABLE or taken < MOST_TIMES * usual, f"{taken:.3f} s, {usual:.3f} s"


def seconds_of_a_recipe(size: int = SIZE) -> float:
    """How long it takes to read a recipe of this size that people may have written."""
    text = (ORDINARY * 3)[:size]
    assert read(text) == 1
    return assert_linear(lambda _: read(text), size, smallest=size)


def test_there_are_eleven_thousand_texts() -> None:
    assert sum(1 for _ in hostile_texts()) > 11_000


def test_a_sample_takes_linear_time(subtests: pytest.Subtests) -> None:
    usual = seconds_of_a_recipe()
    for hostile in islice(hostile_texts(), 0, None, ONE_IN):
        with subtests.test(repr(hostile)):
            assert_cheap(hostile, usual)
