"""The recipes of schema.org, in all the shapes in which people publish them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from app.core.text import cut_marks
from app.exchange.drafts import Draft, Drafts, Unreadable
from app.exchange.schema_org.instructions import ingredients_of, is_a, list_of, steps_of
from app.exchange.schema_org.numbers import nutrition_of, times_of, yield_of
from app.exchange.text.values import (
    MAX_DEPTH,
    Json,
    given,
    line_of,
    names_of,
    plain,
    text_of,
    texts_of,
)

_MAX_COPIED = 200_000
_NOTES = {"author notes", "notes", "recipe notes"}
_TAGS = {
    "recipeCategory": "category",
    "recipeCuisine": "cuisine",
    "cookingMethod": "method",
    "suitableForDiet": "diet",
    "tool": "tool",
    "keywords": "keyword",
}
# What says something about the page, its readers or its machinery, and nothing about the recipe.
_NOISE = frozenset(
    (
        *("@context", "@graph", "@id", "@type", "type", "aggregateRating", "breadcrumb", "comment"),
        *("commentCount", "hasPart", "headline", "interactionStatistic", "isAccessibleForFree"),
        *("isPartOf", "isRelatedTo", "logo", "mainEntityOfPage", "potentialAction", "publisher"),
        *("review", "reviews", "sameAs", "speakable", "subjectOf", "thumbnail", "thumbnailUrl"),
        "video",
    )
)

Recipe = dict[str, Any]


def drafts_of_schema_org(value: Json) -> Drafts | None:
    """The recipes in a JSON-LD value, wherever they are in it; None if there are none."""
    recipes = recipes_in(value)
    return drafts_of(map(document_of, recipes)) if recipes else None


def drafts_of(documents: Iterable[dict[str, Any]]) -> Drafts:
    """The drafts of documents, some of which may have nothing that makes a recipe."""
    for document in documents:
        if document.keys() & {"label", "ingredients", "steps"}:
            yield Draft(document)
        else:
            yield Unreadable(None, "It has no name, no ingredients and no instructions.")


# --- Finding -------------------------------------------------------------------------------------


def recipes_in(value: Json) -> list[Recipe]:
    """Each Recipe in a value once, in their order, with what it refers to in its place."""
    found, nodes = _walk(value)
    graph = _Graph(nodes)
    recipes: list[Recipe] = []
    places: dict[Any, int] = {}
    for node in found:
        recipe = {_member(name): graph.resolved(each) for name, each in node.items()}
        keys = _identity(recipe)
        place = next((places[key] for key in keys if key in places), len(recipes))
        if place == len(recipes):
            recipes.append(recipe)
        elif len(recipe) > len(recipes[place]):
            recipes[place] = recipe
        places |= dict.fromkeys(keys, place)
    return recipes


def _walk(value: Json) -> tuple[list[Recipe], dict[str, Recipe]]:
    """All recipes in a value, and all objects with an @id. What is in a recipe is its own."""
    recipes: list[Recipe] = []
    nodes: dict[str, Recipe] = {}
    waiting = [(value, False)]
    while waiting:
        each, is_within = waiting.pop()
        if isinstance(each, list):
            waiting += [(member, is_within) for member in reversed(each)]
        elif isinstance(each, dict):
            if is_a(each, "Recipe") and not is_within:
                recipes.append(each)
                is_within = True
            name = each.get("@id")
            if isinstance(name, str) and len(each) > len(nodes.get(name, ())):
                nodes[name] = each
            waiting += [(member, is_within) for member in reversed(each.values())]
    return recipes, nodes


def _identity(recipe: Recipe) -> list[Any]:
    lines = [line["text"] for line in ingredients_of(_first(recipe, *_INGREDIENTS))]
    name = recipe.get("@id")
    known: list[Any] = [name] if isinstance(name, str) and name else []
    if not lines:
        lines = [repr(_first(recipe, *_STEPS))]
    return [*known, (line_of(recipe.get("name")), *lines)]


def _member(name: str) -> str:
    """The name of a member without the vocabulary before it."""
    return re.sub(r"^(?:https?://schema\.org/|schema:)", "", name)


class _Graph:
    """The objects of a file by their @id, and how much of them may still be put in places."""

    def __init__(self, nodes: Mapping[str, Recipe]) -> None:
        self.nodes = nodes
        self.left = _MAX_COPIED

    def resolved(self, value: Json) -> Json:
        """A value with the objects that it refers to, each at its first place in it."""
        return self._resolved(value, set(), False, 0)

    def _resolved(self, value: Json, seen: set[str], is_copy: bool, depth: int) -> Json:
        if not isinstance(value, list | dict):
            return value
        if depth > MAX_DEPTH or self.left < 0:
            return None
        self.left -= is_copy
        if isinstance(value, list):
            return [self._resolved(each, seen, is_copy, depth + 1) for each in value]
        name = value.get("@id")
        if isinstance(name, str) and name in self.nodes and value.keys() <= {"@id", "@type"}:
            if name not in seen:
                seen.add(name)
                return self._resolved(self.nodes[name], seen, True, depth + 1)
        elif "@list" in value or "@set" in value:
            return self._resolved(value.get("@list", value.get("@set")), seen, is_copy, depth + 1)
        return {
            _member(name): self._resolved(each, seen, is_copy, depth + 1)
            for name, each in value.items()
        }


# --- Reading -------------------------------------------------------------------------------------

_INGREDIENTS = ("recipeIngredient", "ingredients", "ingredient")
_STEPS = ("recipeInstructions", "instructions", "step")


def document_of(recipe: Recipe, url: str | None = None, site: str | None = None) -> dict[str, Any]:
    """The members of our document that a Recipe has; `url` and `site` are those of its page."""
    rest = {name: each for name, each in recipe.items() if name not in _NOISE}
    take = rest.pop
    based_on = _url(take("isBasedOn", None), url)
    own = _url(take("url", None), url) or _url(recipe.get("mainEntityOfPage"), url)
    page, url = url, based_on or own or url or _url(recipe.get("@id"), None)
    source = _name(take("creditText", None)) or _site(recipe) or site or _host(url)
    servings, yield_text = yield_of(take("recipeYield", None), take("yield", None))
    nutrition, other_nutrients = nutrition_of(take("nutrition", None))
    notes = _notes(recipe.get("comment"), take("notes", None), take("recipeNotes", None))
    document = given(
        label=line_of(take("name", None)) or line_of(recipe.get("headline")),
        description=text_of(take("description", None)),
        url=url,
        source=source,
        author=", ".join(_names(take("author", None))),
        language=_language(rest),
        **times_of(rest),
        servings=servings,
        yield_text=yield_text,
        tags=_tags(rest),
        ingredients=ingredients_of(_first(rest, *_INGREDIENTS)),
        steps=steps_of(_first(rest, *_STEPS)),
        nutrition=nutrition,
        notes=notes,
    )
    images = [_joined(page, each) for each in _images(take("image", None))]
    rest = {name: each for name, each in rest.items() if name not in (*_INGREDIENTS, *_STEPS)}
    extras = given(image=images, nutrition=other_nutrients, **_unknown(rest))
    return document | given(extras=extras)


def _first(recipe: Recipe, *names: str) -> Json:
    """The first member of these names that holds something."""
    return next((recipe[name] for name in names if recipe.get(name)), None)


def _unknown(rest: Recipe) -> dict[str, Any]:
    """What has no place, but large objects, which are about something else."""
    return {
        str(name): value
        for name, value in rest.items()
        if not isinstance(value, list | dict) or len(repr(value)) <= 2000
    }


# --- Where it comes from -------------------------------------------------------------------------


def _url(value: Json, base: str | None) -> str | None:
    for each in list_of(value):
        if isinstance(each, dict):
            each = each.get("url") or each.get("@id") or each.get("contentUrl")
        if isinstance(each, str) and (address := _joined(base, each)).startswith("http"):
            return address
    return None


def _joined(base: str | None, address: str) -> str:
    """An address as it is from a page; empty where it is none."""
    try:
        joined = urljoin(base or "", cut_marks(address.strip()))
        return joined if len(joined) <= 10_000 and urlsplit(joined) else ""
    except ValueError:
        return ""


def _host(url: str | None) -> str | None:
    return (urlsplit(url).hostname or "").removeprefix("www.") or None if url else None


def _names(value: Json) -> list[str]:
    """The names of people and organisations, each once."""
    names = [
        line_of([each.get("name"), each.get("alternateName"), each.get("@value")])
        if isinstance(each, dict)
        else line_of(each)
        for each in list_of(value)
    ]
    return [name for name in dict.fromkeys(names) if name and not name.startswith("http")]


def _name(value: Json) -> str | None:
    return next(iter(_names(value)), None)


def _site(node: Recipe, depth: int = 0) -> str | None:
    """Who publishes it: what it is a part of counts if it is no mere page or article."""
    if name := _name(node.get("publisher")):
        return name
    for whole in list_of(node.get("isPartOf")):
        if not isinstance(whole, dict) or depth > MAX_DEPTH:
            continue
        is_page = is_a(whole, "WebPage", "ItemPage", "Article", "BlogPosting", "NewsArticle")
        if name := _site(whole, depth + 1) if is_page else _name(whole):
            return name
    return None


def _language(rest: Recipe) -> str | None:
    tag = line_of(rest.get("inLanguage")).replace("_", "-")
    if len(tag) > 35 or not re.fullmatch(r"(?:[a-z]{2,3}|[xi]-\w{1,8})(?:-\w{1,8})*", tag, _ASCII):
        return None
    del rest["inLanguage"]
    return tag


_ASCII = re.ASCII | re.IGNORECASE

# --- The rest ------------------------------------------------------------------------------------


def _tags(rest: Recipe) -> list[dict[str, str]]:
    return [
        {"kind": kind, "name": _diet(name) if kind == "diet" else name}
        for member, kind in _TAGS.items()
        for name in _tag_names(rest.pop(member, None))
    ]


def _tag_names(value: Json) -> list[str]:
    # In a list of several, a comma belongs to a name.
    many = isinstance(value, list) and len(value) > 1
    return list(dict.fromkeys(map(line_of, texts_of(value)))) if many else names_of(value)


def _diet(name: str) -> str:
    """The name of a diet: "https://schema.org/GlutenFreeDiet" is "Gluten free"."""
    if found := re.fullmatch(r"(?:https?://schema\.org/|schema:)?([A-Z][A-Za-z]*)Diet", name):
        return re.sub(r"(?<!^)(?=[A-Z])", " ", found[1]).capitalize()
    return name


def _notes(comments: Json, *notes: Json) -> str:
    """A cook's notes: those in the comments that bear their name, and those of other names."""
    mine = [
        each.get("text")
        for each in list_of(comments)
        if isinstance(each, dict) and line_of(each.get("name")).casefold() in _NOTES
    ]
    return "\n\n".join(text for value in (*mine, *notes) for text in _markdown(value))


def _markdown(value: Json) -> Iterator[str]:
    """Texts as they are, for they may be Markdown; HTML becomes plain text."""
    for each in list_of(value):
        if isinstance(each, str) and not re.search(r"</|<br|<p>|&\w+;", each):
            yield from filter(None, [each.strip()])
        else:
            yield from map(plain, texts_of(each))


def _images(value: Json, depth: int = 0) -> list[str]:
    """The addresses of the pictures."""
    addresses: list[str] = []
    for each in list_of(value) if depth <= MAX_DEPTH else ():
        if isinstance(each, dict):
            each = each.get("url") or each.get("contentUrl") or each.get("@id")
        if isinstance(each, str) and each.strip() and not each.strip().startswith("data:"):
            addresses.append(each.strip())
        elif isinstance(each, list | dict):
            addresses += _images(each, depth + 1)
    return list(dict.fromkeys(addresses))
