"""Web pages with structured data in every syntax, valid and broken."""

import json
import time
from io import BytesIO
from typing import Any

import pytest

from app.exchange.drafts import Draft
from app.exchange.html.page import drafts_of_page, read_text
from app.exchange.html.tree import parse
from app.exchange.reading import read_file
from app.exchange.schema_org.reading import read_json
from tests.exchange.schema_org.test_reading import RECIPE, documents

URL = "https://www.food.example/toast?from=list"

TOAST = {
    "@context": "https://schema.org",
    "@type": "Recipe",
    "name": "Toast",
    "recipeIngredient": ["1 slice bread"],
    "recipeInstructions": "Toast it.",
}
READ = {
    "label": "Toast",
    "ingredients": [{"text": "1 slice bread"}],
    "steps": [{"text": "Toast it."}],
}


def script(data: Any, kind: str = "application/ld+json") -> str:
    text = data if isinstance(data, str) else json.dumps(data)
    return f'<script type="{kind}">{text}</script>'


def read(page: str, url: str | None = None) -> list[dict[str, Any]]:
    drafts = drafts_of_page(page, url)
    assert drafts is not None
    return [draft.document for draft in drafts if isinstance(draft, Draft)]


# --- JSON-LD -------------------------------------------------------------------------------------

JSON = json.dumps(TOAST)


@pytest.mark.parametrize(
    "block",
    [
        script(TOAST),
        script([TOAST]),
        script({"@graph": [TOAST]}),
        script(TOAST, "Application/LD+JSON; charset=utf-8"),
        f"<SCRIPT data-x='>' type=application/ld+json id=a >{JSON}</SCRIPT >",
        script(f"//<![CDATA[\n{JSON}\n//]]>"),
        script(f"/*<![CDATA[*/{JSON}/*]]>*/"),
        script(f"<![CDATA[{JSON}]]>"),
        script(f"<!--\n{JSON}\n//-->"),
        script(JSON.replace('"', "&quot;")),
        script(JSON.replace("Toast it.", "Toast it.\n\t\x0b")),
        script(JSON.replace("}", ",}").replace("]", ",]") + ";"),
        script("{broken") + script(TOAST) + script(""),
        script({"@type": "WebSite", "name": "x"}) + script(TOAST) + script(TOAST),
        "<!-- " + script(TOAST | {"name": "Old"}) + " -->" + script(TOAST),
        "<div><p><script>if (a < b) '<div>'</script>" + script(TOAST),
        script(TOAST) + script({"@type": "Recipe", "name": "Another", "url": "https://x.example"}),
    ],
)
def test_json_ld_in_every_wrapping(block: str) -> None:
    assert read(f"<!doctype html><html><head>{block}</head><body>Hi") == [READ]


def test_the_page_fills_in_what_the_recipe_lacks() -> None:
    head = (
        '<html lang="en-GB"><link rel="alternate" href="/feed"><link rel=Canonical href="/toast">'
        '<meta property="og:site_name" content="Food &amp; Co">'
        "<meta property=og:image content=t.jpg>"
    )
    said = {
        "url": "https://www.food.example/toast",
        "source": "Food & Co",
        "language": "en-GB",
        "extras": {"image": ["https://www.food.example/t.jpg"]},
    }
    assert read(head + script(TOAST), URL) == [READ | said]
    own = {
        "url": "https://other.example/t",
        "creditText": "Other",
        "inLanguage": "fr",
        "image": "2.jpg",
    }
    assert read(head + script(TOAST | own), URL) == [
        READ
        | {
            "url": "https://other.example/t",
            "source": "Other",
            "language": "fr",
            "extras": {
                "image": ["https://www.food.example/t.jpg", "https://www.food.example/2.jpg"]
            },
        }
    ]


def test_url_and_label_come_from_the_page() -> None:
    nameless = {name: each for name, each in TOAST.items() if name != "name"}
    page = f"<title>Toast &amp; butter</title>{script(nameless)}"
    assert read(page, URL) == [
        READ | {"label": "Toast & butter", "url": URL, "source": "food.example"}
    ]


def test_the_blocks_of_a_page_refer_to_each_other() -> None:
    author = {"@type": "Person", "@id": "#jo", "name": "Jo"}
    page = script(TOAST | {"author": {"@id": "#jo"}}) + script(author)
    assert read(page) == [READ | {"author": "Jo"}]


def test_a_page_gives_the_same_as_its_json() -> None:
    assert read(script(RECIPE)) == documents(RECIPE)


# --- Marks in the text ---------------------------------------------------------------------------

