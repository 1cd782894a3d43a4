"""The errors of the domain. They know no HTTP; `app.api.errors` gives each its status.

AppError
├── MalformedError              the request cannot be read at all
├── UnsupportedError            of a kind that is not taken here
├── UnauthenticatedError        who are you?
│   └── InvalidTokenError       you sent a token that is not good
├── ForbiddenError              known, but not allowed
│   └── InsufficientScopeError  allowed to you, but not to the token that you sent
├── NotFoundError               not there, or not for you to see
├── ConflictError               contradicts what is stored
├── PreconditionFailedError     you changed what somebody else has changed since
├── FailedDependencyError       what it was to be done with was not done
├── PreconditionRequiredError   you did not say which state you mean to change
├── TooLargeError               more than one request may cost
├── InvalidError                understood, but against the rules; names each place
├── TooManyRequestsError        so often within so short a time; says when again
├── QuotaExceededError          your account is full
└── UnavailableError            try again soon
    ├── InsufficientStorageError    there is no room; somebody has to make some
    └── DamagedError                the database is not whole; somebody has to restore it
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One place in the input that is wrong: a JSON Pointer (RFC 6901) or a parameter's name."""

    detail: str
    code: str
    pointer: str | None = None
    parameter: str | None = None


class AppError(Exception):
    """The root of the tree. `detail` is one sentence for the client; it never holds input."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


def with_cause(error: AppError) -> str:
    """The detail, for operators, with the first line of what the database or the system said."""
    cause = getattr(error.__cause__, "orig", None) or error.__cause__
    said = str(cause or "").strip().partition("\n")[0]
    return f"{error.detail} ({said})" if said else error.detail


class MalformedError(AppError):
    """The request cannot be read: broken JSON, broken encoding, broken framing."""


class UnsupportedError(AppError):
    """The content is of a kind that is not taken here."""


class UnauthenticatedError(AppError):
    """Credentials are missing, wrong or no longer valid."""


class InvalidTokenError(UnauthenticatedError):
    """A token came that is not one of ours, or not valid any more."""

    def __init__(self) -> None:
        super().__init__("The token is not valid, or not any more.")


class ForbiddenError(AppError):
    """The caller is known, and this is not theirs to do."""


class InsufficientScopeError(ForbiddenError):
    """The API token was not made for this; `scope` names what it lacks."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"The token does not have the scope that this needs: {scope}.")
        self.scope = scope


class NotFoundError(AppError):
    """There is no such thing, or the caller may not see it."""


class ConflictError(AppError):
    """The change contradicts what is stored, such as a second account with one e-mail address."""


class PreconditionFailedError(AppError):
    """The caller's copy is not the current one. `etag` names the current one, where it is known."""

    def __init__(self, detail: str, etag: str | None = None) -> None:
        super().__init__(detail)
        self.etag = etag


class FailedDependencyError(AppError):
    """It was not done, because something that it was to be done with was refused."""


class PreconditionRequiredError(AppError):
    """A change must name the state that it is meant for, by the setting REQUIRE_IF_MATCH."""


class TooLargeError(AppError):
    """The request would cost more than one may."""


class InvalidError(AppError):
    """The input breaks rules; `faults` names every place."""

    def __init__(self, detail: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(detail)
        self.faults = tuple(faults)


class TooManyRequestsError(AppError):
    """A limit is used up: `limit` times in `window` seconds. `retry_after` is in seconds."""

    def __init__(self, detail: str, name: str, limit: int, window: int, retry_after: int) -> None:
        super().__init__(detail)
        self.name = name
        self.limit = limit
        self.window = window
        self.retry_after = retry_after


class QuotaExceededError(AppError):
    """An account would store more than `quota` bytes."""

    def __init__(self, quota: int) -> None:
        super().__init__(
            f"Your account is full: it may store {quota // 1024**2} MiB, versions included."
            " Remove recipes for good to make room."
        )


class UnavailableError(AppError):
    """The database is away or busy. `retry_after` is in seconds."""

    def __init__(self, detail: str, retry_after: int = 2) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class InsufficientStorageError(UnavailableError):
    """The disk of the database is full. Reading goes on, and so does writing once there is room."""

    def __init__(self, detail: str, retry_after: int = 60) -> None:
        super().__init__(detail, retry_after)


class DamagedError(UnavailableError):
    """What the database holds is not a database, or not any more."""

    def __init__(self, detail: str, retry_after: int = 60) -> None:
        super().__init__(detail, retry_after)
