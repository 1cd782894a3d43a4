"""The data of the comparison: one realistic recipe, and a database with many copies of it."""

import shutil
import sqlite3
from pathlib import Path
from typing import Any

RECIPES = 1_000
READ_ID = RECIPES // 2
"""The recipe that is read: neither the first nor the newest row."""

_INGREDIENTS: tuple[tuple[float | None, str | None, str, str | None], ...] = (
    (300, "g", "green lentils", "rinsed"),
    (2, "tbsp", "olive oil", None),
    (2, None, "onions", "finely chopped"),
    (3, "cloves", "garlic", "crushed"),
    (2, None, "carrots", "diced"),
    (1, "stick", "celery", "diced"),
    (1.5, "tsp", "ground cumin", None),
    (1, "tsp", "smoked paprika", None),
    (400, "g", "chopped tomatoes", "fresh or from a tin"),
    (1.2, "l", "vegetable stock", "hot"),
    (1, None, "bay leaf", None),
    (100, "g", "spinach", "washed"),
    (1, "tbsp", "lemon juice", None),
    (150, "g", "thick yoghurt", "to serve"),
    (None, None, "salt and black pepper", "to taste"),
)
_STEPS = (
    ("Warm the oil in a large pot and soften the onions over a medium heat.", 8),
    ("Add the garlic, the carrots and the celery and let them take a little colour.", 5),
    ("Stir in the cumin and the paprika until the kitchen smells of them.", 1),
    ("Add the lentils and turn them in the spiced vegetables, so that each is coated.", 1),
    ("Pour in the tomatoes and the hot stock, add the bay leaf and bring it to the boil.", 5),
    ("Cover, turn the heat down and simmer until the lentils are soft but still whole.", 25),
    ("Take out the bay leaf, fold in the spinach and let it wilt in the heat of the soup.", 2),
    ("Season with lemon, salt and pepper and serve with a spoonful of yoghurt on top.", None),
)


def recipe(label: str = "Lentil soup with cumin, tomatoes and spinach") -> dict[str, Any]:
    """Return a recipe as a client posts it: 15 ingredients, 8 steps, tags and nutrition."""
    return {
        "label": label,
        "description": "A thick soup for a cold evening, ready within the hour. It keeps for three "
        "days and tastes better on the second, when the lentils have taken up the spices.",
        "url": "https://recipes.example.com/soups/lentil-cumin-tomato",
        "source": "The benchmark",
        "author": "A. Cook",
        "language": "en",
        "prep_minutes": 15,
        "cook_minutes": 45,
        "total_minutes": 60,
        "servings": 4,
        "yield_text": "4 bowls",
        "ingredients": [
            {
                "text": " ".join(
                    part
                    for part in (
                        f"{quantity:g}" if quantity else "",
                        unit or "",
                        food + (f", {note}" if note else ""),
                    )
                    if part
                ),
                "quantity": quantity,
                "unit": unit,
                "food": food,
                "note": note,
            }
            for quantity, unit, food, note in _INGREDIENTS
        ],
        "steps": [{"text": text, "minutes": minutes} for text, minutes in _STEPS],
        "nutrition": {"calories": 412, "protein_g": 21.5, "fat_g": 11, "sodium_mg": 640},
        "tags": [
            {"kind": "category", "name": "Soup"},
            {"kind": "cuisine", "name": "Mediterranean"},
            {"kind": "diet", "name": "Vegetarian"},
            {"kind": "keyword", "name": "one pot"},
        ],
        "notes": "Red lentils work too, but fall apart: then **15 minutes** are enough.",
    }


def multiply(database: Path) -> None:
    """Copy the stored recipe until there are RECIPES, so that the service has written each column.

    Only labels and times of creation differ, since lists are sorted by them.
    """
    connection = sqlite3.connect(database)
    with connection:
        connection.execute("CREATE TEMPORARY TABLE draft AS SELECT * FROM recipe")
        ((label, created_at),) = connection.execute("SELECT label, created_at FROM draft")
        for number in range(2, RECIPES + 1):
            # Only the microseconds change.
            instant = f"{created_at[:20]}{number:06}{created_at[26:]}"
            title = f"{label} {number}"
            connection.execute(
                "UPDATE draft SET id = ?, label = ?, label_key = ?, created_at = ?",
                (number, title, title.casefold(), instant),
            )
            connection.execute("INSERT INTO recipe SELECT * FROM draft")
    # Only the main file is copied, so the WAL must be empty.
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def disable(database: Path, email: str) -> None:
    """Disable an account, as a superuser would."""
    connection = sqlite3.connect(database)
    with connection:
        connection.execute("UPDATE user SET is_active = 0 WHERE email = ?", (email,))
    connection.close()


def rewrite_timestamps(database: Path) -> None:
    """Rewrite timestamps as SQLAlchemy's type for SQLite stores them, for the plain stack."""
    connection = sqlite3.connect(database)
    with connection:
        for column in ("created_at", "updated_at"):
            plain = f"replace(substr({column}, 1, 26), 'T', ' ')"
            connection.execute(f"UPDATE recipe SET {column} = {plain}")  # noqa: S608 - The names of our columns.
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def copy(database: Path, target: Path) -> Path:
    """Copy the database for one server, and return the path."""
    target.parent.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copyfile(database, target))
