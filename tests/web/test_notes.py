"""Notes in Markdown: what they may hold, and that no text makes them more than that."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from app.web.notes import notes_html
from tests.costs import calls_of

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

# What the parser alone would look at again and again, or make much of.
TIRING = {text: text * LONG for text in ("[", "![", "[a](", "[\\]", "<![CDATA[")}
TIRING["brackets"] = "[" * (LONG // 2) + "]" * (LONG // 2)
TIRING["pictures"] = "![" * 500 + "a" + "](https://a.b)" * 500
TIRING["cells"] = "|a" * 100 + "|\n" + "|-" * 100 + "|\n" + "|\n" * LONG
TIRING["quotes"] = "".join(">" * depth + "a\n" for depth in range(320))


@pytest.mark.parametrize("kind", TIRING)
def test_hostile_text_is_bounded_work_and_nothing_of_it_is_lost(kind: str) -> None:
    text = TIRING[kind][:LONG]
    assert calls_of(notes_html.__wrapped__, text) < 50 * LONG
    html = notes_html(text)
    assert len(html) < 6 * LONG
    if kind != "pictures":
        assert html == Markup('<pre dir="auto">{}</pre>').format(text)


def test_long_prose_is_no_hostile_text() -> None:
    line = "Stir the **butter** in, slowly; it's done when it *just* coats a spoon: [why](https://a.b).\n"
    html = notes_html((line * 1000)[:LONG])
    assert html.count("<strong>butter</strong>") == LONG // len(line) + 1


def test_what_is_nested_too_deep_is_shown_as_typed() -> None:
    assert html_of("> " * 9 + "x").count("<blockquote>") == 9
    assert html_of("> " * 100 + "x") == "<pre>" + "&gt; " * 100 + "x</pre>"
