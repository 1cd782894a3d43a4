"""schema.org/Recipe as people publish it."""

import time
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st
from pydantic import ValidationError

from app.exchange.documents import to_document
from app.exchange.drafts import Draft, Unreadable
from app.exchange.schema_org.reading import read_json
from app.exchange.schema_org.writing import to_schema_org
from app.ops.first_data import RECIPES
from app.schemas.recipe import RecipeCreate
from tests.documents import WHOLE
from tests.strategies import EXPLORE, values

TOAST: dict[str, Any] = {"@type": "Recipe", "name": "Toast"}


def documents(value: Any) -> list[dict[str, Any]]:
    drafts = read_json(value)
    assert drafts is not None
    return [draft.document for draft in drafts if isinstance(draft, Draft)]


def read(**members: Any) -> dict[str, Any]:
    """What a recipe with these members becomes, without its name."""
    (document,) = documents(TOAST | members)
    assert document.pop("label") == "Toast"
    return document


def labels(value: Any) -> list[str]:
    return [document["label"] for document in documents(value)]


# --- The whole -----------------------------------------------------------------------------------

PAGE: dict[str, Any] = {
    "@context": "https://schema.org",
    "@graph": [
        {
            "@type": "Article",
            "@id": "https://www.food.example/soup/#article",
            "headline": "The best soup",
            "isPartOf": {"@id": "https://www.food.example/soup/"},
            "author": {"name": "Jo Cook", "@id": "https://www.food.example/#jo"},
        },
        {
            "@type": "WebPage",
            "@id": "https://www.food.example/soup/",
            "url": "https://www.food.example/soup/",
            "isPartOf": {"@id": "https://www.food.example/#website"},
        },
        {"@type": "WebSite", "@id": "https://www.food.example/#website", "name": "Food Example"},
        {"@type": ["Person"], "@id": "https://www.food.example/#jo", "name": "Jo Cook", "url": "x"},
        {"@type": "ImageObject", "@id": "#image", "url": "https://www.food.example/soup.jpg"},
        {
            "@type": ["Recipe", "NewsArticle"],
            "@id": "https://www.food.example/soup/#recipe",
            "name": "Tomato &amp; basil soup",
            "description": "<p>Warm &#8211; and red.</p>",
            "author": {"@id": "https://www.food.example/#jo"},
            "isPartOf": {"@id": "https://www.food.example/soup/#article"},
            "mainEntityOfPage": "https://www.food.example/soup/",
            "image": [
                {"@id": "#image"},
                "https://www.food.example/2.jpg",
                "data:image/png;base64,x",
            ],
            "inLanguage": "en-GB",
            "datePublished": "2024-05-01",
            "recipeYield": ["4", "4 servings"],
            "prepTime": "PT10M",
            "cookTime": "PT1H30",
            "totalTime": "PT0M",
            "recipeCategory": ["Soup", "Starter"],
            "recipeCuisine": "Italian",
            "cookingMethod": "Simmering",
            "suitableForDiet": ["https://schema.org/GlutenFreeDiet", "VeganDiet", "low sugar"],
            "keywords": "soup, tomato ,Soup",
            "tool": [{"@type": "HowToTool", "name": "Blender"}, "Large pot, with lid"],
            "recipeIngredient": ["1 kg tomatoes", " ", "[To serve]", "basil"],
            "recipeInstructions": [
                {"@type": "HowToStep", "text": "Simmer.", "name": "Simmer", "url": "#1"},
                {
                    "@type": "HowToSection",
                    "name": "To serve",
                    "itemListElement": [{"@type": "HowToStep", "text": "Tear the basil."}],
                },
            ],
            "nutrition": {
                "@type": "NutritionInformation",
                "servingSize": "1 bowl",
                "calories": "240 kcal",
                "sodiumContent": "1.2 g",
                "potassiumContent": "300 mg",
            },
            "aggregateRating": {"@type": "AggregateRating", "ratingValue": 5},
            "video": {"@type": "VideoObject", "name": "Soup"},
            "estimatedCost": "low",
        },
    ],
}


