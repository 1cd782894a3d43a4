"""JSON-LD of schema.org: what web pages hold, and what many applications export."""

from typing import Any

from app.exchange.reading.drafts import Drafts
from app.exchange.reading.schema_org import drafts_of_schema_org

RANK = 80


def read_json(value: Any) -> Drafts | None:
    """The recipes of a JSON-LD value: one, a list, a graph."""
    return drafts_of_schema_org(value)
