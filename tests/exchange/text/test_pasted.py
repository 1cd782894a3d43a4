"""Recipes as people paste them, and our own Markdown."""

from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from app.exchange.documents import to_document
from app.exchange.drafts import Draft
from app.exchange.text import pasted
from app.exchange.writing.markdown import to_markdown
from app.ops.first_data import RECIPES
from app.schemas.recipe import RecipeCreate, RecipeDocument
from tests.documents import WHOLE

ENGLISH = """
Grandma's pancakes

Fluffy, and quick.
Good on Sundays.
Serves 4 | Prep time: 10 min
Cook time: 20 minutes
Source: https://example.org/pancakes

INGREDIENTS
• 2 eggs
• 1 1/2 cups flour
pinch of salt

For the sauce
100 ml cream

METHOD
1. Mix it all
   in a bowl.
2) Fry.
Tip: Use a hot pan.
For the sauce:
3. Whip the cream.

Notes
Keep **warm**.

- Or cold.
"""
ENGLISH_READ = {
    "label": "Grandma's pancakes",
    "description": "Fluffy, and quick.\nGood on Sundays.",
    "url": "https://example.org/pancakes",
    "prep_minutes": 10,
    "cook_minutes": 20,
    "servings": 4,
    "ingredients": [
        {"text": "2 eggs"},
        {"text": "1 1/2 cups flour"},
        {"text": "pinch of salt"},
        {"text": "100 ml cream", "section": "For the sauce"},
    ],
    "steps": [
        {"text": "Mix it all\nin a bowl."},
        {"text": "Fry."},
        {"text": "Whip the cream.", "section": "For the sauce"},
    ],
    "notes": "Use a hot pan.\n\nKeep **warm**.\n\n- Or cold.",
}
GERMAN = """Kartoffelsuppe
Vorbereitung: 15 Min.
Kochzeit: 1 Std. 10 Min.

Zutaten für 4 Personen:
1 kg Kartoffeln
Salz

Zubereitung

Kartoffeln schälen
und würfeln.

Alles kochen.

Tipps: Mit Wurst.
"""
GERMAN_READ = {
    "label": "Kartoffelsuppe",
    "prep_minutes": 15,
    "cook_minutes": 70,
    "servings": 4,
    "ingredients": [{"text": "1 kg Kartoffeln"}, {"text": "Salz"}],
    "steps": [{"text": "Kartoffeln schälen\nund würfeln."}, {"text": "Alles kochen."}],
    "notes": "Mit Wurst.",
}
FRENCH = """Crêpes
Pour 4 personnes
Préparation : 10 min
Cuisson : 20 min
Ingrédients :
250 g de farine
Préparation
Mélanger.
Cuire.
"""
FRENCH_READ = {
    "label": "Crêpes",
    "prep_minutes": 10,
    "cook_minutes": 20,
    "servings": 4,
    "ingredients": [{"text": "250 g de farine"}],
    "steps": [{"text": "Mélanger."}, {"text": "Cuire."}],
}
SPANISH = """Tortilla
Para 2 personas
Ingredientes
3 huevos
Preparación
Step 1
Batir.
Step 2
Freír.
Consejos
Servir tibia.
"""
SPANISH_READ = {
    "label": "Tortilla",
    "servings": 2,
    "ingredients": [{"text": "3 huevos"}],
    "steps": [{"text": "Batir."}, {"text": "Freír."}],
    "notes": "Servir tibia.",
}
ITALIAN = """Pesto
Ingredienti (per 4 persone)
50 g di basilico
Preparazione:
Pestare.
"""
ITALIAN_READ = {
    "label": "Pesto",
    "servings": 4,
    "ingredients": [{"text": "50 g di basilico"}],
    "steps": [{"text": "Pestare."}],
}
UNTOLD = """Quick dal

My weekday dish.
Makes 2 bowls

1 cup lentils
3 cups water
salt

Rinse the lentils, then boil them in the water.
Season and serve with rice.
"""
UNTOLD_READ = {
    "label": "Quick dal",
    "description": "My weekday dish.",
    "yield_text": "2 bowls",
    "ingredients": [{"text": "1 cup lentils"}, {"text": "3 cups water"}, {"text": "salt"}],
    "steps": [
        {"text": "Rinse the lentils, then boil them in the water."},
        {"text": "Season and serve with rice."},
    ],
}
FOREIGN_MARKDOWN = """# Shakshuka

**Prep time:** 10 min
**Category:** Breakfast, Lunch

## Ingredients

### Base
* 4 eggs
* 1 tin *peeled* [tomatoes](https://example.org/t)

## Instructions

1. Fry.
2. **Simmer** gently.

## Notes

Needs bread.

## Nutrition

- Calories: 300
- Vitamins: many
"""
FOREIGN_MARKDOWN_READ = {
    "label": "Shakshuka",
    "prep_minutes": 10,
    "tags": [{"kind": "category", "name": "Breakfast"}, {"kind": "category", "name": "Lunch"}],
    "ingredients": [
        {"text": "4 eggs", "section": "Base"},
        {"text": "1 tin peeled tomatoes", "section": "Base"},
    ],
    "steps": [{"text": "Fry."}, {"text": "gently.", "name": "Simmer"}],
    "nutrition": {"calories": 300},
    "notes": "Needs bread.",
    "extras": {"nutrition": "Vitamins: many"},
}


