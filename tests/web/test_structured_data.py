"""The structured data in the pages, as search engines read it."""

import json
from collections.abc import Mapping
from typing import Any, cast

import extruct  # type: ignore[import-untyped] # It has no types.
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from recipe_scrapers import scrape_html

from app.core.security import hash_now
from app.exchange.text.times import iso_duration
from app.ops.first_data import RECIPES, seed
from app.schemas.user import UserCreateByAdmin
from app.web.structured_data import item_list_json_ld, recipe_json_ld, website_json_ld
from tests.documents import WHOLE
from tests.factories import API, PASSWORD, Account, create_recipe
from tests.web.browser import BROWSER, Page, assert_harmless, enter, on_one_database, page, path_of

SITE = "http://testserver"
Data = dict[str, Any]


def json_ld(html: str) -> dict[str, Data]:
    """The JSON-LD of a page by its type, as extruct finds it."""
    found: list[Data] = extruct.extract(html, syntaxes=["json-ld"])["json-ld"]
    assert all(each["@context"] == "https://schema.org" for each in found)
    assert len({each["@type"] for each in found}) == len(found)
    return {each["@type"]: each for each in found}


def one_line(text: str) -> str:
    return " ".join(text.split())


# --- The first recipes ---------------------------------------------------------------------------


@pytest.fixture
def seeded(client: TestClient) -> list[Data]:
    """The recipes of a fresh database, as the API answers them."""
    superuser = UserCreateByAdmin(email="admin@example.com", password=PASSWORD)
    transactions = cast(FastAPI, client.app).state.transactions
    assert transactions.run_now(seed, superuser, hash_now(PASSWORD)) == len(RECIPES)
    recipes: list[Data] = client.get(f"{API}/recipes?view=full&limit=100").json()["items"]
    assert len(recipes) == len(RECIPES)
    return recipes


@on_one_database
def test_each_of_the_first_recipes_is_read_as_it_is_stored(
    client: TestClient, seeded: list[Data], subtests: pytest.Subtests
) -> None:
    for recipe in seeded:
        with subtests.test(recipe["label"]):
            short = client.get(f"/recipes/{recipe['id']}", follow_redirects=False)
            url = SITE + short.headers["location"]
            html = client.get(url, headers=BROWSER).text
            assert_read_by_search_engines(json_ld(html)["Recipe"], recipe, url)
            assert_read_by_applications(html, recipe, url)


def assert_read_by_search_engines(data: Data, recipe: Data, url: str) -> None:
    """As https://developers.google.com/search/docs/appearance/structured-data/recipe asks for it.

    Its required properties are name and image.
    """
    assert data["name"] == recipe["label"]
    assert data["image"].startswith(f"{SITE}/static/card.png?v=")
    assert data["url"] == url
    assert data["author"]["@type"] in ("Person", "Organization")
    assert data["author"]["name"] == (recipe["author"] or recipe["source"])
    assert data["datePublished"] == recipe["created_at"]
    assert data["description"] == recipe["description"]
    for name in ("prep", "cook", "total"):
        minutes = recipe[f"{name}_minutes"]
        assert data.get(f"{name}Time") == (None if minutes is None else iso_duration(minutes))
    if recipe["servings"]:
        assert (
            data["recipeYield"] == f"{recipe['servings']:g} serving{'s'[: recipe['servings'] > 1]}"
        )
    tags = {
        kind: [tag["name"] for tag in recipe["tags"] if tag["kind"] == kind]
        for kind in ("category", "cuisine", "keyword")
    }
    assert data["keywords"].split(", ")[: len(tags["keyword"])] == tags["keyword"]
    assert data.get("recipeCategory", []) == tags["category"]
    assert data.get("recipeCuisine", []) == tags["cuisine"]
    assert data.get("recipeIngredient", []) == [each["text"] for each in recipe["ingredients"]]
    calories = (recipe["nutrition"] or {}).get("calories")
    assert data.get("nutrition", {}).get("calories") == (calories and f"{calories:g} calories")
    assert_steps(data, recipe, url)


