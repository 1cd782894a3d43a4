"""Who may do what."""

import pytest

from app.core.errors import (
    ForbiddenError,
    InsufficientScopeError,
    UnauthenticatedError,
)
from app.core.policy import ANONYMOUS, VISIBILITY, Rule, Scope, Viewer, Who, may_open

SOMEBODY, SUPERUSER = Viewer(1), Viewer(1, is_superuser=True)
READER = Viewer(1, is_superuser=True, scopes=frozenset({"read"}))


@pytest.mark.parametrize(
    ("viewer", "owner_id", "may"),
    [
        (Viewer(1), 1, True),
        (Viewer(1), 2, False),
        (Viewer(1), None, False),
        (Viewer(1, is_superuser=True), 2, True),
        (Viewer(1, is_superuser=True), None, True),
        (ANONYMOUS, 1, False),
        (ANONYMOUS, None, False),
    ],
)
def test_what_a_viewer_may_change(viewer: Viewer, owner_id: int | None, may: bool) -> None:
    assert viewer.may_change(owner_id) is may


@pytest.mark.parametrize(
    ("rule", "viewer"),
    [
        (Rule(Who.ANYONE, Scope.READ), ANONYMOUS),
        (Rule(Who.ANYONE, Scope.WRITE), ANONYMOUS),
        (Rule(Who.ANYONE, Scope.READ), READER),
        (Rule(Who.USER, Scope.ACCOUNT), SOMEBODY),
        (Rule(Who.OWNER, Scope.WRITE), SOMEBODY),
        (Rule(Who.SUPERUSER, Scope.WRITE), SUPERUSER),
        (Rule(Who.SUPERUSER, Scope.READ), READER),
    ],
)
def test_who_is_admitted(rule: Rule, viewer: Viewer) -> None:
    rule.admit(viewer)


@pytest.mark.parametrize(
    ("rule", "viewer", "error"),
    [
        (Rule(Who.USER, Scope.READ), ANONYMOUS, UnauthenticatedError),
        (Rule(Who.OWNER, Scope.WRITE), ANONYMOUS, UnauthenticatedError),
        (Rule(Who.SUPERUSER, Scope.READ), ANONYMOUS, UnauthenticatedError),
        (Rule(Who.SUPERUSER, Scope.READ), SOMEBODY, ForbiddenError),
        (Rule(Who.SUPERUSER, Scope.WRITE), READER, InsufficientScopeError),
        (Rule(Who.ANYONE, Scope.WRITE), READER, InsufficientScopeError),
        (Rule(Who.USER, Scope.ACCOUNT), READER, ForbiddenError),
    ],
)
def test_who_is_not(rule: Rule, viewer: Viewer, error: type[Exception]) -> None:
    with pytest.raises(error):
        rule.admit(viewer)


def test_what_is_found_may_be_opened() -> None:
    for visibility, reach in VISIBILITY.items():
        for viewer in (ANONYMOUS, SOMEBODY, SUPERUSER):
            for owner_id in (1, 2, None):
                if viewer.reaches(reach.finds, owner_id):
                    assert may_open(viewer, visibility, owner_id)
