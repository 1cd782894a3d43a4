"""Notes, written in Markdown, as HTML that is harmless whatever they hold.

HTML in the text is shown as text, and the sanitizer keeps only what is listed here. Nothing is
loaded from elsewhere, so a picture becomes a link to it.

The parser takes time to load and few recipes have notes: import this module where it is needed.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import nh3
import pyromark
from markupsafe import Markup, escape

from app.web.template_filters import site

MAX_DEPTH = 20
"""Levels of quotes, lists and emphasis. The sanitizer is quadratic in the depth."""
MAX_PIECES = 60_000
"""Pieces of HTML. 50,000 characters of prose make some thousands, a hostile table millions."""

_OPTIONS = pyromark.Options.ENABLE_TABLES | pyromark.Options.ENABLE_STRIKETHROUGH
_TAGS = {
    "Paragraph": ("<p{}>", "</p>\n"),
    "HtmlBlock": ("<p{}>", "</p>\n"),
    "BlockQuote": ("<blockquote{}>\n", "</blockquote>\n"),
    "CodeBlock": ("<pre{}><code>", "</code></pre>\n"),
    "Item": ("<li>", "</li>\n"),
    "Table": ("<table{}>\n", "</tbody></table>\n"),
    "TableHead": ("<thead><tr>", "</tr></thead><tbody>\n"),
    "TableRow": ("<tr>", "</tr>\n"),
    "Emphasis": ("<em>", "</em>"),
    "Strong": ("<strong>", "</strong>"),
    "Strikethrough": ("<s>", "</s>"),
}
"""The elements that need no more of their event than its name."""
_LITERAL = {"Link", "Image", "CodeBlock"}

_BARE_URL = re.compile(r"https?://(?:[^\s<>()\"'`]|\([^\s<>()]*\))+(?<![.,;:!?*_~])", re.IGNORECASE)
_NOT_IN_URL = re.compile(r"[\s\"<>`]")
# The parser is quadratic in the markers at the beginning of a line.
_TOO_DEEP = re.compile(
    rf"^(?:[ \t]*(?:>|[*+-][ \t]|[0-9]{{1,9}}[.)][ \t])){{{MAX_DEPTH + 1}}}", re.MULTILINE
)
_AS_TYPED = Markup('<pre dir="auto">{}</pre>')

_sanitizer = nh3.Cleaner(
    tags={"p", "br", "hr", "h3", "h4", "ul", "ol", "li", "blockquote", "pre", "code"}
    | {"em", "strong", "s", "a", "table", "thead", "tbody", "tr", "th", "td"},
    attributes={"*": {"dir"}, "a": {"href"}, "ol": {"start"}},
    url_schemes={"http", "https"},
    url_relative="deny",
    link_rel="nofollow ugc noopener",
)


class _TooMuchError(Exception):
    """The text is nested deeper, or makes more HTML, than any that people write."""


@lru_cache(32)
def notes_html(text: str) -> Markup:
    """Return `text` as HTML, or as it was typed if it is too much for the parser."""
    try:
        if _TOO_DEEP.search(text):
            raise _TooMuchError
        html = _Renderer().render(pyromark.events(text, options=_OPTIONS))
    except _TooMuchError:
        return _AS_TYPED.format(text)
    return Markup(_sanitizer.clean(html))  # noqa: S704 - It is what the sanitizer has left.


class _Renderer:
    """Turns the events of one text into HTML."""

    def __init__(self) -> None:
        self._html: list[str] = []
        self._ends: list[str] = []
        """The end tags of the open elements."""
        self._literal = 0
        """The open links, pictures and code blocks, in which a bare address is no link."""
        self._pictures: list[tuple[int, str]] = []
        """For each open picture: how much HTML there was before, and its address."""
        self._top_heading = "H6"
        self._cell = "td"

    def render(self, events: Iterable[Any]) -> str:
        """Return the HTML. Raises _TooMuchError."""
        for event in events:
            match event:
                case {"Start": tag}:
                    self._start(tag)
                case {"End": tag}:
                    self._end(tag)
                case {"Text": text}:
                    self._html.append(_escaped(text) if self._literal else _with_links(text))
                case {"Code": text}:
                    self._html.append(f"<code>{_escaped(text)}</code>")
                case {"Html": text} | {"InlineHtml": text}:
                    self._html.append(_escaped(text).replace("\n", "<br>\n"))
                case "Rule":
                    self._html.append("<hr>\n")
                case "SoftBreak" | "HardBreak":
                    # Notes are typed into a field that shows each line end.
                    self._html.append("<br>\n")
            if len(self._ends) > MAX_DEPTH or len(self._html) > MAX_PIECES:
                raise _TooMuchError
        return "".join(self._html)

    def _start(self, tag: Any) -> None:
        data: Any
        name, data = next(iter(tag.items())) if isinstance(tag, dict) else (tag, None)
        # Each block of the top level finds its own direction.
        direction = "" if self._ends else ' dir="auto"'
        match name:
            case "Heading":
                # Below the headings of the page, with no level left out.
                self._top_heading = min(self._top_heading, data["level"])
                level = "h3" if data["level"] == self._top_heading else "h4"
                begin, end = f"<{level}{direction}>", f"</{level}>\n"
            case "List" if data is None:
                begin, end = f"<ul{direction}>\n", "</ul>\n"
            case "List":
                begin, end = f'<ol{direction} start="{data}">\n', "</ol>\n"
            case "TableCell":
                begin, end = f"<{self._cell}>", f"</{self._cell}>"
            case "Link" | "Image":
                begin, end = self._link(data["dest_url"])
            case _:
                begin, end = _TAGS[name]
                begin = begin.format(direction)
        self._html.append(begin)
        self._ends.append(end)
        self._literal += name in _LITERAL
        if name == "Image":
            self._pictures.append((len(self._html), data["dest_url"]))
        elif name in ("TableHead", "TableRow"):
            self._cell = "th" if name == "TableHead" else "td"

    def _end(self, tag: Any) -> None:
        if tag == "Image":
            before, url = self._pictures.pop()
            if len(self._html) == before:
                self._html.append(_escaped(url))
        self._literal -= isinstance(tag, str) and tag in _LITERAL
        self._html.append(self._ends.pop())

    def _link(self, url: str) -> tuple[str, str]:
        """The tags of a link; none for what does not lead to the web, or is within a link."""
        return ("", "") if self._literal or site(url) is None else _link_tags(url)


def _with_links(text: str) -> str:
    """Return `text` as HTML in which bare addresses are links."""
    html, end = [], 0
    for match in _BARE_URL.finditer(text):
        if site(match[0]):
            begin_tag, end_tag = _link_tags(match[0])
            html += [_escaped(text[end : match.start()]), begin_tag, _escaped(match[0]), end_tag]
            end = match.end()
    return "".join([*html, _escaped(text[end:])])


def _link_tags(url: str) -> tuple[str, str]:
    href = _NOT_IN_URL.sub(lambda match: quote(match[0]), url)
    return f'<a href="{_escaped(href)}">', "</a>"


def _escaped(text: str) -> str:
    return str(escape(text))