def assert_steps(data: Data, recipe: Data, url: str) -> None:
    steps: list[Data] = []
    for each in data.get("recipeInstructions", []):
        assert each["@type"] in ("HowToStep", "HowToSection")
        steps += each["itemListElement"] if each["@type"] == "HowToSection" else [each]
    assert [step["text"] for step in steps] == [step["text"] for step in recipe["steps"]]
    urls = [f"{url}#step-{number}" for number in range(1, len(steps) + 1)]
    assert [step["url"] for step in steps] == urls


def assert_read_by_applications(html: str, recipe: Data, url: str) -> None:
    """As many applications read a page that they import."""
    reader: Any = scrape_html(html, org_url=url, supported_only=False)
    assert reader.title() == recipe["label"]
    assert reader.canonical_url() == url
    assert reader.description() == one_line(recipe["description"])
    if recipe["ingredients"]:
        assert reader.ingredients() == [one_line(each["text"]) for each in recipe["ingredients"]]
    if recipe["steps"]:
        told = [line for line in reader.instructions_list() if line not in headings(recipe)]
        assert told == [one_line(step["text"]) for step in recipe["steps"]]
    for name, read in (
        ("prep_minutes", reader.prep_time),
        ("cook_minutes", reader.cook_time),
        ("total_minutes", reader.total_time),
    ):
        if recipe[name] is not None:
            # It reads "PT0M" as nothing at all.
            assert (read() or 0) == recipe[name]
    if recipe["servings"]:
        assert reader.yields().split()[0] == f"{recipe['servings']:g}"


def headings(recipe: Mapping[str, Any]) -> set[str]:
    steps = recipe["steps"]
    return {step[name] for step in steps for name in ("section", "name") if step[name]}


@on_one_database
def test_each_step_of_the_data_is_on_the_page(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, **WHOLE | {"visibility": "public"})
    path = path_of(recipe, "creme-brulee-a-lorange")
    answer = client.get(path, headers=BROWSER)
    instructions = json_ld(answer.text)["Recipe"]["recipeInstructions"]
    steps = [*instructions[0]["itemListElement"], *instructions[1:]]
    targets = {f"{SITE}{path}#{each.get('id')}" for each in Page(answer).all("li")}
    assert len(steps) == 2
    assert {step["url"] for step in steps} <= targets


# --- Whose it is ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("members", "submitter", "author"),
    [
        ({"author": "Zoë", "source": "Book"}, "Ada", {"@type": "Person", "name": "Zoë"}),
        ({"source": "Book"}, "Ada", {"@type": "Organization", "name": "Book"}),
        ({}, "Ada", {"@type": "Person", "name": "Ada"}),
        ({}, None, None),
    ],
)
def test_an_author_is_named_where_one_is_known(
    members: Data, submitter: str | None, author: Data | None
) -> None:
    recipe = WHOLE | {"author": None, "source": None} | members
    data = json.loads(recipe_json_ld(recipe, f"{SITE}/recipes/1-x", f"{SITE}/x.png", submitter))
    assert data.get("author") == author


# --- Lists and the site --------------------------------------------------------------------------


@on_one_database
def test_lists_name_what_anyone_may_find(client: TestClient, user: Account) -> None:
    recipes = [create_recipe(client, user, label=f"Soup {n}") for n in range(3)]
    create_recipe(client, user, label="Hidden", visibility="private")
    create_recipe(client, user, label="Hidden", visibility="unlisted")
    items = [
        {
            "@type": "ListItem",
            "position": position,
            "url": SITE + path_of(recipe, f"soup-{3 - position}"),
            "name": recipe["label"],
        }
        for position, recipe in enumerate(reversed(recipes), 1)
    ]
    # Also of one's own pages, which show more, a machine is told only this.
    for is_signed_in in (False, True):
        if is_signed_in:
            enter(client, user)
        for path in ("/", "/recipes"):
            data = json_ld(client.get(path, headers=BROWSER).text)
            assert data["ItemList"]["itemListElement"] == items


@on_one_database
def test_home_tells_of_the_site_and_its_search(client: TestClient, user: Account) -> None:
    create_recipe(client, user)
    site = json_ld(client.get("/", headers=BROWSER).text)["WebSite"]
    assert (site["name"], site["url"]) == ("Recipes", f"{SITE}/")
    template = site["potentialAction"]["target"]["urlTemplate"]
    assert page(client, template.replace("{query}", "pancakes")).titles == ["Pancakes"]


