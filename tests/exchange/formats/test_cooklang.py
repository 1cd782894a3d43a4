"""Cooklang."""

import pytest

from app.exchange.drafts import Draft
from app.exchange.formats import cooklang
from tests.exchange.archiving import archive_of

PANCAKES = """---
title: "Easy pancakes"
servings: 4
tags: [breakfast, 'quick']
course:
  - dessert
  - snack
source:
  name: Example
  url: https://example.org/pancakes
time:
  prep: 5 min
  cook: a while
difficulty: easy
description: |
  Thin ones.
  For Sunday.
---

-- Only the cook sees this.
= Batter

Crack @eggs{3} into a #mixing bowl{} and add @?flour{125%g}(sifted), @sea salt{} -- a pinch
and @./sauces/vanilla sugar{1/2%tsp}. [- not
this -] Whisk for ~{5%minutes}.

> Any milk
> will do.

== Fry ==
Heat @butter in a #pan. Pour in @&eggs{} and fry ~first side{2%min}, then ~{1%min}.

Serve with @white wine|wine{} at 5 @ 7, #1.
"""
READ = {
    "label": "Easy pancakes",
    "description": "Thin ones.\nFor Sunday.",
    "url": "https://example.org/pancakes",
    "source": "Example",
    "prep_minutes": 5,
    "servings": 4,
    "tags": [
        {"kind": "category", "name": "dessert"},
        {"kind": "category", "name": "snack"},
        {"kind": "keyword", "name": "breakfast"},
        {"kind": "keyword", "name": "quick"},
        {"kind": "tool", "name": "mixing bowl"},
        {"kind": "tool", "name": "pan"},
    ],
    "ingredients": [
        {"text": "3 eggs", "food": "eggs", "section": "Batter"},
        {
            "text": "125 g flour, sifted",
            "food": "flour",
            "note": "sifted",
            "optional": True,
            "section": "Batter",
        },
        {"text": "sea salt", "food": "sea salt", "section": "Batter"},
        {"text": "1/2 tsp vanilla sugar", "food": "vanilla sugar", "section": "Batter"},
        {"text": "butter", "food": "butter", "section": "Fry"},
        {"text": "white wine", "food": "white wine", "section": "Fry"},
    ],
    "steps": [
        {
            "text": "Crack eggs into a mixing bowl and add flour, sea salt and vanilla sugar. "
            "Whisk for 5 minutes.",
            "section": "Batter",
            "minutes": 5,
        },
        {
            "text": "Heat butter in a pan. Pour in eggs and fry 2 min, then 1 min.",
            "section": "Fry",
            "minutes": 3,
        },
        {"text": "Serve with wine at 5 @ 7, #1.", "section": "Fry"},
    ],
    "notes": "Any milk will do.",
    "extras": {"difficulty": "easy", "time.cook": "a while"},
}

OLD = """>> title: Toast
>> serves: 2 people
>> source: Aunt Rosa
>> colour: brown
Toast @bread{2%slices}.
Spread @butter.
"""
OLD_READ = {
    "label": "Toast",
    "source": "Aunt Rosa",
    "servings": 2,
    "ingredients": [
        {"text": "2 slices bread", "food": "bread"},
        {"text": "butter", "food": "butter"},
    ],
    "steps": [{"text": "Toast bread."}, {"text": "Spread butter."}],
    "extras": {"colour": "brown"},
}


@pytest.mark.parametrize(
    ("text", "document"),
    [
        (PANCAKES, READ),
        (PANCAKES.replace("\n", "\r\n"), READ),
        (OLD, OLD_READ),
        (
            "Fry @tofu{}.",
            {
                "label": "Untitled recipe",
                "ingredients": [{"text": "tofu", "food": "tofu"}],
                "steps": [{"text": "Fry tofu."}],
            },
        ),
    ],
)
def test_recipe(text: str, document: dict[str, object]) -> None:
    assert list(cooklang.read_text(text) or ()) == [Draft(document)]


def test_archive_names_its_recipes() -> None:
    archive = archive_of(
        {
            "sweet/Easy Pancakes.cook": b"Fry @eggs{3}.",
            "empty.cook": b"",
            "Toast.cook": OLD.encode(),
            "aisle.conf": b"[dairy]",
        }
    )
    assert list(cooklang.read_archive(archive) or ()) == [
        Draft(
            {
                "label": "Easy Pancakes",
                "ingredients": [{"text": "3 eggs", "food": "eggs"}],
                "steps": [{"text": "Fry eggs."}],
            }
        ),
        Draft({"label": "empty"}),
        Draft(OLD_READ),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Mail me @home or #now.",
        "<style>@media{}</style>",
        "---\ntitle: A post\n---\n\n## Ingredients\n\n- egg",
        "@{}",
    ],
)
def test_other_formats_are_not_read(text: str) -> None:
    assert cooklang.read_text(text) is None
    assert cooklang.read_archive(archive_of({"a.md": text.encode()})) is None
