"""Recipe documents for tests."""

from typing import Any

# Every member, as GET returns it: sent by a client, it comes back unchanged.
WHOLE: dict[str, Any] = {
    "label": "Crème brûlée à l’orange",
    "description": "Custard under a lid of caramel.\nMade the day before.",
    "url": "https://example.com/recipes/creme-brulee?lang=fr#top",
    "source": "Example Kitchen",
    "author": "Zoë Łukasz",
    "language": "fr-CA",
    "prep_minutes": 20,
    "cook_minutes": 45,
    "total_minutes": 245,
    "servings": 4.5,
    "yield_text": "4 ramekins and a spoon",
    "tags": [
        {"kind": "cuisine", "name": "French"},
        {"kind": "category", "name": "Dessert"},
        {"kind": "keyword", "name": "🍮"},
    ],
    "ingredients": [
        {
            "text": "1 ½–2 cups cream, cold",
            "section": "Custard",
            "quantity": 1.5,
            "quantity_max": 2,
            "unit": "cup",
            "food": "cream",
            "note": "cold",
            "optional": False,
        },
        {
            "text": "a little orange zest",
            "section": None,
            "quantity": None,
            "quantity_max": None,
            "unit": None,
            "food": None,
            "note": None,
            "optional": True,
        },
    ],
    "steps": [
        {"text": "Whisk.", "section": "Custard", "name": "The base", "minutes": 5},
        {"text": "Bake,\n\tthen cool.", "section": None, "name": None, "minutes": None},
    ],
    "nutrition": {
        "serving_size": "1 ramekin",
        "calories": 410,
        "carbohydrate_g": 28.25,
        "cholesterol_mg": 310,
        "fat_g": 30.5,
        "fiber_g": 0,
        "protein_g": 6,
        "saturated_fat_g": 18,
        "sodium_mg": 55,
        "sugar_g": 26,
        "trans_fat_g": None,
        "unsaturated_fat_g": None,
    },
    "notes": "# Notes\n\n* Use *fresh* eggs.\n* 砂糖 works too.",
    "visibility": "unlisted",
    "extras": {"paprika:uid": "F0-1", "nested": {"b": [1, 2.5, None, True], "a": {}}, "": ""},
}

# The other members of a recipe that was sent with only a label.
DEFAULTS: dict[str, Any] = {
    "description": None,
    "url": None,
    "source": None,
    "author": None,
    "language": None,
    "prep_minutes": None,
    "cook_minutes": None,
    "total_minutes": None,
    "servings": None,
    "yield_text": None,
    "tags": [],
    "ingredients": [],
    "steps": [],
    "nutrition": None,
    "notes": None,
    "visibility": "public",
    "extras": {},
}

READ_ONLY = {"id", "submitter_id", "created_at", "updated_at", "version"}

# Documents whose bytes a careless renderer, or the JSON type of a database, would change.
ODD: dict[str, dict[str, Any]] = {
    "whole": WHOLE,
    "great numbers": {
        "label": "x",
        "extras": {"a": 1e300, "b": 1e16, "c": 2**63 - 1, "d": -(2**63) + 1},
    },
    "small numbers": {"label": "x", "extras": {"a": 1e-7, "b": 5e-324, "c": -0.0, "d": 0.1}},
    "whole floats": {"label": "x", "servings": 4.0, "extras": {"a": 4.0, "b": 100000.0}},
    "order of members": {"label": "x", "extras": {"b": 1, "a": {"d": 1, "c": 2}, "aa": 3}},
    "escapes": {"label": '\\ " </script> \u2028\u2029', "extras": {"\u007f": '\u0001\n\t\\/"'}},
    "other planes": {"label": "👩‍👩‍👧 𝔘 \ufffd", "extras": {"𐍈": "\U0010ffff"}},
    "quantities": {
        "label": "x",
        "ingredients": [{"text": "a", "quantity": 1 / 3, "quantity_max": 1_000_000_000}],
        "nutrition": {"fat_g": 0.1 + 0.2},
    },
}


def document_of(recipe: dict[str, Any]) -> dict[str, Any]:
    """Return the members of a recipe that people write."""
    return {name: value for name, value in recipe.items() if name not in READ_ONLY}