def test_a_page_with_a_graph() -> None:
    assert documents(PAGE) == [
        {
            "label": "Tomato & basil soup",
            "description": "Warm – and red.",
            "url": "https://www.food.example/soup/",
            "source": "Food Example",
            "author": "Jo Cook",
            "language": "en-GB",
            "prep_minutes": 10,
            "cook_minutes": 90,
            "servings": 4,
            "tags": [
                {"kind": "category", "name": "Soup"},
                {"kind": "category", "name": "Starter"},
                {"kind": "cuisine", "name": "Italian"},
                {"kind": "method", "name": "Simmering"},
                {"kind": "diet", "name": "Gluten free"},
                {"kind": "diet", "name": "Vegan"},
                {"kind": "diet", "name": "low sugar"},
                {"kind": "tool", "name": "Blender"},
                {"kind": "tool", "name": "Large pot, with lid"},
                {"kind": "keyword", "name": "soup"},
                {"kind": "keyword", "name": "tomato"},
            ],
            "ingredients": [{"text": "1 kg tomatoes"}, {"text": "basil", "section": "To serve"}],
            "steps": [{"text": "Simmer."}, {"text": "Tear the basil.", "section": "To serve"}],
            "nutrition": {"serving_size": "1 bowl", "calories": 240, "sodium_mg": 1200},
            "extras": {
                "image": ["https://www.food.example/soup.jpg", "https://www.food.example/2.jpg"],
                "nutrition": {"potassiumContent": "300 mg"},
                "datePublished": "2024-05-01",
                "estimatedCost": "low",
            },
        }
    ]


# --- Finding -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        TOAST,
        [TOAST],
        [[{}], [[TOAST]]],
        {"@graph": [{"@type": "WebSite"}, TOAST]},
        {"@type": "WebPage", "mainEntity": TOAST},
        {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": TOAST}]},
        TOAST | {"@type": ["Thing", "Recipe"]},
        TOAST | {"@type": "http://schema.org/Recipe"},
        TOAST | {"@type": ["schema:Recipe"]},
        {"@type": "https://schema.org/Recipe", "http://schema.org/name": [{"@value": "Toast"}]},
        TOAST | {"isRelatedTo": TOAST | {"name": "Another"}},
        [TOAST | {"@id": "#1", "image": "a"}, {"@type": "Recipe", "@id": "#1"}],
        [TOAST, TOAST],
        [TOAST | {"@id": "#1"}, TOAST | {"@id": "#1", "recipeIngredient": ["bread"]}],
    ],
)
def test_a_recipe_is_found_wherever_it_is_and_once(value: Any) -> None:
    assert labels(value) == ["Toast"]


def test_all_recipes_are_found_in_their_order() -> None:
    soup = TOAST | {"name": "Soup", "recipeIngredient": ["water"]}
    other_soup = soup | {"recipeIngredient": ["stock"]}
    assert labels({"a": [soup, {"b": TOAST}], "c": other_soup}) == ["Soup", "Toast", "Soup"]
    other_toast = TOAST | {"recipeInstructions": "Toast it."}
    assert labels([TOAST, other_toast]) == ["Toast", "Toast"]


@pytest.mark.parametrize(
    "value", [None, 1, "Recipe", [], {}, [[]], {"@type": "Person"}, {"@type": None}, {"type": 1}]
)
def test_values_without_a_recipe(value: Any) -> None:
    assert read_json(value) is None


def test_an_empty_recipe_does_not_hide_the_next() -> None:
    drafts = read_json([{"@type": "Recipe"}, TOAST])
    assert drafts is not None
    empty, toast = drafts
    assert isinstance(empty, Unreadable)
    assert isinstance(toast, Draft)


# --- Instructions --------------------------------------------------------------------------------


def step(text: str, section: str | None = None, **members: Any) -> dict[str, Any]:
    return {"text": text} | members | ({"section": section} if section else {})


def how_to(text: str, **members: Any) -> dict[str, Any]:
    return {"@type": "HowToStep", "text": text} | members


def section(name: str, *members: Any) -> dict[str, Any]:
    return {"@type": "HowToSection", "name": name, "itemListElement": list(members)}


