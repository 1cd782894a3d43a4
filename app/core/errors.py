"""The errors of the application. `app.api.errors` maps each to an HTTP status.

AppError
├── MalformedError              the request cannot be parsed
├── UnsupportedError            the content type is not supported
├── UnauthenticatedError        credentials are missing or wrong
│   └── InvalidTokenError       the token is not valid
├── ForbiddenError              the caller may not do this
│   └── InsufficientScopeError  the API token lacks a scope
├── NotFoundError               missing, or hidden from the caller
├── ConflictError               contradicts what is stored
├── PreconditionFailedError     the caller's copy is not current
├── FailedDependencyError       another operation of the batch was refused
├── PreconditionRequiredError   If-Match is required
├── TooLargeError               more than one request may cost
├── InvalidError                the input breaks rules; lists each fault
├── TooManyRequestsError        a rate limit is used up
├── QuotaExceededError          the account is full
└── UnavailableError            temporary; try again
    ├── InsufficientStorageError    the disk is full
    └── DamagedError                the database is damaged
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One error in the input, at a JSON Pointer (RFC 6901) or a parameter."""

    detail: str
    code: str
    pointer: str | None = None
    parameter: str | None = None


class AppError(Exception):
    """The base class. `detail` is one sentence for the client, and never repeats input."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


def with_cause(error: AppError) -> str:
    """Return the detail with the first line of the cause, for operators."""
    cause = getattr(error.__cause__, "orig", None) or error.__cause__
    reason = str(cause or "").strip().partition("\n")[0]
    return f"{error.detail} ({reason})" if reason else error.detail


class MalformedError(AppError):
    """The request cannot be parsed: broken JSON, encoding or framing."""


class UnsupportedError(AppError):
    """The media type or content coding is not supported."""


class UnauthenticatedError(AppError):
    """Credentials are missing, wrong or no longer valid."""


class InvalidTokenError(UnauthenticatedError):
    """The token is unknown, expired or revoked."""

    def __init__(self) -> None:
        super().__init__("The token is not valid or has expired.")


class ForbiddenError(AppError):
    """The caller is known, but may not do this."""


class InsufficientScopeError(ForbiddenError):
    """The API token lacks the scope `scope`."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"The token lacks the required scope: {scope}.")
        self.scope = scope


class NotFoundError(AppError):
    """The object does not exist, or the caller may not see it."""


class ConflictError(AppError):
    """The change conflicts with stored data, such as a second account with an e-mail address."""


class PreconditionFailedError(AppError):
    """The caller's copy is not current. `etag` is the current entity tag, if known."""

    def __init__(self, detail: str, etag: str | None = None) -> None:
        super().__init__(detail)
        self.etag = etag


class FailedDependencyError(AppError):
    """The operation was not done because another one of its batch was refused."""


class PreconditionRequiredError(AppError):
    """The setting REQUIRE_IF_MATCH requires If-Match for this change."""


class TooLargeError(AppError):
    """The request exceeds a bound on size or cost."""


class InvalidError(AppError):
    """The input breaks rules. `faults` lists every place."""

    def __init__(self, detail: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(detail)
        self.faults = tuple(faults)


class TooManyRequestsError(AppError):
    """A limit of `limit` in `window` seconds is used up. `retry_after` is in seconds."""

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
            " Remove recipes permanently to make room."
        )


class UnavailableError(AppError):
    """The database is unreachable or busy. `retry_after` is in seconds."""

    def __init__(self, detail: str, retry_after: int = 2) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class InsufficientStorageError(UnavailableError):
    """The disk of the database is full. Reads still work."""

    def __init__(self, detail: str, retry_after: int = 60) -> None:
        super().__init__(detail, retry_after)


class DamagedError(UnavailableError):
    """The database file is damaged."""

    def __init__(self, detail: str, retry_after: int = 60) -> None:
        super().__init__(detail, retry_after)
