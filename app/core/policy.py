"""Authorisation: the rules of the operations and the visibility of recipes.

A route without a rule cannot be made. Rules decide who may call it; the owner of a database row is
checked by the data layer (`Viewer.may_change`), in the transaction that changes it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any, NamedTuple, TypeVar

from app.core.errors import ForbiddenError, InsufficientScopeError, UnauthenticatedError


class Who(Enum):
    """Who may call an operation, and who may see a recipe."""

    ANYONE = "anyone"
    USER = "signed-in users"
    OWNER = "the owner and superusers"
    SUPERUSER = "superusers"


class Scope(StrEnum):
    """What credentials allow: signing in, everything; an API token, the scopes it was made with."""

    READ = "read"
    WRITE = "write"
    ACCOUNT = "account"
    """The own account and its tokens: only after signing in with the password."""


EVERY_SCOPE = frozenset(Scope)


@dataclass(frozen=True, slots=True)
class Viewer:
    """The caller of a request. An anonymous one has the id 0, which no account has."""

    id: int = 0
    is_superuser: bool = False
    scopes: frozenset[str] = EVERY_SCOPE
    token_version: int = 0
    token_hash: str | None = None
    """The digest of the API token, if the request came with one."""
    storage_quota: int | None = None
    """Bytes that this viewer may store. None: no limit."""
    signed_in_at: int = 0
    """The Unix time of the log-in. 0 with an API token."""

    def need_log_in(self) -> None:
        """Raise ForbiddenError if the viewer came with an API token."""
        if Scope.ACCOUNT not in self.scopes:
            raise ForbiddenError(_LOG_IN)

    def may_change(self, owner_id: int | None) -> bool:
        """Return whether this viewer may change an object of `owner_id` (None: no owner)."""
        return self.is_superuser or self.id == owner_id

    def reaches(self, who: Who, owner_id: int | None) -> bool:
        """Return whether this viewer is among `who`, for an object of `owner_id`."""
        return who is Who.ANYONE or self.may_change(owner_id)


ANONYMOUS = Viewer()


_LOG_IN = "An API token is not enough for this: log in."


class Rule(NamedTuple):
    """Who may call an operation, and the scope that it needs. None: it ignores credentials."""

    who: Who
    scope: Scope | None

    def admit(self, viewer: Viewer) -> None:
        """Raise UnauthenticatedError or ForbiddenError if `viewer` may not call it."""
        if self.scope is None:
            return
        if viewer.id == 0:
            if self.who is not Who.ANYONE:
                raise UnauthenticatedError("Sign in first: this needs a token.")
            return
        if self.scope not in viewer.scopes:
            if self.scope is Scope.ACCOUNT:
                raise ForbiddenError(_LOG_IN)
            raise InsufficientScopeError(self.scope)
        if self.who is Who.SUPERUSER and not viewer.is_superuser:
            raise ForbiddenError("Only superusers may do this.")


POLICY: dict[str, Rule] = {}
"""The rule of each operation, by the name of its function; `allow` fills it."""

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])


def allow(who: Who, scope: Scope | None) -> Callable[[FunctionT], FunctionT]:
    """Declare who may call a route's function, below the decorator of the router."""

    def declare(function: FunctionT) -> FunctionT:
        rule = POLICY[function.__name__] = Rule(who, scope)
        setattr(function, _RULE, rule)
        return function

    return declare


def rule_of(function: Callable[..., Any]) -> Rule:
    """Return what `allow` declared. Raises LookupError if it declared nothing."""
    rule: Rule | None = getattr(function, _RULE, None)
    if rule is None:
        name = getattr(function, "__name__", function)
        raise LookupError(f"{name} has no rule: put @allow(…) between the router and the function.")
    return rule


_RULE = "__rule__"


class Reach(NamedTuple):
    """Who may open a recipe by its id, and who finds it in lists, searches and exports."""

    opens: Who
    finds: Who
    by_key: bool = False
    """Whether the key of its share link opens it for anyone."""


VISIBILITY: dict[str, Reach] = {
    "public": Reach(opens=Who.ANYONE, finds=Who.ANYONE),
    "unlisted": Reach(opens=Who.OWNER, finds=Who.OWNER, by_key=True),
    "private": Reach(opens=Who.OWNER, finds=Who.OWNER),
}
FOUND_BY_ANYONE = tuple(name for name, reach in VISIBILITY.items() if reach.finds is Who.ANYONE)
OPENED_BY_KEY = tuple(name for name, reach in VISIBILITY.items() if reach.by_key)


def may_open(
    viewer: Viewer, visibility: str, owner_id: int | None, *, has_key: bool = False
) -> bool:
    """Return whether `viewer` may open a recipe of this visibility that belongs to `owner_id`.

    `has_key`: the viewer has the key of the recipe's share link.
    """
    reach = VISIBILITY[visibility]
    return viewer.reaches(reach.opens, owner_id) or (has_key and reach.by_key)


def may_find(viewer: Viewer, visibility: str, owner_id: int | None) -> bool:
    """Return whether a recipe of this visibility and owner is in lists of `viewer`."""
    return viewer.reaches(VISIBILITY[visibility].finds, owner_id)
