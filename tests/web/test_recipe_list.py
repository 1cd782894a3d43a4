"""The list of recipes and the search, as a browser gets them."""

import json
import re
from html import unescape
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from fastapi.testclient import TestClient
from starlette.datastructures import QueryParams

from app.core.config import Settings
from app.web.list_filters import SEVERAL, Filters
from tests.databases import execute
from tests.factories import API, Account, create_recipe, create_user
from tests.web.browser import (
    BROWSER,
    Page,
    assert_harmless,
    enter,
    leave,
    on_one_database,
    page,
    send,
)

ATTACKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title></script><script>alert(1)</script>",
    "javascript:alert(1)",
    "' onmouseover='alert(1)",
)

KITCHEN: list[dict[str, Any]] = [
    {"label": "Chicken soup", "total_minutes": 60, "ingredients": ["1 chicken", "2 carrots"]},
    {"label": "Carrot cake", "total_minutes": 90, "ingredients": ["3 carrots", "100 g walnuts"]},
    {"label": "Fried rice", "total_minutes": 20, "ingredients": ["rice", "2 eggs"]},
    {"label": "Chicken rice", "total_minutes": 40, "ingredients": ["rice", "1 chicken"]},
    {"label": "Toast", "description": "Bread, and a chicken looks on."},
]
TAGS = [
    [{"kind": "category", "name": "Soup"}, "quick"],
    [{"kind": "category", "name": "Cake"}, "sweet, and rich"],
    [{"kind": "cuisine", "name": "Chinese"}, "quick"],
    [{"kind": "cuisine", "name": "Chinese"}],
    ["quick", 'the "best"'],
]


@pytest.fixture
def kitchen(client: TestClient, user: Account) -> Account:
    """Whose the recipes of KITCHEN are."""
    for members, tags in zip(KITCHEN, TAGS, strict=True):
        create_recipe(client, user, **members, tags=tags, source=f"{members['label']} Weekly")
    return user


def create_many(client: TestClient, user: Account, count: int, **members: object) -> None:
    """Post so many recipes at once."""
    body = [{"op": "create", "recipe": {"label": f"Dish {n}", **members}} for n in range(count)]
    answer = client.post(f"{API}/recipes/batch", json={"operations": body}, headers=user.headers)
    assert {each["status"] for each in answer.json()["results"]} == {201}


def chips(client: TestClient, path: str) -> dict[str, str]:
    """What each of the links reads that narrow a list or widen it, and where it leads."""
    html = client.get(path, headers=BROWSER).text
    links = re.findall('<a class="chip" href="([^"]*)"[^>]*>(.*?)</a>', html)
    return {unescape(re.sub("<[^>]*>", "", text)): unescape(link) for link, text in links}


# --- Filters -------------------------------------------------------------------------------------

FOUND = {
    "": [4, 3, 2, 1, 0],
    "q=chicken": [3, 0, 4],
    "q=carrot -soup": [1],
    "tag=quick": [4, 2, 0],
    "tag=quick&tag=Chinese": [2],
    "tag=quick, cuisine:chinese": [2],
    'tag="sweet, and rich"': [1],
    'tag="the ""best"""': [4],
    "any_tag=Soup, Cake": [1, 0],
    "any_tag=Soup&any_tag=Cake": [1, 0],
    "not_tag=quick": [3, 1],
    "ingredient=rice": [3, 2],
    "ingredient=rice, chicken": [3],
    "ingredient=rice&not_ingredient=chicken": [2],
    "not_ingredient=carrots, rice": [4],
    "max_total_minutes=40": [3, 2],
    "min_total_minutes=41": [1, 0],
    "min_total_minutes=40&max_total_minutes=60": [3, 0],
    "max_prep_minutes=1": [],
    "source=toast weekly": [4],
    "sort=label": [1, 3, 0, 2, 4],
    "sort=total_minutes": [2, 3, 0, 1, 4],
    "q=chicken&sort=created_at": [0, 3, 4],
    "q=chicken&sort=relevance": [3, 0, 4],
    "sort=relevance": [4, 3, 2, 1, 0],
    "q=relevance": [],
    # Empty fields ask for nothing, and what others have added to a link neither.
    "q=&tag=&ingredient= , &max_total_minutes=&sort=&submitter_id=": [4, 3, 2, 1, 0],
    "q=toast&q=&utm_source=letter&limit=1&deleted=true&fields=id": [4],
}


