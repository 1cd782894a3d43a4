"""The route class of the API, on FastAPI's documented hooks.

It admits by the rule that `@allow` declares, reads bodies and query parameters strictly, and sends
rows as they are. All else is FastAPI's.
"""

import inspect
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

from fastapi import FastAPI, params
from fastapi.exceptions import RequestValidationError, ResponseValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel, TypeAdapter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.api.bodies import MULTIPART, URLENCODED, FormRequest, JsonRequest
from app.api.deps import authenticate
from app.api.problems import responses
from app.api.representation import Representation, render_rows
from app.core.errors import Fault, InvalidError
from app.core.policy import rule_of
from app.db.reader import Row
from app.schemas.faults import MAX_FAULTS, MAX_NAME

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

JSON = b"application/json"
_SELECTING = {
    *("response_model_include", "response_model_exclude", "response_model_exclude_unset"),
    *("response_model_exclude_defaults", "response_model_exclude_none"),
}
"""Options with which FastAPI has to serialise rows, too."""
_NOT_COPIED = (b"content-length", b"content-type")


class Route(APIRoute):
    """An operation of the API. Its function may return rows that were selected for its model."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        self.rule = rule_of(endpoint)
        # The name of the function is the name of the method in a generated client.
        options["operation_id"] = options.get("operation_id") or endpoint.__name__
        # What is answered around the function: by `_admit`, `Representation` and `BodyLimit`.
        around = [401, 403] if self.rule.scope is not None else []
        around.append(412 if "GET" in (options.get("methods") or ["GET"]) else 413)
        options["responses"] = responses(*around) | (options.get("responses") or {})
        self._query_names: frozenset[str] | None = None
        self._selects_members = any(options.get(name) for name in _SELECTING)
        super().__init__(path, self._sending_rows(endpoint), **options)

    def get_route_handler(self) -> Handler:
        """FastAPI's own handler within our checks.

        See https://fastapi.tiangolo.com/how-to/custom-request-and-route/.
        """
        handle = self._reading(super().get_route_handler())
        is_pattern = "{" in self.path

        async def handle_admitted(request: Request) -> Response:
            if is_pattern and request.scope["path"] in literal_paths(request.app):
                # The path is a literal route: /recipes/batch is not the recipe "batch".
                raise HTTPException(405)
            if self.rule.scope is not None:
                # First of all, so that a refusal reveals nothing about the request.
                request.scope["viewer"] = viewer = await authenticate(request)
                self.rule.admit(viewer)
            if request.scope["query_string"]:
                self._refuse_unknown_parameters(request)
            try:
                response = await handle(request)
            except ResponseValidationError as error:
                # A bug. Log only the places, since the content is private.
                places = [".".join(map(str, each["loc"])) for each in error.errors()]
                raise TypeError(f"{self.name} returned what its model refuses: {places}") from None
            return _with_etag(request, response)

        return handle_admitted

    def _reading(self, handle: Handler) -> Handler:
        """Return `handle` with the request that reads the body which the function declares."""
        if self.body_field is None:
            return handle
        field = self.body_field.field_info
        if isinstance(field, params.Form):
            media_types = [MULTIPART] if isinstance(field, params.File) else [URLENCODED]

            async def handle_form(request: Request) -> Response:
                form_request = FormRequest(request.scope, request.receive)
                form_request.check_media_type(*media_types)
                try:
                    return await handle(form_request)
                except HTTPException:
                    if form_request.error:
                        raise form_request.error from None
                    raise

            return handle_form

        is_required = field.is_required()
        model = self._model_of_whole_body()

        async def handle_json(request: Request) -> Response:
            json_request = JsonRequest(request.scope, request.receive)
            if is_required or await json_request.body():
                await json_request.read(model)
            error = json_request.error
            if error and model is None:
                raise error
            try:
                return await handle(json_request)
            except RequestValidationError:
                # What was refused is no valid model, so the function has not been called.
                if error:
                    raise error from None
                raise

        return handle_json

    def _model_of_whole_body(self) -> TypeAdapter[Any] | None:
        """The model that the whole body is, if the function has one parameter for the body."""
        assert self.body_field is not None
        model = self.body_field.field_info.annotation
        declared = inspect.signature(self.endpoint, eval_str=True).parameters.values()
        is_whole = any(each.annotation is model for each in declared)
        if is_whole and inspect.isclass(model) and issubclass(model, BaseModel):
            return TypeAdapter(model)
        return None

    def _refuse_unknown_parameters(self, request: Request) -> None:
        if self._query_names is None:
            self._query_names = self._documented_query_names(request.app)
        unknown = request.query_params.keys() - self._query_names
        if unknown:
            faults = [
                Fault("is not known here", "extra_forbidden", parameter=name[:MAX_NAME])
                for name in sorted(unknown)
            ]
            raise InvalidError("The request has unknown query parameters.", faults[:MAX_FAULTS])

    def _documented_query_names(self, app: FastAPI) -> frozenset[str]:
        """The query parameters of the function and its dependencies, as OpenAPI lists them."""
        routes = [each for each in iter_route_contexts(app.routes) if each.original_route is self]
        document = get_openapi(title="", version="", routes=routes)
        return frozenset(
            parameter["name"]
            for operations in document["paths"].values()
            for operation in operations.values()
            for parameter in operation.get("parameters", ())
            if parameter["in"] == "query"
        )

    # --- Rows ------------------------------------------------------------------------------------

    def _sending_rows(self, endpoint: Callable[..., Any]) -> Callable[..., Any]:
        """Return `endpoint` with rows turned into a ready response, which FastAPI sends as it is.

        Reading, validating and writing them again would take longer than the rest of a read.
        """
        if inspect.isgeneratorfunction(endpoint) or inspect.isasyncgenfunction(endpoint):
            return endpoint
        signature = inspect.signature(endpoint, eval_str=True)
        request, response = _Injected(signature, Request), _Injected(signature, Response)

        if inspect.iscoroutinefunction(endpoint):

            @wraps(endpoint)
            async def send(**arguments: Any) -> Any:
                around = request.take(arguments), response.take(arguments)
                return self.send(await endpoint(**arguments), *around)

        else:

            @wraps(endpoint)
            def send(**arguments: Any) -> Any:
                around = request.take(arguments), response.take(arguments)
                return self.send(endpoint(**arguments), *around)

        added = [*request.added, *response.added]
        extended = signature.replace(parameters=[*signature.parameters.values(), *added])
        send.__signature__ = extended  # type: ignore[attr-defined] # inspect documents it
        return send

    def send(self, content: Any, request: Request, headers_of: Response) -> Any:
        """Return the response for rows, or for nothing, and all other content as it is."""
        status = headers_of.status_code or self.status_code or 200
        if content is None and status == 204:
            response = Response(status_code=status)
            response.raw_headers += headers_of.raw_headers
            return response
        if self._selects_members:
            return content.parsed() if isinstance(content, Row) else content
        body = None
        if not isinstance(content, Response):
            body = render_rows(content, self.response_model)
        if body is None:
            return content
        return Representation(request, body, JSON, status, *headers_of.raw_headers)


class _Injected:
    """A parameter of a `kind` that FastAPI injects: the function's own, or one that is added."""

    def __init__(self, signature: inspect.Signature, kind: type) -> None:
        declared = (
            name
            for name, parameter in signature.parameters.items()
            if inspect.isclass(parameter.annotation) and issubclass(parameter.annotation, kind)
        )
        own = next(declared, None)
        self._name = own or f"_{kind.__name__.lower()}"
        self.added = (
            []
            if own
            else [inspect.Parameter(self._name, inspect.Parameter.KEYWORD_ONLY, annotation=kind)]
        )

    def take(self, arguments: dict[str, Any]) -> Any:
        """Return its value, and remove it from `arguments` if the function does not have it."""
        return arguments.pop(self._name) if self.added else arguments[self._name]


def _with_etag(request: Request, response: Response) -> Response:
    """Return a JSON response of FastAPI's with its ETag, or 304 if the client has it already."""
    if type(response) is not Response or response.media_type != "application/json":
        return response
    headers = [each for each in response.raw_headers if each[0] not in _NOT_COPIED]
    body = bytes(response.body)
    representation = Representation(request, body, JSON, response.status_code, *headers)
    representation.background = response.background
    return representation


def literal_paths(app: FastAPI) -> frozenset[str]:
    """The paths of `app` that have no parameter."""
    if not hasattr(app.state, "literal_paths"):
        contexts = iter_route_contexts(app.routes)
        paths = (each.path for each in contexts if isinstance(each.original_route, Route))
        app.state.literal_paths = frozenset(each for each in paths if each and "{" not in each)
    found: frozenset[str] = app.state.literal_paths
    return found