A_B = [step("Cut."), step("Fry.")]
INSTRUCTIONS: dict[str, tuple[Any, list[dict[str, Any]]]] = {
    "text in lines": ("1. Cut.\n2. Fry.", A_B),
    "text in paragraphs": ("Cut.\n\nFry\nwell.", [step("Cut."), step("Fry\nwell.")]),
    "HTML list": ("<ol>\n<li>Cut.</li>\n<li>Fry.</li></ol>", A_B),
    "HTML paragraphs": ("<p>Cut.</p><p>Fry.</p>", A_B),
    "escaped HTML": ("&lt;p&gt;Cut.&lt;/p&gt;&lt;p&gt;Fry.&lt;/p&gt;", A_B),
    "HTML with headings": (
        "<h3>Onions</h3><p>Cut.</p><h3 class='x'>Pan</h3><p>Fry.</p>",
        [step("Cut.", "Onions"), step("Fry.", "Pan")],
    ),
    "list of texts": (["Cut.", "Fry."], A_B),
    "list of one text": (["Cut.\nFry."], A_B),
    "texts with lines": (["Cut.\nWell.", "Fry."], [step("Cut.\nWell."), step("Fry.")]),
    "numbered texts": (["Step 1: Cut.", "2) Fry."], A_B),
    "texts with headings": (
        ["## Onions", "Cut.", "[Pan]", "Fry.", "<strong>Then:</strong>", "Eat.", "At last:", "Go."],
        [step("Cut.", "Onions"), step("Fry.", "Pan"), step("Eat.", "Then"), step("Go.", "At last")],
    ),
    "nothing": (None, []),
    "empty": ([None, "", {}, [], how_to("")], []),
    "steps": ([how_to("Cut."), how_to("Fry.")], A_B),
    "one step": (how_to("Cut."), A_B[:1]),
    "nested lists": ([[how_to("Cut.")], [["Fry."]]], A_B),
    "objects by number": ({"1": how_to("Fry."), "0": how_to("Cut.")}, A_B),
    "names alone": ([{"@type": "HowToStep", "name": "Cut."}, {"name": "Fry."}], A_B),
    "names": (
        [how_to("Cut. Then rest.", name="Cut…"), how_to("Fry.", name="Pan")],
        [step("Cut. Then rest."), step("Fry.", name="Pan")],
    ),
    "times": (
        [
            how_to("Cut.", timeRequired="PT5M"),
            how_to("Fry.", totalTime={"@type": "Duration", "duration": "PT1H"}),
            how_to("Eat.", timeRequired="soon"),
        ],
        [step("Cut.", minutes=5), step("Fry.", minutes=60), step("Eat.")],
    ),
    "directions": (
        [
            {
                "@type": "HowToStep",
                "itemListElement": [
                    {"@type": "HowToDirection", "text": "Cut."},
                    {"@type": "HowToTip", "text": "Wear goggles."},
                ],
            },
            {"@type": "HowToStep", "itemListElement": {"@type": "HowToDirection", "text": "Fry."}},
        ],
        [step("Cut.\nWear goggles."), step("Fry.")],
    ),
    "sections": (
        [section("Onions", how_to("Cut.")), section("Pan", how_to("Fry."), "Eat.")],
        [step("Cut.", "Onions"), step("Fry.", "Pan"), step("Eat.", "Pan")],
    ),
    "sections and steps": (
        [how_to("Wash."), section("Onions", how_to("Cut.")), how_to("Fry.")],
        [step("Wash."), step("Cut.", "Onions"), step("Fry.")],
    ),
    "sections in sections": (
        [section("All", section("Onions", how_to("Cut.")), how_to("Fry."))],
        [step("Cut.", "Onions"), step("Fry.")],
    ),
    "a section with text": (
        [{"@type": "HowToSection", "name": "Onions", "text": "Cut."}],
        [step("Cut.", "Onions")],
    ),
    "flat sections": (
        [
            {"@type": "HowToSection", "name": "Onions"},
            how_to("Cut."),
            how_to("Fry."),
            {"@type": "HowToSection", "name": "Table", "itemListElement": []},
            how_to("Eat."),
        ],
        [step("Cut.", "Onions"), step("Fry.", "Onions"), step("Eat.", "Table")],
    ),
    "headings with nothing below": (
        [{"@type": "HowToSection", "name": "Cut"}, {"@type": "HowToSection", "name": "Fry"}],
        [step("Cut"), step("Fry")],
    ),
    "item list": (
        {"@type": "ItemList", "itemListElement": [how_to("Cut."), {"item": how_to("Fry.")}]},
        A_B,
    ),
    "a step with steps is a section": (
        [{"@type": "HowToStep", "name": "Pan", "itemListElement": [how_to("Fry.")]}],
        [step("Fry.", "Pan")],
    ),
    "objects of other names": ([{"description": "Cut."}, {"value": "Fry."}], A_B),
}


