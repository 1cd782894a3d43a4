"""The formats of XML, MasterCook, and JSON and tables without a format of their own."""

from typing import Any

import pytest

from app.core.errors import InvalidError
from app.exchange import reading
from app.exchange.drafts import OUTSIDE, Draft, Unreadable
from app.exchange.files.xml import MAX_DEPTH, MAX_ELEMENTS
from app.exchange.formats import org
from app.exchange.formats.evernote import NO_RECIPE
from tests.exchange.archiving import archive_of
from tests.exchange.formats.samples import COOKMATE, EVERNOTE, GOURMET, MASTERCOOK, SAMPLES

READ: dict[str, list[dict[str, Any]]] = {
    "MasterCook": [
        {
            "label": "Corn Cakes",
            "author": "Ann Cornwell",
            "source": "Corn Book",
            "prep_minutes": 30,
            "servings": 6,
            "tags": [
                {"kind": "category", "name": "Breads"},
                {"kind": "category", "name": "Quick"},
                {"kind": "category", "name": "Fried"},
            ],
            "ingredients": [
                {"text": "1 1/2 cups cornmeal"},
                {"text": "2 eggs, beaten until they are pale and have trebled in size"},
                {"text": "pepper"},
            ],
            "steps": [{"text": "Mix the cornmeal and the eggs."}, {"text": "Fry until brown."}],
            "notes": "Per serving: 123 Calories of corn",
        },
        {
            "label": "Plain Rice",
            "servings": 4,
            "tags": [{"kind": "category", "name": "Sides"}],
            "ingredients": [{"text": "1 cup rice"}],
            "steps": [{"text": "Boil the rice."}],
        },
    ],
    "MasterCook XML": [
        {
            "label": "Corn Cakes",
            "author": "Ann Cornwell",
            "source": "Corn Book",
            "prep_minutes": 30,
            "servings": 6,
            "tags": [{"kind": "category", "name": "Breads"}, {"kind": "category", "name": "Quick"}],
            "ingredients": [
                {"text": "1 1/2 cups cornmeal", "food": "cornmeal", "section": "For the batter"},
                {
                    "text": "2 eggs, beaten",
                    "food": "eggs",
                    "note": "beaten",
                    "section": "For the batter",
                },
            ],
            "steps": [{"text": "Mix salt & cornmeal."}, {"text": "Fry until brown."}],
            "notes": "Eat corn hot.",
        },
        {
            "label": "Plain Rice",
            "servings": 4,
            "ingredients": [{"text": "1 cup rice", "food": "rice"}],
            "steps": [{"text": "Boil the rice."}],
        },
    ],
    "RecipeML": [
        {
            "label": "Corn Cakes",
            "cook_minutes": 20,
            "yield_text": "12 cakes",
            "tags": [{"kind": "category", "name": "Breads"}, {"kind": "category", "name": "Quick"}],
            "ingredients": [
                {"text": "1 ½ cups cornmeal", "food": "cornmeal", "section": "Batter"},
                {
                    "text": "2-3 eggs, beaten",
                    "food": "eggs",
                    "note": "beaten",
                    "section": "Batter",
                    "optional": True,
                },
            ],
            "steps": [{"text": "Mix the cornmeal."}, {"text": "Fry until brown."}],
        },
        {
            "label": "Plain Rice",
            "ingredients": [{"text": "1 cup rice", "food": "rice"}],
            "steps": [{"text": "Boil the rice."}],
        },
    ],
    "Gourmet": [
        {
            "label": "Corn Cakes",
            "url": "https://example.org/corn",
            "source": "Corn Book",
            "prep_minutes": 30,
            "yield_text": "12 cakes",
            "tags": [
                {"kind": "category", "name": "Breads"},
                {"kind": "cuisine", "name": "American"},
            ],
            "ingredients": [
                {"text": "1 1/2 cups cornmeal", "food": "cornmeal"},
                {"text": "2-3 tomatoes", "food": "tomatoes", "section": "Sauce", "optional": True},
            ],
            "steps": [{"text": "Mix the cornmeal."}, {"text": "Fry until brown."}],
            "notes": "Corn is best hot.",
            "extras": {"rating": "4/5 stars of corn", "cooktime": "some while"},
        },
        {
            "label": "Plain Rice",
            "ingredients": [{"text": "1 cup rice", "food": "rice"}],
            "steps": [{"text": "Boil the rice."}],
        },
    ],
    "Krecipes": [
        {
            "label": "Corn Cakes",
            "author": "Ann Cornwell",
            "prep_minutes": 30,
            "servings": 4,
            "tags": [{"kind": "category", "name": "Breads"}, {"kind": "category", "name": "Quick"}],
            "ingredients": [
                {"text": "1.5 cups cornmeal, sifted", "food": "cornmeal", "note": "sifted"},
                {"text": "2-3 tomatoes", "food": "tomatoes", "section": "Sauce"},
                {"text": "or 1 peppers", "food": "peppers", "section": "Sauce", "optional": True},
            ],
            "steps": [{"text": "Mix the cornmeal."}, {"text": "Fry until brown."}],
        },
        {
            "label": "Plain Rice",
            "ingredients": [{"text": "1 cup rice", "food": "rice"}],
            "steps": [{"text": "Boil the rice."}],
        },
    ],
    "CookML": [
        {
            "label": "Apfelkuchen",
            "language": "de",
            "source": "Omas Heft",
            "total_minutes": 90,
            "yield_text": "12 Stücke",
            "tags": [{"kind": "category", "name": "Kuchen"}, {"kind": "category", "name": "Obst"}],
            "ingredients": [
                {
                    "text": "250 g Mehl, gesiebt",
                    "food": "Mehl",
                    "note": "gesiebt",
                    "section": "Teig",
                },
                {"text": "1 Ei", "food": "Ei", "section": "Teig"},
            ],
            "steps": [{"text": "Alles kneten."}, {"text": "Backen."}],
            "notes": "Warm am besten.",
            "extras": {"wwpoints": "5"},
        },
        {
            "label": "Tee",
            "language": "de",
            "yield_text": "2 Tassen",
            "ingredients": [{"text": "0.5 l Wasser", "food": "Wasser"}],
            "steps": [{"text": "Kochen."}],
        },
    ],
    "Cookmate": [
        {
            "label": "Corn Cakes",
            "url": "https://example.org/corn",
            "language": "en",
            "prep_minutes": 30,
            "cook_minutes": 60,
            "yield_text": "12 cakes",
            "tags": [{"kind": "category", "name": "Breads"}, {"kind": "category", "name": "Quick"}],
            "ingredients": [{"text": "1 cup cornmeal"}, {"text": "2 eggs"}],
            "steps": [{"text": "Mix the cornmeal."}, {"text": "Fry until brown."}],
            "notes": "Corn is best hot.",
            "extras": {"rating": "5 of corn"},
        },
        {
            "label": "Plain Rice",
            "ingredients": [{"text": "1 cup rice"}, {"text": "salt"}],
            "steps": [{"text": "Boil the rice."}],
        },
    ],
    "Evernote": [
        {
            "label": "Corn Cakes",
            "ingredients": [{"text": "1 cup cornmeal"}, {"text": "2 eggs"}],
            "steps": [{"text": "Mix the cornmeal."}, {"text": "Fry until brown."}],
            "tags": [{"kind": "keyword", "name": "quick"}],
            "url": "https://example.org/corn",
        },
        {
            "label": "Plain Rice",
            "ingredients": [{"text": "1 cup rice"}],
            "steps": [{"text": "Boil the rice."}],
        },
    ],
    "Saffron": [
        {
            "label": "Corn Cakes",
            "description": "Golden corn.",
            "source": "Corn Book",
            "url": "https://example.org/corn",
            "prep_minutes": 5,
            "total_minutes": 30,
            "servings": 6,
            "tags": [{"kind": "category", "name": "Breads"}, {"kind": "category", "name": "Quick"}],
            "ingredients": [
                {"text": "1 cup cornmeal"},
                {"text": "2 eggs", "section": "For the top"},
            ],
            "steps": [{"text": "Mix the cornmeal."}, {"text": "Tip: fry until brown."}],
        },
        {
            "label": "Plain Rice",
            "ingredients": [{"text": "1 cup rice"}],
            "steps": [{"text": "Boil the rice."}],
            "notes": "Keep the rice cold.",
        },
    ],
    "Org-mode": [
        {
            "label": "Corn Cakes",
            "url": "https://example.org/corn",
            "servings": 6,
            "ingredients": [{"text": "1 cup cornmeal"}],
            "steps": [{"text": "Mix the cornmeal."}, {"text": "Fry until brown."}],
            "tags": [{"kind": "keyword", "name": "breads"}, {"kind": "keyword", "name": "quick"}],
        },
        {
            "label": "Plain Rice",
            "ingredients": [{"text": "1 cup rice"}],
            "steps": [{"text": "Boil the rice."}],
        },
    ],
}