def test_filters_find_what_those_of_the_api_find(client: TestClient, kitchen: Account) -> None:
    for query, expected in FOUND.items():
        # The + stays what it is, and quotes are those of the filters.
        shown = page(client, f"/recipes?{quote(query, safe='=&')}")
        assert shown.titles == [KITCHEN[number]["label"] for number in expected], query
        # The form has what it was sent, and sends it again.
        again = Page(send(client, shown, "/recipes"))
        assert again.titles == shown.titles, query


@on_one_database
def test_a_chip_takes_one_filter_away(client: TestClient, kitchen: Account) -> None:
    query = "tag=quick&tag=cuisine:Chinese&max_total_minutes=30&ingredient=rice&sort=label"
    path = f"/recipes?{query}"
    shown = chips(client, path)
    removed = {
        "Remove the filter With rice ×": "&ingredient=rice",
        "Remove the filter quick ×": "tag=quick&",
        "Remove the filter Chinese ×": "&tag=cuisine:Chinese",
        "Remove the filter At most 30 min ×": "&max_total_minutes=30",
    }
    for text, part in removed.items():
        left = QueryParams(query.replace(part, "")).multi_items()
        assert sorted(QueryParams(shown[text].partition("?")[2]).multi_items()) == sorted(left)
    assert shown["Clear all"] == "/recipes?sort=label"
    assert "Clear all" not in chips(client, shown["Clear all"])
    submitter = f"/recipes?submitter_id={kitchen.id}"
    assert "Remove the filter By a user without a name ×" in chips(client, submitter)
    assert len(page(client, submitter).titles) == len(KITCHEN)


@pytest.mark.parametrize("name", ["ingredient", "tag", "any_tag", "not_tag"])
def test_what_a_link_holds_is_read_as_it_was(name: str) -> None:
    for values in (["a, b", "c"], ['the "best"'], ['"', "x"], ["kind:a,b"], ["é & #?+%"]):
        filters = Filters([(name, value) for value in values])
        sent = QueryParams(filters.path().partition("?")[2])
        assert Filters.read(sent).values(name) == values
        assert Filters.read(QueryParams({name: filters.text(name)})).values(name) == values


# --- Facets --------------------------------------------------------------------------------------


@pytest.mark.parametrize("more", [1, 30])
def test_facets_narrow_to_as_many_as_they_say(
    client: TestClient, kitchen: Account, more: int
) -> None:
    """Counted from one page, and by the database where there are several."""
    create_many(client, kitchen, more, tags=["many"], total_minutes=200, ingredients=["rice"])
    seen = 0
    for path in ("/recipes", "/recipes?ingredient=rice", "/recipes?tag=quick"):
        total = api_total(client, path)
        assert f"{total} recipes" in page(client, path).text
        for text, link in chips(client, path).items():
            if count := re.search(r" (\d+) recipes$", text):
                assert int(count[1]) == api_total(client, link) < total, text
                assert link.startswith(f"{path}?" if "?" not in path else f"{path}&")
                seen += 1
    assert seen > 15
    # A name that has a comma is one name.
    assert any("sweet%2C" in link for link in page(client, "/recipes").links)


def api_total(client: TestClient, path: str) -> int:
    """How many recipes the API finds with the filters of a page."""
    params = list(Filters.read(QueryParams(path.partition("?")[2])).pairs)
    answer = client.get(f"{API}/recipes", params=[*params, ("count", "true")])
    total: int = answer.json()["total"]
    return total


@on_one_database
def test_a_facet_that_is_there_or_narrows_nothing_is_no_link(
    client: TestClient, kitchen: Account
) -> None:
    links = " ".join(chips(client, "/recipes?tag=QUICK&max_total_minutes=60"))
    assert "Remove the filter QUICK" in links
    assert " recipes" in links
    assert not re.search("quick|1 h [0-9]|2 h", links)


def test_of_very_many_recipes_the_first_hundred_stand_for_the_others(
    client: TestClient, user: Account, settings: Settings
) -> None:
    # Ids are given out in their order, so the newest one's tells how many there may be.
    if settings.is_sqlite:
        create_recipe(client, user)
        execute(settings.database_url, "UPDATE sqlite_sequence SET seq = 2000 WHERE name='recipe'")
    else:
        execute(settings.database_url, "SELECT setval('recipe_id_seq', 2000)")
    create_many(client, user, 101, tags=["many"], total_minutes=10)
    create_recipe(client, user, label="Other", tags=["one"], total_minutes=20)
    shown = page(client, "/recipes")
    assert "More than 100 recipes" in shown.text
    links = chips(client, "/recipes")
    assert links["many"] == "/recipes?tag=keyword:many"
    assert links["15 min"] == "/recipes?max_total_minutes=15"
    assert "More than 100 recipes" in page(client, links["many"]).text
    assert "1 recipe " in page(client, links["one"]).text


