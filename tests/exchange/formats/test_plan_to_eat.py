"""Exports of Plan to Eat."""

import csv
import io
from collections.abc import Iterable, Mapping

from app.exchange.drafts import Draft, Unreadable
from app.exchange.formats import plan_to_eat
from tests.exchange.archiving import archive_of

STEW = {
    "Title": "Bean stew",
    "Course": "Main Course",
    "Cuisine": "Greek",
    "Main Ingredient": "Beans",
    "Description": 'Called "fasolada".',
    "Source": "example.org",
    "Url": "https://example.org/stew",
    "Url Host": "example.org",
    "Prep Time": "15 min",
    "Cook Time": "1 hr 30 min",
    "Total Time": "",
    "Servings": "6",
    "Yield": "1 big pot",
    "Ingredients": "500 g beans\n, , Salt\nDressing:\n3 tbsp olive oil\n",
    "Directions": "Soak.\r\n\r\nBoil.\r\nStir.",
    "Tags": "winter, cheap",
    "Rating": "4",
    "Photo Url": "https://example.org/stew.jpg",
    "Calories": "310",
    "Fat": "9g",
    "Sodium": "0.8 g",
    "Created At": "2024-03-02 10:00:00 UTC",
}
READ = {
    "label": "Bean stew",
    "description": 'Called "fasolada".',
    "source": "example.org",
    "url": "https://example.org/stew",
    "prep_minutes": 15,
    "cook_minutes": 90,
    "servings": 6,
    "yield_text": "1 big pot",
    "tags": [
        {"kind": "category", "name": "Main Course"},
        {"kind": "cuisine", "name": "Greek"},
        {"kind": "keyword", "name": "Beans"},
        {"kind": "keyword", "name": "winter"},
        {"kind": "keyword", "name": "cheap"},
    ],
    "ingredients": [
        {"text": "500 g beans"},
        {"text": "Salt"},
        {"text": "3 tbsp olive oil", "section": "Dressing"},
    ],
    "steps": [{"text": "Soak."}, {"text": "Boil.\nStir."}],
    "nutrition": {"calories": 310, "fat_g": 9, "sodium_mg": 800},
    "extras": {
        "Url Host": "example.org",
        "Rating": "4",
        "Photo Url": "https://example.org/stew.jpg",
        "Created At": "2024-03-02 10:00:00 UTC",
    },
}
OLD = """Title: "Old toast"
Description: Crisp.
Source: https://example.org/toast
Serves: 2
Prep Time: 5 min
Tags: quick^breakfast
Ingredients:
2 slices bread

Butter: soft
Directions:
Toast.
Spread: thickly.
------------------
Title: Bare
Directions:
"""


def table(rows: Iterable[Mapping[str, str] | list[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(STEW)
    writer.writerows(row if isinstance(row, list) else row.values() for row in rows)
    return text.getvalue()


def test_a_table_with_broken_rows() -> None:
    text = table([STEW, ["Broken"] * 30, STEW])
    expected = [
        Draft(READ),
        Unreadable("Broken", "The row has more cells than the header has columns."),
        Draft(READ),
    ]
    assert list(plan_to_eat.read_text(text) or ()) == expected
    archive = archive_of({"x/export.csv": text.encode(), "read me.txt": b"hello"})
    assert list(plan_to_eat.read_archive(archive) or ()) == expected


def test_older_text() -> None:
    drafts = plan_to_eat.read_text(OLD)
    assert drafts is not None
    assert list(drafts) == [
        Draft(
            {
                "label": "Old toast",
                "description": "Crisp.",
                "url": "https://example.org/toast",
                "prep_minutes": 5,
                "servings": 2,
                "tags": [
                    {"kind": "keyword", "name": "quick"},
                    {"kind": "keyword", "name": "breakfast"},
                ],
                "ingredients": [{"text": "2 slices bread"}, {"text": "Butter: soft"}],
                "steps": [{"text": "Toast."}, {"text": "Spread: thickly."}],
            }
        ),
        Draft({"label": "Bare"}),
    ]


def test_other_formats_are_not_read() -> None:
    assert plan_to_eat.read_text("Title,Ingredients,Directions\nToast,Bread,Toast it.") is None
    assert plan_to_eat.read_text("Title: Toast") is None
    assert plan_to_eat.read_archive(archive_of({"a.csv": b"a,b"})) is None
