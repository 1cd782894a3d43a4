"""Faults that are common on real pages, each with variants."""

import json
from typing import Any

import pytest

from app.exchange.drafts import Draft, Unreadable
from app.exchange.html.page import drafts_of_page
from app.exchange.schema_org.reading import read_json

TOAST = {
    "@context": "https://schema.org",
    "@type": "Recipe",
    "name": "Toast",
    "recipeIngredient": ["2 slices bread"],
    "recipeInstructions": "Toast it.",
}


def page(head: str = "", body: str = "", **members: Any) -> str:
    script = json.dumps(TOAST | members)
    return f'<html>{head}<script type="application/ld+json">{script}</script>{body}</html>'


def document(source: str) -> dict[str, Any]:
    drafts = list(drafts_of_page(source) or ())
    assert len(drafts) == 1
    assert isinstance(drafts[0], Draft)
    return drafts[0].document


def ingredients(source: str) -> list[str]:
    return [each["text"] for each in document(source)["ingredients"]]


def steps(source: str) -> list[str]:
    return [each["text"] for each in document(source).get("steps", [])]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2 cups sugar ((400g))", "2 cups sugar (400g)"),
        ("1 chilli ((optional))", "1 chilli (optional)"),
        ("3 eggs ((large), beaten)", "3 eggs ((large), beaten)"),
        ("1 medium carrot , peeled", "1 medium carrot, peeled"),
        ("1 tbsp oil (see note )", "1 tbsp oil (see note)"),
        ("500.0 g chickpeas", "500 g chickpeas"),
        ("0.333333333 cup rice", "⅓ cup rice"),
        ("1.500 g Mehl", "1.500 g Mehl"),
        ("2/3 cupÂ\xa0orange juice", "2/3 cup orange juice"),
        ("1Â¼ cups cream", "1¼ cups cream"),
        ("Berg\u00adkäse 100 g", "Bergkäse 100 g"),
    ],
)
def test_what_programs_leave_in_an_ingredient(written: str, read: str) -> None:
    assert ingredients(page(recipeIngredient=["1 egg", written])) == ["1 egg", read]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (["2  \r\nbay leaf", "1/2 teaspoon \r\ncinnamon"], ["2 bay leaf", "1/2 teaspoon cinnamon"]),
        (["40 g\nbacon", "1 egg"], ["40 g bacon", "1 egg"]),
        (["1 egg\n2 onions"], ["1 egg", "2 onions"]),
    ],
)
def test_an_amount_alone_belongs_to_the_next_line(written: list[str], read: list[str]) -> None:
    assert ingredients(page(recipeIngredient=written)) == read


@pytest.mark.parametrize(
    ("lines", "sections"),
    [
        (["FOR THE SAUCE", "2 tomatoes", "FOR THE PASTA", "400 g pasta"], 2),
        (["For the dough", "1 egg", "Für die Soße", "2 Tomaten"], 2),
        (["SAUCE", "2 tomatoes", "salt"], 1),
        (["SALT", "PEPPER", "2 EGGS"], 0),
        (["2 tomatoes", "SALT"], 0),
    ],
)
def test_headings_without_a_colon(lines: list[str], sections: int) -> None:
    found = document(page(recipeIngredient=lines))["ingredients"]
    assert len({each.get("section") for each in found} - {None}) == sections
    assert len(found) == len(lines) - sections


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Line a tin with paper.Melt the butter.Fold in the flour.", 3),
        ("1.切番茄 2.炒洋葱 3.煮饭", 3),
        ("1. Drain the chickpeas. 2. Add 1.5 cups of water. 3. Simmer for 10 minutes.", 3),
        ("1) Chop. 2) Fry! 3) Eat.", 3),
        ("Bake for 2. Then rest for 3 hours.", 1),
        ("Heat to 180.Serve.", 1),
        ([{"@type": "HowToStep", "text": "1. Toast it."}, {"text": "2. Butter it."}], 2),
        ([{"@type": "HowToStep", "text": "1. Drain.2. Add 1.5 cups of water.3. Simmer."}], 3),
        ([{"@type": "HowToStep", "name": "Step 1", "text": "Toast it."}], 1),
        (["[{", "Toast it.", "—"], 1),
    ],
)
def test_steps_in_one_text_numbered_or_junk(written: Any, read: int) -> None:
    found = document(page(recipeInstructions=written))["steps"]
    assert len(found) == read
    assert not any(each["text"][0].isdigit() or "name" in each for each in found)


