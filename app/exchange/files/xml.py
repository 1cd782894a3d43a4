"""XML as recipe programs write it, without entity declarations, and of bounded size and depth."""

import json
import re
from collections.abc import Callable, Collection
from html import unescape
from html.entities import html5
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from app.core.errors import InvalidError
from app.exchange.drafts import OUTSIDE, Draft, Drafts, Unreadable

MAX_ELEMENTS = 500_000
"""Elements, comments and the like of a text. At worst they take about 100 MB."""
MAX_DEPTH = 40
_PROBED = 4096
_ROOT = re.compile(r"<([a-z][\w:.-]{0,60})", re.IGNORECASE)
_DECLARATION = re.compile(r"\A<\?xml\b[^<>]{0,200}>")
_AMPERSAND = re.compile(
    r"&(?:([a-zA-Z][a-zA-Z0-9]{1,31});|(?!#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};))"
)
_WORD = re.compile(r"\w{3,}")
_OWN = ("amp", "lt", "gt", "quot", "apos")
# Characters that XML forbids.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def parse_xml(text: str, roots: Collection[str]) -> Element | None:
    """Return the root of a text whose root has one of these lower-case names, or None.

    Tags and attributes are lower-case and have no namespace. Raises InvalidError if the XML is
    damaged or hostile.
    """
    beginning = text[:_PROBED].lstrip("\ufeff \r\n\t")
    root = _ROOT.search(beginning) if beginning.startswith("<") else None
    if root is None or root[1].rpartition(":")[2].lower() not in roots:
        return None
    if "<!ENTITY" in text:
        raise InvalidError("The XML declares entities, which is not allowed.")
    if text.count("<") > MAX_ELEMENTS:
        raise InvalidError(f"The XML may hold {MAX_ELEMENTS:,} elements, this one holds more.")
    parser = ElementTree.XMLParser(target=_Builder())  # noqa: S314 - Entities are refused above.
    # The text is decoded, and some programs write a declaration that is not well-formed.
    text = _DECLARATION.sub("", text.lstrip("\ufeff \r\n\t"))
    try:
        parser.feed(_AMPERSAND.sub(_resolved, _FORBIDDEN.sub("", text)))
        found: Element = parser.close()
    except (ElementTree.ParseError, ValueError) as error:
        raise InvalidError(f"The XML is damaged: {error}.") from None
    return found


def text_in(element: Element, *names: str) -> str:
    """Return the text of the first element below with one of these names that has any."""
    for name in names:
        for each in element.iter(name):
            if text := inner_text(each):
                return text
    return ""


def texts_in(element: Element, name: str) -> list[str]:
    """Return the texts of all elements below with this name."""
    return [text for each in element.iter(name) if (text := inner_text(each))]


def inner_text(element: Element) -> str:
    """Return all text of an element."""
    return "".join(element.itertext()).strip()


def others_in(element: Element, placed: Collection[str]) -> dict[str, Any]:
    """Return the texts of the children with other names, for `extras`."""
    found: dict[str, Any] = {}
    for each in element:
        if each.tag not in placed and (text := inner_text(each)):
            found[each.tag] = f"{found[each.tag]}\n{text}" if each.tag in found else text
    return found


def drafts_in(
    root: Element,
    tag: str,
    read: Callable[[Element], Draft | Unreadable],
    unchecked: Collection[str] = (),
) -> Drafts:
    """Yield the recipe of each element with a tag.

    Text that a recipe does not have afterwards goes to its extras, except that of `unchecked`
    elements, and text outside of the recipes is reported.
    """
    for element in root.iter(tag):
        draft = read(element)
        if isinstance(draft, Draft) and (unread := _unread(element, draft.document, unchecked)):
            extras = draft.document.get("extras", {}) | {"unread": unread}
            draft = Draft(draft.document | {"extras": extras})
        yield draft
    outside = _outside(root, tag, unchecked)
    if outside:
        yield Unreadable(" ".join(outside.split())[:80], OUTSIDE)


def _unread(element: Element, document: dict[str, Any], unchecked: Collection[str]) -> list[str]:
    words = set(_WORD.findall(json.dumps(document, ensure_ascii=False).replace("\\n", " ")))
    texts = [
        plain
        for each in element.iter()
        for text in (
            each.text if each.tag not in unchecked else None,
            each.tail if each is not element else None,
        )
        if text and (plain := unescape(text).strip())
    ]
    return [text for text in texts if not words.issuperset(_WORD.findall(text))]


def _outside(root: Element, tag: str, unchecked: Collection[str]) -> str:
    """Return the text that is in no element with a tag."""
    texts: list[str] = []
    waiting = [root]
    while waiting:
        each = waiting.pop()
        if each.tag != tag and each.tag not in unchecked:
            texts.append(each.text or "")
            waiting += each
        texts.append((each.tail or "") if each is not root else "")
    return "".join(texts).strip()


class _Builder(ElementTree.TreeBuilder):
    _depth = 0

    def start(self, tag: Any, attrs: Any, /) -> Element:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ValueError("nested too deeply")
        return super().start(_local(tag), {_local(name): each for name, each in attrs.items()})

    def end(self, tag: Any, /) -> Element:
        self._depth -= 1
        return super().end(_local(tag))


def _local(name: str) -> str:
    return name.rpartition("}")[2].lower()


def _resolved(found: re.Match[str]) -> str:
    """Resolve the entities of HTML, and escape an ampersand that begins none."""
    name = found[1]
    if name in _OWN:
        return found[0]
    text = html5.get(f"{name};") if name else None
    return text if text and text not in ("<", "&", ">") else f"&amp;{found[0][1:]}"
