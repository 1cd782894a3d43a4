"""All hostile texts through every importer."""

import pytest

from tests.exchange.hostile import MEMBERS, OPENINGS, hostile_texts
from tests.exchange.test_hostile_texts import assert_cheap, seconds_of_a_recipe


@pytest.mark.parametrize("part", range(len(OPENINGS) + len(MEMBERS)))
def test_it_takes_time_by_its_length_alone(part: int) -> None:
    parts = [*OPENINGS, *MEMBERS]
    usual = seconds_of_a_recipe()
    is_member = part >= len(OPENINGS)
    for hostile in hostile_texts():
        if (hostile.member if is_member else hostile.opening) != parts[part]:
            continue
        if bool(hostile.member) == is_member:
            try:
                assert_cheap(hostile, usual)
            except AssertionError as error:
                raise AssertionError(f"{hostile}: {error}") from None
