"""Recipes that are marked up in the text of a page: microdata, RDFa and microformats."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from app.exchange.html.tree import Node
from app.exchange.schema_org.graph import Recipe, recipes_in
from app.exchange.text.values import paragraphs_of

_MAX_NESTED = 10
# The characters that are read of one page: nested marks read the same text several times. Visiting
# an element counts as _ELEMENT_COST characters.
_MAX_TEXT = 20_000_000
_ELEMENT_COST = 20

_LINKS = frozenset(
    ("url", "image", "photo", "isBasedOn", "mainEntityOfPage", "suitableForDiet", "video")
)
_SOURCES = {"img": "src", "audio": "src", "video": "src", "source": "src", "embed": "src"}
_STEPS = ("recipeInstructions", "instructions")
_INGREDIENTS = ("recipeIngredient", "ingredients", "ingredient")
_MICROFORMATS = {
    ("fn", "p-name"): "name",
    ("ingredient", "p-ingredient"): "recipeIngredient",
    ("instructions", "e-instructions"): "recipeInstructions",
    ("yield", "p-yield"): "recipeYield",
    ("duration", "dt-duration"): "totalTime",
    ("summary", "p-summary"): "description",
    ("author", "p-author"): "author",
    ("photo", "u-photo"): "image",
    ("tag", "p-category"): "keywords",
}
_CLASSES = {name: member for names, member in _MICROFORMATS.items() for name in names}


class _Syntax(NamedTuple):
    """How a syntax marks objects (`type_of` is None for other elements) and their members."""

    type_of: Callable[[Node], str | None]
    names_of: Callable[[Node], list[str]]


def _microdata_type(node: Node) -> str | None:
    return node.attributes.get("itemtype", "") if "itemscope" in node.attributes else None


def _class_type(node: Node) -> str | None:
    return "Recipe" if {"h-recipe", "hrecipe"}.intersection(node.words("class")) else None


def _class_names(node: Node) -> list[str]:
    return list({_CLASSES[word]: None for word in node.words("class") if word in _CLASSES})


_SYNTAXES = (
    _Syntax(_microdata_type, lambda node: node.words("itemprop")),
    _Syntax(lambda node: node.attributes.get("typeof"), lambda node: node.words("property")),
    _Syntax(_class_type, _class_names),
)


def marked_recipes(root: Node) -> list[Recipe]:
    """Return the recipes of the first syntax in which any has ingredients or steps."""
    reader = _Reader(root)
    found: list[Recipe] = []
    for syntax in _SYNTAXES:
        recipes = recipes_in(list(reader.items(root, syntax)))
        if any(map(_has_contents, recipes)):
            return recipes
        found = found or recipes
    return found


def _has_contents(recipe: Recipe) -> bool:
    return not {*_INGREDIENTS, *_STEPS}.isdisjoint(recipe)


class _Reader:
    """The elements of a page by id, and how much of its text may still be read."""

    def __init__(self, root: Node) -> None:
        self._by_id: dict[str, Node] = {}
        for node in root.nodes():
            if name := node.attributes.get("id"):
                self._by_id.setdefault(name, node)
        self._left = _MAX_TEXT

    def items(self, root: Node, syntax: _Syntax) -> Iterator[Recipe]:
        """Yield the objects that are not members of others."""
        waiting = [root]
        while waiting:
            node = waiting.pop()
            kind = syntax.type_of(node)
            if kind is not None and "recipe" in kind.lower():
                yield self._item(node, kind, syntax, 0)
            else:
                waiting += reversed(_elements(node))

    def _item(self, node: Node, kind: str, syntax: _Syntax, depth: int) -> Recipe:
        members: dict[str, list[Any]] = {}
        waiting = _elements(node)[::-1]
        references = [self._by_id[name] for name in node.words("itemref") if name in self._by_id]
        waiting[:0] = [each for each in reversed(references) if each is not node]
        while waiting and self._left > 0:
            each = waiting.pop()
            self._left -= _ELEMENT_COST
            inner = syntax.type_of(each)
            if names := syntax.names_of(each):
                values = self._values(each, names[0], inner, syntax, depth)
                for name in names:
                    members.setdefault(_local(name), []).extend(values)
            if inner is None:
                waiting += reversed(_elements(each))
        item: Recipe = {
            name: values[0] if len(values) == 1 else values for name, values in members.items()
        }
        return item | {"@type": [_local(word) for word in kind.split()]}

    def _values(
        self, node: Node, name: str, inner: str | None, syntax: _Syntax, depth: int
    ) -> list[Any]:
        if inner is not None:
            return [self._item(node, inner, syntax, depth + 1)] if depth < _MAX_NESTED else []
        attributes = node.attributes
        for attribute in ("content", "datetime", _SOURCES.get(node.tag, "content")):
            if attributes.get(attribute):
                return [attributes[attribute]]
        if "href" in attributes and (node.tag == "link" or _local(name) in _LINKS):
            return [attributes["href"]]
        text = node.text()
        self._left -= len(text)
        if _local(name) not in (*_STEPS, *_INGREDIENTS):
            text = text.replace("## ", "")
        if node.tag in ("li", "span", "label"):
            text = " ".join(text.split())
        return paragraphs_of(text) if _local(name) in _STEPS and node.tag != "p" else [text]


def _elements(node: Node) -> list[Node]:
    return [each for each in node.children if isinstance(each, Node)]


def _local(name: str) -> str:
    """Return a name without the URL or prefix of its vocabulary."""
    return name.rstrip("/").rsplit("/", 1)[-1].rsplit("#", 1)[-1].rsplit(":", 1)[-1]
