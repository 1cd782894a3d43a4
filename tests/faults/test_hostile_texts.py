"""All hostile texts through every importer: 10,000 characters each, 40,000 in the full run."""

import pytest

from tests.exchange.hostile import MEMBERS, OPENINGS, hostile_texts
from tests.exchange.test_hostile_texts import SIZE, assert_cheap, seconds_of_a_recipe


@pytest.mark.parametrize("part", range(len(OPENINGS) + len(MEMBERS)))
def test_time_grows_with_the_size_alone(part: int, in_full: bool) -> None:
    parts = [*OPENINGS, *MEMBERS]
    size = SIZE if in_full else SIZE // 4
    usual = seconds_of_a_recipe(size)
    is_member = part >= len(OPENINGS)
    for hostile in hostile_texts():
        if (hostile.member if is_member else hostile.opening) != parts[part]:
            continue
        if bool(hostile.member) == is_member:
            try:
                assert_cheap(hostile, usual, size)
            except AssertionError as error:
                raise AssertionError(f"{hostile}: {error}") from None
