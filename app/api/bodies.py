"""Bodies of requests, read strictly and with bounds on what each part of them may cost."""

import logging
import re
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any
from urllib.parse import unquote_to_bytes

from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from app.core.bounds import (
    INLINE_BODY,
    MAX_BATCH_VALUES,
    MAX_BODY,
    MAX_FORM_FIELDS,
    MAX_FORM_FILES,
    MAX_FORM_TEXT,
    MAX_JSON_VALUES,
)
from app.core.errors import AppError, InvalidError, MalformedError
from app.core.threads import compute
from app.schemas.faults import MAX_ERRORS, TOO_MANY_ERRORS

# It warns of each malformed body, for which the client gets an error and the log a line anyway.
logging.getLogger("python_multipart").setLevel(logging.CRITICAL)

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

# RFC 5789 section 2.2.
_ACCEPT_PATCH = {"Accept-Patch": f"{MERGE_PATCH}, {JSON}"}
_PLACE = re.compile(r"at line \d+ column \d+$")


def media_type_of(request: Request) -> str:
    """The media type of the body, without its parameters and in lower case."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


# --- JSON ----------------------------------------------------------------------------------------


class JsonRequest(Request):
    """A request whose `json()` is strict; large bodies are parsed and validated in a thread."""

    error: Exception | None = None
    """Why the body was refused. It is reported after the errors that dependencies raise."""
    _value: Any = None
    _is_read = False

    async def read(self, model: TypeAdapter[Any] | None) -> None:
        """Read the body before FastAPI asks for it, and validate it if `model` is given.

        FastAPI itself finds the errors of a small body, with those of the parameters.
        """
        body, errors = await self.body(), list[Any]()
        self._is_read = True
        try:
            self._check_media_type()
            if len(body) > INLINE_BODY:
                self._value, errors = await compute(_parse_and_validate, body, model)
            else:
                self._value, _ = _parse_and_validate(body, model)
        except (AppError, HTTPException) as error:
            self.error = error
        if errors:
            self.error = RequestValidationError(errors)

    async def json(self) -> Any:
        """The value of the body, or the model that it was validated as."""
        return self._value if self._is_read else parse_json(await self.body())

    def _check_media_type(self) -> None:
        is_patch = self.method == "PATCH"
        if media_type_of(self) not in ((JSON, MERGE_PATCH) if is_patch else (JSON,)):
            raise HTTPException(415, headers=_ACCEPT_PATCH if is_patch else None)


def _parse_and_validate(body: bytes, model: TypeAdapter[Any] | None) -> tuple[Any, list[Any]]:
    value = parse_json(body)
    if model is None:
        return value, []
    try:
        return model.validate_python(value), []
    except ValidationError as error:
        if error.error_count() > MAX_ERRORS:
            raise InvalidError(TOO_MANY_ERRORS) from None
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return value, [{**each, "loc": ("body", *each["loc"])} for each in found]


def parse_json(body: bytes) -> Any:
    """Parse JSON strictly (RFC 8259): no NaN, no lone surrogate, bounded depth.

    Raises InvalidError if it has too many values, which cost more than their bytes, and
    MalformedError with the place in it, never with the content.
    """
    most = MAX_BATCH_VALUES if len(body) > MAX_BODY else MAX_JSON_VALUES
    if sum(map(body.count, (b"[", b"{", b","))) > most:
        raise InvalidError(f"A body of this size may have at most {most} JSON values.")
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError as error:
        place = _PLACE.search(str(error))
        detail = f"The body is not valid JSON{f' {place[0]}' if place else ''}."
        raise MalformedError(detail) from None


# --- Forms ---------------------------------------------------------------------------------------


class FormRequest(Request):
    """A request that reads forms with bounds."""

    error: AppError | None = None
    """Why the form was refused: FastAPI itself answers 400 to any error of `form()`."""

    async def form(self, **limits: int) -> FormData:  # type: ignore[override] # FastAPI only awaits it.
        """Read the form for FastAPI, which closes it; `limits` are its `form_limits`."""
        try:
            return await read_form(self, **limits)
        except AppError as error:
            self.error = error
            raise

    def check_media_type(self, *expected: str) -> None:
        """Raise HTTPException 415 if the body is not of an `expected` media type."""
        if media_type_of(self) not in expected:
            raise HTTPException(415)


async def read_form(request: Request, **limits: int) -> FormData:
    """Return the form in the body, empty if it is of another media type. The caller closes it.

    `limits` may be narrower than ours. Raises InvalidError if it has too many fields, and
    MalformedError if it cannot be parsed.
    """
    match media_type_of(request):
        case "application/x-www-form-urlencoded":
            return await _read_urlencoded(request, limits.get("max_fields", MAX_FORM_FIELDS))
        case "multipart/form-data":
            return await _read_multipart(request, limits)
        case _:
            return FormData()


async def _read_urlencoded(request: Request, max_fields: int) -> FormData:
    body = await request.body()
    if body.count(b"&") >= max_fields:
        raise InvalidError(f"A form may have at most {max_fields} fields.")
    # A mebibyte of percent-encoded octets takes Python a fifth of a second.
    return await compute(_parsed, body) if len(body) > INLINE_BODY else _parsed(body)


def _parsed(body: bytes) -> FormData:
    pairs = (field.partition(b"=") for field in body.split(b"&") if field)
    return FormData([(_decoded(name), _decoded(value)) for name, _, value in pairs])


def _decoded(text: bytes) -> str:
    return unquote_to_bytes(text.replace(b"+", b" ")).decode("utf-8", "replace")


class _BoundedParser(MultiPartParser):
    """Bounds all texts together, which are kept in memory; Starlette bounds each by itself."""

    _text = 0

    def on_part_end(self) -> None:
        super().on_part_end()
        _, value = self.items[-1]
        if isinstance(value, str):
            self._text += len(value)
            if self._text > MAX_FORM_TEXT:
                raise HTTPException(413)


async def _read_multipart(request: Request, limits: Mapping[str, int]) -> FormData:
    bounds = {
        "max_files": MAX_FORM_FILES,
        "max_fields": MAX_FORM_FIELDS,
        "max_part_size": MAX_FORM_TEXT,
        **limits,
    }
    async with aclosing(request.stream()) as stream:
        parser = _BoundedParser(request.headers, stream, **bounds)
        try:
            return await parser.parse()
        except MultiPartException as error:
            raise MalformedError(error.message) from None
