"""YAML of single recipes or lists of them, as CookBook Manager and Paprika's YAML have it."""

import re
from typing import Any

from app.exchange.drafts import Drafts, Unreadable
from app.exchange.files.simple_yaml import UNREAD, load_yaml
from app.exchange.files.table import column_key
from app.exchange.formats.fields import row_of
from app.exchange.formats.members import NO_RECIPE
from app.exchange.formats.plain_csv import MEMBER_OF, recipe_of

MAX_LENGTH = 4 * 2**20
_BEGINNING = re.compile(
    r"\A(?:#[^\n]*+\n|\s)*+(?:---[ \t]*\n\s*+)?(?:- )?[a-z][a-zA-Z_]{1,30}:(?=\s)"
)
_BETWEEN = re.compile(r"^---[ \t]*$", re.MULTILINE)


def read_text(text: str) -> Drafts | None:
    """Return the recipes of all documents of a text."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if len(text) > MAX_LENGTH or not _BEGINNING.match(text):
        return None
    try:
        documents = [load_yaml(each) for each in _BETWEEN.split(text) if each.strip()]
    except ValueError:
        return None
    # Otherwise it may be front matter with a text below.
    if not all(isinstance(each, list) or _is_recipe(each) for each in documents):
        return None
    recipes = [
        recipe for each in documents for recipe in (each if isinstance(each, list) else [each])
    ]
    return _drafts(recipes) if any(map(_is_recipe, recipes)) else None


def _drafts(recipes: list[Any]) -> Drafts:
    for each in recipes:
        if _is_recipe(each):
            yield recipe_of(row_of(each))
        else:
            yield Unreadable(None, NO_RECIPE)


def _is_recipe(value: Any) -> bool:
    if not isinstance(value, dict) or UNREAD in value:
        return False
    members = {MEMBER_OF.get(column_key(name)) for name in value}
    return "label" in members and not members.isdisjoint({"ingredients", "steps"})
