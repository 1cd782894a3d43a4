"""The route class of the API: what every operation does alike."""

import re
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query
from fastapi.routing import APIRoute
from pydantic_core import from_json
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.api.conditional import with_etag
from app.core.errors import Fault, InvalidError, MalformedError
from app.schemas.faults import MAX_NAME

_JSON = re.compile(r"application/(?:[\w.!#$&^-]+\+)?json\s*(?:;|$)", re.IGNORECASE)


class JsonRequest(Request):
    """A request whose JSON is read strictly (RFC 8259): no NaN, no lone surrogate, bounded depth."""

    async def json(self) -> Any:
        """The body. Raises MalformedError with the place, never with the content."""
        try:
            return from_json(await self.body(), allow_inf_nan=False)
        except ValueError as error:
            place = re.search(r"at line \d+ column \d+$", str(error))
            raise MalformedError(f"The body is not JSON {place[0] if place else ''}".strip() + ".") from None


class Route(APIRoute):
    """An operation: knows its query parameters, reads JSON strictly and answers with an ETag."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler between what it does not check and what it does not add."""
        handle = super().get_route_handler()
        known = self._query_parameters()
        takes_json = self.body_field is not None and "json" in self.body_field.field_info.media_type
        has_etag = self.response_model is not None

        async def handler(request: Request) -> Response:
            if request.scope["query_string"] and not known.issuperset(request.query_params):
                raise _unknown_parameters(set(request.query_params) - known)
            if takes_json:
                if not _JSON.match(request.headers.get("content-type", "")):
                    raise HTTPException(415)
                request = JsonRequest(request.scope, request.receive)
            response = await handle(request)
            return with_etag(request, response) if has_etag else response

        return handler

    def _query_parameters(self) -> frozenset[str]:
        names: set[str] = set()
        for field in get_flat_params(self.dependant):
            if not isinstance(field.field_info, Query):
                continue
            model = getattr(field.field_info.annotation, "model_fields", None)
            names |= set(model) if model is not None else {field.alias}
        return frozenset(names)


def _unknown_parameters(names: set[str]) -> InvalidError:
    faults = [
        Fault("is not known here", "extra_forbidden", parameter=name[:MAX_NAME])
        for name in sorted(names)
    ]
    return InvalidError("The request has unknown query parameters.", faults[:50])
