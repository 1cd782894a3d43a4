"""Imports: one endpoint for all formats."""

from itertools import chain
from typing import IO, Annotated, Any

from fastapi import APIRouter, Query
from pydantic import ValidationError
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from app.api.deps import CurrentViewer, DbTransactions
from app.api.import_job import (
    IMPORTS,
    Import,
    drafts_asked_for,
    patiently,
    temporary_file,
    to_json,
)
from app.api.import_stream import ImportStream
from app.api.problems import responses
from app.api.representation import Representation
from app.api.route import Route
from app.core.errors import Fault, InvalidError, MalformedError, UnsupportedError
from app.core.policy import Scope, Viewer, Who, allow
from app.exchange import reading
from app.exchange.drafts import Drafts
from app.exchange.files.lenient_json import load_json
from app.exchange.items import items_of
from app.schemas.faults import faults_of, pointer
from app.schemas.importing import ImportOptions, ImportReport, ImportRequest

router = APIRouter(
    prefix="/api/v1/recipes/import",
    tags=["recipes"],
    route_class=Route,
    responses=responses(400, 415, 422, 429, 503),
)

NDJSON = "application/x-ndjson"
MULTIPART = "multipart/form-data"
_FILE = {"schema": {"type": "string", "format": "binary"}}
_FILES = {
    *("application/ld+json", "application/zip", "application/gzip", "application/octet-stream"),
    *("text/html", "text/csv", "text/plain", "text/markdown"),
}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/ImportRequest"}},
            MULTIPART: {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": _FILE["schema"]},
                    "additionalProperties": False,
                }
            },
            NDJSON: _FILE,
            **dict.fromkeys(sorted(_FILES), _FILE),
        },
    }
}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {NDJSON: {"schema": {"$ref": "#/components/schemas/ImportItem"}}}}
}
_MAX_FILES = 20
_OF_RECIPES = {"@context", "@graph", "@type", "label", "name", "title"}


@router.post("", response_model=ImportReport, openapi_extra=_BODY, responses=_ANSWERS)
@allow(Who.USER, Scope.WRITE)
async def import_recipes(
    options: Annotated[ImportOptions, Query()],
    viewer: CurrentViewer,
    transactions: DbTransactions,
    request: Request,
) -> Response:
    """Import recipes from a page, a text, or an export of this or another application.

    The format is recognised. A file comes as `multipart/form-data` in the field `file`, or as the
    body. What you have already is not imported twice, so that an import can be run again. A
    stream of `application/x-ndjson` has a recipe a line, and is answered by an item a line, the
    totals last. One that fails does not stop the others.
    """
    running = Import(transactions, viewer, options, request.url.path)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == NDJSON:
        return ImportStream(running, viewer)
    with IMPORTS.hold(str(viewer.id)):
        async with _Sources(request, media_type, viewer) as sources:
            report = await running.all_of(items_of(await sources.drafts()))
    body = await patiently(to_json, report)
    return Representation(request, body, b"application/json", 200)


class _Sources:
    """The body of a request, in any form."""

    def __init__(self, request: Request, media_type: str, viewer: Viewer) -> None:
        self._request = request
        self._media_type = media_type
        self._viewer = viewer
        self._files: list[IO[bytes]] = []

    async def __aenter__(self) -> "_Sources":
        return self

    async def __aexit__(self, *_: object) -> None:
        for file in self._files:
            file.close()

    async def drafts(self) -> Drafts:
        """Return the recipes. Raise InvalidError if no format is recognised."""
        match self._media_type:
            case "multipart/form-data":
                await self._take_uploads()
            case "application/json":
                await self._take_body()
                asked = await patiently(_request_in, self._files[0])
                if asked is not None:
                    return await drafts_asked_for(asked, self._viewer, self._request)
            case media_type if media_type in _FILES:
                await self._take_body()
            case _:
                raise UnsupportedError("This is no media type in which recipes come.")
        found = [await patiently(reading.read_file, file) for file in self._files]
        return chain.from_iterable(found)

    async def _take_body(self) -> None:
        file = temporary_file()
        self._files.append(file)
        async for part in self._request.stream():
            await patiently(file.write, part)
        file.seek(0)

    async def _take_uploads(self) -> None:
        form = await self._request.form(max_files=_MAX_FILES, max_fields=_MAX_FILES)
        unknown = sorted(set(form) - {"file"})
        uploads = [each for each in form.getlist("file") if isinstance(each, UploadFile)]
        self._files += [each.file for each in uploads]
        if unknown or not uploads:
            faults = [
                Fault("is not known here", "extra_forbidden", pointer=pointer([name]))
                for name in unknown
            ]
            faults += [] if uploads else [Fault("is missing", "missing", pointer="/file")]
            raise InvalidError("The form must have a file in its field `file`.", faults)


def _request_in(body: IO[bytes]) -> ImportRequest | None:
    """Return the request in a JSON body, or None if the body is itself a file."""
    data = body.read()
    body.seek(0)
    try:
        value = load_json(data)
    except ValueError:
        raise MalformedError("The body is no JSON.") from None
    asks = isinstance(value, dict) and value.keys() & ImportRequest.model_fields.keys()
    # Formats have members of these names too, but never without a name of the recipe or a type.
    if value and (not asks or value.keys() & _OF_RECIPES):
        return None
    try:
        return ImportRequest.model_validate(value)
    except ValidationError as error:
        detail = "The request breaks rules; see errors."
        raise InvalidError(detail, faults_of(error)) from None