@pytest.mark.parametrize("name", ["item", "ItemListElement", "itemListElement"])
def test_sections_of_steps_by_any_name(name: str) -> None:
    bake = [{"@type": "HowToStep", "text": "Knead."}, {"@type": "HowToStep", "text": "Rest."}]
    section = {"@type": "HowToSection", "name": "Dough", name: bake}
    found = document(page(recipeInstructions=[{"@type": "HowToSection"}, section]))["steps"]
    assert found == [{"text": "Knead.", "section": "Dough"}, {"text": "Rest.", "section": "Dough"}]


@pytest.mark.parametrize(
    ("written", "minutes"),
    [
        ("PTH5MS", 5),
        ("PTH5M", 5),
        ("PT32 M", 32),
        ("PT20 Mins", 20),
        ("PT0D1H30M", 90),
        ("PT1DH", 1440),
        ("PTHM", None),
    ],
)
def test_broken_durations(written: str, minutes: int | None) -> None:
    assert document(page(totalTime=written)).get("total_minutes") == minutes


def test_unit_codes() -> None:
    sugar = {"@type": "PropertyValue", "name": "sugar", "value": "3/4", "unitCode": "G21"}
    butter = {"@type": "PropertyValue", "name": "butter", "value": 250, "unitCode": "GRM"}
    salt = {"@type": "PropertyValue", "name": "salt", "value": 2, "unitCode": "XYZ"}
    found = ingredients(page(recipeIngredient=[sugar, butter, salt]))
    assert found == ["3/4 cup sugar", "250 g butter", "2 XYZ salt"]


def test_objects_of_mealie_with_a_type() -> None:
    line = {
        "quantity": 1.0,
        "unit": {"id": "x", "name": "cup"},
        "food": {"id": "y", "name": "sauce"},
        "note": "warmed",
        "title": "For the sauce",
    }
    found = list(
        read_json(TOAST | {"recipeIngredient": [line], "orgURL": "https://a.example/x"}) or ()
    )
    assert isinstance(found[0], Draft)
    assert found[0].document["url"] == "https://a.example/x"
    assert found[0].document["ingredients"] == [
        {"text": "1 cup sauce, warmed", "section": "For the sauce"}
    ]


@pytest.mark.parametrize(
    ("head", "language", "read"),
    [
        ('<meta property="og:locale" content="de_DE">', None, "de-DE"),
        ("<html lang=en-GB>", "English please", "en-GB"),
        ("", "English", "en"),
    ],
)
def test_languages(head: str, language: str | None, read: str) -> None:
    source = page(head, inLanguage=language).removeprefix("<html>")
    assert document(source)["language"] == read


def test_nutrients_with_labels_and_short_names() -> None:
    nutrition = {
        "servingSize": "Serving Size: 1 pear",
        "calories": "Calories: 230",
        "carbohydrates": "Carbohydrates: 34g",
        "protein": "Protein: 5g",
        "sodiumContent": "651 g",
    }
    assert document(page(nutrition=nutrition))["nutrition"] == {
        "serving_size": "1 pear",
        "calories": 230,
        "carbohydrate_g": 34,
        "protein_g": 5,
        "sodium_mg": 651,
    }


def test_a_title_without_a_name_is_the_only_h1() -> None:
    head = "<title>Toast - Site</title>"
    assert document(page(head, "<h1>Toast</h1>", name=""))["label"] == "Toast"
    assert document(page(head, "<h1>A</h1><h1>B</h1>", name=""))["label"] == "Toast - Site"


def test_a_heading_in_a_name_is_not_marked() -> None:
    source = (
        '<div itemscope itemtype="https://schema.org/Recipe"><div itemprop="name"><h1>Toast</h1>'
        '</div><span itemprop="author"><h4>Chef</h4>Ann</span><li itemprop="ingredients">1 egg'
    )
    assert document(source)["label"] == "Toast"
    assert document(source)["author"] == "Chef Ann"


@pytest.mark.parametrize("members", [{}, {"description": "Crisp."}, {"totalTime": "PT5M"}])
def test_a_title_alone_is_unreadable(members: dict[str, Any]) -> None:
    source = page(recipeIngredient=[], recipeInstructions=[], **members)
    assert list(drafts_of_page(source) or ()) == [
        Unreadable("Toast", "The page has no ingredients and no steps.")
    ]


@pytest.mark.parametrize(
    "head",
    [
        '<link rel="canonical" href="https://a.example/toast">',
        '<meta property="og:title" content="Toast">',
        '<script type="application/ld+json">{"@type":"WebPage","mainEntity":{"@id":"#t"}}</script>',
    ],
)
def test_the_recipe_that_the_page_names(head: str) -> None:
    other = json.dumps(TOAST | {"name": "Soup", "@id": "#s", "url": "https://a.example/soup"})
    both = f'<script type="application/ld+json">{other}</script>'
    toast: dict[str, Any] = {"@id": "#t", "url": "https://a.example/toast"}
    assert drafts_of_page(page(head + both, **(toast | {"@id": {"x": 1}})))
    assert document(page(head + both, **toast))["label"] == "Toast"
    assert len(list(drafts_of_page(page(both, **toast)) or ())) == 2


