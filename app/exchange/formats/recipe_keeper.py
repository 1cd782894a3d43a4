"""Recipe Keeper: a ZIP archive with one HTML page of recipes, in its own microdata."""

from collections.abc import Iterable, Iterator

from app.exchange.drafts import Draft, Drafts
from app.exchange.files.archive import Archive
from app.exchange.html.tree import Node, parse_divs
from app.exchange.text.numbers import servings_of
from app.exchange.text.nutrients import nutrition_of
from app.exchange.text.sections import ingredients_of, steps_of
from app.exchange.text.times import minutes_of
from app.exchange.text.values import line_of, non_empty, origin_of, plain, tags_of

_TAGS = {"recipeCourse": "category", "recipeCategory": "category", "recipeCollection": "keyword"}
_NUTRIENT = "recipeNut"
_PLACED = {"name", "recipeDescription", "recipeSource", "prepTime", "cookTime", "recipeYield"}
_PLACED |= {"recipeIngredients", "recipeDirections", "recipeNotes", *_TAGS}
# The values of fields that were left empty.
_EMPTY = ("", "0", "False")


def read_archive(archive: Archive) -> Drafts | None:
    """Return the recipes of an export."""
    return archive.drafts("*.html", read_text)


def read_text(text: str) -> Drafts | None:
    """Return the recipes of the page of an export."""
    if "recipe-details" not in text or "recipeIngredients" not in text:
        return None
    recipes = parse_divs(text, "recipe-details")
    return map(_recipe, recipes) if recipes else None


def _recipe(recipe: Node) -> Draft:
    texts: dict[str, list[str]] = {}
    for name, text in _named(recipe):
        texts.setdefault(name, []).append(text)
    servings, yield_text = servings_of(texts.get("recipeYield"))
    nutrients = {name: each[0] for name, each in texts.items() if name.startswith(_NUTRIENT)}
    document = non_empty(
        label=line_of(texts.get("name")),
        description=plain("\n\n".join(texts.get("recipeDescription", ()))),
        **origin_of(texts.get("recipeSource")),
        prep_minutes=minutes_of(line_of(texts.get("prepTime"))) or None,
        cook_minutes=minutes_of(line_of(texts.get("cookTime"))) or None,
        servings=servings,
        yield_text=yield_text,
        tags=_tags(texts.items()),
        ingredients=ingredients_of(texts.get("recipeIngredients")),
        steps=steps_of(texts.get("recipeDirections")),
        nutrition=nutrition_of(
            (name.removeprefix(_NUTRIENT), text) for name, text in nutrients.items()
        ),
        notes=plain("\n\n".join(texts.get("recipeNotes", ()))),
        extras=_extras(texts.items()),
    )
    return Draft(document | non_empty(url=_link(recipe)))


def _named(recipe: Node) -> Iterator[tuple[str, str]]:
    """Yield the names of elements with their texts; elements inside them are part of the text."""
    waiting = [(recipe, False)]
    while waiting:
        node, is_inner = waiting.pop()
        name = node.attributes.get("itemprop", "") if node.tag != "img" else ""
        content = node.attributes.get("content")
        if name and (text := ("" if is_inner else node.text()) if content is None else content):
            yield name, text
        is_text = is_inner or (bool(name) and content is None)
        members = (each for each in reversed(node.children) if isinstance(each, Node))
        waiting += [(each, is_text) for each in members]


def _link(recipe: Node) -> str:
    """Return the URL that the source links to."""
    sources = recipe.outermost(lambda node: node.attributes.get("itemprop") == "recipeSource")
    links = (node.attributes.get("href", "") for each in sources for node in each.nodes())
    return next((link for link in links if link.startswith(("http://", "https://"))), "")


def _tags(texts: Iterable[tuple[str, list[str]]]) -> list[dict[str, str]]:
    tags = [tag for name, each in texts if name in _TAGS for tag in tags_of(_TAGS[name], each)]
    return list({(tag["kind"], tag["name"]): tag for tag in tags}.values())


def _extras(texts: Iterable[tuple[str, list[str]]]) -> dict[str, str]:
    return {
        name: each[0]
        for name, each in texts
        if name not in _PLACED and not name.startswith((_NUTRIENT, "photo"))
        if each[0] not in _EMPTY
    }
