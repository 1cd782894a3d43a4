"""A tree of HTML, parsed in time and memory linear in the length of the page.

Parsers that follow the whole HTML standard take hours for 5 MiB of tags that are never closed. This
one follows only those of its rules that decide where elements begin and end on real pages.
"""

import html
import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice

from app.exchange.text.values import unescape

MAX_DEPTH = 500
MAX_NODES = 50_000
_MAX_ATTRIBUTES = 1000

_TOKEN = re.compile(
    r"""<!--(?:-?>|.*?(?:--!?>|\Z))
    |<[!?][^>]*+>?
    |</(?P<end>[a-z][^\s/>]*+)[^>]*+>?
    |<(?P<start>[a-z][^\s/>]*+)(?P<attributes>(?:[^>=]++|=\s*+"[^"]*+"|=\s*+'[^']*+'|=)*+)>?
    """,
    re.DOTALL | re.IGNORECASE | re.VERBOSE,
)
_ATTRIBUTE = re.compile(
    r"""([^\s=/"'<>]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>]++)))?+""", re.DOTALL
)
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr")
)
# The content of these is text. Only that of scripts is of interest.
_RAW = {
    tag: re.compile(f"</{tag}(?=[\\s/>])", re.IGNORECASE)
    for tag in ("script", "style", "textarea", "title", "iframe", "xmp", "noembed", "noframes")
}
# The open elements that a start tag closes, because people leave out their end tags.
_ENDS = {
    "li": {"li", "p"},
    "p": {"p"},
    "dt": {"dt", "dd", "p"},
    "dd": {"dt", "dd", "p"},
    "tr": {"tr", "td", "th", "p"},
    "td": {"td", "th", "p"},
    "th": {"td", "th", "p"},
    "option": {"option"},
}
_DIV = re.compile(r"<div(?P<attributes>\s[^<>]*+)", re.IGNORECASE)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "dd", "div", "dl", "dt", "fieldset"),
        *("figcaption", "footer", "form", "header", "hr", "li", "main", "nav", "ol", "p", "pre"),
        *("section", "table", "tr", "ul"),
    )
)


class Node:
    """An element with its attributes and children."""

    __slots__ = ("_attributes", "children", "tag")

    def __init__(self, tag: str, attributes: str = "") -> None:
        self.tag = tag
        self.children: list[Node | str] = []
        self._attributes: str | dict[str, str] = attributes

    @property
    def attributes(self) -> dict[str, str]:
        """The attributes by lower-case name; the first of several with one name counts."""
        if isinstance(self._attributes, str):
            found: dict[str, str] = {}
            for each in islice(_ATTRIBUTE.finditer(self._attributes), _MAX_ATTRIBUTES):
                value = each[2] or each[3] or each[4] or ""
                found.setdefault(each[1].lower(), unescape(value))
            self._attributes = found
        return self._attributes

    def words(self, attribute: str) -> list[str]:
        """Return the words of an attribute."""
        return self.attributes.get(attribute, "").split()

    def nodes(self) -> "Iterator[Node]":
        """Yield all elements below this one, in the order of the page."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            if node is not self:
                yield node
            waiting += [each for each in reversed(node.children) if isinstance(each, Node)]

    def outermost(self, matches: "Callable[[Node], bool]") -> "Iterator[Node]":
        """Yield the matching elements below this one, but not those inside other matches.

        So their texts together are no longer than its own.
        """
        waiting = [self]
        while waiting:
            node = waiting.pop()
            if node is not self and matches(node):
                yield node
            else:
                waiting += [each for each in reversed(node.children) if isinstance(each, Node)]

    def text(self) -> str:
        """Return its text: blocks become lines, and headings are marked with ##."""
        parts: list[str] = []
        waiting: list[Node | str | tuple[str]] = [self]
        while waiting:
            each = waiting.pop()
            if isinstance(each, tuple):
                parts += each
            elif isinstance(each, str):
                parts.append(re.sub(r"\s+", " ", unescape(each)))
            elif each.tag not in _RAW:
                if each.tag in _HEADINGS and each is not self:
                    parts.append("\n\n## ")
                    waiting.append(("\n\n",))
                elif each.tag == "br":
                    parts.append("\n")
                elif each.tag in _BLOCKS:
                    parts.append("\n\n" if each.tag in ("li", "p") else "\n")
                    waiting.append((parts[-1],))
                waiting += reversed(each.children)
        return "".join(parts).strip()

    def raw(self) -> str:
        """Return the source of the text directly in it."""
        return "".join(each for each in self.children if isinstance(each, str))

    def html(self) -> str:
        """Return its content as well-formed HTML."""
        parts: list[str] = []
        waiting: list[Node | str | tuple[str]] = list(reversed(self.children))
        while waiting:
            each = waiting.pop()
            if isinstance(each, tuple):
                parts += each
            elif isinstance(each, str):
                parts.append(html.escape(unescape(each), quote=False))
            else:
                attributes = (f' {name}="{html.escape(v)}"' for name, v in each.attributes.items())
                tag = each.tag if re.fullmatch(r"[\w:-]+", each.tag) else "span"
                parts.append(f"<{tag}{''.join(attributes)}>")
                if tag in _RAW:
                    parts += [each.raw().replace("</", "<\\/"), f"</{tag}>"]
                elif tag not in _VOID:
                    waiting += [(f"</{tag}>",), *reversed(each.children)]
        return "".join(parts)


def parse(source: str) -> Node:
    """Return the root of a page's tree, cut off below MAX_DEPTH and after MAX_NODES elements."""
    root = Node("")
    stack = [root]
    is_open: Counter[str] = Counter()
    place = nodes = 0
    while nodes < MAX_NODES and (token := _TOKEN.search(source, place)):
        if token.start() > place:
            stack[-1].children.append(source[place : token.start()])
        place = token.end()
        if end := (token["end"] or "").lower():
            if is_open[end]:
                _close(stack, is_open, end)
        elif tag := (token["start"] or "").lower():
            _close_before(tag, stack, is_open)
            node = Node(tag, token["attributes"])
            nodes += 1
            stack[-1].children.append(node)
            if raw := _RAW.get(tag):
                found = raw.search(source, place)
                stop = found.start() if found else len(source)
                node.children.append(source[place:stop])
                place = stop
            elif tag not in _VOID and len(stack) < MAX_DEPTH:
                stack.append(node)
                is_open[tag] += 1
    if nodes < MAX_NODES:
        stack[-1].children.append(source[place:])
    return root


def _close(stack: list[Node], is_open: Counter[str], tag: str) -> None:
    """Close the innermost open element with this tag, and all elements inside it."""
    while True:
        closed = stack.pop().tag
        is_open[closed] -= 1
        if closed == tag:
            return


def _close_before(tag: str, stack: list[Node], is_open: Counter[str]) -> None:
    ended = _ENDS.get(tag, {"p"} if tag in _BLOCKS or tag in _HEADINGS else ())
    while stack[-1].tag in ended:
        is_open[stack.pop().tag] -= 1


def parse_divs(source: str, word: str) -> Iterator[Node] | None:
    """Parse each `div` of a class by itself; return None if there is none.

    They must not be nested. Each is parsed when it is asked for, so a broken one spoils no other.
    """
    starts = [
        found.start()
        for found in _DIV.finditer(source)
        if word in Node("div", found["attributes"]).attributes.get("class", "").lower().split()
    ]
    if not starts:
        return None
    ends = [*starts[1:], len(source)]
    return (next(parse(source[start:end]).nodes()) for start, end in zip(starts, ends, strict=True))