# --- Search --------------------------------------------------------------------------------------


def test_a_word_that_nothing_has_is_taken_for_another(client: TestClient, kitchen: Account) -> None:
    shown = page(client, "/recipes?q=chiken")
    assert "Nothing has chiken ; these have chicken ." in shown.text
    assert shown.titles == ["Chicken rice", "Chicken soup", "Toast"]
    shown = page(client, "/recipes?q=chiken&tag=Cake")
    assert "Did you mean chicken ?" in shown.text
    assert "/recipes?q=chicken" in shown.links


def test_the_words_are_marked_where_they_were_found(client: TestClient, kitchen: Account) -> None:
    html = client.get("/recipes?q=chicken", headers=BROWSER).text
    assert "<mark>Chicken</mark> rice</a>" in html
    assert "1 <mark>chicken</mark>" in html
    assert "a <mark>chicken</mark> looks on" in html
    create_recipe(client, kitchen, label=f"{'long ' * 30}chicken")
    assert page(client, "/recipes?q=chicken").titles[0] == f"{'long ' * 30}chicken"


@on_one_database
@pytest.mark.parametrize("attack", ATTACKS)
def test_snippets_and_filters_are_only_text(client: TestClient, user: Account, attack: str) -> None:
    text = f"word {attack} word"
    recipe = {"label": text, "source": text, "ingredients": [{"text": text}]}
    create_recipe(client, user, **recipe, description=text, tags=[text, "word"])
    create_recipe(client, user, label="Other", description=f"word {attack}", tags=["word"])
    seen = " ".join(text.split())
    for query in ({"q": "word"}, {"q": attack}, {"tag": "word"}, {"source": text}):
        shown = page(client, f"/recipes?{urlencode(query)}")
        assert_harmless(shown)
        assert seen.partition(" ")[2].rpartition(" ")[0] in shown.text.replace(" / ", "/")
    for name in ("q", "sort", "source", *SEVERAL):
        for value in (attack, f"{attack},{attack}", f'"{attack}, {attack}"'):
            path = f"/recipes?{urlencode({name: value})}"
            answer = client.get(path, headers=BROWSER)
            assert answer.status_code == (422 if name == "sort" else 200)
            assert_harmless(Page(answer))
    for name in ("max_total_minutes", "submitter_id", "cursor"):
        assert_harmless(page(client, f"/recipes?{urlencode({name: attack})}", 422))


# --- What is wrong -------------------------------------------------------------------------------


@on_one_database
def test_errors_are_shown_and_no_input_is_lost(client: TestClient, user: Account) -> None:
    sent = {"q": "soup", "ingredient": "rice, egg", "max_total_minutes": "half an hour"}
    shown = page(client, f"/recipes?{urlencode(sent)}", 422)
    assert "must be a whole number of minutes" in shown.text
    assert shown.titles == []
    form = shown.form("/recipes")
    assert {name: form.fields[name] for name in sent} == sent
    (field,) = [each for each in shown.all("input") if each.get("name") == "max_total_minutes"]
    assert field["aria-invalid"] == "true"
    ids = {attributes.get("id") for _, attributes in shown.elements}
    assert set(field["aria-describedby"].split()) <= ids
    assert "open" in shown.all("details")[0]
    tags = urlencode({"tag": ",".join(map(str, range(11)))})
    for query in (tags, f"q={'x' * 1001}", "min_total_minutes=-1", "submitter_id=you", "sort=x"):
        assert "These recipes cannot be looked for" in page(client, f"/recipes?{query}", 422).text


def test_a_wrong_cursor_leads_back_to_the_list(client: TestClient, user: Account) -> None:
    create_many(client, user, 25, tags=["many"])
    (following,) = [a["href"] for a in page(client, "/recipes").all("a") if a.get("rel") == "next"]
    of_all = following.partition("cursor=")[2]
    for path, cursor in (
        ("/recipes?tag=many", of_all),
        ("/recipes", "x"),
        ("/recipes?q=none", "x" * 5000),
    ):
        broken = f"{path}{'&' if '?' in path else '?'}cursor={cursor}"
        shown = page(client, broken, 422)
        assert "not valid any more" in shown.text
        assert path in shown.links


def test_where_nothing_is_found_the_page_leads_on(client: TestClient, user: Account) -> None:
    assert "No recipes yet" in page(client, "/recipes").text
    create_recipe(client, user)
    shown = page(client, "/recipes?q=zzzzzz&tag=none")
    assert "Nothing matches all of this" in shown.text
    assert {"/recipes", "/recipes?q=zzzzzz", "/recipes?tag=none"} <= set(shown.links)
    assert page(client, "/recipes?submitter_id=999").titles == []


