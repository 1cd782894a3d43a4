"""CSV of any application with columns for recipes (My Recipe Box writes it), and our own CSV."""

from collections.abc import Mapping
from typing import Any

from app.exchange.drafts import Draft, Drafts
from app.exchange.files.archive import Archive
from app.exchange.files.lenient_json import load_json
from app.exchange.files.table import column_key, read_table, restore_cell
from app.exchange.text.numbers import number_of, yield_of
from app.exchange.text.nutrients import nutrition_of, nutrition_of_text
from app.exchange.text.sections import ingredients_of, steps_of, under_headings
from app.exchange.text.times import minutes_of
from app.exchange.text.values import TAG_KINDS, line_of, non_empty, origin_of, plain, tags_of
from app.schemas.recipe import RecipeDocument

# The columns by member, as `column_key` spells them.
_MEMBERS = {
    "label": (
        "title",
        "name",
        "label",
        "recipename",
        "recipetitle",
        "recipe",
        "titel",
        "rezept",
        "rezeptname",
        "rezepttitel",
        "nom",
        "titre",
        "titolo",
        "nombre",
        "titulo",
        "título",
    ),
    "description": (
        "description",
        "summary",
        "introduction",
        "beschreibung",
        "kurzbeschreibung",
        "descripción",
        "descrizione",
        "desc",
    ),
    "url": (
        "url",
        "sourceurl",
        "recipeurl",
        "originalurl",
        "link",
        "weblink",
        "website",
        "websiteurl",
        "webseite",
        "weburl",
        "sourcelink",
        "originallink",
        "orgurl",
    ),
    "source": ("source", "sourcename", "quelle", "fuente", "fonte", "sourcetitle", "publisher"),
    "author": (
        "author",
        "chef",
        "creator",
        "autor",
        "autorin",
        "auteur",
        "autore",
        "author",
        "recipeby",
        "by",
    ),
    "language": ("language", "lang", "locale", "sprache"),
    "prep_minutes": (
        "preptime",
        "preparationtime",
        "prepminutes",
        "prep",
        "activetime",
        "vorbereitungszeit",
        "vorbereitung",
        "arbeitszeit",
        "active",
        "activeminutes",
        "timeprep",
        "preptimeminutes",
    ),
    "cook_minutes": (
        "cooktime",
        "cookingtime",
        "cookminutes",
        "cook",
        "baketime",
        "kochzeit",
        "backzeit",
        "garzeit",
        "cookingminutes",
        "timecook",
    ),
    "total_minutes": (
        "totaltime",
        "totalminutes",
        "total",
        "time",
        "duration",
        "readyin",
        "gesamtzeit",
        "zeit",
        "dauer",
        "timetotal",
        "timerequired",
        "totaltimeminutes",
    ),
    "servings": (
        "servings",
        "serves",
        "portions",
        "people",
        "portionen",
        "personen",
        "portion",
        "yieldnumber",
        "porzioni",
        "porciones",
        "personnes",
    ),
    "yield": (
        "yield",
        "recipeyield",
        "yieldtext",
        "makes",
        "quantity",
        "menge",
        "ergibt",
        "yieldunit",
        "yields",
    ),
    "category": (
        "category",
        "categories",
        "course",
        "courses",
        "mealtype",
        "kategorie",
        "kategorien",
        "catégorie",
        "catégories",
        "categoria",
        "categorie",
    ),
    "cuisine": ("cuisine", "cuisines", "küche", "cuisinetype", "region"),
    "keyword": (
        "tags",
        "tag",
        "keywords",
        "labels",
        "mainingredient",
        "schlagworte",
        "schlagwörter",
        "stichworte",
        "keyword",
    ),
    "diet": ("diet", "diets"),
    "tool": ("tool", "tools", "equipment", "geräte", "utensilien"),
    "method": ("cookingmethod", "cookingmethods"),
    "ingredients": (
        "ingredients",
        "ingredient",
        "recipeingredients",
        "zutaten",
        "zutat",
        "zutatenliste",
        "ingrédients",
        "ingredientes",
        "ingredienti",
    ),
    "steps": (
        "directions",
        "instructions",
        "method",
        "steps",
        "preparation",
        "procedure",
        "zubereitung",
        "anleitung",
        "zubereitungsschritte",
        "schritte",
        "arbeitsschritte",
        "instruction",
        "direction",
        "préparation",
        "étapes",
        "preparación",
        "procedimento",
        "istruzioni",
        "elaboración",
    ),
    "notes": (
        "notes",
        "note",
        "comments",
        "tips",
        "notizen",
        "notiz",
        "anmerkungen",
        "tipps",
        "bemerkungen",
    ),
    "nutrition": (
        "nutrition",
        "nutritionfacts",
        "nutritionalinfo",
        "nutritionalinformation",
        "nährwerte",
        "nährwert",
    ),
}
MEMBER_OF = {column: member for member, columns in _MEMBERS.items() for column in columns}
"""The member of a recipe by the key of a column."""

