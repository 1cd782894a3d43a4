"""Notes, which people write in Markdown, as HTML that is harmless whatever they write.

There are two walls: the parser makes no HTML but its own, and of that the sanitizer keeps what is
listed here. Nothing is loaded from elsewhere, so a picture becomes a link to it.

It takes its time to load, and few recipes have notes: import it where there are some.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Literal

import nh3
from markdown_it import MarkdownIt
from markdown_it.parser_block import ParserBlock
from markdown_it.parser_inline import ParserInline
from markdown_it.ruler import StateBase
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType
from markupsafe import Markup

from app.web.formats import site

MAX_STEPS = 30_000
"""Of the parser. Fifty thousand characters of prose take some thousands, hostile ones millions."""
MAX_DEPTH = 20
"""Of quotes and lists within each other; the items of lists count as well."""

_TAGS = {"p", "br", "hr", "h3", "h4", "ul", "ol", "li", "blockquote", "pre", "code"}
_TAGS |= {"em", "strong", "s", "a", "table", "thead", "tbody", "tr", "th", "td"}
_ATTRIBUTES = {"*": {"dir"}, "a": {"href"}, "ol": {"start"}}
_BARE_URL = re.compile(r"https?://(?:[^\s<>()\"'`]|\([^\s<>()]*\))+(?<![.,;:!?*_~])", re.IGNORECASE)
_AS_TYPED = Markup('<pre dir="auto">{}</pre>')


class _TooMuchError(Exception):
    """The text is more work, or is nested deeper, than any that people write."""


@lru_cache(32)
def notes_html(text: str) -> Markup:
    """`text` as HTML; as it was typed where all that it says is meant for the parser."""
    try:
        html = _markdown.render(text, {"steps": 0})
    except _TooMuchError:
        return _AS_TYPED.format(text)
    return Markup(_sanitizer.clean(html))  # noqa: S704 - It is what the sanitizer has left.


# --- The parser ----------------------------------------------------------------------------------


def _count(state: StateBase, _silent: bool = False) -> bool:
    """A rule that never matches, and ends what becomes too much."""
    state.env["steps"] += 1
    if state.env["steps"] > MAX_STEPS:
        raise _TooMuchError
    return False


class _BlockState(StateBlock):
    def push(self, ttype: str, tag: str, nesting: Literal[-1, 0, 1]) -> Token:
        _count(self)
        # Beyond its depth the parser would leave out the text.
        if self.level >= MAX_DEPTH:
            raise _TooMuchError
        return super().push(ttype, tag, nesting)


class _Blocks(ParserBlock):
    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        state = _BlockState(src, md, env, tokens)
        self.tokenize(state, 0, state.lineMax)
        return state.tokens


class _Inlines(ParserInline):
    def skipToken(self, state: StateInline) -> None:  # noqa: N802 - The name is the library's.
        # To look ahead for the end of each of many brackets is what takes longest.
        _count(state)
        super().skipToken(state)


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - The name is the library's.
        """Whether it leads to the web; what does not stays text."""
        return site(url) is not None


def _arrange_blocks(state: StateCore) -> None:
    """Bring headings below those of the page, none left out, and let each block find its way."""
    top = tag = "h6"
    for token in state.tokens:
        if token.type == "heading_open":
            top = min(top, token.tag)
            tag = "h3" if token.tag == top else "h4"
        if token.type in ("heading_open", "heading_close"):
            token.tag = tag
        if token.level == 0 and token.nesting == 1:
            token.attrSet("dir", "auto")


def _arrange_links(state: StateCore) -> None:
    for token in state.tokens:
        token.children = list(_linked(token.children or ()))


def _linked(tokens: Iterable[Token]) -> Iterator[Token]:
    """Pictures as links, and bare addresses too; but there is no link within a link."""
    within = 0
    for token in tokens:
        if token.type in ("link_open", "link_close"):
            within += token.nesting
        if token.type == "image":
            url = str(token.attrs["src"])
            text = _text(token.content or url)
            yield from [text] if within else _link(url, text)
        elif token.type == "text" and not within:
            yield from _with_links(token.content)
        else:
            yield token


def _with_links(text: str) -> Iterator[Token]:
    end = 0
    for match in _BARE_URL.finditer(text):
        if site(match[0]):
            yield _text(text[end : match.start()])
            yield from _link(match[0], _text(match[0]))
            end = match.end()
    yield _text(text[end:])


def _link(url: str, text: Token) -> list[Token]:
    return [Token("link_open", "a", 1, {"href": url}), text, Token("link_close", "a", -1)]


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _parser() -> MarkdownIt:
    # Notes are typed into a field that shows each line end, so it is one.
    markdown = _Markdown("js-default", {"breaks": True, "maxNesting": MAX_DEPTH})
    markdown.block, markdown.inline = _Blocks(), _Inlines()
    markdown.disable(["html_block", "html_inline"])
    markdown.inline.ruler.before("text", "count", _count)
    markdown.core.ruler.after("block", "arrange_blocks", _arrange_blocks)
    markdown.core.ruler.push("arrange_links", _arrange_links)
    return markdown


_markdown = _parser()
# The rules are put in order at the first use, which two threads must not do at once.
_markdown.render("", {"steps": 0})
_sanitizer = nh3.Cleaner(
    tags=_TAGS,
    attributes=_ATTRIBUTES,
    url_schemes={"http", "https"},
    url_relative="deny",
    link_rel="nofollow ugc noopener",
)
