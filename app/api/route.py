"""The route class of the API: admits by the policy, reads strictly, renders by the model."""

from collections.abc import Callable
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.routing import Route as StarletteRoute
from starlette.types import Receive, Scope, Send

from app.api.conditional import Representation
from app.api.credentials import authenticate
from app.api.operation import Operation
from app.api.problems import responses
from app.api.rendering import render_rows
from app.core.policy import POLICY

_LITERAL_PATHS: set[str] = set()
_LENGTH = b"content-length"
_NO_EFFECT = {
    "response_model_include": None,
    "response_model_exclude": None,
    "response_model_by_alias": True,
    "response_model_exclude_unset": False,
    "response_model_exclude_defaults": False,
    "response_model_exclude_none": False,
    "max_body_size": None,
    "form_limits": None,
}
"""Options of FastAPI that `_serve` would ignore, as they are when no one gives them."""


class Route(APIRoute):
    """An operation of the API; its function and its dependencies are asynchronous."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **kwargs: Any) -> None:
        # The name of the function is the name of the method in a generated client.
        name = kwargs["operation_id"] = endpoint.__name__
        if name not in POLICY:
            raise LookupError(f"Say in app/core/policy.py who may do what {name}() does.")
        for option, default in _NO_EFFECT.items():
            if kwargs.get(option, default) != default:
                raise TypeError(f"{name}: the option {option} has no effect on this class of route")
        self._rule = POLICY[name]
        # What the layers around the function answer: `authenticate`, `Representation`, `BodyLimit`.
        around = [401, 403] if self._rule.scope is not None else []
        around.append(412 if "GET" in (kwargs.get("methods") or ["GET"]) else 413)
        kwargs["responses"] = responses(*around) | (kwargs.get("responses") or {})
        super().__init__(path, endpoint, **kwargs)
        self._is_pattern = "{" in path
        if not self._is_pattern:
            _LITERAL_PATHS.add(path)
        self._operation = Operation(self.dependant)
        self.app = self._serve

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As for any route of Starlette: ours are joined flat, never within an included router.

        But a path that is a route by itself fits no pattern: /recipes/batch is not a recipe's.
        """
        match, child = StarletteRoute.matches(self, scope)
        if match is not Match.NONE and self._is_pattern and scope["path"] in _LITERAL_PATHS:
            return Match.NONE, {}
        return match, child

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if self._rule.scope is not None:
            # Before anything else is read: who may not do this learns nothing of how it is done.
            scope["viewer"] = viewer = await authenticate(request)
            self._rule.admit(viewer)
        # What the function adds to the headers; for reads it seldom adds any.
        extra = Response() if self._operation.takes_response else None
        content = await self._operation(request, extra)
        headers = [] if extra is None else [h for h in extra.raw_headers if h[0] != _LENGTH]
        status = self.status_code or 200
        response: Response
        if isinstance(content, Response):
            response = content
            response.raw_headers += headers
        elif self.response_field is None:
            response = Response(status_code=status)
            response.raw_headers += headers
        else:
            body = render_rows(content, self.response_model) or self._render(content)
            response = Representation(request, body, b"application/json", status, *headers)
        await response(scope, receive, send)

    def _render(self, content: object) -> bytes:
        assert self.response_field is not None
        value, errors = self.response_field.validate(content, loc=("response",))
        if errors:
            # A fault of ours. Only the places are told, since the content is somebody's.
            places = [".".join(map(str, error["loc"])) for error in errors]
            raise TypeError(f"{self.name} answers what its model refuses: {places}")
        return self.response_field.serialize_json(value)
