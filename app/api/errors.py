"""Convert errors to problem documents. Only this module maps errors to statuses."""

import logging
import re
from logging import ERROR, WARNING
from typing import Any, cast

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

from app.api.problems import KINDS, STATUS, problem, problem_document
from app.core.errors import (
    AppError,
    DamagedError,
    Fault,
    InsufficientScopeError,
    InsufficientStorageError,
    InvalidError,
    InvalidTokenError,
    PreconditionFailedError,
    TooManyRequestsError,
    UnauthenticatedError,
    UnavailableError,
)
from app.observability import metrics
from app.observability.logging import request_id
from app.schemas.faults import faults_of_request

logger = logging.getLogger("app.errors")

_WANTS_HTML = re.compile(r"\btext/html\b(?!\s*;\s*q\s*=\s*0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE)
_CHALLENGE = 'Bearer realm="recipes"'


def respond(
    scope: Scope,
    status: int,
    detail: str | None = None,
    faults: tuple[Fault, ...] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    """Return the response to an error: a page for browsers, else a problem document."""
    path: str = scope["path"]
    kind = KINDS.get(status)
    if kind and not path.startswith("/api/"):
        headers = {**(headers or {}), "Vary": "Accept"}
        if _WANTS_HTML.search(Headers(scope=scope).get("accept", "")):
            page = scope["app"].state.error_page
            text = detail or kind.meaning
            return cast(Response, page(status, kind.title, text, request_id.get(), headers))
    return problem(status, path, detail, faults, headers)


async def on_app_error(request: Request, error: Exception) -> Response:
    """Handle an application error."""
    assert isinstance(error, AppError)
    if isinstance(error, UnavailableError):
        metrics.UNAVAILABLE.add(type(error.__cause__ or error).__name__)
        # Errors that do not pass without an operator.
        lasts = isinstance(error, DamagedError | InsufficientStorageError)
        logger.log(ERROR if lasts else WARNING, "%s: %s", error, error.__cause__)
    elif isinstance(error, TooManyRequestsError):
        metrics.RATE_LIMITED.add(error.name)
    faults = error.faults if isinstance(error, InvalidError) else ()
    return respond(request.scope, status_of(error), error.detail, faults, _headers_of(error))


def problem_of(error: AppError, path: str) -> dict[str, Any]:
    """Return the problem document of an error inside another response."""
    faults = error.faults if isinstance(error, InvalidError) else ()
    document = problem_document(status_of(error), path, error.detail, faults)
    return document.model_dump(mode="json")


def status_of(error: AppError) -> int:
    """Return the status of an application error."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def _headers_of(error: AppError) -> dict[str, str]:
    """Return the headers of an error: a challenge, Retry-After, the current ETag."""
    match error:
        case InvalidTokenError():
            return {"WWW-Authenticate": f'{_CHALLENGE}, error="invalid_token"'}
        case UnauthenticatedError():
            return {"WWW-Authenticate": _CHALLENGE}
        case InsufficientScopeError():
            challenge = f'{_CHALLENGE}, error="insufficient_scope", scope="{error.scope}"'
            return {"WWW-Authenticate": challenge}
        case PreconditionFailedError(etag=str(etag)):
            return {"ETag": etag}
        case TooManyRequestsError():
            # The fields of the Internet-Draft draft-ietf-httpapi-ratelimit-headers.
            return {
                "Retry-After": str(error.retry_after),
                "RateLimit-Policy": f'"{error.name}";q={error.limit};w={error.window}',
                "RateLimit": f'"{error.name}";r=0;t={error.retry_after}',
            }
        case UnavailableError():
            return {"Retry-After": str(error.retry_after)}
        case _:
            return {}


async def on_invalid_request(request: Request, error: Exception) -> Response:
    """Handle a validation error of FastAPI."""
    assert isinstance(error, RequestValidationError)
    faults = tuple(faults_of_request(error.errors()))
    return respond(request.scope, 422, "The request breaks rules; see errors.", faults)


async def on_http_exception(request: Request, error: Exception) -> Response:
    """Handle an HTTPException of Starlette or FastAPI."""
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(allowed_methods(request))
    detail = error.detail if error.status_code == 406 else None
    return respond(request.scope, error.status_code, detail, headers=headers)


def allowed_methods(request: Request) -> list[str]:
    """Return the methods of every route with this path; HEAD wherever GET is.

    A path that is a literal route has no methods of patterns that also match it.
    """
    contexts = list(iter_route_contexts(request.app.routes))
    path = request.scope["path"]
    routes = [each for each in contexts if each.path == path] or [
        each for each in contexts if each.matches(request.scope)[0] is not Match.NONE
    ]
    # A mount, as of the static files, has no list of methods.
    methods: set[str] = set().union(*(each.methods or () for each in routes)) or {"GET"}
    return sorted(methods | {"HEAD"} if "GET" in methods else methods)


def install(app: FastAPI) -> None:
    """Install the handlers, so that `app` answers every error with a problem document."""
    app.add_exception_handler(AppError, on_app_error)
    app.add_exception_handler(RequestValidationError, on_invalid_request)
    app.add_exception_handler(HTTPException, on_http_exception)
