"""A recipe as Markdown, checked with a parser."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.exchange.writing.markdown import to_markdown
from app.ops.first_data import RECIPES
from app.schemas.recipe import RecipeCreate
from tests.documents import WHOLE
from tests.strategies import EXPLORE, documents

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])

# What we write within a line; all else in one came out of somebody's text.
OURS = {"text", "softbreak", "hardbreak"}
OURS |= {f"{mark}_{end}" for mark in ("strong", "em", "link") for end in ("open", "close")}

Block = tuple[str, str]


def recipe(**members: Any) -> dict[str, Any]:
    """A recipe as the API answers it, with these members."""
    return RecipeCreate.model_validate({"label": "Toast", **members}).model_dump()


def one_line(text: str) -> str:
    return " ".join(text.split())


def text_of(inline: Token) -> str:
    assert {token.type for token in inline.children or []} <= OURS, inline.content
    texts = (token.content or " " * token.type.endswith("break") for token in inline.children or [])
    return "".join(texts)


def blocks(markdown: str) -> list[Block]:
    """What a document is made of: its headings, paragraphs, rules and list items, with their text.

    A list item is all one text, with the number that a reader sees.
    """
    found: list[Block] = []
    item: list[str] | None = None
    kind = ""
    for token in PARSER.parse(markdown):
        match token.type:
            case "list_item_open":
                assert item is None, "a list in a list"
                item, kind = [], token.info or "-"
            case "list_item_close":
                found.append((kind, one_line(" ".join(item or []))))
                item = None
            case "heading_open" | "paragraph_open" if item is None:
                kind = token.tag
            case "inline" if item is not None:
                item.append(text_of(token))
            case "inline":
                found.append((kind, one_line(text_of(token))))
            case "hr":
                found.append(("hr", ""))
            case other:
                assert other.split("_")[0] in {"heading", "paragraph", "bullet", "ordered"}, other
                # A heading or a rule in a list item would be somebody's text.
                assert item is None or other.startswith("paragraph"), other
    return found


def part(title: str, members: list[dict[str, Any]], *, numbered: bool) -> Iterator[Block]:
    """The blocks that ingredients or steps must be, but for what is added to their text."""
    if members:
        yield "h2", title
    number = 0
    runs = groupby(members, key=lambda member: one_line(member["section"] or ""))
    for index, (section, run) in enumerate(runs):
        if section:
            yield "h3", section
        elif index:
            yield "hr", ""
        for member in run:
            number += 1
            yield str(number) if numbered else "-", one_line(member["text"])


def check_parts(document: dict[str, Any]) -> None:
    """Title, ingredients and steps are found as they are, and there is nothing else than ours."""
    # The notes are the cook's own Markdown: they may hold anything.
    found = blocks(to_markdown({**document, "notes": None}))
    assert found[0] == ("h1", one_line(document["label"]))

    parts: dict[str, list[Block]] = {"": []}
    for kind, text in found[1:]:
        if kind == "h2":
            assert text not in parts
            parts[text] = []
        list(parts.values())[-1].append((kind, text))
    assert parts.keys() <= {"", "Ingredients", "Method", "Nutrition per serving"}
    assert {kind for kind, _ in parts[""]} <= {"p", "-"}

    ingredients = list(part("Ingredients", document["ingredients"], numbered=False))
    steps = list(part("Method", document["steps"], numbered=True))
    for expected, title in [(ingredients, "Ingredients"), (steps, "Method")]:
        in_it = parts.get(title, [])
        assert [kind for kind, _ in in_it] == [kind for kind, _ in expected]
        # What is added stands around the text: a name before it, a remark behind it.
        assert all(text in shown for (_, shown), (_, text) in zip(in_it, expected, strict=True))


def test_a_whole_recipe() -> None:
    markdown = to_markdown(WHOLE)
    assert markdown.startswith("# Crème brûlée à l’orange\n\n")
    assert markdown.endswith(f"## Notes\n\n{WHOLE['notes']}\n")
    assert blocks(to_markdown({**WHOLE, "notes": None})) == [
        ("h1", "Crème brûlée à l’orange"),
        ("p", "Custard under a lid of caramel. Made the day before."),
        ("-", "Author: Zoë Łukasz"),
        ("-", "Source: Example Kitchen"),
        ("-", "Preparation: 20 min"),
        ("-", "Cooking: 45 min"),
        ("-", "Total: 4 h 5 min"),
        ("-", "Serves: 4.5"),
        ("-", "Makes: 4 ramekins and a spoon"),
        ("-", "Category: Dessert"),
        ("-", "Cuisine: French"),
        ("-", "Keywords: 🍮"),
        ("-", "Language: fr-CA"),
        ("h2", "Ingredients"),
        ("h3", "Custard"),
        ("-", "1 ½–2 cups cream, cold"),
        ("hr", ""),
        ("-", "a little orange zest (optional)"),
        ("h2", "Method"),
        ("h3", "Custard"),
        ("1", "The base Whisk. (5 min)"),
        ("hr", ""),
        ("2", "Bake, then cool."),
        ("h2", "Nutrition per serving"),
        ("-", "Serving size: 1 ramekin"),
        ("-", "Calories: 410 kcal"),
        ("-", "Carbohydrate: 28.25 g"),
        ("-", "Cholesterol: 310 mg"),
        ("-", "Fat: 30.5 g"),
        ("-", "Fiber: 0 g"),
        ("-", "Protein: 6 g"),
        ("-", "Saturated fat: 18 g"),
        ("-", "Sodium: 55 mg"),
        ("-", "Sugar: 26 g"),
    ]


def test_only_a_title() -> None:
    assert to_markdown(recipe(nutrition={}, notes="", prep_minutes=None)) == "# Toast\n"


@pytest.mark.parametrize("members", RECIPES, ids=[members["label"] for members in RECIPES])
def test_each_recipe_of_the_seed(members: dict[str, Any]) -> None:
    check_parts(recipe(**members))


@pytest.mark.parametrize(
    "line",
    [
        *("1.5 cups flour", "½ tsp salt (fine)", "2–3 eggs", "3 - 4 eggs", "1/2 lb", ".5 l"),
        *("salt & pepper", "M&Ms", "100 % rye!", "180 °C = 350 °F", "no. 1", "5: stir", "x > y"),
        *("https://example.com/?a=1&b=2", "“quoted”, it's {said} @home + ^"),
    ],
)
def test_an_ordinary_line_is_not_escaped(line: str) -> None:
    assert f"- {line}\n" in to_markdown(recipe(ingredients=[line]))


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com/toast",
        "http://example.com/a_b*c*?q=[1](2)&copy;&amp;x=1#y",
        "https://example.com/<b>\\`x`",
    ],
)
def test_the_source_is_a_link(address: str) -> None:
    for source in (None, "The [Toast] *Times*"):
        parsed = PARSER.parse(to_markdown(recipe(url=address, source=source)))
        children = [child for token in parsed for child in token.children or []]
        links = [child.attrGet("href") for child in children if child.type == "link_open"]
        assert links == [PARSER.normalizeLink(address)]
        assert f"Source: {source or address}" in "".join(child.content for child in children)


def test_numbers_are_rounded() -> None:
    found = blocks(to_markdown(recipe(servings=2 / 3, nutrition={"fat_g": 0.1 + 0.2})))
    assert ("-", "Serves: 0.67") in found
    assert ("-", "Fat: 0.3 g") in found


def test_a_name_that_the_text_repeats_is_written_once() -> None:
    document = recipe(steps=[{"name": "1. Mix", "text": "1. Mix it all."}])
    assert ("1", "1. Mix it all.") in blocks(to_markdown(document))


def test_paragraphs_and_line_breaks_are_kept() -> None:
    document = recipe(description="one\ntwo\n \n\nthree", steps=["four\n\nfive\nsix"])
    assert to_markdown(document) == (
        "# Toast\n\none\\\ntwo\n\nthree\n\n## Method\n\n1. four\n\n   five\\\n   six\n"
    )


# --- Hostile text --------------------------------------------------------------------------------

ATTACKS = [
    "# heading",
    "a\n# heading",
    "heading\n===",
    "heading\n---",
    "***",
    "1. one",
    "1) one\n2) two",
    "- [x] done",
    "+ plus\n* star",
    "> quoted",
    "    code",
    "\tcode",
    "a\n\n    code",
    "```\nfence",
    "~~~\nfence",
    "`code` ``code``",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "a | b\n:-|-:",
    "*em* **strong** _em_ __strong__ ~~gone~~",
    "[link](javascript:alert(1)) ![image](x.png) [ref][id] [^1]",
    "[id]: https://example.com/",
    "<script>alert(1)</script>",
    "<!-- comment",
    "a\n\n<div>\n\nb",
    "<https://example.com/> <a@example.com>",
    "&lt;b&gt; &amp; &#35; &nbsp; &copy;",
    "a trailing backslash\\",
    "\\# \\\\ \\&amp; \\\nx",
    "two spaces  \nand a line",
    "closing ###",
    "#",
    "-",
    "7.",
    "\u00a0**x\u00a0**",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_text_is_escaped(attack: str) -> None:
    document = recipe(
        label=attack,
        description=attack,
        source=attack,
        author=attack,
        yield_text=attack,
        tags=[{"kind": "tool", "name": attack}, attack],
        ingredients=[attack, {"text": attack, "section": attack, "optional": True}, attack],
        steps=[attack, {"text": f"x {attack}", "section": attack, "name": attack, "minutes": 1}],
        nutrition={"serving_size": attack},
    )
    check_parts(document)
    shown, flat = blocks(to_markdown(document)), one_line(attack)
    for name in ("Author", "Source", "Makes", "Tools", "Keywords", "Serving size"):
        assert ("-", f"{name}: {flat}") in shown
    assert ("-", f"{flat} (optional)") in shown
    assert ("2", f"{flat} x {flat} (1 min)") in shown
    described = shown[1 : shown.index(("-", f"Author: {flat}"))]
    assert " ".join(text for _, text in described) == flat


marks = st.text("ab 1.)(-+=#>*_`~[]!<&;|\\$:/x\n\t\u00a0", min_size=1, max_size=30)
texts = marks.filter(lambda text: not text.isspace())
members = st.fixed_dictionaries({"text": texts}, optional={"section": marks})


@EXPLORE
@hypothesis.given(
    label=texts,
    description=marks,
    ingredients=st.lists(members, max_size=4),
    steps=st.lists(members, max_size=4),
)
def test_no_text_becomes_markup(**document: Any) -> None:
    check_parts(recipe(**document))


@EXPLORE
@hypothesis.given(document=documents)
def test_any_document_has_its_parts(document: dict[str, Any]) -> None:
    whole = recipe(**document)
    check_parts(whole)
    markdown = to_markdown(whole)
    assert markdown == to_markdown(dict(reversed(whole.items())))
    assert markdown.endswith("\n")
    assert (whole["notes"] or "").rstrip() in markdown
