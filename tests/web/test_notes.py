"""Notes in Markdown: what they may hold, and that no text becomes active content."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from math import isqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from app.web.notes import notes_html
from tests.costs import assert_linear

LONG = 50_000
REL = ' rel="nofollow ugc noopener"'


def html_of(text: str) -> str:
    return notes_html(text).replace(' dir="auto"', "").replace("\n", "")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Salt.", "<p>Salt.</p>"),
        ("one\ntwo\n\nthree", "<p>one<br>two</p><p>three</p>"),
        ("*a* **b** ~~c~~ `d`", "<p><em>a</em> <strong>b</strong> <s>c</s> <code>d</code></p>"),
        ("* a\n* b", "<ul><li>a</li><li>b</li></ul>"),
        ("3. a", '<ol start="3"><li>a</li></ol>'),
        ("> a", "<blockquote><p>a</p></blockquote>"),
        ("```html\n<b>\n```", "<pre><code>&lt;b&gt;</code></pre>"),
        ("a\n\n---\n\nb", "<p>a</p><hr><p>b</p>"),
        (
            "|a|\n|-:|\n|b|",
            "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td></tr></tbody></table>",
        ),
        ("[a](https://example.com)", f'<p><a href="https://example.com"{REL}>a</a></p>'),
        ("[a]\n\n[a]: http://example.com", f'<p><a href="http://example.com"{REL}>a</a></p>'),
        ("<https://a.b>", f'<p><a href="https://a.b"{REL}>https://a.b</a></p>'),
        # An address alone is a link, without the sentence around it.
        ("(https://a.b/c).", f'<p>(<a href="https://a.b/c"{REL}>https://a.b/c</a>).</p>'),
        (
            "See https://a.b/c_(d)_e!",
            f'<p>See <a href="https://a.b/c_(d)_e"{REL}>https://a.b/c_(d)_e</a>!</p>',
        ),
        # A picture is not loaded, and there is no link within a link.
        ("![Soup](https://a.b/c.png)", f'<p><a href="https://a.b/c.png"{REL}>Soup</a></p>'),
        ("![](https://a.b/c)", f'<p><a href="https://a.b/c"{REL}>https://a.b/c</a></p>'),
        (
            "[![Soup](https://a.b/c.png)](https://d.e)",
            f'<p><a href="https://d.e"{REL}>Soup</a></p>',
        ),
        ("[https://a.b](https://d.e)", f'<p><a href="https://d.e"{REL}>https://a.b</a></p>'),
        # Headings go below the h2 of the page, and none is left out.
        ("# a\n## b\n### c\n# d", "<h3>a</h3><h4>b</h4><h4>c</h4><h3>d</h3>"),
        ("### a\n##### b\n# c\n### d", "<h3>a</h3><h4>b</h4><h3>c</h3><h4>d</h4>"),
        ("a\n===", "<h3>a</h3>"),
    ],
)
def test_notes_read_as_they_are_meant(text: str, html: str) -> None:
    assert html_of(text) == html


def test_each_block_finds_its_direction() -> None:
    html = notes_html("# שלום\n\nHello\n\n* עולם")
    assert [*re.findall(r'<(\w+) dir="auto">', html)] == ["h3", "p", "ul"]


# --- Hostile text --------------------------------------------------------------------------------


class Elements(HTMLParser):
    """What a browser makes of the notes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


ALLOWED = {"p", "br", "hr", "h3", "h4", "ul", "ol", "li", "blockquote", "pre", "code", "em", "s"}
ALLOWED |= {"strong", "a", "table", "thead", "tbody", "tr", "th", "td"}


def assert_harmless(text: str) -> None:
    for tag, attributes in Elements(notes_html(text)).found:
        assert tag in ALLOWED
        if tag == "a":
            assert attributes.pop("rel") == "nofollow ugc noopener"
            href = attributes.pop("href", None) or "https:"
            assert re.match(r"https?:", href, re.IGNORECASE)
            assert not re.search(r"[\s<>\"]", href)
        if tag == "ol":
            assert (attributes.pop("start", None) or "1").isdecimal()
        assert attributes in ({}, {"dir": "auto"})


ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;<img src onerror=alert(1)>'>",
    "<a href='javascript:alert(1)'>x</a>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<iframe src=https://evil.example></iframe><form action=https://evil.example><input>",
    "<p style='position:fixed' onclick=alert(1) class=card id=main>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](<java\nscript:alert(1)>)",
    "[x](\x0bjavascript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A;&#x61;vascript&colon;alert(1))",
    "[x](javascript&#0000058;alert(1))",
    "[x](&Tab;javascript:alert(1))",
    "[x](\\javascript:alert(1))",
    "[x](javascript\\:alert(1))",
    "[x](%6aavascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](data:image/png;base64,AAAA)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "[x](//evil.example)",
    "[x](/logout)",
    "[x](?servings=1)",
    "[x](#main)",
    "[x](\\\\evil.example)",
    "[x](https:javascript:alert(1))",
    "[x](ftp://example.com)",
    "[x](mailto:a@example.com)",
    "[x]\n\n[x]: javascript:alert(1)",
    "[x][y]\n\n[y]: <data:text/html,x> 'title'",
    "<javascript:alert(1)>",
    "<data:text/html,alert(1)>",
    "<JAVASCRIPT:alert(1)>",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml,<svg/onload=alert(1)>)",
    "![x](x 'onerror=alert(1)')",
    '![" onerror="alert(1)](https://a.b/"onerror="alert(1))',
    '[x](https://a.b/"onmouseover="alert(1))',
    '[x](https://a.b "t\\" onmouseover=\\"alert(1)")',
    "[x](https://a.b/'><script>alert(1)</script>)",
    '[a](<https://a.b/"><img src=x onerror=alert(1)>>)',
    "[![a](javascript:alert(1))](javascript:alert(2))",
    "[[a](https://a.b)](javascript:alert(1))",
    "[a](https://a.b)](javascript:alert(1))",
    'https://a.b/"onmouseover=alert(1)',
    "https://a.b/<script>alert(1)</script>",
    "https://javascript:alert(1)@a.b https://[ https://a.b\\@evil.example",
    '```"onclick=alert(1) x"><script>\n<script>alert(1)</script>\n```',
    "`<script>alert(1)</script>`",
    '| <script>alert(1)</script> |\n|:-:"onclick=alert(1)|\n|x|',
    "|a|\n|:-:|\n|<td style=x>|",
    '1"><script>. x',
    "# <script>alert(1)</script> {#id onclick=alert(1)}",
    "&lt;script&gt;alert(1)&lt;/script&gt; &#60;img src=x onerror=alert(1)&#62;",
    "</div></section></main><script>alert(1)</script>",
    "{{ 7 * 7 }} {% include 'base.html' %}",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_text_is_more_than_text(attack: str) -> None:
    for text in (attack, f"> {attack}", f"* *{attack}*", f"[{attack}](https://a.b)", f"# {attack}"):
        assert_harmless(text)


