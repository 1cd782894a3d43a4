"""Reads without FastAPI's router and solver, which take longer than the database does.

This is for speed alone: without it every answer is the same (docs/decisions/0007). It takes a GET
whose function returns rows or a response and declares only what this module knows, and only if
nothing about the parameters is wrong. FastAPI has all other requests.
"""

import inspect
import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, get_args, get_origin

from fastapi import FastAPI, params
from fastapi.routing import RouteContext, iter_route_contexts
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.deps import authenticate
from app.api.errors import on_app_error
from app.api.route import Route, literal_paths
from app.core.errors import AppError
from app.crud.base import PageOfRows, RowsOf
from app.db.reader import Row

_READY = (Response, Row, PageOfRows, RowsOf)
"""What a function may return so that it is sent without validation."""
_KINDS = (params.Param, params.Body, params.Depends)


class FastReads:
    """The innermost middleware: answers the reads that it knows."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._reads: _Reads | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on as it came."""
        response = None
        if scope["type"] == "http" and scope["method"] == "GET":
            app: FastAPI = scope["app"]
            if self._reads is None:
                self._reads = _Reads(app)
            if not app.dependency_overrides:
                response = await self._reads.answer(scope, receive)
        await (response or self.app)(scope, receive, send)


class _Reads:
    def __init__(self, app: FastAPI) -> None:
        self._literal: dict[str, _Read | None] = dict.fromkeys(literal_paths(app))
        self._patterns: list[tuple[re.Pattern[str], _Read]] = []
        for context in iter_route_contexts(app.routes):
            read = _read_of(context)
            if read is None:
                continue
            if "{" in read.path:
                self._patterns.append((context.path_regex, read))
            else:
                self._literal[read.path] = read

    async def answer(self, scope: Scope, receive: Receive) -> Response | None:
        path = scope["path"]
        if path in self._literal:
            read = self._literal[path]
            return None if read is None else await read.answer(Request(scope, receive), {})
        for pattern, read in self._patterns:
            match = pattern.match(path)
            if match:
                return await read.answer(Request(scope, receive), match.groupdict())
        return None


def _read_of(context: RouteContext) -> "_Read | None":
    route = context.original_route
    if not isinstance(route, Route) or "GET" not in (route.methods or ()) or context.dependencies:
        return None
    function = inspect.unwrap(route.endpoint)
    signature = inspect.signature(function, eval_str=True)
    returned, model = signature.return_annotation, route.response_model
    is_ready = inspect.isclass(returned) and returned in _READY and inspect.isclass(model)
    if not (is_ready and inspect.iscoroutinefunction(function)):
        return None
    read = _Read(context, route, function)
    is_known = all(read.learn(parameter) for parameter in signature.parameters.values())
    return read if is_known else None


class _Read:
    """An operation, and where the arguments of its function come from."""

    def __init__(
        self, context: RouteContext, route: Route, function: Callable[..., Awaitable[Any]]
    ) -> None:
        self.path: str = context.path or ""
        self._route = route
        self._function = function
        self._request: list[str] = []
        self._response: list[str] = []
        self._dependencies: list[tuple[str, Callable[[Request], Awaitable[Any]]]] = []
        self._in_path: list[tuple[str, TypeAdapter[Any]]] = []
        self._in_query: dict[str, TypeAdapter[Any]] = {}
        self._required: set[str] = set()
        self._query_model: tuple[str, type[BaseModel]] | None = None
        self._without_query: BaseModel | None = None
        self._lists: set[str] = set()

    def learn(self, parameter: inspect.Parameter) -> bool:
        """Return whether this module knows what FastAPI would pass for `parameter`."""
        name, annotation = parameter.name, parameter.annotation
        kind, *metadata = (
            get_args(annotation) if get_origin(annotation) is Annotated else [annotation]
        )
        declared = [each for each in metadata if isinstance(each, _KINDS)]
        if inspect.isclass(kind) and issubclass(kind, Request | Response) and not metadata:
            (self._request if issubclass(kind, Request) else self._response).append(name)
        elif f"{{{name}}}" in self.path and not declared:
            self._in_path.append((name, TypeAdapter(annotation)))
        elif len(declared) > 1:
            return False
        elif declared and isinstance(declared[0], params.Depends):
            return self._learn_dependency(name, declared[0])
        elif declared and (type(declared[0]) is not params.Query or declared[0].alias):
            return False
        elif inspect.isclass(kind) and issubclass(kind, BaseModel):
            return bool(declared) and self._learn_model(name, kind)
        elif get_origin(kind) is None or type(None) in get_args(kind):
            self._in_query[name] = TypeAdapter(annotation)
            if parameter.default is inspect.Parameter.empty:
                self._required.add(name)
        else:
            return False
        return True

    def _learn_dependency(self, name: str, depends: params.Depends) -> bool:
        function = depends.dependency
        if isinstance(depends, params.Security) or not inspect.iscoroutinefunction(function):
            return False
        signature = inspect.signature(function, eval_str=True)
        if [each.annotation for each in signature.parameters.values()] != [Request]:
            return False
        self._dependencies.append((name, function))
        return True

    def _learn_model(self, name: str, model: type[BaseModel]) -> bool:
        fields = model.model_fields
        if self._query_model or any(each.alias or each.is_required() for each in fields.values()):
            return False
        self._query_model = name, model
        self._without_query = model()
        self._lists = {key for key, each in fields.items() if get_origin(each.annotation) is list}
        return True

    async def answer(self, request: Request, in_path: dict[str, str]) -> Response | None:
        """Return the response, or None if FastAPI has to find out what is wrong."""
        route, scope = self._route, request.scope
        scope["endpoint"] = route.endpoint
        try:
            if route.rule.scope is not None:
                scope["viewer"] = viewer = await authenticate(request)
                route.rule.admit(viewer)
            arguments = self._parameters(request, in_path)
            if arguments is None:
                return None
            for name in self._request:
                arguments[name] = request
            headers_of = Response()
            del headers_of.headers["content-length"]
            for name in self._response:
                arguments[name] = headers_of
            for name, dependency in self._dependencies:
                arguments[name] = await dependency(request)
            sent = await self._function(**arguments)
            if not isinstance(sent, Response):
                sent = route.send(sent, request, headers_of)
        except AppError as error:
            return await on_app_error(request, error)
        except (ValidationError, HTTPException):
            return None
        return sent if isinstance(sent, Response) else None

    def _parameters(self, request: Request, in_path: dict[str, str]) -> dict[str, Any] | None:
        """The arguments from the path and the query. Raises ValidationError."""
        arguments = {name: kind.validate_python(in_path[name]) for name, kind in self._in_path}
        query = request.query_params if request.scope["query_string"] else {}
        if self._query_model:
            name, model = self._query_model
            if query and not self._in_query:
                many = request.query_params.getlist
                given = {key: many(key) if key in self._lists else query[key] for key in query}
                arguments[name] = model.model_validate(given)
                return arguments
            arguments[name] = self._without_query
        if not (query.keys() <= self._in_query.keys() and self._required <= query.keys()):
            return None
        for name in query:
            arguments[name] = self._in_query[name].validate_python(query[name])
        return arguments