# --- Hostile text --------------------------------------------------------------------------------

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!-- <script>",
    "</SCRIPT ><img src=x onerror=alert(1)>",
    "\\u003c/script> \\ \" ' &lt;/script&gt; &amp;",
    "]]> \u2028 \u2029 \ufffe {{ 7 * 7 }}",
]


@on_one_database
@pytest.mark.parametrize("text", HOSTILE)
def test_what_people_write_stays_within_the_data(
    client: TestClient, user: Account, text: str
) -> None:
    recipe = WHOLE | {
        "label": f"Soup {text}",
        **dict.fromkeys(("description", "source", "author", "yield_text", "notes"), text),
        "tags": [{"kind": kind, "name": text} for kind in ("category", "cuisine", "keyword")],
        "ingredients": [{"text": text, "section": text}],
        "steps": [{"text": text, "section": text, "name": text}],
        "nutrition": {"serving_size": text},
        "visibility": "public",
    }
    stored = create_recipe(client, user, **recipe)
    answer = client.get(f"/recipes/{stored['id']}", headers=BROWSER)
    assert_harmless(Page(answer))
    data = json_ld(answer.text)["Recipe"]
    (section,) = data["recipeInstructions"]
    told = [data["description"], *data["recipeIngredient"], data["comment"][0]["text"]]
    told += [section["itemListElement"][0]["text"]]
    assert told == [text] * 4
    assert section["name"] == one_line(text)
    assert data["name"] == f"Soup {text}"
    for path in ("/", "/recipes"):
        answer = client.get(path, headers=BROWSER)
        assert_harmless(Page(answer))
        (item,) = json_ld(answer.text)["ItemList"]["itemListElement"]
        assert item["name"] == f"Soup {text}"


def test_no_character_of_html_is_in_the_data() -> None:
    text = "<>&\u2028\u2029'\"</script>"
    recipe = WHOLE | {"label": text, "description": text}
    for data in (
        recipe_json_ld(recipe, f"{SITE}/?a&b", f"{SITE}/<x>"),
        item_list_json_ld([(f"{SITE}/?a&b", text)]),
        website_json_ld(f"{SITE}/<x>&"),
    ):
        assert not set("<>&\u2028\u2029") & set(data)
        json.loads(data)


# --- What is told to those who share -------------------------------------------------------------


@on_one_database
def test_a_recipe_is_shared_with_its_card(client: TestClient, user: Account) -> None:
    text = '"><script>alert(1)</script>'
    recipe = create_recipe(client, user, description=f"{text} " + "long " * 100)
    shown = page(client, f"{path_of(recipe)}?utm_source=x")
    told = {
        each.get("property", each.get("name")): each["content"] for each in shown.all("meta")[2:]
    }
    url = SITE + path_of(recipe)
    (canonical,) = [link["href"] for link in shown.all("link") if link["rel"] == "canonical"]
    assert canonical == told["og:url"] == url
    assert told["og:title"] == "Pancakes"
    assert told["og:description"].startswith(text)
    assert len(told["og:description"]) <= 205
    assert (told["og:type"], told["twitter:card"]) == ("article", "summary_large_image")
    image = client.get(told["og:image"])
    assert image.headers["content-type"] == told["og:image:type"] == "image/png"
    size = (int.from_bytes(image.content[16:20]), int.from_bytes(image.content[20:24]))
    assert size == (int(told["og:image:width"]), int(told["og:image:height"]))
    assert len(image.content) < 60_000


@on_one_database
@pytest.mark.parametrize("visibility", ["unlisted", "private"])
def test_what_not_anyone_may_find_has_no_structured_data(
    client: TestClient, user: Account, visibility: str
) -> None:
    recipe = create_recipe(client, user, visibility=visibility)
    enter(client, user)
    answer = client.get(path_of(recipe), headers=BROWSER)
    shown = Page(answer)
    assert {"name": "robots", "content": "noindex"} in shown.all("meta")
    assert not any("property" in each for each in shown.all("meta"))
    assert not any(link["rel"] == "canonical" for link in shown.all("link"))
    assert json_ld(answer.text) == {}
