"""The recipes of a web page: from its JSON-LD, else from its marked text, else by a library."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import urljoin

from app.cooking.ingredients import read_opening
from app.core.text import cut_marks
from app.exchange.drafts import Draft, Drafts, Unreadable
from app.exchange.files.lenient_json import load_json
from app.exchange.html.groups import add_groups
from app.exchange.html.microdata import marked_recipes
from app.exchange.html.tree import Node, parse
from app.exchange.html.visible import visible_recipe
from app.exchange.schema_org.graph import INGREDIENTS, STEPS, Recipe, recipes_in
from app.exchange.schema_org.nodes import first_of
from app.exchange.schema_org.reading import document_of, language_tag
from app.exchange.text.values import Json, line_of, non_empty, unescape

_HTML = re.compile(
    r"<(?:!doctype html|html|head|body|script|article|section|main|div)\b", re.IGNORECASE
)

_FEW = 3
"""Ingredients that may be the first group only."""
_CONTENTS = ("ingredients", "steps")
_MAX_SCRIPTS = 5000
_MAX_TITLE = 1000
_COMMENT_STARTS = ("<!--", "//", "/*", "<![CDATA[", "*/")
_COMMENT_ENDS = ("-->", "*/", "]]>", "//", "/*")
# recipe-scrapers was not made for hostile pages: it gets only small and well-formed ones.
_MAX_SCRAPED_LENGTH = 1_000_000
_MAX_SCRAPED_NODES = 20_000


def read_text(text: str) -> Drafts | None:
    """Return the recipes of a text that is HTML, such as a saved page."""
    return drafts_of_page(text) if _HTML.search(text) else None


def drafts_of_page(source: str, url: str | None = None) -> Drafts | None:
    """Return the recipes of the page at `url`; None if it has none."""
    root = parse(source)
    about = _PageFacts(root, url)
    values = list(_json_ld(root))
    documents = [about.document_of(recipe) for recipe in about.main_of(recipes_in(values), values)]
    if not any(map(_is_whole, documents)):
        marked = [about.document_of(recipe) for recipe in marked_recipes(root)]
        if len(documents) == 1 and marked:
            documents = [_filled(documents[0], max(marked, key=_weight))]
        elif not any(map(_weight, documents)):
            documents = marked or documents
    # If any recipe has contents, those without are links to other recipes.
    documents = [each for each in documents if _weight(each)] or documents[:1]
    if not any(map(_weight, documents)):
        documents = [*_scraped(root, about)] or documents
    if documents:
        add_groups(root, documents)
    if len(documents) < 2:
        documents = _with_visible(root, about, documents)
    return map(_draft, documents) if documents else None


def _with_visible(
    root: Node, about: "_PageFacts", documents: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Fill in ingredients and steps that people see on the page, but programs do not."""
    document = documents[0] if documents else {}
    lines = [each["text"] for each in document.get("ingredients", [])]
    if _is_whole(document) and (_has_amounts(lines) and len(lines) > _FEW):
        return documents
    title = document.get("label") or about.title
    visible = visible_recipe(root, title)
    if visible is None:
        return documents
    if not document:
        return [about.document_of({"name": title}) | visible]
    seen = [each["text"] for each in visible.get("ingredients", [])]
    if lines and (set(lines) < set(seen) or (_has_amounts(seen) and _names_all(seen, lines))):
        document = document | {"ingredients": visible["ingredients"]}
    return [_filled(document, visible)]


def _has_amounts(lines: list[str]) -> bool:
    """Return whether any line begins with an amount."""
    return any(read_opening(line[:1000]).amounts for line in lines)


def _names_all(seen: list[str], foods: list[str]) -> bool:
    """Return whether the lines of the page are those of the recipe, with their amounts."""
    if _has_amounts(foods) or len(seen) < len(foods):
        return False
    text = "\n".join(seen).casefold()
    return all(food.casefold() in text for food in foods)


def _draft(document: dict[str, Any]) -> Draft | Unreadable:
    if _weight(document):
        return Draft(document)
    name = line_of(document.get("label")) or None
    return Unreadable(name, "The page has no ingredients and no steps.")


