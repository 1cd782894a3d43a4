"""Render what a route returns as JSON of its response model.

Rows that were selected for just that model are rendered as they are, their JSON columns as the
text that they hold: reading, validating and writing them again would take three times as long as
all the rest of a read. Everything else goes through the model.
"""

from typing import Any

from pydantic import BaseModel

from app.crud.base import PageOfRows, RowsOf, render_entity
from app.db.base import Base
from app.db.reader import Row
from app.db.types import dump_response


def render_row(row: Row) -> bytes:
    """Return the JSON of one row."""
    return dump_response(row)


def render_rows(content: object, model: Any) -> bytes | None:
    """Return the JSON of rows, a page or an entity of `model`, or None for other content."""
    if type(content) is Row and content.model is model:
        return dump_response(content)
    if type(content) is PageOfRows and content.view in _views(model):
        return dump_response(_members(content))
    if type(content) is RowsOf and content.model is model:
        return dump_response(content.members)
    if isinstance(content, Base) and isinstance(model, type) and issubclass(model, BaseModel):
        return render_entity(content, model)
    return None


def _members(page: PageOfRows) -> dict[str, Any]:
    members = {"items": page.items, "next_cursor": page.next_cursor}
    extras = {name: getattr(page, name) for name in ("total", "corrected", "highlights", "facets")}
    return members | {name: value for name, value in extras.items() if value is not None}


def _views(model: Any) -> tuple[object, ...]:
    """Return the schemas of the items that pages of `model` may have."""
    metadata = getattr(model, "__pydantic_generic_metadata__", None)
    views: tuple[object, ...] = getattr(model, "views", metadata["args"] if metadata else ())
    return views
