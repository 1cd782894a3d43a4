"""A recipe as schema.org/Recipe, and what other readers find in it."""

import json
from datetime import UTC, datetime
from typing import Any

import hypothesis
import pytest
from recipe_scrapers import scrape_html

from app.exchange.schema_org.writing import to_schema_org
from app.ops.first_data import RECIPES
from app.schemas.recipe import RecipeCreate
from tests.documents import WHOLE
from tests.strategies import EXPLORE, documents

RECIPE_URL = "https://recipes.example.com/recipes/1-creme-brulee"


def recipe(**members: Any) -> dict[str, Any]:
    """A recipe as the API answers it, with these members."""
    return RecipeCreate.model_validate({"label": "Toast", **members}).model_dump()


def read(document: dict[str, Any]) -> Any:
    """What the reader that most applications use makes of a page that holds the JSON-LD."""
    data = json.dumps(to_schema_org(document)).replace("<", r"\u003c")
    page = f'<html><head><script type="application/ld+json">{data}</script></head></html>'
    return scrape_html(page, org_url=RECIPE_URL, supported_only=False)


def one_line(text: str) -> str:
    return " ".join(text.split())


def test_a_whole_recipe() -> None:
    assert to_schema_org(WHOLE, url=RECIPE_URL) == {
        "@context": "https://schema.org",
        "@type": "Recipe",
        "name": "Crème brûlée à l’orange",
        "description": "Custard under a lid of caramel.\nMade the day before.",
        "url": RECIPE_URL,
        "isBasedOn": "https://example.com/recipes/creme-brulee?lang=fr#top",
        "author": {"@type": "Person", "name": "Zoë Łukasz"},
        "creditText": "Example Kitchen",
        "inLanguage": "fr-CA",
        "prepTime": "PT20M",
        "cookTime": "PT45M",
        "totalTime": "PT4H5M",
        "recipeYield": "4.5 servings",
        "yield": "4 ramekins and a spoon",
        "recipeCategory": ["Dessert"],
        "recipeCuisine": ["French"],
        "keywords": "🍮",
        "recipeIngredient": ["1 ½–2 cups cream, cold", "a little orange zest"],
        "recipeInstructions": [
            {
                "@type": "HowToSection",
                "name": "Custard",
                "itemListElement": [
                    {
                        "@type": "HowToStep",
                        "name": "The base",
                        "text": "Whisk.",
                        "timeRequired": "PT5M",
                    }
                ],
            },
            {"@type": "HowToStep", "text": "Bake,\n\tthen cool."},
        ],
        "nutrition": {
            "@type": "NutritionInformation",
            "servingSize": "1 ramekin",
            "calories": "410 calories",
            "carbohydrateContent": "28.25 g",
            "cholesterolContent": "310 mg",
            "fatContent": "30.5 g",
            "fiberContent": "0 g",
            "proteinContent": "6 g",
            "saturatedFatContent": "18 g",
            "sodiumContent": "55 mg",
            "sugarContent": "26 g",
        },
        "comment": [{"@type": "Comment", "name": "Author Notes", "text": WHOLE["notes"]}],
    }


def test_missing_members_are_left_out() -> None:
    assert to_schema_org(recipe(nutrition={}, description="", tags=[])) == {
        "@context": "https://schema.org",
        "@type": "Recipe",
        "name": "Toast",
    }


def test_zero_is_not_left_out() -> None:
    made = to_schema_org(recipe(prep_minutes=0, cook_minutes=0, nutrition={"calories": 0}))
    assert made["prepTime"] == made["cookTime"] == made["totalTime"] == "PT0M"
    assert made["nutrition"]["calories"] == "0 calories"


def test_without_a_page_the_url_is_the_source() -> None:
    made = to_schema_org(recipe(url="https://example.com/toast"))
    assert made["url"] == made["isBasedOn"] == "https://example.com/toast"


@pytest.mark.parametrize("as_json", [False, True])
def test_dates(as_json: bool) -> None:
    created: Any = datetime(2026, 11, 21, 10, 41, 11, 250_000, UTC)
    updated: Any = datetime(2026, 11, 22, 0, 0, 0, 0, UTC)
    if as_json:
        created, updated = "2026-11-21T10:41:11.250000Z", "2026-11-22T00:00:00Z"
    made = to_schema_org({**recipe(), "created_at": created, "updated_at": updated})
    assert made["datePublished"] == "2026-11-21T10:41:11.250000Z"
    assert made["dateModified"] == "2026-11-22T00:00:00Z"


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, {}),
        ({"servings": 4}, {"recipeYield": "4 servings"}),
        ({"servings": 1}, {"recipeYield": "1 serving"}),
        ({"servings": 0.5}, {"recipeYield": "0.5 servings"}),
        ({"yield_text": "12 cookies"}, {"recipeYield": "12 cookies"}),
        (
            {"servings": 4, "yield_text": "12 cookies"},
            {"recipeYield": "4 servings", "yield": "12 cookies"},
        ),
    ],
)
def test_the_yield(members: dict[str, Any], expected: dict[str, str]) -> None:
    made = to_schema_org(recipe(**members))
    assert {name: made[name] for name in ("recipeYield", "yield") if name in made} == expected