class _PageFacts:
    """The title, language and URL of a page, for recipes that lack them."""

    def __init__(self, root: Node, url: str | None) -> None:
        facts: dict[str, str] = {}
        titles: list[str] = []
        for node in root.nodes():
            attributes = node.attributes if node.tag in ("html", "link", "meta") else {}
            if node.tag == "html":
                facts.setdefault("inLanguage", attributes.get("lang", ""))
            elif node.tag == "title":
                facts.setdefault("title", unescape(node.raw()))
            elif node.tag == "h1" and len(titles) < 2:
                titles += filter(None, [" ".join(node.text()[:_MAX_TITLE].split())])
            elif "canonical" in attributes.get("rel", "").lower().split():
                facts.setdefault("canonical", attributes.get("href", "").strip())
            elif name := attributes.get("property") or attributes.get("name"):
                facts.setdefault(name.lower(), attributes.get("content", ""))
        self._facts = facts
        is_title = len(titles) == 1 and titles[0] != facts.get("og:site_name")
        self.title = (titles[0] if is_title else "") or facts.get("og:title") or facts.get("title")
        try:
            own_url = cut_marks(facts.get("canonical") or facts.get("og:url") or "")
            self.url = urljoin(url or "", own_url) or None
        except ValueError:
            self.url = url

    def main_of(self, recipes: list[Recipe], values: list[Json]) -> list[Recipe]:
        """Return the recipe that the page is about, or all if nothing names one of them."""
        if len(recipes) < 2:
            return recipes
        main = _main_entities(values)
        titles = {line_of(each).casefold() for each in (self._facts.get("og:title"), self.title)}
        scores = [
            2 * (isinstance(name := recipe.get("@id"), str) and name in main)
            + 2
            * (self.url in (self._joined(recipe, "url"), self._joined(recipe, "mainEntityOfPage")))
            + (line_of(recipe.get("name")).casefold() in titles)
            for recipe in recipes
        ]
        scores = [
            score if first_of(recipe, *INGREDIENTS, *STEPS) else 0
            for score, recipe in zip(scores, recipes, strict=True)
        ]
        best = max(scores)
        return recipes if scores.count(best) > 1 else [recipes[scores.index(best)]]

    def _joined(self, recipe: Recipe, name: str) -> str:
        value = recipe.get(name)
        value = value.get("@id") or value.get("url") if isinstance(value, dict) else value
        try:
            return urljoin(self.url or "", value) if isinstance(value, str) and value else ""
        except ValueError:
            return ""

    def document_of(self, recipe: Recipe) -> dict[str, Any]:
        """Return the document of a recipe on this page."""
        missing = non_empty(
            inLanguage=self._facts.get("inLanguage") or self._facts.get("og:locale"),
            name=self.title,
        )
        if not language_tag(line_of(recipe.get("inLanguage"))) and "inLanguage" in missing:
            recipe = recipe | {"inLanguage": missing["inLanguage"]}
        if picture := self._facts.get("og:image"):
            # It is the large one, where structured data often begins with a thumbnail.
            images = recipe.get("image") or []
            recipe = recipe | {
                "image": [picture, *(images if isinstance(images, list) else [images])]
            }
        recipe = recipe | {name: each for name, each in missing.items() if not recipe.get(name)}
        return document_of(recipe, self.url, line_of(self._facts.get("og:site_name")))


def _weight(document: dict[str, Any]) -> int:
    """Return how many ingredients and steps a recipe has."""
    return sum(len(document.get(name, ())) for name in _CONTENTS)


def _is_whole(document: dict[str, Any]) -> bool:
    return all(document.get(name) for name in _CONTENTS)


def _filled(document: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Fill in what a recipe lacks from another source on the same page."""
    return other | document | non_empty(extras=other.get("extras", {}) | document.get("extras", {}))


def _main_entities(values: list[Json]) -> set[str]:
    """Return the ids that a page names as its mainEntity."""
    nodes = [each for value in values for each in (value if isinstance(value, list) else [value])]
    nodes = [each for each in nodes if isinstance(each, dict)]
    graphs = [each.get("@graph") for each in nodes]
    nodes += [each for graph in graphs if isinstance(graph, list) for each in graph]
    entities = [each.get("mainEntity") for each in nodes if isinstance(each, dict)]
    names = [each.get("@id") if isinstance(each, dict) else each for each in entities]
    return {name for name in names if isinstance(name, str)}


# --- JSON-LD -------------------------------------------------------------------------------------


def _json_ld(root: Node) -> Iterator[Json]:
    """Yield the values of all JSON-LD blocks that can be parsed."""
    scripts = (node for node in root.nodes() if node.tag == "script")
    for node in islice(scripts, _MAX_SCRIPTS):
        if "ld+json" in node.attributes.get("type", "").lower():
            text = _unwrapped(node.raw())
            for each in (text, unescape(text)) if "&" in text else (text,):
                try:
                    yield load_json(each)
                except ValueError:
                    continue
                break


def _unwrapped(text: str) -> str:
    """Remove the comments that used to hide scripts from old browsers."""
    text = text.strip()
    for mark in _COMMENT_STARTS:
        text = text.removeprefix(mark).lstrip()
    for mark in _COMMENT_ENDS:
        text = text.removesuffix(mark).rstrip()
    return text


# --- Pages without any marks ---------------------------------------------------------------------


def _scraped(root: Node, about: _PageFacts) -> Iterator[dict[str, Any]]:
    """Ask recipe-scrapers, which knows the pages of many sites, if it is installed."""
    is_small = sum(1 for _ in root.nodes()) <= _MAX_SCRAPED_NODES
    clean = root.html() if is_small and about.url else ""
    if not clean or len(clean) > _MAX_SCRAPED_LENGTH:
        return
    try:
        from recipe_scrapers import scrape_html

        scraper: Any = scrape_html(clean, about.url or "", supported_only=False)
        recipe = _from_scraper(scraper.to_json())
    except Exception:  # It raises anything on unexpected pages, and may not be installed.
        return
    document = about.document_of(recipe)
    if _weight(document):
        yield document


def _from_scraper(found: dict[str, Any]) -> Recipe:
    groups = found.get("ingredient_groups") or []
    ingredients = [
        {"name": group.get("purpose"), "itemListElement": group.get("ingredients")}
        for group in groups
    ]
    return non_empty(
        name=found.get("title"),
        description=found.get("description"),
        author=found.get("author"),
        creditText=found.get("site_name"),
        inLanguage=found.get("language"),
        prepTime=found.get("prep_time"),
        cookTime=found.get("cook_time"),
        totalTime=found.get("total_time"),
        recipeYield=found.get("yields"),
        recipeCategory=found.get("category"),
        recipeCuisine=found.get("cuisine"),
        cookingMethod=found.get("cooking_method"),
        suitableForDiet=found.get("dietary_restrictions"),
        keywords=found.get("keywords"),
        tool=found.get("equipment"),
        image=found.get("image"),
        nutrition=found.get("nutrients"),
        recipeIngredient=ingredients or found.get("ingredients"),
        recipeInstructions=found.get("instructions_list") or found.get("instructions"),
    )