@pytest.mark.parametrize(
    ("text", "document"),
    [
        pytest.param(ENGLISH, ENGLISH_READ, id="English"),
        pytest.param(ENGLISH.replace("\n", "\r\n"), ENGLISH_READ, id="carriage returns"),
        pytest.param(GERMAN, GERMAN_READ, id="German"),
        pytest.param(FRENCH, FRENCH_READ, id="French"),
        pytest.param(SPANISH, SPANISH_READ, id="Spanish"),
        pytest.param(ITALIAN, ITALIAN_READ, id="Italian"),
        pytest.param(UNTOLD, UNTOLD_READ, id="no headings"),
        pytest.param(FOREIGN_MARKDOWN, FOREIGN_MARKDOWN_READ, id="Markdown"),
    ],
)
def test_recipe(text: str, document: dict[str, Any]) -> None:
    assert list(pasted.read_text(text) or ()) == [Draft(document)]


@pytest.mark.parametrize("recipe", [WHOLE, *RECIPES], ids=lambda recipe: str(recipe["label"])[:20])
def test_our_own_markdown_is_read_back(recipe: dict[str, Any]) -> None:
    written = RecipeCreate.model_validate(recipe).model_dump(
        include=set(RecipeDocument.model_fields)
    )
    (draft,) = list(pasted.read_text(to_markdown(written)) or ())
    assert isinstance(draft, Draft)
    read = to_document(draft).model_dump()
    assert to_markdown(read) == to_markdown(written)
    # Markdown has no place for these, and prints numbers for people.
    for each in (read, written):
        each["tags"].sort(key=lambda tag: (tag["kind"], tag["name"]))
    left_out = dict.fromkeys(("extras", "visibility", "ingredients", "steps", "nutrition"))
    assert read | left_out == written | left_out


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello\n\nHow are you?",
        "Ingredients\n2 eggs\n1 onion\nMethod\nServes 2\nFry.",
        "# Project\n\n## Instructions\n\n1. Clone it.",
        "Shopping\n2 pens\n3 books",
        "Title\nIngredients",
        "2 eggs",
        "<p>Toast\nIngredients\n2 eggs",
        "Toast\nIngredients\n" + "1 egg\n" * 6_000,
    ],
)
def test_other_texts_are_not_recipes(text: str) -> None:
    assert pasted.read_text(text) is None


PIECES = st.sampled_from(
    ["Toast", "Ingredients", "## Method", "### x", "- 2 eggs", "1. Boil.", "", "---", "  more", ">"]
    + [
        "Notes: x",
        "Tips",
        "- **Serves:** 4",
        "Serves 4",
        "**a** b *(5 min)*",
        "\\",
        "\u2028",
        "[a](b)",
    ]
)


@hypothesis.given(st.lists(PIECES | st.text(max_size=20), max_size=15))
@hypothesis.settings(max_examples=150, deadline=None)
def test_any_text_is_read_without_an_error(lines: list[str]) -> None:
    for draft in pasted.read_text("\n".join(lines)) or ():
        assert isinstance(draft, Draft)
        assert draft.document["label"]


# --- As people paste it ---------------------------------------------------------------------------


def members_of(text: str) -> dict[str, Any]:
    drafts = pasted.read_text(text)
    assert drafts is not None
    (draft,) = drafts
    assert isinstance(draft, Draft)
    return {
        name: [each["text"] for each in value] if name in ("ingredients", "steps") else value
        for name, value in draft.document.items()
    }


def test_lines_that_end_as_sentences_are_steps() -> None:
    lines = ["Toast the bread until golden.", "Butter it while it is hot.", "Serve at once!"]
    for text in ("\n".join(lines), "\n".join(lines[:2]) + "\n\n" + lines[2]):
        found = members_of(
            f"Toast\n\nIngredients\n2 slices bread\n\nMethod\n{text}\n\nhttps://a.example/t"
        )
        assert found["steps"] == lines
        assert found["url"] == "https://a.example/t"
    wrapped = "Boil the water and\nadd the onion that you\nhave cut.\n\nServe it hot in\nbowls."
    found = members_of(f"Soup\n\nIngredients\n1 l water\n\nMethod\n{wrapped}")
    assert found["steps"] == wrapped.split("\n\n")


def test_emoji_keycaps_check_boxes_and_hashtags_are_marks() -> None:
    found = members_of(
        "\U0001f35d Pasta\nserves 10-12 | Prep 15 mins | Cook 1 hr 20 mins\n\n"
        "\U0001f6d2 Ingredients\n"
        "\u2610 200 g pasta\n- [ ] 1 onion\n\u2705 salt\n\n\U0001f469\u200d\U0001f373 Method\n"
        "1\ufe0f\u20e3 Boil the pasta.\n2\ufe0f\u20e3 Fry the onion.\n\n#pasta #quick\n"
    )
    assert found["label"] == "Pasta"
    assert found["ingredients"] == ["200 g pasta", "1 onion", "salt"]
    assert found["steps"] == ["Boil the pasta.", "Fry the onion."]
    assert [tag["name"] for tag in found["tags"]] == ["pasta", "quick"]
    assert (found["servings"], found["prep_minutes"], found["cook_minutes"]) == (10, 15, 80)