def read(text: str) -> list[Any]:
    """The documents of a text, and what is reported."""
    return [each.document if isinstance(each, Draft) else each for each in reading.read_text(text)]


@pytest.mark.parametrize("name", READ)
def test_both_recipes_are_read(name: str) -> None:
    assert read(SAMPLES[name]) == READ[name]


def test_lines_before_the_first_recipe_are_reported() -> None:
    found = read(f"From: a friend\n\n{MASTERCOOK}")
    assert found == [*READ["MasterCook"], Unreadable("From: a friend", OUTSIDE)]


def test_a_note_without_a_recipe_is_reported() -> None:
    found = read(EVERNOTE.replace("<div>Ingredients</div>", "").replace("<div>Method</div>", ""))
    assert found == [READ["Evernote"][0], Unreadable("Plain Rice", NO_RECIPE)]


def test_the_archive_of_cookmate_is_read() -> None:
    archive = archive_of({"cookbook.xml": COOKMATE.encode(), "images/corn.jpg": b"x"})
    drafts = [*reading.read_archive(archive)]
    assert [each.document for each in drafts if isinstance(each, Draft)] == READ["Cookmate"]
    assert len(drafts) == 2


@pytest.mark.parametrize(
    ("xml", "reason"),
    [
        ('<!DOCTYPE a [<!ENTITY b "c">]><gourmetDoc>&b;</gourmetDoc>', "entities"),
        (GOURMET[:400], "damaged"),
        (f"<gourmetDoc>{'<a>' * (MAX_DEPTH + 1)}", "nested too deeply"),
        (f"<gourmetDoc>{'<a/>' * (MAX_ELEMENTS + 1)}</gourmetDoc>", "holds more"),
    ],
    ids=["entities", "damaged", "deep", "large"],
)
def test_hostile_and_damaged_xml_is_refused(xml: str, reason: str) -> None:
    with pytest.raises(InvalidError, match=reason):
        reading.read_text(xml)


