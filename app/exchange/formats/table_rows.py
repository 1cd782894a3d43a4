"""A row of a table as a recipe, by what its columns are called."""

from collections.abc import Mapping
from typing import Any

from app.exchange.drafts import Draft
from app.exchange.files.table import key
from app.exchange.text.nutrients import nutrition_of, nutrition_of_text
from app.exchange.text.sections import ingredients_of, origin_of, steps_of, yield_of
from app.exchange.text.values import given, line_of, minutes_of, plain, tags_of

_MEMBERS = {
    "label": ("title", "name", "label", "recipename", "recipetitle", "recipe"),
    "description": ("description", "summary", "introduction"),
    "url": ("url", "sourceurl", "recipeurl", "originalurl", "link", "weblink", "website"),
    "source": ("source", "sourcename"),
    "author": ("author", "chef", "creator"),
    "language": ("language", "lang", "locale"),
    "prep_minutes": ("preptime", "preparationtime", "prepminutes", "prep", "activetime"),
    "cook_minutes": ("cooktime", "cookingtime", "cookminutes", "cook", "baketime"),
    "total_minutes": ("totaltime", "totalminutes", "total", "time", "duration", "readyin"),
    "servings": ("servings", "serves", "portions", "people"),
    "yield": ("yield", "recipeyield", "yieldtext", "makes", "quantity"),
    "category": ("category", "categories", "course", "courses", "mealtype"),
    "cuisine": ("cuisine", "cuisines"),
    "keyword": ("tags", "tag", "keywords", "labels", "mainingredient"),
    "diet": ("diet", "diets"),
    "tool": ("tool", "tools", "equipment"),
    "method": ("cookingmethod", "cookingmethods"),
    "ingredients": ("ingredients", "ingredient", "recipeingredients"),
    "steps": ("directions", "instructions", "method", "steps", "preparation", "procedure"),
    "notes": ("notes", "note", "comments", "tips"),
    "nutrition": ("nutrition", "nutritionfacts", "nutritionalinfo", "nutritionalinformation"),
}
MEMBER_OF = {column: member for member, columns in _MEMBERS.items() for column in columns}
"""What a column holds, by its name as `key` makes it."""

_JOINED = {"category", "cuisine", "keyword", "diet", "tool", "method", "ingredients", "steps"}
_JOINED |= {"notes", "nutrition"}
_KINDS = ("category", "cuisine", "diet", "method", "tool", "keyword")
_MINUTES = ("prep_minutes", "cook_minutes", "total_minutes")


def recipe_of(row: Mapping[str, str]) -> Draft:
    """The recipe of a row; a column that means nothing here goes to the extras as it is called."""
    found: dict[str, str] = {}
    nutrition: dict[str, Any] = {}
    extras: dict[str, Any] = {}
    for column, cell in row.items():
        member = MEMBER_OF.get(key(column))
        if member and (member not in found or member in _JOINED):
            found[member] = f"{found[member]}\n{cell}" if member in found else cell
        elif (facts := nutrition_of([(column, cell)])) and not facts.keys() & nutrition.keys():
            nutrition |= facts
        else:
            extras[column] = cell
    facts, others = nutrition_of_text(found.get("nutrition"))
    minutes = {name: minutes_of(found[name]) for name in _MINUTES if name in found}
    not_understood = {name: found[name] for name, each in minutes.items() if each is None}
    document = given(
        label=line_of(found.get("label")),
        description=plain(found.get("description", "")),
        **_origin(found),
        author=line_of(found.get("author")),
        language=line_of(found.get("language")),
        **minutes,
        **yield_of(found.get("servings"), found.get("yield")),
        tags=[tag for kind in _KINDS for tag in tags_of(kind, found.get(kind))],
        ingredients=ingredients_of(found.get("ingredients")),
        steps=steps_of(found.get("steps")),
        nutrition=facts | nutrition,
        notes=found.get("notes", "").strip(),
        extras=extras | not_understood | given(nutrition=others),
    )
    return Draft(document)


def _origin(found: Mapping[str, str]) -> dict[str, str]:
    """The URL and the source; many write the one in the place of the other."""
    url, source = found.get("url"), found.get("source")
    return origin_of(source) | given(url=line_of(url)) if url else origin_of(source)
