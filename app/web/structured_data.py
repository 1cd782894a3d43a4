"""What search engines read in our pages: JSON-LD in the words of schema.org."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from markupsafe import Markup

from app.exchange.schema_org.writing import to_schema_org

# Nothing in it can end the element or begin a comment, and all of it is JSON still.
_ESCAPES = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"})


def recipe_json_ld(
    recipe: Mapping[str, Any], url: str, image: str, submitter: str | None = None
) -> Markup:
    """The recipe whose page is `url`; `submitter` is who stands for it where no author is named.

    Each step is said to be at `#step-1`, `#step-2` and so on of the page.
    """
    document = to_schema_org(recipe, url=url)
    document["image"] = image
    if "author" not in document and (author := _author(recipe["source"], submitter)):
        document["author"] = author
    for number, step in enumerate(_steps(document.get("recipeInstructions", [])), 1):
        step["url"] = f"{url}#step-{number}"
    return _script(document)


def item_list_json_ld(urls_and_names: Sequence[tuple[str, str]]) -> Markup:
    """A list of recipes, each of which tells of itself on its own page."""
    items = [
        {"@type": "ListItem", "position": position, "url": url, "name": name}
        for position, (url, name) in enumerate(urls_and_names, 1)
    ]
    return _script(_of_type("ItemList", itemListElement=items))


def website_json_ld(base_url: str) -> Markup:
    """The site as a whole, and where it is searched."""
    search = {
        "@type": "SearchAction",
        "target": {"@type": "EntryPoint", "urlTemplate": f"{base_url}/recipes?q={{query}}"},
        "query-input": "required name=query",
    }
    site = _of_type("WebSite", name="Recipes", url=f"{base_url}/", potentialAction=search)
    return _script(site)


def _author(source: str | None, submitter: str | None) -> dict[str, str] | None:
    # Who brought a recipe here is seldom who wrote it, so the source goes first.
    if source:
        return {"@type": "Organization", "name": source}
    return {"@type": "Person", "name": submitter} if submitter else None


def _steps(instructions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The steps, also those within sections, in their order."""
    return [step for each in instructions for step in each.get("itemListElement", [each])]


def _of_type(kind: str, **members: object) -> dict[str, object]:
    return {"@context": "https://schema.org", "@type": kind, **members}


def _script(document: Mapping[str, object]) -> Markup:
    """What goes into a script element of the type application/ld+json."""
    escaped = orjson.dumps(document).decode().translate(_ESCAPES)
    return Markup(escaped)  # noqa: S704 - No character is left that means something to HTML there.
