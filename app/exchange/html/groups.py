"""The groups of ingredients that plugins mark only in the HTML of a page."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from app.exchange.html.tree import Node

_MAX_LINES = 1000
_HEADINGS = frozenset(("h2", "h3", "h4", "h5", "h6"))


class _Plugin(NamedTuple):
    """The classes by which a plugin marks its ingredients and the names of their groups."""

    container: str
    name: str | None
    """The class of a group's name; None if it is any heading."""


_PLUGINS = (
    _Plugin("wprm-recipe-ingredients-container", "wprm-recipe-group-name"),
    _Plugin("tasty-recipes-ingredients", None),
    _Plugin("tasty-recipes-ingredients-body", None),
    _Plugin("mv-create-ingredients", None),
)


def add_groups(root: Node, documents: list[dict[str, Any]]) -> None:
    """Give the ingredients without sections those that the markup of their page has."""
    wanting = [
        each["ingredients"]
        for each in documents
        if each.get("ingredients") and not any("section" in line for line in each["ingredients"])
    ]
    if not wanting:
        return
    for lists in _marked_lists(root):
        keys = [_key(text) for _, text in lists]
        for lines in wanting:
            sections = _sections(lines, keys, [name for name, _ in lists])
            for line, section in zip(lines, sections, strict=False):
                line |= {"section": section} if section else {}


def _marked_lists(root: Node) -> Iterator[list[tuple[str, str]]]:
    """Yield the lines of each list with more than one group or a named one."""
    containers = {plugin.container: plugin for plugin in _PLUGINS}

    def is_container(node: Node) -> bool:
        return not containers.keys().isdisjoint(node.words("class"))

    for node in root.outermost(is_container):
        plugin = next(containers[word] for word in node.words("class") if word in containers)
        lines = list(_lines(node, plugin))
        if any(name for name, _ in lines):
            yield lines


def _lines(container: Node, plugin: _Plugin) -> Iterator[tuple[str, str]]:
    """Yield the group and the text of each line."""
    name = ""

    def is_line(node: Node) -> bool:
        return node.tag == "li" or is_name(node)

    def is_name(node: Node) -> bool:
        if plugin.name is None:
            return node.tag in _HEADINGS
        return plugin.name in node.words("class")

    number = 0
    for node in container.outermost(is_line):
        text = " ".join(node.text().split())
        if is_name(node):
            is_title = not number and _key(text) in ("ingredients", "zutaten", "ingredientes")
            name = "" if is_title else text.strip(" :")
        elif text:
            number += 1
            yield name, text
        if number >= _MAX_LINES:
            return


def _sections(lines: list[dict[str, Any]], keys: list[str], names: list[str]) -> list[str]:
    """Return the section of each ingredient; none if the list is another recipe's."""
    own = [_key(line["text"]) for line in lines]
    if len(own) == len(keys) and _alike(own, keys) * 2 >= len(own):
        return names
    places: dict[str, list[str]] = {}
    for key, name in zip(keys, names, strict=True):
        places.setdefault(key, []).append(name)
    found = [places[key].pop(0) if places.get(key) else None for key in own]
    if sum(name is not None for name in found) * 5 < len(own) * 4:
        return []
    sections: list[str] = []
    for section in found:
        sections.append(section if section is not None else sections[-1] if sections else "")
    return sections


def _alike(own: list[str], keys: list[str]) -> int:
    """Count the lines that are equal, or of which one contains the other."""
    return sum(a in b or b in a for a, b in zip(own, keys, strict=True) if a and b)


def _key(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
