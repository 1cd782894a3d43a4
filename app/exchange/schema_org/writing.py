"""Write a recipe as schema.org/Recipe, for search engines and other applications.

Where the vocabulary leaves a choice, this module chooses what existing readers understand: most of
them read text and lists of text, and few read more.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.cooking.quantities import decimal
from app.exchange.schema_org.nutrition import nutrition_information
from app.exchange.text.sections import Member, by_section
from app.exchange.text.times import iso_duration

# schema.org/RestrictedDiet is an enumeration; other diets have no URL.
_DIETS = {
    name.casefold(): f"https://schema.org/{name}Diet"
    for name in (
        *("Diabetic", "GlutenFree", "Halal", "Hindu", "Kosher", "LowCalorie", "LowFat"),
        *("LowLactose", "LowSalt", "Vegan", "Vegetarian"),
    )
}


def to_schema_org(recipe: Mapping[str, Any], *, url: str | None = None) -> dict[str, Any]:
    """Return the JSON-LD of a recipe, ready for JSON; `url` is its page on this server."""
    diets = _tags(recipe, "diet")
    keywords = _tags(recipe, "keyword") + [diet for diet in diets if not _diet_url(diet)]
    members = {
        "@context": "https://schema.org",
        "@type": "Recipe",
        "name": recipe["label"],
        "description": recipe["description"],
        "url": url or recipe["url"],
        "isBasedOn": recipe["url"],
        "author": {"@type": "Person", "name": author} if (author := recipe["author"]) else None,
        "creditText": recipe["source"],
        "inLanguage": recipe["language"],
        "datePublished": _timestamp(recipe.get("created_at")),
        "dateModified": _timestamp(recipe.get("updated_at")),
        "prepTime": _time(recipe["prep_minutes"]),
        "cookTime": _time(recipe["cook_minutes"]),
        "totalTime": _time(recipe["total_minutes"]),
        "recipeYield": _servings(recipe["servings"]) or recipe["yield_text"],
        # Readers who find both in one list take the wrong one.
        "yield": recipe["yield_text"] if recipe["servings"] else None,
        "recipeCategory": _tags(recipe, "category"),
        "recipeCuisine": _tags(recipe, "cuisine"),
        "cookingMethod": _tags(recipe, "method"),
        "suitableForDiet": [link for diet in diets if (link := _diet_url(diet))],
        # Search engines ask for commas.
        "keywords": ", ".join(keywords),
        "tool": _tags(recipe, "tool"),
        "recipeIngredient": _ingredients(recipe["ingredients"]),
        "recipeInstructions": _instructions(recipe["steps"]),
        "nutrition": nutrition_information(recipe["nutrition"]),
        "comment": _notes(recipe["notes"]),
    }
    return _given(members)


def _given(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value}


def _time(minutes: int | None) -> str | None:
    return None if minutes is None else iso_duration(minutes)


def _timestamp(when: datetime | str | None) -> str | None:
    # Rows hold datetimes; JSON holds their text.
    return when.isoformat().replace("+00:00", "Z") if isinstance(when, datetime) else when


def _tags(recipe: Mapping[str, Any], kind: str) -> list[str]:
    return [tag["name"] for tag in recipe["tags"] if tag["kind"] == kind]


def _diet_url(name: str) -> str | None:
    """Return the URL of a diet in any spelling: "Gluten-free", "low-salt diet"."""
    letters = "".join(filter(str.isalpha, name.casefold()))
    return _DIETS.get(letters.removesuffix("diet"))


def _servings(servings: float | None) -> str | None:
    # With the word, because readers take a bare number for pieces as often as for servings.
    return f"{decimal(servings)} serving{'' if servings == 1 else 's'}" if servings else None


def _ingredients(ingredients: list[Member]) -> list[str]:
    # Only the lines: schema.org has no headings here.
    return [member["text"] for member in ingredients]


def _instructions(steps: list[Member]) -> list[dict[str, Any]]:
    instructions: list[dict[str, Any]] = []
    for section, members in by_section(steps):
        how_to = [_step(member) for member in members]
        if section:
            how_to = [{"@type": "HowToSection", "name": section, "itemListElement": how_to}]
        instructions += how_to
    return instructions


def _step(step: Member) -> dict[str, Any]:
    members = {
        "@type": "HowToStep",
        "name": step["name"],
        "text": step["text"],
        "timeRequired": _time(step["minutes"]),
    }
    return _given(members)


def _notes(notes: str | None) -> list[dict[str, str]] | None:
    # schema.org has no member for a cook's notes; other applications use this name for them.
    return [{"@type": "Comment", "name": "Author Notes", "text": notes}] if notes else None