_JOINED = {"category", "cuisine", "keyword", "diet", "tool", "method", "ingredients", "steps"}
_JOINED |= {"notes", "nutrition"}
_MINUTES = ("prep_minutes", "cook_minutes", "total_minutes")

_OURS = {name.replace("_", "") for name in RecipeDocument.model_fields}
_TEXTS = ("label", "description", "url", "source", "author", "language", "yield_text", "notes")
_NUMBERS = ("prep_minutes", "cook_minutes", "total_minutes", "servings")


def read_text(text: str) -> Drafts | None:
    """Return the recipes of a table, or None if it has no columns of a recipe."""
    table = read_table(text)
    if table is None:
        return None
    if table.columns >= _OURS:
        return table.drafts(_ours)
    members = set(map(MEMBER_OF.get, table.columns))
    if "label" not in members or members.isdisjoint({"ingredients", "steps"}):
        return None
    return table.drafts(recipe_of)


def read_archive(archive: Archive) -> Drafts | None:
    """Return the recipes of all tables in an archive."""
    return archive.drafts("*.csv", read_text)


def recipe_of(row: Mapping[str, str]) -> Draft:
    """Return the recipe in a row; unknown columns go to the extras."""
    found: dict[str, str] = {}
    nutrition: dict[str, Any] = {}
    extras: dict[str, Any] = {}
    for column, cell in row.items():
        member = MEMBER_OF.get(column_key(column))
        if member and (member not in found or member in _JOINED):
            found[member] = f"{found[member]}\n{cell}" if member in found else cell
        elif (facts := nutrition_of([(column, cell)])) and not facts.keys() & nutrition.keys():
            nutrition |= facts
        else:
            extras[column] = cell
    facts, others = nutrition_of_text(found.get("nutrition"))
    minutes = {name: minutes_of(found[name]) for name in _MINUTES if name in found}
    unread = {name: found[name] for name, each in minutes.items() if each is None}
    document = non_empty(
        label=line_of(found.get("label")),
        description=plain(found.get("description", "")),
        **_origin(found),
        author=line_of(found.get("author")),
        language=line_of(found.get("language")),
        **minutes,
        **yield_of(found.get("servings"), found.get("yield")),
        tags=[tag for kind in TAG_KINDS for tag in tags_of(kind, found.get(kind))],
        ingredients=ingredients_of(found.get("ingredients")),
        steps=steps_of(found.get("steps")),
        nutrition=facts | nutrition,
        notes=found.get("notes", "").strip(),
        extras=extras | unread | non_empty(nutrition=others),
    )
    return Draft(document)


def _origin(found: Mapping[str, str]) -> dict[str, str]:
    """Return the URL and the source; many people write one in the column of the other."""
    url, source = found.get("url"), found.get("source")
    return origin_of(source) | non_empty(url=line_of(url)) if url else origin_of(source)


# --- Our own export, whose text is copied as it is -----------------------------------------------


def _ours(row: dict[str, str]) -> Draft:
    cells = {name.casefold().replace(" ", "_"): restore_cell(cell) for name, cell in row.items()}
    document: dict[str, Any] = {
        name: cells[name] for name in (*_TEXTS, "visibility") if name in cells
    }
    numbers = {name: _number(cells.get(name)) for name in _NUMBERS}
    others = {name: each for name, each in cells.items() if name not in RecipeDocument.model_fields}
    parts = cells.get("steps", "").split("\n\n")
    document |= non_empty(
        **numbers,
        tags=[_tag(line) for line in cells.get("tags", "").splitlines() if line.strip()],
        ingredients=under_headings(map(_part, _filled(cells.get("ingredients", "").split("\n")))),
        steps=under_headings(map(_part, _filled(parts))),
        nutrition=_nutrition(cells.get("nutrition", "")),
        extras=_extras(cells.get("extras", "")) | others,
    )
    return Draft(document)


def _number(cell: str | None) -> Any:
    """Return the number in a cell, or its text if it is not a number."""
    number = number_of(cell)
    if number is None or not float(number).is_integer():
        return number or cell
    return int(number)


def _tag(line: str) -> dict[str, str]:
    kind, _, name = line.partition(":")
    return {"kind": kind, "name": name} if kind in TAG_KINDS else {"kind": "keyword", "name": line}


def _filled(parts: list[str]) -> list[str]:
    return [part.strip("\n") for part in parts if part.strip()]


def _part(part: str) -> tuple[bool, str]:
    return (True, part[2:].strip()) if part.startswith("##") else (False, part)


def _nutrition(cell: str) -> dict[str, Any]:
    facts = (line.partition(":") for line in cell.split("\n"))
    return nutrition_of((name, value) for name, _, value in facts)


def _extras(cell: str) -> dict[str, Any]:
    try:
        value = load_json(cell or "{}")
    except ValueError:
        value = cell
    return value if isinstance(value, dict) else {"extras": value}
