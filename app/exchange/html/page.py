"""The recipes of a web page: JSON-LD first, then what is marked in its text."""

from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import urljoin

from app.core.text import cut_marks
from app.exchange.drafts import Drafts
from app.exchange.files.lenient_json import load_json
from app.exchange.html.marked import marked_recipes
from app.exchange.html.tree import Node, parse
from app.exchange.schema_org.reading import Recipe, document_of, drafts_of, recipes_in
from app.exchange.text.values import Json, given, line_of, unescape

_CONTENTS = ("ingredients", "steps")
_MOST_SCRIPTS = 5000
_BEFORE = ("<!--", "//", "/*", "<![CDATA[", "*/")
_AFTER = ("-->", "*/", "]]>", "//", "/*")
# The library was not made for hostile pages: it gets none beyond these, and well-formed ones only.
_LARGEST_UNMARKED = 1_000_000
_MOST_UNMARKED = 20_000


def drafts_of_page(source: str, url: str | None = None) -> Drafts | None:
    """The recipes of a page, which is at `url`; None if there are none."""
    root = parse(source)
    about = _About(root, url)
    documents = [about.document_of(recipe) for recipe in recipes_in(list(_json_ld(root)))]
    if not any(map(_is_whole, documents)):
        marked = [about.document_of(recipe) for recipe in marked_recipes(root)]
        if len(documents) == 1 and marked:
            documents = [_filled(documents[0], max(marked, key=_weight))]
        elif not any(map(_weight, documents)):
            documents = marked or documents
    # Beside recipes, what only names others is a link to them.
    documents = [each for each in documents if _weight(each)] or documents[:1]
    if not any(map(_weight, documents)):
        documents = [*_unmarked(root, about)] or documents
    return drafts_of(documents) if documents else None


class _About:
    """What a page says of itself, for the recipes in it that do not say it."""

    def __init__(self, root: Node, url: str | None) -> None:
        said: dict[str, str] = {}
        for node in root.nodes():
            attributes = node.attributes if node.tag in ("html", "link", "meta") else {}
            if node.tag == "html":
                said.setdefault("inLanguage", attributes.get("lang", ""))
            elif node.tag == "title":
                said.setdefault("title", unescape(node.raw()))
            elif "canonical" in attributes.get("rel", "").lower().split():
                said.setdefault("canonical", attributes.get("href", "").strip())
            elif name := attributes.get("property") or attributes.get("name"):
                said.setdefault(name.lower(), attributes.get("content", ""))
        self._said = said
        try:
            said_url = cut_marks(said.get("canonical") or said.get("og:url") or "")
            self.url = urljoin(url or "", said_url) or None
        except ValueError:
            self.url = url

    def document_of(self, recipe: Recipe) -> dict[str, Any]:
        missing = given(
            inLanguage=self._said.get("inLanguage"),
            name=self._said.get("og:title") or self._said.get("title"),
            image=self._said.get("og:image"),
        )
        recipe = recipe | {name: each for name, each in missing.items() if not recipe.get(name)}
        return document_of(recipe, self.url, line_of(self._said.get("og:site_name")))


def _weight(document: dict[str, Any]) -> int:
    """How much a recipe has of what makes it one."""
    return sum(len(document.get(name, ())) for name in _CONTENTS)


def _is_whole(document: dict[str, Any]) -> bool:
    return all(document.get(name) for name in _CONTENTS)


def _filled(document: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """A recipe with what it lacks and another source of the same page has."""
    return other | document | given(extras=other.get("extras", {}) | document.get("extras", {}))


# --- JSON-LD -------------------------------------------------------------------------------------


def _json_ld(root: Node) -> Iterator[Json]:
    """The values of all blocks that can be read."""
    scripts = (node for node in root.nodes() if node.tag == "script")
    for node in islice(scripts, _MOST_SCRIPTS):
        if "ld+json" in node.attributes.get("type", "").lower():
            text = _unwrapped(node.raw())
            for each in (text, unescape(text)) if "&" in text else (text,):
                try:
                    yield load_json(each)
                except ValueError:
                    continue
                break


def _unwrapped(text: str) -> str:
    """A script without the comments that hide it from the browsers of old."""
    text = text.strip()
    for mark in _BEFORE:
        text = text.removeprefix(mark).lstrip()
    for mark in _AFTER:
        text = text.removesuffix(mark).rstrip()
    return text


# --- Pages that mark nothing ---------------------------------------------------------------------


def _unmarked(root: Node, about: _About) -> Iterator[dict[str, Any]]:
    """What a library finds that knows the pages of many sites, where it is installed."""
    is_small = sum(1 for _ in root.nodes()) <= _MOST_UNMARKED
    clean = root.html() if is_small and about.url else ""
    if not clean or len(clean) > _LARGEST_UNMARKED:
        return
    try:
        from recipe_scrapers import scrape_html

        scraper: Any = scrape_html(clean, about.url or "", supported_only=False)
        recipe = _scraped(scraper.to_json())
    except Exception:  # Whatever it stumbles over: nothing was found.
        return
    document = about.document_of(recipe)
    if _weight(document):
        yield document


def _scraped(found: dict[str, Any]) -> Recipe:
    groups = found.get("ingredient_groups") or []
    ingredients = [
        {"name": group.get("purpose"), "itemListElement": group.get("ingredients")}
        for group in groups
    ]
    return given(
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