def test_bare_ampersands_entities_of_html_and_namespaces_are_read() -> None:
    (tea,) = read(
        "<x:cookbook xmlns:x='urn:a'><x:recipe><x:title>Milk &amp; Tea & caf&eacute; &#62;"
        "</x:title><x:ingredient>&frac12; cup milk</x:ingredient></x:recipe></x:cookbook>"
    )
    assert tea["label"] == "Milk & Tea & café >"
    assert tea["ingredients"][0]["text"] == "½ cup milk"


def test_json_with_fields_of_other_names_is_read() -> None:
    toast = {
        "title": "Toast",
        "ingredients": "2 slices bread\n10 g butter",
        "instructions": "Toast it.\nEat it.",
        "quantity": "2",
        "preparationTime": "5",
        "categories": [{"title": "Hot"}],
        "pictures": ["a.jpg"],
        "url": "https://example.org/toast",
    }
    drafts = [*reading.read_json([toast, {"title": "Nothing"}])]
    assert isinstance(drafts[0], Draft)
    document = drafts[0].document
    assert [each["text"] for each in document.pop("ingredients")] == [
        "2 slices bread",
        "10 g butter",
    ]
    assert document == {
        "label": "Toast",
        "url": "https://example.org/toast",
        "prep_minutes": 5,
        "servings": 2,
        "tags": [{"kind": "category", "name": "Hot"}],
        "steps": [{"text": "Toast it."}, {"text": "Eat it."}],
    }
    assert isinstance(drafts[1], Unreadable)
    assert drafts[1].name == "Nothing"


@pytest.mark.parametrize(
    ("table", "label", "members"),
    [
        (
            "Titel;Zutaten;Zubereitung;Portionen\nTee;1 l Wasser;Kochen.;2\n",
            "Tee",
            {"servings": 2, "steps": [{"text": "Kochen."}]},
        ),
        (
            "Title\tIngredients\tActiveMinutes\tYieldNumber\tWebsiteURL\n"
            "Tea\t1 l water\t5\t2\thttps://example.org/tea\n",
            "Tea",
            {"servings": 2, "prep_minutes": 5, "url": "https://example.org/tea"},
        ),
    ],
)
def test_tables_with_other_columns_are_read(
    table: str, label: str, members: dict[str, Any]
) -> None:
    (found,) = read(table)
    assert found["label"] == label
    assert {name: found[name] for name in members} == members


def test_one_recipe_of_org_mode_has_its_parts_at_the_top() -> None:
    text = "#+TITLE: Toast\n* Ingredients\n- 2 slices bread\n* Method\nToast it.\n"
    (toast,) = read(text)
    assert toast["label"] == "Toast"
    assert toast["steps"] == [{"text": "Toast it."}]


def test_what_is_no_recipe_of_org_mode_is_reported() -> None:
    found = read(f"{SAMPLES['Org-mode']}* Shopping\nMilk.\n")
    assert found == [*READ["Org-mode"], Unreadable("Shopping", org.NO_RECIPE)]


def test_tasks_in_org_mode_are_no_recipes() -> None:
    assert org.read_text("* One\n** Ingredients\n- 1 egg\n") is None
    assert org.read_text("#+TITLE: Toast\n") is None
