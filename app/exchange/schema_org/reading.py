"""Recipes of schema.org, in all the shapes in which people publish them."""

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

from app.core.text import cut_marks
from app.exchange.drafts import Draft, Drafts, Unreadable
from app.exchange.schema_org.graph import INGREDIENTS, STEPS, Recipe, recipes_in
from app.exchange.schema_org.instructions import ingredients_of, steps_of
from app.exchange.schema_org.nodes import MAX_LINE_LENGTH, first_of, is_a, list_of
from app.exchange.schema_org.nutrition import nutrition_of
from app.exchange.text.numbers import servings_of
from app.exchange.text.times import minutes_of
from app.exchange.text.values import (
    MAX_DEPTH,
    Json,
    line_of,
    names_of,
    non_empty,
    plain,
    text_of,
    texts_of,
)

_MAX_OBJECT_LENGTH = 2000
_MAX_URL_LENGTH = 10_000
_NOTES = {"author notes", "notes", "recipe notes"}
_LANGUAGE = re.compile(r"(?:[a-z]{2,3}|[xi]-\w{1,8})(?:-\w{1,8})*", re.ASCII | re.IGNORECASE)
_LANGUAGES = {"english": "en", "deutsch": "de", "german": "de", "français": "fr", "french": "fr"}
_LANGUAGES |= {"español": "es", "spanish": "es", "italiano": "it", "italian": "it"}
_LANGUAGES |= {"nederlands": "nl", "dutch": "nl", "português": "pt", "portuguese": "pt"}
_LANGUAGES |= {"svenska": "sv", "swedish": "sv", "dansk": "da", "danish": "da", "norsk": "no"}
_LANGUAGES |= {"norwegian": "no", "polski": "pl", "polish": "pl", "japanese": "ja", "日本語": "ja"}
_TIME_PARTS = re.compile(r"(\d{1,6}(?:[.,]\d{1,6})?)\s?([dhms])", re.IGNORECASE)
_TAGS = {
    "recipeCategory": "category",
    "recipeCuisine": "cuisine",
    "cookingMethod": "method",
    "suitableForDiet": "diet",
    "tool": "tool",
    "keywords": "keyword",
}
# Members about the page, its readers or its machinery, not about the recipe.
_NOISE = frozenset(
    (
        *("@context", "@graph", "@id", "@type", "type", "aggregateRating", "breadcrumb", "comment"),
        *("commentCount", "hasPart", "headline", "interactionStatistic", "isAccessibleForFree"),
        *("isPartOf", "isRelatedTo", "logo", "mainEntityOfPage", "potentialAction", "publisher"),
        *("review", "reviews", "sameAs", "speakable", "subjectOf", "thumbnail", "thumbnailUrl"),
        "video",
    )
)


def read_json(value: Json) -> Drafts | None:
    """Return the recipes anywhere in a JSON-LD value: one, a list, a graph."""
    recipes = recipes_in(value)
    return drafts_of(map(document_of, recipes)) if recipes else None


def drafts_of(documents: Iterable[dict[str, Any]]) -> Drafts:
    """Turn documents into drafts, and those without any content into unreadable ones."""
    for document in documents:
        if document.keys() & {"label", "ingredients", "steps"}:
            yield Draft(document)
        else:
            yield Unreadable(None, "It has no name, no ingredients and no instructions.")


def document_of(recipe: Recipe, url: str | None = None, site: str | None = None) -> dict[str, Any]:
    """Return the members of our document; `url` and `site` are those of the recipe's page."""
    rest = {name: each for name, each in recipe.items() if name not in _NOISE}
    take = rest.pop
    based_on = _url(take("isBasedOn", None), url)
    own = _url(take("url", None) or take("orgURL", None), url) or _url(
        recipe.get("mainEntityOfPage"), url
    )
    page, url = url, based_on or own or url or _url(recipe.get("@id"), None)
    source = _name(take("creditText", None)) or _site(recipe) or site or _host(url)
    servings, yield_text = _yield(take("recipeYield", None), take("yield", None))
    nutrition, other_nutrients = nutrition_of(take("nutrition", None))
    notes = _notes(recipe.get("comment"), take("notes", None), take("recipeNotes", None))
    document = non_empty(
        label=line_of(take("name", None)) or line_of(recipe.get("headline")),
        description=text_of(take("description", None)),
        url=url,
        source=source,
        author=", ".join(_names(take("author", None))),
        language=_language(rest),
        **_times(rest),
        servings=servings,
        yield_text=yield_text,
        tags=_tags(rest),
        ingredients=ingredients_of(first_of(rest, *INGREDIENTS)),
        steps=steps_of(first_of(rest, *STEPS)),
        nutrition=nutrition,
        notes=notes,
    )
    images = [_joined(page, each) for each in _images(take("image", None))]
    rest = {name: each for name, each in rest.items() if name not in (*INGREDIENTS, *STEPS)}
    extras = non_empty(image=images, nutrition=other_nutrients, **_unknown(rest))
    return document | non_empty(extras=extras)


def _unknown(rest: Recipe) -> dict[str, Any]:
    """Return the members for `extras`: all but large objects, which are about something else."""
    return {
        str(name): value
        for name, value in rest.items()
        if not isinstance(value, list | dict) or len(repr(value)) <= _MAX_OBJECT_LENGTH
    }


# --- Times and yields ----------------------------------------------------------------------------