@pytest.mark.parametrize(
    ("diet", "address"),
    [
        ("Vegan", "https://schema.org/VeganDiet"),
        ("vegetarian diet", "https://schema.org/VegetarianDiet"),
        ("Gluten-free", "https://schema.org/GlutenFreeDiet"),
        ("LowSaltDiet", "https://schema.org/LowSaltDiet"),
        ("low  fat", "https://schema.org/LowFatDiet"),
        ("Paleo", None),
        ("Not vegan", None),
        ("-", None),
    ],
)
def test_a_diet_has_a_schema_org_url_or_is_a_keyword(diet: str, address: str | None) -> None:
    made = to_schema_org(recipe(tags=["quick", {"kind": "diet", "name": diet}]))
    assert made.get("suitableForDiet", []) == ([address] if address else [])
    assert made["keywords"] == ("quick" if address else f"quick, {diet}")


def test_the_other_tags() -> None:
    kinds = {"category": "Main", "cuisine": "Thai", "method": "Frying", "tool": "Wok"}
    made = to_schema_org(recipe(tags=[{"kind": k, "name": name} for k, name in kinds.items()]))
    assert made["recipeCategory"] == ["Main"]
    assert made["recipeCuisine"] == ["Thai"]
    assert made["cookingMethod"] == ["Frying"]
    assert made["tool"] == ["Wok"]


def test_the_ingredients_are_the_lines_as_written_in_their_order() -> None:
    sections = ["Dough", None, "Filling", " ", "Dough"]
    lines = [
        {"text": f"{n} c  Milk", "section": section, "quantity": 7, "unit": "cup", "food": "milk"}
        for n, section in enumerate(sections)
    ]
    made = to_schema_org(recipe(ingredients=lines))
    assert made["recipeIngredient"] == [line["text"] for line in lines]


def test_steps_keep_their_order_in_sections_and_between_them() -> None:
    sections = [None, "Dough", "Dough", "", "Filling", "Dough"]
    steps = [{"text": str(n), "section": section} for n, section in enumerate(sections)]
    made = to_schema_org(recipe(steps=steps))["recipeInstructions"]
    assert [
        (part["name"], [step["text"] for step in part["itemListElement"]])
        if part["@type"] == "HowToSection"
        else part["text"]
        for part in made
    ] == ["0", ("Dough", ["1", "2"]), "3", ("Filling", ["4"]), ("Dough", ["5"])]


# --- Read by others ------------------------------------------------------------------------------

DOCUMENTS = [*RECIPES, WHOLE]


@pytest.mark.parametrize("members", DOCUMENTS, ids=[members["label"] for members in DOCUMENTS])
def test_other_readers_read_what_was_written(members: dict[str, Any]) -> None:
    document = recipe(**members)
    found = read(document)
    assert found.title() == document["label"]

    assert found.ingredients() == [line["text"] for line in document["ingredients"]]

    instructions: list[str] = []
    section = None
    for step in document["steps"]:
        instructions += [step["section"]] if step["section"] not in (None, section) else []
        # It leaves out a name that is only the beginning of the text.
        if step["name"] and not step["text"].startswith(step["name"]):
            instructions.append(step["name"])
        instructions.append(one_line(step["text"]))
        section = step["section"]
    assert found.instructions_list() == instructions

    times = {"prep": found.prep_time, "cook": found.cook_time, "total": found.total_time}
    for name, time in times.items():
        if document[f"{name}_minutes"] is not None:
            assert (time() or 0) == document[f"{name}_minutes"]
    if document["servings"]:
        assert found.yields() == f"{document['servings']} servings"


def test_other_readers_read_nutrition_diets_and_keywords() -> None:
    found = read(
        recipe(
            tags=["quick", "for two", {"kind": "diet", "name": "Gluten-free"}],
            nutrition={"serving_size": "1 cup", "calories": 410, "fat_g": 30.5, "sodium_mg": 55},
        )
    )
    assert found.keywords() == ["quick", "for two"]
    assert found.dietary_restrictions() == ["Gluten Free Diet"]
    assert found.nutrients() == {
        "servingSize": "1 cup",
        "calories": "410 calories",
        "fatContent": "30.5 g",
        "sodiumContent": "55 mg",
    }


# --- Any document --------------------------------------------------------------------------------


def empty_members(value: Any) -> list[Any]:
    """What is null or empty, wherever in it."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return [each for member in inner for each in empty_members(member)] + [value] * (not value)
    return [value] * (value in (None, ""))


@EXPLORE
@hypothesis.given(document=documents)
def test_any_document_is_json_without_nulls(document: dict[str, Any]) -> None:
    made = to_schema_org(recipe(**document))
    assert json.loads(json.dumps(made, allow_nan=False)) == made
    assert empty_members(made) == []
