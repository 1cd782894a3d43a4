"""The errors of the domain. They know no HTTP; `app.api.errors` gives each its status.

AppError
├── MalformedError              the request cannot be read at all
├── UnauthenticatedError        who are you?
├── ForbiddenError              known, but not allowed
├── NotFoundError               not there, or not for you to see
├── ConflictError               contradicts what is stored
├── PreconditionFailedError     you changed what somebody else has changed since
├── InvalidError                understood, but against the rules; names each place
└── UnavailableError            try again soon
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


class MalformedError(AppError):
    """The request cannot be read: broken JSON, broken encoding, broken framing."""


class UnauthenticatedError(AppError):
    """Credentials are missing, wrong or no longer valid."""


class ForbiddenError(AppError):
    """The caller is known, and this is not theirs to do."""


class NotFoundError(AppError):
    """There is no such thing, or the caller may not see it."""


class ConflictError(AppError):
    """The change contradicts what is stored, such as a second account with one e-mail address."""


class PreconditionFailedError(AppError):
    """The caller's copy is not the current one. `etag` names the current one, where it is known."""

    def __init__(self, detail: str, etag: str | None = None) -> None:
        super().__init__(detail)
        self.etag = etag


class InvalidError(AppError):
    """The input breaks rules; `faults` names every place."""

    def __init__(self, detail: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(detail)
        self.faults = tuple(faults)


class UnavailableError(AppError):
    """The database is away or busy. `retry_after` is in seconds."""

    def __init__(self, detail: str, retry_after: int = 2) -> None:
        super().__init__(detail)
        self.retry_after = retry_after
