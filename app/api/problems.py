"""Problem documents (RFC 9457), the format of every error."""

from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import quote

from pydantic import BaseModel, Field
from starlette.responses import Response

from app.core import errors
from app.core.root_path import root_path
from app.observability.logging import request_id

MEDIA_TYPE = "application/problem+json"


class FaultDocument(BaseModel):
    """One error, at a JSON Pointer into the body or at a parameter."""

    detail: str
    code: str
    pointer: str | None = Field(None, exclude_if=lambda value: value is None)
    parameter: str | None = Field(None, exclude_if=lambda value: value is None)


class Problem(BaseModel):
    """An error, for people and programs."""

    type: str = Field(description="What kind of problem this is; a page that explains it.")
    title: str
    status: int
    detail: str
    instance: str = Field(description="The path of the request.")
    request_id: str = Field(description="Also in the header X-Request-ID and in our log.")
    errors: list[FaultDocument] = []


class Kind(NamedTuple):
    """A type of problem: its status and its explanation."""

    status: int
    slug: str
    meaning: str

    @property
    def title(self) -> str:
        """The slug as words. The phrases of HTTPStatus differ between versions of Python."""
        return self.slug.replace("-", " ").capitalize()


_KINDS = (
    Kind(400, "malformed-request", "The request could not be read: broken JSON or encoding."),
    Kind(
        401,
        "unauthenticated",
        "Credentials are missing, wrong or no longer valid. Sign in again and send the new token.",
    ),
    Kind(403, "forbidden", "You are known, but this is not yours to do."),
    Kind(404, "not-found", "There is nothing here, or nothing that you may see."),
    Kind(405, "method-not-allowed", "This path knows other methods; the header Allow lists them."),
    Kind(406, "not-acceptable", "None of the media types that you accept can be produced."),
    Kind(408, "request-timeout", "The request did not arrive completely in time."),
    Kind(409, "conflict", "The change contradicts what is stored."),
    Kind(
        412,
        "precondition-failed",
        "It has changed since you read it. Read it again, apply your change and send the new ETag.",
    ),
    Kind(
        413,
        "content-too-large",
        "The body is larger than this path takes, or it asks for more than one request may cost.",
    ),
    Kind(414, "uri-too-long", "The address is longer than the server takes."),
    Kind(
        415,
        "unsupported-media-type",
        "The Content-Type of the body is not one that this path takes.",
    ),
    Kind(422, "invalid-input", "The input was understood but breaks rules; `errors` names each."),
    Kind(424, "failed-dependency", "It was to be done together with something that was refused."),
    Kind(428, "precondition-required", "Send If-Match with the ETag of what you mean to change."),
    Kind(429, "too-many-requests", "Wait as long as the header Retry-After says."),
    Kind(431, "header-fields-too-large", "The headers are larger than the server takes."),
    Kind(500, "internal-error", "The fault is ours, and is in our log under the request id."),
    Kind(503, "unavailable", "Try again after the seconds that the header Retry-After says."),
    Kind(
        507,
        "insufficient-storage",
        "There is no room left to store this: the disk is full, or what your account may store is"
        " used up. The detail says which.",
    ),
)
KINDS = {kind.status: kind for kind in _KINDS}
BY_SLUG = {kind.slug: kind for kind in _KINDS}

STATUS: dict[type[errors.AppError], int] = {
    errors.MalformedError: 400,
    errors.UnsupportedError: 415,
    errors.UnauthenticatedError: 401,
    errors.ForbiddenError: 403,
    errors.NotFoundError: 404,
    errors.ConflictError: 409,
    errors.PreconditionFailedError: 412,
    errors.TooLargeError: 413,
    errors.InvalidError: 422,
    errors.FailedDependencyError: 424,
    errors.PreconditionRequiredError: 428,
    errors.TooManyRequestsError: 429,
    errors.QuotaExceededError: 507,
    errors.UnavailableError: 503,
    errors.InsufficientStorageError: 507,
}
"""The status of each application error. A subclass has that of its parent."""


def problem(
    status: int,
    path: str,
    detail: str | None = None,
    faults: tuple[errors.Fault, ...] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    """Return the response for one problem."""
    document = problem_document(status, path, detail, faults)
    return Response(document.model_dump_json(), status, headers, MEDIA_TYPE)


# What a path may hold as it is (RFC 3986 section 3.3).
_IN_PATHS = "/:@!$&'()*+,;=~"


def problem_document(
    status: int, path: str, detail: str | None = None, faults: tuple[errors.Fault, ...] = ()
) -> Problem:
    """Return the members of a problem document."""
    kind = KINDS.get(status)
    return Problem(
        type=f"{root_path.get()}/problems/{kind.slug}" if kind else "about:blank",
        title=kind.title if kind else HTTPStatus(status).phrase,
        status=status,
        detail=detail or (kind.meaning if kind else HTTPStatus(status).phrase),
        instance=root_path.get() + quote(path, safe=_IN_PATHS),
        request_id=request_id.get(),
        errors=[
            FaultDocument(
                detail=fault.detail,
                code=fault.code,
                pointer=fault.pointer,
                parameter=fault.parameter,
            )
            for fault in faults
        ],
    )


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the documentation of errors, for `responses=` of a route."""
    return {
        status: {
            "description": KINDS[status].title,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }
