"""The recipe that people see on a page, read as text from its ingredients on."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from app.cooking.ingredients import read_opening
from app.exchange.drafts import Draft
from app.exchange.html.tree import Node
from app.exchange.text.pasted import read_text
from app.exchange.text.values import unescape
from app.exchange.text.vocabulary import fact_of, heading_of

_MAX_BLOCKS = 10_000
_MAX_LENGTH = 200_000
_MAX_BLOCK = 10_000
_MAX_FACTS = 60
"""Blocks before the ingredients that may be facts, such as "Serves 4"."""
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_SKIPPED = frozenset(
    (
        *("script", "style", "noscript", "template", "svg", "iframe", "textarea", "title", "xmp"),
        *("noembed", "noframes", "nav", "footer", "aside", "button", "select", "form", "head"),
    )
)
_COMMENTS = frozenset(("comments", "comment-list", "comments-area", "respond", "disqus_thread"))
_INLINE = frozenset(
    (
        *("a", "abbr", "b", "bdi", "cite", "code", "data", "em", "font", "i", "label", "mark", "q"),
        *("s", "small", "span", "strong", "sub", "sup", "time", "u", "td", "th", "img", "input"),
        *("wbr", "meta", "link", "ins", "del", "picture", "source"),
    )
)


class _Block(NamedTuple):
    """A line of the page: a heading with its level, a list item or a paragraph."""

    kind: str
    text: str
    level: int = 0


def visible_recipe(root: Node, title: str | None) -> dict[str, Any] | None:
    """Return the document of the recipe under a heading such as Ingredients, or None."""
    blocks = list(islice(_blocks(root), _MAX_BLOCKS))
    starts = [place for place, block in enumerate(blocks) if _part(block) == "ingredients"]
    best, start = max(((_amounts(blocks, each), -each) for each in starts[:20]), default=(0, 0))
    if not best:
        return None
    start = -start
    before = blocks[max(start - _MAX_FACTS, 0) : start]
    facts = [block.text for block in before if len(block.text) < 80 and fact_of(block.text)]
    lines = [f"# {title or 'Recipe'}", *facts, "", *_recipe_lines(blocks[start:])]
    drafts = read_text("\n".join(lines)[:_MAX_LENGTH])
    draft = next(drafts, None) if drafts else None
    return draft.document if isinstance(draft, Draft) else None


def _recipe_lines(blocks: list[_Block]) -> Iterator[str]:
    """Yield the lines of Markdown from the ingredients to the end of the recipe."""
    level = blocks[0].level or 3
    parts: list[tuple[str, list[_Block]]] = [("ingredients", [])]
    seen = {"ingredients"}
    for place, block in enumerate(blocks[1:], 1):
        part = _part(block)
        if part in ("ingredients", "steps", "notes", "nutrition"):
            if part in seen and part in ("ingredients", "steps") and block.level:
                break  # The next recipe, or the ingredients of the shop.
            if part in seen:
                continue
            seen.add(part)
            parts.append((part, []))
        elif 0 < block.level <= level and not _is_group(blocks, place, parts[-1][0]):
            break
        else:
            parts[-1][1].append(block)
    for part, members in parts:
        yield from ("", _NAMES[part], "")
        yield from _part_lines(part, members)


_NAMES = {
    "ingredients": "## Ingredients",
    "steps": "## Instructions",
    "notes": "## Notes",
    "nutrition": "## Nutrition",
}


def _part_lines(part: str, blocks: list[_Block]) -> Iterator[str]:
    has_items = sum(block.kind == "item" for block in blocks) > 1
    for block in blocks:
        if block.level:
            yield from ("", f"### {block.text}", "")
        elif part in ("ingredients", "steps") and has_items and block.kind != "item":
            if block.text.endswith(":") and len(block.text) < 60:
                yield from ("", f"### {block.text.rstrip(': ')}", "")
        elif part == "steps":
            yield f"1. {block.text}"
        elif part == "ingredients":
            yield f"- {block.text}"
        else:
            yield block.text


def _is_group(blocks: list[_Block], place: int, part: str) -> bool:
    """Return whether a heading begins a group of ingredients or is the number of a step."""
    after = blocks[place + 1 : place + 3]
    if part == "ingredients":
        return any(block.kind == "item" and _has_amount(block) for block in after)
    text = blocks[place].text
    return part == "steps" and len(text) < 30 and any(map(str.isdigit, text))


def _part(block: _Block) -> str:
    """Return the part of a recipe that a block is the heading of."""
    if block.kind == "item" or len(block.text) > 60:
        return ""
    heading = heading_of(block.text)
    return heading.part if heading and (not heading.rest or heading.part == "ingredients") else ""


def _amounts(blocks: list[_Block], start: int) -> int:
    """Count the lines with an amount after a heading."""
    count = 0
    for block in blocks[start + 1 : start + 60]:
        if _part(block):
            break
        count += _has_amount(block)
    return count


def _has_amount(block: _Block) -> bool:
    return len(block.text) < 200 and bool(read_opening(block.text).amounts)


def _blocks(root: Node) -> Iterator[_Block]:
    """Yield the lines of the parts of a page that may hold a recipe."""
    words: list[str] = []
    kind, level = "text", 0
    waiting: list[Node | str | tuple[str, int]] = [root]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            words.append(each)
            continue
        if isinstance(each, Node):
            if each.tag in _SKIPPED or _is_comments(each):
                continue
            if each.tag in _INLINE:
                waiting += [" "] if each.tag in ("td", "th") else []
                waiting += reversed(each.children)
                continue
        if text := " ".join(unescape("".join(words)).split()):
            yield _Block(kind, text[:_MAX_BLOCK], level)
        words = []
        if isinstance(each, tuple):
            kind, level = each
            continue
        waiting.append((kind, level))
        waiting += reversed(each.children)
        if each.tag in _HEADINGS:
            kind, level = "heading", _HEADINGS[each.tag]
        elif each.tag in ("li", "tr", "dd"):
            kind, level = "item", 0
        elif each.tag not in ("br", "p", "div"):
            kind, level = "text", 0
    if text := " ".join(unescape("".join(words)).split()):
        yield _Block(kind, text[:_MAX_BLOCK], level)


def _is_comments(node: Node) -> bool:
    if node.tag not in ("div", "section", "ol", "ul"):
        return False
    return node.attributes.get("id", "") in _COMMENTS or not _COMMENTS.isdisjoint(
        node.words("class")
    )