MICRODATA = """
<html lang=de><body itemscope itemtype="https://schema.org/WebPage"><nav itemprop=breadcrumb>x</nav>
<article itemprop="mainEntity" itemscope itemtype="http://schema.org/Recipe" itemref="more missing">
  <h1 itemprop="name">Kaiser&shy;schmarrn</h1>
  <a href="/jo" itemprop="author" itemscope itemtype="http://schema.org/Person">
    <span itemprop="name">Jo <b>Koch</b></span></a>
  <img itemprop="image" src="/a.jpg" alt=""><link itemprop="url" href="/schmarrn">
  <meta itemprop="recipeYield" content="2 Portionen">
  <time itemprop="prepTime" datetime="PT15M">eine Weile</time> <span itemprop=cookTime>20 min</span>
  <span itemprop="recipeCategory keywords">Dessert</span>
  <ul>
    <li itemprop="recipeIngredient"><span>4</span>
       <span>Eier</span>
    <li itemprop="recipeIngredient">1 Prise Salz &amp; Zimt
  </ul>
  <div itemprop="nutrition" itemscope itemtype="http://schema.org/NutritionInformation">
    <p>Energie: <span itemprop="calories">400 kcal</span></div>
  <div itemprop="aggregateRating" itemscope><span itemprop="name">Nobody</span></div>
</article>
<div id="more"><div itemprop="recipeInstructions"><h3>Teig</h3><ol>
  <li>Eier <em>trennen</em>.
  <li>Verrühren.</ol></div></div>
"""


def test_microdata() -> None:
    assert read(MICRODATA, "https://k.example/") == [
        {
            "label": "Kaiserschmarrn",
            "url": "https://k.example/schmarrn",
            "source": "k.example",
            "author": "Jo Koch",
            "language": "de",
            "prep_minutes": 15,
            "cook_minutes": 20,
            "servings": 2,
            "tags": [
                {"kind": "category", "name": "Dessert"},
                {"kind": "keyword", "name": "Dessert"},
            ],
            "ingredients": [{"text": "4 Eier"}, {"text": "1 Prise Salz & Zimt"}],
            "steps": [
                {"text": "Eier trennen.", "section": "Teig"},
                {"text": "Verrühren.", "section": "Teig"},
            ],
            "nutrition": {"calories": 400},
            "extras": {"image": ["https://k.example/a.jpg"]},
        }
    ]


STEPS = "<p itemprop=recipeInstructions>Cut<br>well.<p itemprop=recipeInstructions>Fry.<div>x</div>"
MARKED = {
    "steps one by one": f"<div itemscope itemtype='http://schema.org/Recipe'>{STEPS}",
    "steps as objects": """<div itemscope itemtype="http://schema.org/Recipe">
        <div itemprop="recipeInstructions" itemscope itemtype="http://schema.org/HowToStep">
        <p itemprop="text">Cut<br>well.</p></div><div itemprop="recipeInstructions" itemscope
        itemtype="http://schema.org/HowToStep"><p itemprop="text">Fry.</p></div>""",
    "RDFa with a vocabulary": """<div vocab="http://schema.org/" typeof="Recipe">
        <ol property="recipeInstructions"><li>Cut<br>well.</li><li>Fry.</li></ol>""",
    "RDFa with a prefix": """<div prefix="schema: http://schema.org/" typeof="schema:Recipe">
        <li property="schema:recipeInstructions">Cut<br>well.<li
        property="schema:recipeInstructions">Fry.""",
    "RDFa before it was one": """<div xmlns:v="http://rdf.data-vocabulary.org/#" typeof="v:Recipe">
        <div property="v:instructions"><p>Cut<br>well.<p>Fry.</div>""",
    "microformats": """<div class="x h-recipe"><div class="e-instructions"><p>Cut<br>well.</p>
        <p>Fry.</p></div></div>""",
    "old microformats": """<div class="hrecipe"><ul class=instructions><li>Cut<br>well.<li>Fry.""",
}


@pytest.mark.parametrize("page", MARKED.values(), ids=MARKED)
def test_steps_in_all_marks(page: str) -> None:
    (document,) = read(page)
    steps = [" ".join(step["text"].split()) for step in document["steps"]]
    assert steps == ["Cut well.", "Fry."]


@pytest.mark.parametrize(
    "page",
    [
        """<div vocab="https://schema.org/" typeof="Recipe"><h1 property="name">Toast</h1>
        <span property="author" typeof="Person"><b property="name">Jo</b></span>
        <span property="recipeIngredient">1 slice bread</span><time property=totalTime
        datetime="PT5M">5</time><p property="recipeInstructions">Toast it.""",
        """<div class="h-recipe"><h1 class="p-name">Toast</h1><a class="p-author" href=/j>Jo</a>
        <ul><li class="p-ingredient">1 <b>slice</b> bread<li>Ad</ul><time class="dt-duration"
        datetime="PT5M">5</time><div class="e-instructions">Toast it.</div></div>""",
    ],
)
def test_rdfa_and_microformats(page: str) -> None:
    assert read(page) == [READ | {"author": "Jo", "total_minutes": 5}]


def test_microdata_fills_in_what_the_json_lacks() -> None:
    data = {"@type": "Recipe", "name": "Schmarrn", "recipeYield": 3, "recipeIngredient": ["4 eggs"]}
    (found,) = read(script(data) + MICRODATA)
    assert (found["label"], found["servings"]) == ("Schmarrn", 3)
    assert found["ingredients"] == [{"text": "4 eggs"}]
    assert [step["text"] for step in found["steps"]] == ["Eier trennen.", "Verrühren."]


