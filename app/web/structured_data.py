"""Structured data for search engines: JSON-LD with the schema.org vocabulary."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from markupsafe import Markup

from app.exchange.schema_org.writing import to_schema_org

# So that nothing in the JSON can end the script element or begin a comment.
_ESCAPES = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"})


def recipe_json_ld(
    recipe: Mapping[str, Any], url: str, image: str, submitter: str | None = None
) -> Markup:
    """Describe the recipe whose page is `url`. `submitter` is the author if none is named.

    Steps link to `#step-1`, `#step-2` and so on of the page.
    """
    document = to_schema_org(recipe, url=url)
    document["image"] = image
    if "author" not in document and (author := _author(recipe["source"], submitter)):
        document["author"] = author
    for number, step in enumerate(_steps(document.get("recipeInstructions", [])), 1):
        step["url"] = f"{url}#step-{number}"
    return _script(document)


def item_list_json_ld(urls_and_names: Sequence[tuple[str, str]]) -> Markup:
    """Describe a list of recipes, each described fully on its own page."""
    items = [
        {"@type": "ListItem", "position": position, "url": url, "name": name}
        for position, (url, name) in enumerate(urls_and_names, 1)
    ]
    return _script(_of_type("ItemList", itemListElement=items))


def website_json_ld(base_url: str) -> Markup:
    """Describe the site and its search."""
    search = {
        "@type": "SearchAction",
        "target": {"@type": "EntryPoint", "urlTemplate": f"{base_url}/recipes?q={{query}}"},
        "query-input": "required name=query",
    }
    site = _of_type("WebSite", name="Recipes", url=f"{base_url}/", potentialAction=search)
    return _script(site)


def _author(source: str | None, submitter: str | None) -> dict[str, str] | None:
    # The submitter rarely wrote the recipe, so the source comes first.
    if source:
        return {"@type": "Organization", "name": source}
    return {"@type": "Person", "name": submitter} if submitter else None


def _steps(instructions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the steps in order, including those within sections."""
    return [step for each in instructions for step in each.get("itemListElement", [each])]


def _of_type(kind: str, **members: object) -> dict[str, object]:
    return {"@context": "https://schema.org", "@type": kind, **members}


def _script(document: Mapping[str, object]) -> Markup:
    """Return the content of a script element of type application/ld+json."""
    escaped = orjson.dumps(document).decode().translate(_ESCAPES)
    return Markup(escaped)  # noqa: S704 - Characters special in HTML are escaped.
