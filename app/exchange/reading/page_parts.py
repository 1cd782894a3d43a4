"""Pages that hold many recipes, each of them looked at alone."""

import re
from collections.abc import Iterator

from app.exchange.reading.page_tree import Node, parse


def parts_of(source: str, word: str) -> Iterator[Node] | None:
    """The `div` elements of a class, which must not lie within each other; None if there is none.

    Each is parsed when it is asked for, so one that is broken spoils no other.
    """
    opening = re.compile(
        rf"<div\s(?:[^>]{{0,200}}\s)?class\s?=\s?[\"']?(?:[^\"'>]{{0,200}}\s)?{word}(?![\w-])",
        re.IGNORECASE,
    )
    places = [found.start() for found in opening.finditer(source)]
    if not places:
        return None
    ends = [*places[1:], len(source)]
    return (next(parse(source[start:end]).nodes()) for start, end in zip(places, ends, strict=True))