# --- What only people see ------------------------------------------------------------------------

LIST = "<h2>Ingredients</h2><ul><li>2 slices bread</li><li>10 g butter</li></ul>"
METHOD = "<h2>Method</h2><ol><li>Toast the bread.</li><li>Butter it.</li></ol>"
BOTH = ["2 slices bread", "10 g butter"]
TWO_STEPS = ["Toast the bread.", "Butter it."]


@pytest.mark.parametrize(
    "body",
    [
        LIST + METHOD,
        f"<nav><a>Ingredients</a></nav><main>{LIST}{METHOD}</main><footer>1 egg</footer>",
        LIST + METHOD + "<aside><li>Soup</li></aside><div id=comments><li>Yum, 2 eggs!</li></div>",
        LIST + METHOD + "<h2>You may also like</h2><ul><li>Soup</li></ul>",
        (LIST + METHOD).replace("li>", "p>").replace("<ul>", "").replace("<ol>", ""),
        (LIST + METHOD).replace("h2>", "strong>").replace("<ul>", "<br><ul>"),
    ],
)
def test_a_page_without_structured_data(body: str) -> None:
    source = f"<html><title>Toast - Site</title><h1>Toast</h1>{body}</html>"
    assert document(source)["label"] == "Toast"
    assert ingredients(source) == BOTH
    assert steps(source) == TWO_STEPS


@pytest.mark.parametrize(
    "body",
    [
        "<h1>About us</h1><h2>Ingredients</h2><p>We like good ones.</p>",
        "<h1>Shop</h1><ul><li>2 slices bread</li><li>10 g butter</li></ul>",
        "<h1>Soups</h1><nav><h2>Ingredients</h2><ul><li>2 eggs</li></ul></nav>",
    ],
)
def test_a_page_without_a_recipe(body: str) -> None:
    assert drafts_of_page(f"<html>{body}</html>") is None


def test_the_facts_of_a_page_without_structured_data() -> None:
    found = document(f"<h1>Toast</h1><p>Serves 4</p><p>Prep time: 10 min</p>{LIST}{METHOD}")
    assert (found["servings"], found["prep_minutes"]) == (4, 10)


def test_steps_that_only_the_page_has() -> None:
    assert steps(page("", LIST + METHOD, recipeInstructions=[])) == TWO_STEPS


def test_ingredients_that_only_the_page_has() -> None:
    assert ingredients(page("", LIST)) == BOTH
    topping = "<h2>Ingredients</h2><li>2 slices bread</li><h3>Topping</h3><li>10 g butter</li>"
    assert document(page("", topping))["ingredients"] == [
        {"text": "2 slices bread"},
        {"text": "10 g butter", "section": "Topping"},
    ]
    assert ingredients(page("", LIST, recipeIngredient=["bread", "butter"])) == BOTH
    assert ingredients(page("", LIST, recipeIngredient=["3 tomatoes"])) == ["3 tomatoes"]


PIE = ["200 g flour", "1 egg", "2 apples", "1 tbsp sugar"]
DOUGH = "<ul><li><span>200</span> g flour</li><li>1 egg</li></ul>"
TOP = "<ul><li>2 apples</li><li>1 tbsp sugar</li></ul>"


@pytest.mark.parametrize(
    ("body", "sections"),
    [
        (
            '<div class="wprm-recipe-ingredients-container"><h3>Ingredients</h3>'
            f'<h4 class="wprm-recipe-group-name">Dough</h4>{DOUGH}'
            f'<h4 class="wprm-recipe-group-name">Top:</h4>{TOP}</div>',
            ["Dough", "Dough", "Top", "Top"],
        ),
        (
            '<div class="tasty-recipes-ingredients"><h3>Ingredients</h3>'
            f"<h4>Dough</h4>{DOUGH}<h4>Top</h4>{TOP}</div>",
            ["Dough", "Dough", "Top", "Top"],
        ),
        (
            '<div class="mv-create-ingredients"><h3>Ingredients</h3>'
            f"{DOUGH}<h4>Top</h4>{TOP}</div>",
            [None, None, "Top", "Top"],
        ),
        (
            '<div class="tasty-recipes-ingredients"><h4>Soup</h4><ul><li>1 onion</li></ul></div>',
            [None] * 4,
        ),
    ],
)
def test_groups_of_plugins(body: str, sections: list[str | None]) -> None:
    found = document(page("", body, recipeIngredient=PIE))["ingredients"]
    assert [each["text"] for each in found] == PIE
    assert [each.get("section") for each in found] == sections