PIECES = st.sampled_from(
    [*"[]()<>!*_~`#|\\\"' \n\t&:/-+", "](", "![", "<a ", "https://a.b", "javascript:", "data:"]
    + ["&#106;", "&colon;", "<script>", "onerror=", "\n\n", "|-|", "1. ", "> ", "```", "[x]: ", "x"]
)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_no_mixture_is_more_than_text(text: str) -> None:
    assert_harmless(text)


# --- Work ----------------------------------------------------------------------------------------

PIECES_OF_WORK = ["[", "![", "[a](", "[\\]", "[a][", "[^a]", "<![CDATA[", "<!--", "<a ", "*", "_"]
PIECES_OF_WORK += [
    "~~",
    "*a ",
    "**a*",
    "a**b",
    "*_`[",
    "`a``",
    "&",
    "&amp;",
    "|a",
    "a\n",
    "|a|\n|-|\n",
]
PIECES_OF_WORK += ["https://", "http://a.b(", ">", "> ", "- ", "+ ", "1. ", "#", "\\", "```\n"]


def repeated(piece: str) -> Callable[[int], str]:
    return lambda size: (piece * size)[:size]


TIRING = {piece: repeated(piece) for piece in PIECES_OF_WORK}
TIRING |= {
    "brackets": lambda size: "[" * (size // 2) + "]" * (size // 2),
    "emphasis": lambda size: "*a " * (size // 6) + "a* " * (size // 6),
    "backticks": lambda size: "".join("`" * n + " " for n in range(isqrt(2 * size))),
    "references": lambda size: f"[a]: {'u' * (size // 2)}\n{'[a]' * (size // 6)}",
    "lines in a quote": lambda size: ">" * (size // 2) + "a\n" * (size // 4),
    "lines in a list": lambda size: "- " * (size // 4) + "a\n" * (size // 4),
    "blank lines in lists": lambda size: (
        "".join("  " * depth + "- a\n" for depth in range(isqrt(size) // 2)) + "\n" * (size // 2)
    ),
}


@pytest.mark.parametrize("kind", TIRING)
def test_the_work_and_the_page_grow_with_the_length(kind: str) -> None:
    assert_linear(lambda size: notes_html.__wrapped__(TIRING[kind](size)), LONG, factor=4)
    assert len(notes_html(TIRING[kind](LONG))) < 10 * LONG


@pytest.mark.parametrize(
    "text", ["[" * LONG, "<b>" * 9, "<about 5 eggs>", "<![CDATA[" * 99, "a & b"]
)
def test_what_is_no_markdown_is_shown(text: str) -> None:
    assert notes_html(text).striptags() == text


def test_long_prose_is_no_hostile_text() -> None:
    line = "Stir the **butter** in, slowly; it's done when it *just* coats a spoon: [why](https://a.b).\n"
    html = notes_html((line * 1000)[:LONG])
    assert html.count("<strong>butter</strong>") == LONG // len(line) + 1


@pytest.mark.parametrize(
    "text",
    [
        "> " * 100 + "x",
        "- " * 21 + "x",
        "".join("  " * depth + "- a\n" for depth in range(30)),
        "*a " * 30 + "b* " * 30,
        "![" * 30 + "a" + "](https://a.b)" * 30,
        "|a" * 300 + "\n" + "|-" * 300 + "\n" + "b\n" * 300,
    ],
)
def test_what_is_too_much_is_shown_as_typed(text: str) -> None:
    assert notes_html(text) == Markup('<pre dir="auto">{}</pre>').format(text)


def test_deep_quotes_are_quotes() -> None:
    assert html_of("> " * 9 + "x").count("<blockquote>") == 9