@pytest.mark.parametrize(("value", "expected"), INSTRUCTIONS.values(), ids=INSTRUCTIONS)
def test_instructions(value: Any, expected: list[dict[str, Any]]) -> None:
    assert read(recipeInstructions=value).get("steps", []) == expected


# --- Ingredients ---------------------------------------------------------------------------------

EGG_MILK = [{"text": "1 egg"}, {"text": "milk"}]
IN_SAUCE = [{"text": "1 egg"}, {"text": "milk", "section": "Sauce"}]
INGREDIENTS: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {
    "list": ({"recipeIngredient": ["1 egg", "", None, "<b>milk</b>"]}, EGG_MILK),
    "text": ({"recipeIngredient": "1 egg\n- milk"}, EGG_MILK),
    "HTML": ({"recipeIngredient": "<ul><li>1 egg</li><li>milk</li></ul>"}, EGG_MILK),
    "the old name": ({"ingredients": ["1 egg", "milk"], "recipeIngredient": []}, EGG_MILK),
    "objects": (
        {"recipeIngredient": [{"amount": 1, "name": "egg"}, {"@type": "Thing", "name": "milk"}]},
        EGG_MILK,
    ),
    "by number": ({"recipeIngredient": {"0": "1 egg", "1": "milk"}}, EGG_MILK),
    "nested": ({"recipeIngredient": [["1 egg"], [["milk"]]]}, EGG_MILK),
    "hashes": ({"recipeIngredient": ["1 egg", "## Sauce", "milk"]}, IN_SAUCE),
    "brackets": ({"recipeIngredient": ["1 egg", "[Sauce]", "milk"]}, IN_SAUCE),
    "strong": ({"recipeIngredient": ["1 egg", "<strong>Sauce:</strong>", "milk"]}, IN_SAUCE),
    "colon": ({"recipeIngredient": ["1 egg", "Sauce:", "milk"]}, IN_SAUCE),
    "groups": (
        {"recipeIngredient": ["1 egg", {"name": "Sauce", "itemListElement": ["milk"]}]},
        IN_SAUCE,
    ),
    "a heading at the end": (
        {"recipeIngredient": ["1 egg", "[Sauce]", "[Milk]"]},
        [{"text": "1 egg"}, {"text": "Sauce"}, {"text": "Milk"}],
    ),
    "a number": ({"recipeIngredient": [1]}, [{"text": "1"}]),
    "nothing": ({"recipeIngredient": {"a": None}}, []),
}


@pytest.mark.parametrize(("members", "expected"), INGREDIENTS.values(), ids=INGREDIENTS)
def test_ingredients(members: dict[str, Any], expected: list[dict[str, Any]]) -> None:
    assert read(**members).get("ingredients", []) == expected


# --- Other members -------------------------------------------------------------------------------

