"""Exports."""

from typing import Annotated, Any, cast

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, create_model
from starlette.requests import Request

from app.api.deps import CurrentViewer
from app.api.download import Download, download
from app.api.problems import responses
from app.api.route import Route
from app.core.policy import Scope, Who, allow
from app.exchange.writing.exporters import EXPORTERS, Format
from app.schemas.page import PageQuery, RecipeQuery

router = APIRouter(
    prefix="/api/v1/recipes",
    tags=["recipes"],
    route_class=Route,
    responses=responses(422, 429, 503),
)

_NO_FILTERS = {*PageQuery.model_fields, "sort", "view", "fields", "highlight", "facets", "deleted"}
_FILTERS: dict[str, Any] = {
    name: (field.annotation, field)
    for name, field in RecipeQuery.model_fields.items()
    if name not in _NO_FILTERS
}
_Filters = cast(type[BaseModel], create_model("_Filters", **_FILTERS))


class ExportQuery(_Filters):  # type: ignore[misc, valid-type] # mypy knows no class that is made
    """The filters of the list, and the format."""

    model_config = ConfigDict(extra="forbid")

    format: Format = Field(
        "ndjson",
        description="`ndjson` (a recipe a line) and `zip` (the same, compressed) hold all of each"
        " recipe, to be imported again; `jsonld` is schema.org for other applications, `csv` a"
        " table, `markdown` an archive of pages.",
    )


_FILE = {"schema": {"type": "string", "format": "binary"}}
_FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            exporter.media_type: {"schema": {"type": "object"}} if name == "jsonld" else _FILE
            for name, exporter in EXPORTERS.items()
        }
    }
}


@router.get("/export", response_model=bytes, response_class=Download, responses=_FILES)
@allow(Who.ANYONE, Scope.READ)
async def export_recipes(
    query: Annotated[ExportQuery, Query()], viewer: CurrentViewer, request: Request
) -> Download:
    """All recipes that you can find, or those that pass the filters, the oldest first.

    If something fails on the way, the connection ends before the file does.
    """
    filters = RecipeQuery.model_construct(**query.model_dump(exclude={"format"}))
    return await download(request, filters, query.format, viewer)
