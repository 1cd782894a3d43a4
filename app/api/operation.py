"""An operation of the API, prepared once: what FastAPI would find out again at each request.

FastAPI declares, documents and validates; its generic solver then spends more time on a read than
the database does (docs/decisions/0007). Its tree of dependencies is laid out here when the route is
made, so that a request runs only what its operation declares: the same dependencies, in the same
order, with FastAPI's own validation of parameters and bodies.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import fields
from inspect import iscoroutinefunction
from typing import Any, get_origin

from fastapi._compat import ModelField
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_body_to_args, request_params_to_args
from fastapi.exceptions import RequestValidationError
from fastapi.params import File, Form
from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.api.forms import read_urlencoded
from app.core.bounds import INLINE_BODY, MAX_BATCH_VALUES, MAX_BODY, MAX_JSON_VALUES
from app.core.errors import Fault, InvalidError, MalformedError
from app.core.threads import compute
from app.schemas.faults import MAX_ERRORS, MAX_FAULTS, MAX_NAME, TOO_MANY_ERRORS

_JSON = re.compile(r"application/json\s*(?:;|$)", re.IGNORECASE)
_PATCH = re.compile(r"application/(?:merge-patch\+)?json\s*(?:;|$)", re.IGNORECASE)
# RFC 5789 section 2.2.
_ACCEPT_PATCH = {"Accept-Patch": "application/merge-patch+json, application/json"}
_FORM = re.compile(r"application/x-www-form-urlencoded\s*(?:;|$)", re.IGNORECASE)
_PLACE = re.compile(r"at line \d+ column \d+$")

Cache = dict[Callable[..., Any], Any]


class Call:
    """An asynchronous callable with the arguments that FastAPI found in its signature."""

    def __init__(self, dependant: Dependant) -> None:
        assert dependant.call is not None
        call = dependant.call
        if not (iscoroutinefunction(call) or iscoroutinefunction(type(call).__call__)):
            raise TypeError(f"{call} must be asynchronous: a thread would cost more than it does")
        self.function: Callable[..., Awaitable[Any]] = call
        body = dependant.body_params
        _check(dependant)
        self._needs = [(each.name, Call(each)) for each in dependant.dependencies]
        self._path = dependant.path_params
        self._query = dependant.query_params
        self._query_model = next((each for each in self._query if _members(each)), None)
        self._lists = _lists(self._query_model)
        self._headers = dependant.header_params
        self._header_names = {field.alias.lower().encode() for field in self._headers}
        # What is to be said of parameters that are not there is known now.
        self._without_query = _defaults(self._query)
        self._without_headers = _defaults(self._headers)
        is_form = bool(body) and isinstance(body[0].field_info, Form)
        self._form = body if is_form else []
        self._json = body[0] if body and not is_form else None
        model: Any = self._json and self._json.field_info.annotation
        self._body_model: TypeAdapter[Any] = TypeAdapter(model)
        self._needs_json = self._json is not None and self._json.field_info.is_required()
        self._request = dependant.request_param_name or dependant.http_connection_param_name
        self._response = dependant.response_param_name
        # Most dependencies: one step for each of them is much of a read.
        takes_more = self._needs or self._path or self._query or self._headers or body
        self._takes_request_alone = bool(self._request and not takes_more and not self._response)

    def query_names(self) -> set[str]:
        """The query parameters of this call and of all that it needs."""
        names = [_members(field) or {field.alias} for field in self._query]
        return set().union(*names, *(need.query_names() for _, need in self._needs))

    def takes_response(self) -> bool:
        """Whether this call, or one that it needs, adds to the headers."""
        needs = (need.takes_response() for _, need in self._needs)
        return self._response is not None or any(needs)

    async def arguments(
        self, request: Request, response: Response | None, cache: Cache, errors: list[Any]
    ) -> dict[str, Any]:
        """What to call the function with. A dependency is called once a request."""
        values: dict[str, Any] = {}
        for name, need in self._needs:
            if need.function not in cache:
                if need._takes_request_alone:
                    cache[need.function] = await need.function(request)
                else:
                    given = await need.arguments(request, response, cache, errors)
                    if errors:
                        continue
                    cache[need.function] = await need.function(**given)
            if name is not None:
                values[name] = cache[need.function]
        for field in self._path:
            loc = ("path", field.alias)
            values[field.name], found = field.validate(request.path_params[field.alias], loc=loc)
            errors += found
        if self._query_model is not None:
            query = request.query_params
            parameters = {
                name: query.getlist(name) if name in self._lists else query[name] for name in query
            }
            values[self._query_model.name], found = self._query_model.validate(
                parameters, loc=("query",)
            )
            errors += found
        elif self._without_query is not None and not request.scope["query_string"]:
            values |= self._without_query
        elif self._query:
            found_values, found = request_params_to_args(self._query, request.query_params)
            values |= found_values
            errors += found
        if self._without_headers is not None and self._header_names.isdisjoint(
            name for name, _ in request.scope["headers"]
        ):
            values |= self._without_headers
        elif self._headers:
            found_values, found = request_params_to_args(self._headers, request.headers)
            values |= found_values
            errors += found
        if self._json is not None and not self._needs_json and not await request.body():
            values[self._json.name] = self._json.get_default()
        elif self._json is not None:
            check_is_json(request)
            body = await request.body()
            # A large body is parsed and validated in a thread: other requests go on.
            if len(body) > INLINE_BODY:
                values[self._json.name], found = await compute(_read, self._body_model, body)
            else:
                values[self._json.name], found = _read(self._body_model, body)
            errors += found
        elif self._form:
            form = await read_login_form(request)
            found_values, found = await request_body_to_args(self._form, form, False)
            values |= found_values
            errors += found
        if self._request is not None:
            values[self._request] = request
        if self._response is not None:
            values[self._response] = response
        return values


_KNOWN = {
    *("path_params", "query_params", "header_params", "body_params", "dependencies", "name"),
    *("call", "request_param_name", "http_connection_param_name", "response_param_name"),
    # Without an effect on functions that are no generators, which are refused.
    *("path", "scope", "own_oauth_scopes", "parent_oauth_scopes"),
}


def _check(dependant: Dependant) -> None:
    """Raise TypeError if a function declares what an operation would ignore."""
    for each in fields(Dependant):
        is_default = getattr(dependant, each.name) in (each.default, [])
        if not is_default and each.name not in _KNOWN:
            raise TypeError(f"{dependant.call}: an operation has no {each.name}")
    body = dependant.body_params
    is_embedded = len(body) > 1 or any(getattr(each.field_info, "embed", None) for each in body)
    if is_embedded and not isinstance(body[0].field_info, Form):
        raise TypeError(f"{dependant.call}: an operation takes one body, which is not embedded")
    if any(each.field_info.metadata for each in body):
        raise TypeError(f"{dependant.call}: the bounds of a body belong into its model")
    if any(isinstance(each.field_info, File) for each in body):
        raise TypeError(f"{dependant.call}: an operation takes no files")


def _defaults(fields: Sequence[ModelField]) -> dict[str, Any] | None:
    """The values of parameters that are all left out; None where there are none, or one may not."""
    if not fields or any(field.field_info.is_required() for field in fields):
        return None
    return {field.name: field.get_default() for field in fields}


def _lists(field: ModelField | None) -> set[str]:
    """The members of a query's model that may be given several times."""
    members = getattr(field.field_info.annotation, "model_fields", {}) if field else {}
    return {name for name, member in members.items() if get_origin(member.annotation) is list}


