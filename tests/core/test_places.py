"""Places for work that takes long."""

from contextlib import ExitStack

import pytest

from app.core.errors import TooManyRequestsError, UnavailableError
from app.core.places import Places


def test_a_client_has_few_of_many_places() -> None:
    places = Places("jobs", "jobs", 3, 2)
    with ExitStack() as held:
        for _ in range(2):
            held.enter_context(places.hold("ann"))
        with (
            pytest.raises(TooManyRequestsError, match="You may have 2 jobs at once"),
            places.hold("ann"),
        ):
            pass
        held.enter_context(places.hold("bob"))
        with pytest.raises(UnavailableError, match="Too many jobs"), places.hold("eve"):
            pass
    with places.hold("ann"), places.hold("ann"), places.hold("bob"):
        pass


def test_a_place_is_free_again_after_a_fault() -> None:
    places = Places("jobs", "jobs", 1, 1)
    for _ in range(2):
        with pytest.raises(LookupError), places.hold("ann"):
            raise LookupError