BASE = {"url": "https://www.a.example/toast", "source": "a.example"}


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        # Yield
        ({"recipeYield": "Serves 4"}, {"servings": 4}),
        ({"recipeYield": 6}, {"servings": 6}),
        ({"recipeYield": ["24", "24 cookies"]}, {"servings": 24, "yield_text": "24 cookies"}),
        ({"recipeYield": {"@type": "QuantitativeValue", "value": 4}}, {"servings": 4}),
        ({"recipeYield": [{"value": 2, "unitText": "loaves"}]}, {"yield_text": "2 loaves"}),
        ({"yield": "1 loaf"}, {"yield_text": "1 loaf"}),
        (
            {"recipeYield": "4 servings", "yield": "1 loaf"},
            {"servings": 4, "yield_text": "1 loaf"},
        ),
        # Times
        ({"cookTime": "PTNaNM", "totalTime": "PT-476070H19M32S", "prepTime": ""}, {}),
        ({"performTime": "PT5M"}, {"cook_minutes": 5}),
        ({"prepTime": {"@type": "Duration"}, "totalTime": "1 h 5 min"}, {"total_minutes": 65}),
        ({"prepTime": "overnight"}, {"extras": {"prepTime": "overnight"}}),
        # People and places
        ({"author": [{"name": "A"}, "B", {"name": "A"}]}, {"author": "A, B"}),
        ({"author": {"name": ["A", "B"]}}, {"author": "A"}),
        ({"author": "https://a.example/jo"}, {}),
        ({"publisher": {"name": "A"}, "isPartOf": {"name": "B"}}, {"source": "A"}),
        ({"isPartOf": {"@type": "Book", "name": "B"}}, {"source": "B"}),
        ({"url": "https://www.a.example/toast"}, BASE),
        ({"mainEntityOfPage": {"@id": "https://www.a.example/toast"}}, BASE),
        ({"isBasedOn": "https://www.a.example/toast", "url": "https://b.example/"}, BASE),
        ({"url": "/toast"}, {}),
        ({"url": "javascript:alert(1)", "@id": "https://[x"}, {}),
        # Language
        ({"inLanguage": "pt_BR"}, {"language": "pt-BR"}),
        ({"inLanguage": "English"}, {"language": "en"}),
        ({"inLanguage": "Elvish"}, {"extras": {"inLanguage": "Elvish"}}),
        # Nutrition
        (
            {"nutrition": {"calories": "1004 kJ", "fatContent": "0.5g", "sugarContent": 3}},
            {"nutrition": {"calories": 239.96, "fat_g": 0.5, "sugar_g": 3}},
        ),
        (
            {"nutrition": [{"calories": "1004 kJ (240 kcal)", "sodiumContent": "1,200 mg"}]},
            {"nutrition": {"calories": 240, "sodium_mg": 1200}},
        ),
        ({"nutrition": {"calories": "1004 kJ / 240 kcal"}}, {"nutrition": {"calories": 240}}),
        (
            {"nutrition": {"proteinContent": "trace", "fatContent": "12 %", "calories": None}},
            {"extras": {"nutrition": {"proteinContent": "trace", "fatContent": "12 %"}}},
        ),
        ({"nutrition": "Good for you."}, {"extras": {"nutrition": ["Good for you."]}}),
        # Tags
        (
            {"keywords": [{"@type": "DefinedTerm", "name": "quick, easy"}]},
            {"tags": [{"kind": "keyword", "name": name} for name in ("quick", "easy")]},
        ),
        # Notes
        ({"comment": [{"name": "Author Notes", "text": "* a\n  * b"}]}, {"notes": "* a\n  * b"}),
        ({"comment": {"name": "Jo", "text": "Nice!"}}, {}),
        ({"notes": "a", "recipeNotes": ["<p>b</p>", None]}, {"notes": "a\n\nb"}),
        # Pictures
        ({"image": "https://a.example/1"}, {"extras": {"image": ["https://a.example/1"]}}),
        (
            {"image": [{"url": ["a", "a"]}, {"contentUrl": "b"}, "data:x"]},
            {"extras": {"image": ["a", "b"]}},
        ),
        # Others
        ({"cost": 5, "review": [{}]}, {"extras": {"cost": 5}}),
    ],
)
def test_members(members: dict[str, Any], expected: dict[str, Any]) -> None:
    assert read(**members) == expected


# --- Our own -------------------------------------------------------------------------------------

SAME = (
    *("label", "description", "url", "source", "author", "language", "notes", "nutrition"),
    *("prep_minutes", "cook_minutes", "total_minutes", "servings", "yield_text"),
)


def brief(value: Any) -> Any:
    """Without what is null, and with single blanks."""
    if isinstance(value, dict):
        return {name: brief(each) for name, each in value.items() if each is not None}
    return " ".join(value.split()) if isinstance(value, str) else value