# --- Pages ---------------------------------------------------------------------------------------


def test_pages_keep_the_filters_and_show_each_recipe_once(
    client: TestClient, kitchen: Account
) -> None:
    create_many(client, kitchen, 45, tags=["many"])
    for query in ("tag=many", "tag=many&sort=label", "q=dish"):
        first = path = f"/recipes?{query}"
        titles: list[str] = []
        while path:
            shown = page(client, path)
            titles += shown.titles
            assert len(titles) < 60
            assert (first in shown.links and "First page" in shown.text) is (path != first)
            path = next((a["href"] for a in shown.all("a") if a.get("rel") == "next"), "")
        assert sorted(titles) == sorted(f"Dish {n}" for n in range(45))


@on_one_database
def test_only_the_list_of_all_is_for_search_engines(client: TestClient, kitchen: Account) -> None:
    for path, indexed in {
        "/recipes": True,
        "/recipes?utm_source=letter": True,
        "/recipes?q=chicken": False,
        "/recipes?tag=quick": False,
        "/recipes?sort=label": False,
        "/recipes?cursor=x": False,
    }.items():
        html = client.get(path, headers=BROWSER).text
        assert ('<meta name="robots" content="noindex">' in html) is not indexed
        canonical = '<link rel="canonical" href="http://testserver/recipes">' in html
        told = re.findall('<script type="application/ld[+]json">(.*?)</script>', html)
        assert (canonical, len(told)) == (indexed, indexed)
        for each in told:
            items = json.loads(each)["itemListElement"]
            names = [item["name"] for item in items]
            assert names == [recipe["label"] for recipe in KITCHEN[::-1]]
            assert all(item["url"].startswith("http://testserver/recipes/") for item in items)


# --- Whose ---------------------------------------------------------------------------------------


def test_lists_hide_private_recipes_from_others(client: TestClient, user: Account) -> None:
    other = create_user(client)
    create_recipe(client, user, label="Shown soup", tags=["shown"], total_minutes=10)
    for visibility in ("private", "unlisted"):
        hidden = {"label": f"Secret {visibility}", "visibility": visibility, "total_minutes": 5}
        create_recipe(client, user, **hidden, tags=["Secret"], source="Secret")
    trashed = create_recipe(client, user, label="Secret trash", tags=["Secret"])
    client.delete(f"{API}/recipes/{trashed['id']}", headers=user.headers)
    for account in (None, other):
        leave(client)
        if account:
            enter(client, account)
        for path in (
            "/recipes",
            "/recipes?q=soup",
            f"/recipes?submitter_id={user.id}&deleted=true",
        ):
            answer = client.get(path, headers=BROWSER)
            assert "Secret" not in answer.text
            assert Page(answer).titles == ["Shown soup"]
            assert "1 recipe " in Page(answer).text
        for query in (
            "q=private",
            "q=privaat",
            "tag=secret",
            "source=secret",
            "max_total_minutes=5",
        ):
            answer = client.get(f"/recipes?{query}", headers=BROWSER)
            assert "Secret" not in answer.text
            assert "Nothing matches" in answer.text
            assert "Did you mean" not in answer.text
    enter(client, user)
    answer = client.get("/recipes", headers=BROWSER)
    shown = Page(answer)
    assert shown.titles == ["Secret unlisted", "Secret private", "Shown soup"]
    assert "Unlisted" in shown.text
    assert "Private" in shown.text
    assert answer.headers["cache-control"] == "private, no-cache"
    (told,) = re.findall('<script type="application/ld[+]json">(.*?)</script>', answer.text)
    assert "Secret" not in told


def test_my_recipes_are_mine(client: TestClient, user: Account) -> None:
    mine = "/recipes?submitter_id=me"
    answer = client.get(f"{mine}&q=soup", headers=BROWSER, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/login?next={quote(f'{mine}&q=soup', safe='/')}"
    enter(client, user)
    assert {"/recipes/new", "/import"} <= set(page(client, mine).links)
    create_recipe(client, create_user(client), label="Other soup")
    create_recipe(client, user, label="Soup", visibility="private")
    create_recipe(client, user, label="Pie")
    shown = page(client, mine)
    assert shown.titles == ["Pie", "Soup"]
    assert "2 recipes" in shown.text
    assert {"/recipes/new", "/import", "/export", "/trash"} <= set(shown.links)
    found = Page(send(client, shown, "/recipes", q="soup"))
    assert found.titles == ["Soup"]
    assert mine in found.links