@pytest.mark.parametrize("page", ["", "Soup", "<html><body>Soup", script("{}"), script("{")])
def test_pages_without_a_recipe(page: str) -> None:
    assert drafts_of_page(page, URL) is None
    assert drafts_of_page(page) is None


@pytest.mark.filterwarnings("ignore:.*doesn't seem to support")
def test_a_page_without_marks_is_read_by_recipe_scrapers() -> None:
    page = """<h1 class="entry-title">Soup</h1><div class="entry-content"><p>Ingredients:</p>
        <ul><li>1 onion</li><li>water</li></ul><p>Instructions:</p>
        <p><span>Chop.</span><span>Boil.</span></p></div>"""
    url = "https://recipes.farmhousedelivery.com/soup"
    (found,) = read(page, url)
    assert found["label"] == "Soup"
    assert found["url"] == url
    assert found["ingredients"] == [{"text": "1 onion"}, {"text": "water"}]
    assert found["steps"] == [{"text": "Chop."}, {"text": "Boil."}]


# --- Hostile pages -------------------------------------------------------------------------------

ITEM = '<div itemscope itemprop=a itemtype="http://schema.org/Recipe">'
REFERS = (
    "<div itemscope itemtype=/Recipe id=x itemref='x y'><i id=y itemprop=b itemscope itemref=x>"
)
HOSTILE = ["<div>", "<b>", "<p><b>", "<!--", "<a x='", '<a ="', "<a ", "</", "<![CDATA[", "</div>"]
HOSTILE += ["<script>", "&#", ITEM, ITEM + "<p itemprop=b>", "<p itemprop=c>x", "<table><tr><td>"]
HOSTILE += ["<div><table></div></table>", "<svg><script>", REFERS, "\0", "<div class=h-recipe>x "]


@pytest.mark.parametrize("junk", HOSTILE)
def test_junk_is_read_quickly(junk: str) -> None:
    start = time.process_time()
    page = junk * (2**20 // len(junk))
    drafts = drafts_of_page(page, URL)
    list(drafts or [])
    assert time.process_time() - start < 5


def test_a_recipe_in_junk_is_found() -> None:
    junk = "<div><p><b x='>'>" * 1000 + "</i></table>" * 1000
    assert read(junk + script(TOAST) + junk) == [READ]


def test_elements_beyond_the_bound_are_cut() -> None:
    page = "<div>" * 1_000_000
    start = time.process_time()
    assert len([*parse(page).nodes()]) == 50_000
    assert time.process_time() - start < 5


# --- The tree ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<p>a<p>b", "<p>a</p><p>b</p>"),
        ("<ul><li>a<li>b<ul><li>c</ul><li>d</ul>e",
         "<ul><li>a</li><li>b<ul><li>c</li></ul></li><li>d</li></ul>e"),
        ("<table><tr><td>a<td>b<tr><th>c</table>",
         "<table><tr><td>a</td><td>b</td></tr><tr><th>c</th></tr></table>"),
        ("<dl><dt>a<dd>b<dt>c</dl>", "<dl><dt>a</dt><dd>b</dd><dt>c</dt></dl>"),
        ("<div><b>a</div>b</b>", "<div><b>a</b></div>b"),
        ("<p>a<br/>b<img src=x>c</p>", '<p>a<br>b<img src="x">c</p>'),
        ("<A HREF='a\"b' x=it's Y>c</A>", '<a href="a&quot;b" x="it&#x27;s" y="">c</a>'),
        ("<a title='>' b = c>d</a>", '<a title="&gt;" b="c">d</a>'),
        ("a < b &amp; &lt;c> <", "a &lt; b &amp; &lt;c&gt; &lt;"),
        ("<!-->a<!-- <b> -->c<!--d", "ac"),
        ("<!doctype html><?php x ?>a</x></3>", "a&lt;/3&gt;"),
        ("<script><p></script >a<style></p>", "<script><p></script>a<style><\\/p></style>"),
        ("<title>a<b></title><i", "<title>a<b></title><i></i>"),
    ],
)  # fmt: skip
def test_the_tree(page: str, expected: str) -> None:
    assert parse(page).html() == expected


# --- Files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        f"<!DOCTYPE html><html>{script(TOAST)}</html>",
        f"\n<html>{script(TOAST)}",
        f"Saved from the web\n<body>{script(TOAST)}",
        script(TOAST),
    ],
)
def test_a_saved_page(text: str) -> None:
    drafts = read_text(text)
    assert drafts is not None
    assert list(drafts) == [Draft(READ)]


@pytest.mark.parametrize("text", ["", "Toast\n\n1 slice bread", "<html>", "a <b>bold</b> line"])
def test_a_text_that_is_no_page(text: str) -> None:
    assert read_text(text) is None


def test_json_ld() -> None:
    value: Any = {"@graph": [TOAST]}
    drafts = read_json(value)
    assert drafts is not None
    assert list(drafts) == [Draft(READ)]


@pytest.mark.parametrize("content", [JSON, f"[{JSON}]", f"<html><head>{script(TOAST)}"])
def test_pages_and_json_ld_as_files(content: str) -> None:
    assert list(read_file(BytesIO(content.encode()))) == [Draft(READ)]
