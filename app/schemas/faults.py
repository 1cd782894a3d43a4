"""Convert Pydantic's validation errors to faults, which never repeat the input."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from pydantic import ValidationError

from app.core.errors import Fault

MAX_FAULTS = 50
MAX_NAME = 64
MAX_ERRORS = 1000
"""Errors of one document that are listed: Pydantic builds all or none."""
TOO_MANY_ERRORS = f"The request breaks more than {MAX_ERRORS} rules."


def faults_of(error: ValidationError, around: Sequence[Collection[str]] = ()) -> list[Fault]:
    """Return the faults of a document that failed validation.

    `around` are names, from outside in, of levels that are no part of the pointers.
    """
    if error.error_count() > MAX_ERRORS:
        return [Fault(TOO_MANY_ERRORS, "too_many_errors", pointer="")]
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return [_in_body(item, _within(item["loc"], around)) for item in found[:MAX_FAULTS]]


def faults_of_request(errors: Iterable[Any]) -> list[Fault]:
    """Return the faults of a request, each with a pointer into the body or a parameter."""
    faults: dict[tuple[str | None, str | None], Fault] = {}
    for error in errors:
        where, *path = error["loc"]
        if where == "body":
            fault = _in_body(error, path)
        else:
            name = str(path[0])[:MAX_NAME] if path else None
            fault = Fault(_detail(error), error["type"], parameter=name)
        faults.setdefault((fault.pointer, fault.parameter), fault)
        if len(faults) == MAX_FAULTS:
            break
    return list(faults.values())


def pointer(path: Sequence[str | int]) -> str:
    """Return a JSON Pointer (RFC 6901). Names are truncated, since they may be input."""
    parts = (str(part)[:MAX_NAME].replace("~", "~0").replace("/", "~1") for part in path)
    return "".join(f"/{part}" for part in parts)


def _within(path: Sequence[str | int], around: Sequence[Collection[str]]) -> Sequence[str | int]:
    for names in around:
        if path and path[0] in names:
            path = path[1:]
    return path


def _in_body(error: Any, path: Sequence[str | int]) -> Fault:
    return Fault(_detail(error), error["type"], pointer=pointer(path))


def _detail(error: Any) -> str:
    if error["type"] == "extra_forbidden":
        return "is not known here"
    if error["type"] == "missing":
        return "is missing"
    if error["type"] == "union_tag_invalid":
        return "is of no known kind"
    return str(error["msg"])
