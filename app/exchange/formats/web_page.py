"""A web page that somebody saved."""

import re

from app.exchange.drafts import Drafts
from app.exchange.html.page import drafts_of_page

_TAG = re.compile(
    r"<(?:!doctype html|html|head|body|script|article|section|main|div)\b", re.IGNORECASE
)


def read_text(text: str) -> Drafts | None:
    """The recipes of a text that is HTML."""
    return drafts_of_page(text) if _TAG.search(text) else None
