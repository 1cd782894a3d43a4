"""Export recipes."""

from pydantic import TypeAdapter, ValidationError
from starlette.responses import Response

from app.api.download import download
from app.core.errors import InvalidError
from app.exchange.writing.exporters import Format
from app.schemas.faults import faults_of
from app.web.list_filters import Filters
from app.web.visit import Pages, Visit, by_field

pages = Pages()

_FORMAT: TypeAdapter[Format] = TypeAdapter(Format)


@pages.get("/export", does="export_recipes")
async def show_export(visit: Visit) -> Response:
    """Show the formats and the form. Filters of a list may come along."""
    return _form_page(visit, {})


@pages.get("/export/file", does="export_recipes")
async def export_file(visit: Visit) -> Response:
    """Send the file, as the API does."""
    try:
        file_format = _FORMAT.validate_python(visit.query("format") or "ndjson")
    except ValidationError:
        return _form_page(visit, {"format": ["There is no such format."]})
    try:
        filters = Filters.read(visit.request.query_params).query()
        file = await download(visit.request, filters, file_format, visit.viewer)
    except ValidationError as error:
        return _form_page(visit, by_field(faults_of(error)))
    except InvalidError as error:
        return _form_page(visit, by_field(error.faults) or {"q": [error.detail]})
    # It may hold private recipes, and is rarely requested twice.
    file.headers["cache-control"] = "private, no-store"
    return visit.finish(file)


def _form_page(visit: Visit, errors: dict[str, list[str]]) -> Response:
    filters = Filters.read(visit.request.query_params)
    shown = ("q", "tag", "submitter_id", "sort")
    # Signed-in visitors mostly want their own, unless a list or the form says otherwise.
    is_given = "submitter_id" in visit.request.query_params or not visit.is_signed_in
    others = [(name, value) for name, value in filters.pairs if name not in shown]
    # Errors of filters that have no field here are shown at the first field.
    shown_errors = {
        name if name in ("format", "tag") else "q": each for name, each in errors.items()
    }
    return visit.page(
        "export.html",
        422 if errors else 200,
        filters=filters,
        whose=filters.text("submitter_id") if is_given else "me",
        others=others,
        file_format=visit.query("format"),
        errors=shown_errors,
    )
