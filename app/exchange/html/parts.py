"""Pages that hold many recipes, each of them looked at alone."""

import re
from collections.abc import Iterator

from app.exchange.html.tree import Node, parse

_DIV = re.compile(r"<div(?P<attributes>\s[^<>]*+)", re.IGNORECASE)


def parts_of(source: str, word: str) -> Iterator[Node] | None:
    """The `div` elements of a class, which must not lie within each other; None if there is none.

    Each is parsed when it is asked for, so one that is broken spoils no other.
    """
    places = [
        found.start()
        for found in _DIV.finditer(source)
        if word in Node("div", found["attributes"]).attributes.get("class", "").lower().split()
    ]
    if not places:
        return None
    ends = [*places[1:], len(source)]
    return (next(parse(source[start:end]).nodes()) for start, end in zip(places, ends, strict=True))