def _members(field: ModelField) -> set[str]:
    """The parameters of a field that stands for the whole query, else none."""
    return set(getattr(field.field_info.annotation, "model_fields", ()))


class Operation:
    """A route's function with its dependencies, ready to be called for a request."""

    def __init__(self, dependant: Dependant) -> None:
        self._call = Call(dependant)
        self._query_names = frozenset(self._call.query_names())
        self.takes_response = self._call.takes_response()

    async def __call__(self, request: Request, response: Response | None) -> Any:
        """What the function returns; `response` takes the headers that it sets.

        Raises RequestValidationError, and InvalidError for unknown query parameters.
        """
        if request.scope["query_string"]:
            unknown = request.query_params.keys() - self._query_names
            if unknown:
                raise _unknown_parameters(unknown)
        errors: list[Any] = []
        arguments = await self._call.arguments(request, response, {}, errors)
        if errors:
            raise RequestValidationError(errors)
        return await self._call.function(**arguments)


async def read_login_form(request: Request) -> FormData:
    """The urlencoded form in the body. Raises HTTPException 415 for another media type."""
    if not _FORM.match(request.headers.get("content-type", "")):
        raise HTTPException(415)
    return await read_urlencoded(request)


def check_is_json(request: Request) -> None:
    """Raise HTTPException 415 if the body does not say that it is JSON."""
    is_patch = request.method == "PATCH"
    if not (_PATCH if is_patch else _JSON).match(request.headers.get("content-type", "")):
        raise HTTPException(415, headers=_ACCEPT_PATCH if is_patch else None)


def _read(model: TypeAdapter[Any], body: bytes) -> tuple[Any, list[Any]]:
    """Return the value of a body and its faults, as FastAPI does, up to a number of faults."""
    try:
        return model.validate_python(parse_json(body)), []
    except ValidationError as error:
        if error.error_count() > MAX_ERRORS:
            raise InvalidError(TOO_MANY_ERRORS) from None
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return None, [{**each, "loc": ("body", *each["loc"])} for each in found]


def parse_json(body: bytes) -> Any:
    """The value of a body, read strictly (RFC 8259): no NaN, no lone surrogate, bounded depth.

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


def _unknown_parameters(names: set[str]) -> InvalidError:
    faults = [
        Fault("is not known here", "extra_forbidden", parameter=name[:MAX_NAME])
        for name in sorted(names)
    ]
    return InvalidError("The request has unknown query parameters.", faults[:MAX_FAULTS])