@pytest.mark.parametrize("members", [*RECIPES, WHOLE], ids=lambda members: str(members["label"]))
def test_our_own_export_is_read_back(members: dict[str, Any]) -> None:
    recipe = RecipeCreate.model_validate(members).model_dump()
    (found,) = documents(to_schema_org(recipe, url="https://recipes.example.com/recipes/1-x"))
    expected = {name: recipe[name] for name in SAME if recipe[name] is not None}
    # A recipe of its own has no other address than that of its page here.
    if recipe["url"] is None:
        expected |= {"url": "https://recipes.example.com/recipes/1-x"}
        expected |= {"source": recipe["source"] or "recipes.example.com"}
    assert {name: brief(found[name]) for name in expected} == brief(expected)
    assert [line["text"] for line in found.get("ingredients", [])] == [
        line["text"] for line in recipe["ingredients"]
    ]
    steps = [brief(step) for step in recipe["steps"]]
    for each in steps:
        if each["text"].startswith(each.get("name", "…")):
            del each["name"]  # It says what the text says.
    assert [brief(step) for step in found.get("steps", [])] == steps
    order = {kind: [tag["name"] for tag in recipe["tags"] if tag["kind"] == kind] for kind in KINDS}
    assert {
        kind: [tag["name"] for tag in found.get("tags", []) if tag["kind"] == kind]
        for kind in KINDS
    } == order


KINDS = ("keyword", "category", "cuisine", "method", "tool")

# --- Anything ------------------------------------------------------------------------------------

RECIPE: dict[str, Any] = PAGE["@graph"][-1]
words = st.text("abc xyz", min_size=1, max_size=12)
odd = values | st.just("long " * 5000) | st.just({"@id": "https://www.food.example/soup/#recipe"})
lines = st.lists(
    words
    | st.builds(lambda text: {"name": text}, words)
    | st.builds(lambda text: [text], words)
    | words.map("## {}".format),
    max_size=5,
)


def texts_in(value: Any) -> list[str]:
    if isinstance(value, list):
        return [text for each in value for text in texts_in(each)]
    text = value["name"] if isinstance(value, dict) else value
    return [text.removeprefix("## ").strip()]


@EXPLORE
@hypothesis.given(
    changes=st.dictionaries(st.sampled_from(sorted(RECIPE)), odd, max_size=6), ingredients=lines
)
def test_unexpected_values_lose_no_ingredient(
    changes: dict[str, Any], ingredients: list[Any]
) -> None:
    changed = RECIPE | changes | {"@type": "Recipe", "recipeIngredient": ingredients}
    graph = {"@graph": [*PAGE["@graph"][:-1], changed]}
    (found,) = documents(graph)
    kept = [
        " ".join(line.get(name, "").split())
        for line in found.get("ingredients", [])
        for name in ("text", "section")
    ]
    for text in texts_in(ingredients):
        assert any(" ".join(text.split()) in each for each in kept) or not text


@EXPLORE
@hypothesis.given(value=st.recursive(values, lambda inner: st.lists(inner, max_size=3)))
def test_any_value_in_any_member(value: Any) -> None:
    for name in (*RECIPE, "comment", "notes", "publisher", "isBasedOn", "yield", "performTime"):
        if name != "@type":
            drafts = read_json(RECIPE | {name: value})
            assert drafts is not None
            list(drafts)


def test_hostile_values_are_read_quickly() -> None:
    deep: Any = "water"
    for _ in range(100_000):
        deep = [deep]
    knot = [{"@id": str(n), "@type": "Thing", "a": [{"@id": str(n + 1)}] * 9} for n in range(3000)]
    many = [TOAST | {"name": str(n), "a": {"@id": "0"}, "b": {"@id": "0"}} for n in range(300)]
    start = time.process_time()
    assert "ingredients" not in read(recipeIngredient=deep, recipeInstructions=deep, image=deep)
    assert len(labels([*knot, *many])) == 300
    for text in ("<!--" * 50_000, "1 " * 100_000, "1½" * 50_000, "<h3>" * 50_000, "[" * 200_000):
        names = ("name", "recipeYield", "prepTime", "recipeIngredient", "recipeInstructions")
        documents(TOAST | dict.fromkeys(names, text) | {"nutrition": {"calories": text}})
    assert time.process_time() - start < 10


@pytest.mark.parametrize("member", ["recipeIngredient", "recipeInstructions"])
def test_lines_beyond_the_bound_are_not_read(member: str) -> None:
    """More than a recipe may have, so that it is refused and not cut."""
    recipe = {"@type": "Recipe", "name": "Cake", member: [["Stir."] * 300] * 1_000}
    (draft,) = read_json(recipe) or []
    assert isinstance(draft, Draft)
    lines = [*draft.document.get("ingredients", []), *draft.document.get("steps", [])]
    assert 500 < len(lines) < 3_000
    with pytest.raises(ValidationError, match="at most"):
        to_document(draft)
