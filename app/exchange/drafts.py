"""Drafts: recipes as they are read from any format, before they are checked."""

from collections.abc import Iterator
from typing import Any, NamedTuple

OUTSIDE = "These lines are outside of the recipes, and were not read."
"""The reason why lines of a file are unreadable that belong to no recipe."""
UNTITLED = "Untitled recipe"
"""The label of a recipe of a format in which only its file has a name."""


class Draft(NamedTuple):
    """A recipe with the members of RecipeDocument, unchecked.

    Members may be missing, empty or too long. Ingredients and steps are objects with `text` and
    perhaps `section` and other members; tags are objects with `kind` and `name`. All else is in
    `extras`.
    """

    document: dict[str, Any]
    is_ours: bool = False
    """Whether it comes from our own export: then it is stored unchanged or refused."""


class Unreadable(NamedTuple):
    """A part of a file that cannot be read as a recipe, with its name and the reason."""

    name: str | None
    reason: str


Drafts = Iterator[Draft | Unreadable]
"""The recipes of a file, in order. An unreadable part does not end them."""
