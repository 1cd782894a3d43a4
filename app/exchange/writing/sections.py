"""Ingredients and steps under their headings."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

Member = Mapping[str, Any]


def section_of(member: Member) -> str:
    """The heading of an ingredient or a step in one line; empty where it has none."""
    return " ".join((member["section"] or "").split())


def sections(members: Iterable[Member]) -> Iterator[tuple[str, list[Member]]]:
    """Ingredients or steps in their order, as runs under one heading."""
    for section, run in groupby(members, key=section_of):
        yield section, list(run)