def _times(rest: dict[str, Any]) -> dict[str, int | None]:
    """Return the times of a recipe, and take them out of `rest`."""
    times = {
        "prep_minutes": _time(rest, "prepTime"),
        "cook_minutes": _time(rest, "cookTime", "performTime"),
        "total_minutes": _time(rest, "totalTime"),
    }
    if times["total_minutes"] == 0 and (times["prep_minutes"] or times["cook_minutes"]):
        times["total_minutes"] = None  # Some programs write 0 for a time that was not given.
    return times


def _time(rest: dict[str, Any], *names: str) -> int | None:
    """Return the first time of these names. A text that is no time stays in `rest`."""
    for name in names:
        text = line_of(rest.get(name))
        minutes = minutes_of(rest.get(name)) if len(text) <= MAX_LINE_LENGTH else None
        if minutes is None and text[:2].upper() == "PT" and len(text) <= MAX_LINE_LENGTH:
            minutes = _broken_duration(text)
        if minutes is not None or not text or re.match(r"P[\dTN-]", text):
            rest.pop(name, None)
        if minutes is not None:
            return minutes
    return None


def _broken_duration(text: str) -> int | None:
    """Return the minutes of what plugins write for ISO 8601: PTH5MS, PT0D1H30M, PT20 Mins."""
    parts = {unit.upper(): number for number, unit in _TIME_PARTS.findall(text)}
    days = f"{parts.pop('D')}D" if "D" in parts else ""
    time = "".join(f"{parts[unit]}{unit}" for unit in "HMS" if unit in parts)
    return minutes_of(f"P{days}T{time}") if days or time else None


def _yield(value: Json, other: Json) -> tuple[float | None, str | None]:
    """Return servings and yield text from a recipeYield and a `yield`."""
    servings, text = _servings(value)
    other_servings, other_text = _servings(other)
    if servings and other_servings != servings:
        text = line_of(other) or text  # Our own export writes the yield text into `yield`.
    return servings or other_servings, text or other_text


def _servings(value: Json) -> tuple[float | None, str | None]:
    texts = [
        " ".join(line_of(each.get(name)) for name in ("value", "unitText")).strip() or line_of(each)
        if isinstance(each, dict)
        else line_of(each)
        for each in list_of(value)
    ]
    if sum(map(len, texts)) > MAX_LINE_LENGTH:
        return None, max(texts, key=len)
    return servings_of(texts)


# --- Origin --------------------------------------------------------------------------------------


def _url(value: Json, base: str | None) -> str | None:
    for each in list_of(value):
        if isinstance(each, dict):
            each = each.get("url") or each.get("@id") or each.get("contentUrl")
        if isinstance(each, str) and (address := _joined(base, each)).startswith("http"):
            return address
    return None


def _joined(base: str | None, address: str) -> str:
    """Resolve a URL against that of its page; empty if it is no URL."""
    try:
        joined = urljoin(base or "", cut_marks(address.strip()))
        return joined if len(joined) <= _MAX_URL_LENGTH and urlsplit(joined) else ""
    except ValueError:
        return ""


def _host(url: str | None) -> str | None:
    return (urlsplit(url).hostname or "").removeprefix("www.") or None if url else None


def _names(value: Json) -> list[str]:
    """Return the names of people and organisations, without duplicates."""
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
    """Return the publisher, or what the recipe is a part of, unless that is a page or article."""
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
    if tag := language_tag(line_of(rest.get("inLanguage"))):
        del rest["inLanguage"]
    return tag


def language_tag(text: str) -> str | None:
    """Return the tag of a language: de_DE is "de-DE", English is "en"."""
    text = _LANGUAGES.get(text.casefold(), text).replace("_", "-")
    return text if len(text) <= 35 and _LANGUAGE.fullmatch(text) else None


# --- Tags, notes and pictures --------------------------------------------------------------------


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
    """Return the name of a diet: "https://schema.org/GlutenFreeDiet" is "Gluten free"."""
    if found := re.fullmatch(r"(?:https?://schema\.org/|schema:)?([A-Z][A-Za-z]*)Diet", name):
        return re.sub(r"(?<!^)(?=[A-Z])", " ", found[1]).capitalize()
    return name


def _notes(comments: Json, *notes: Json) -> str:
    """Return the cook's notes: comments that are called notes, and the members `notes`."""
    own = [
        each.get("text")
        for each in list_of(comments)
        if isinstance(each, dict) and line_of(each.get("name")).casefold() in _NOTES
    ]
    return "\n\n".join(text for value in (*own, *notes) for text in _markdown(value))


def _markdown(value: Json) -> Iterator[str]:
    """Return texts unchanged, since they may be Markdown; HTML becomes plain text."""
    for each in list_of(value):
        if isinstance(each, str) and not re.search(r"</|<br|<p>|&\w+;", each):
            yield from filter(None, [each.strip()])
        else:
            yield from map(plain, texts_of(each))


def _images(value: Json, depth: int = 0) -> list[str]:
    """Return the URLs of the pictures."""
    addresses: list[str] = []
    for each in list_of(value) if depth <= MAX_DEPTH else ():
        if isinstance(each, dict):
            each = each.get("url") or each.get("contentUrl") or each.get("@id")
        if isinstance(each, str) and each.strip() and not each.strip().startswith("data:"):
            addresses.append(each.strip())
        elif isinstance(each, list | dict):
            addresses += _images(each, depth + 1)
    return list(dict.fromkeys(addresses))
