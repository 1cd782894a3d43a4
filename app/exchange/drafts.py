"""What the formats of others are read into, before anything of it is checked."""

from collections.abc import Iterator
from typing import Any, NamedTuple


class Draft(NamedTuple):
    """A recipe in the members of RecipeDocument, as loosely as its format holds it.

    Members may be missing, empty or too long. Ingredients and steps are objects with `text` and,
    where they have them, `section` and the other members; tags are objects with `kind` and `name`.
    What has no place is in `extras`.
    """

    document: dict[str, Any]
    is_ours: bool = False
    """Whether it is of our own format: then it is right as it is, or refused."""


class Unreadable(NamedTuple):
    """A part that should be a recipe and cannot be read, with its name and why, for people."""

    name: str | None
    reason: str


Drafts = Iterator[Draft | Unreadable]
"""What a file holds, in its order. One part that cannot be read never ends the rest."""
