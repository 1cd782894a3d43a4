"""Markdown with front matter, as Hugo, Jekyll, Chowdown and Obsidian have it."""

from collections.abc import Mapping
from typing import Any

from app.exchange.drafts import UNTITLED, Draft, Drafts
from app.exchange.files.simple_yaml import split_front_matter
from app.exchange.formats import cooklang
from app.exchange.formats.fields import row_of
from app.exchange.formats.plain_csv import recipe_of
from app.exchange.text import pasted
from app.exchange.text.values import non_empty

_PARTS = ("ingredients", "steps")


def read_text(text: str) -> Drafts | None:
    """Return the recipe in a text, whose parts are in the front matter or below it."""
    split = split_front_matter(text) if text.lstrip("\ufeff\n ")[:3] in ("---", "+++") else None
    if split is None or cooklang.has_ingredient(split[1]):
        return None
    facts, body = split[0], split[1].strip()
    found = recipe_of(row_of(facts)).document
    if any(name in found for name in _PARTS):
        return iter([Draft(_with_text(found, body))])
    title = "" if body.startswith("# ") else f"# {found.get('label', UNTITLED)}\n\n"
    below = next(pasted.read_text(f"{title}{body}") or iter(()), None)
    if not isinstance(below, Draft):
        return None
    return iter([Draft(_merged(found, below.document))])


def _with_text(found: dict[str, Any], body: str) -> dict[str, Any]:
    """Add the text below front matter that has the ingredients and steps."""
    if not body:
        return found
    if "description" not in found:
        return found | {"description": body}
    return found | {"notes": "\n\n".join(filter(None, (found.get("notes"), body)))}


def _merged(found: Mapping[str, Any], below: Mapping[str, Any]) -> dict[str, Any]:
    """Add the parts below the front matter to its facts."""
    tags = [*found.get("tags", []), *below.get("tags", [])]
    extras = {**below.get("extras", {}), **found.get("extras", {})}
    others = {
        name: value
        for name, value in below.items()
        if name in found and name not in ("label", "tags", "extras") and value != found[name]
    }
    return {**below, **found} | non_empty(tags=tags, extras=extras | others)
