"""Evernote (.enex): XML with notes, whose contents are pages."""

from xml.etree.ElementTree import Element

from app.exchange.drafts import Draft, Drafts, Unreadable
from app.exchange.files.xml import drafts_in, parse_xml, text_in, texts_in
from app.exchange.html.tree import parse
from app.exchange.text import pasted
from app.exchange.text.values import line_of, non_empty, tags_of

NO_RECIPE = "No recipe was found in this note."
_UNCHECKED = {"content", "created", "updated", "resource", "data", "mime", "source-url"}


def read_text(text: str) -> Drafts | None:
    """Return the recipes among the notes of an export."""
    root = parse_xml(text, ("en-export",))
    return None if root is None else drafts_in(root, "note", _read, _UNCHECKED)


def _read(note: Element) -> Draft | Unreadable:
    title = line_of(text_in(note, "title"))
    body = parse(text_in(note, "content")).text()
    draft = next(pasted.read_text(f"{title}\n\n{body}") or iter(()), None)
    if not isinstance(draft, Draft):
        return Unreadable(title or None, NO_RECIPE)
    tags = [*draft.document.get("tags", []), *tags_of("keyword", texts_in(note, "tag"))]
    return Draft(draft.document | non_empty(tags=tags, **_url(note)))


def _url(note: Element) -> dict[str, str]:
    return non_empty(url=line_of(text_in(note, "source-url")))
