"""JSON-LD of schema.org: what web pages hold, and what many applications export."""

from typing import Any

from app.exchange.drafts import Drafts
from app.exchange.schema_org.reading import drafts_of_schema_org


def read_json(value: Any) -> Drafts | None:
    """The recipes of a JSON-LD value: one, a list, a graph."""
    return drafts_of_schema_org(value)
