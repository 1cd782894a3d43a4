"""The home page, as a browser gets it."""

import json
import re
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from app.web import rendering
from app.web.pages import home
from tests.factories import API, Account, create_recipe
from tests.web.browser import BROWSER, assert_harmless, enter, on_one_database, page, send


def test_home_shows_the_ten_latest_recipes_and_leads_to_the_others(
    client: TestClient, user: Account
) -> None:
    for count in range(23):
        create_recipe(client, user, label=f"Soup {count}")
    titles: list[str] = []
    path = "/"
    for number in (10, 10, 3):
        shown = page(client, path)
        assert len(shown.titles) == number
        assert ("The latest" in shown.text) is (path != "/")
        titles += shown.titles
        # Only the first has a place in an index: the others change with each new recipe.
        robots = [each for each in shown.all("meta") if each.get("name") == "robots"]
        assert bool(robots) is (path != "/")
        path = next((a["href"] for a in shown.all("a") if a.get("rel") == "next"), "")
    assert titles == [f"Soup {count}" for count in range(22, -1, -1)]
    assert path == ""


def test_home_without_recipes_says_so_and_leads_on(client: TestClient, user: Account) -> None:
    shown = page(client, "/")
    assert shown.titles == []
    assert "No recipes yet" in shown.text
    assert {"/login", "/docs"} <= set(shown.links)
    enter(client, user)
    assert {"/recipes/new", "/import"} <= set(page(client, "/").links)


def test_home_shows_only_public_recipes(client: TestClient, user: Account) -> None:
    create_recipe(client, user, label="Shown", tags=["for all"])
    create_recipe(client, user, label="Hidden", visibility="private", tags=["Hidden"])
    create_recipe(client, user, label="Hidden", visibility="unlisted", tags=["Hidden"])
    deleted = create_recipe(client, user, label="Hidden", tags=["Hidden"])
    client.delete(f"{API}/recipes/{deleted['id']}", headers=user.headers)
    shown = page(client, "/")
    assert shown.titles == ["Shown"]
    assert "/recipes?tag=keyword:for%20all" in shown.links
    assert "Hidden" not in client.get("/", headers=BROWSER | user.headers).text
    enter(client, user)
    assert "Hidden" not in client.get("/", headers=BROWSER).text


def test_home_shows_each_change_at_once(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, label="First")
    path = f"{API}/recipes/{recipe['id']}"

    def titles_after(**change: object) -> list[str]:
        assert client.patch(path, json=change, headers=user.headers).is_success
        return page(client, "/").titles

    assert page(client, "/").titles == ["First"]
    assert titles_after(label="Second") == ["Second"]
    assert titles_after(visibility="private") == []
    assert titles_after(visibility="public", label="Third") == ["Third"]
    assert client.delete(path, headers=user.headers).is_success
    assert page(client, "/").titles == []


def test_home_shows_that_there_are_older_ones_at_once(client: TestClient, user: Account) -> None:
    old, *_ = [create_recipe(client, user) for _ in range(11)]
    assert "Older" in page(client, "/").text
    client.delete(f"{API}/recipes/{old['id']}", headers=user.headers)
    assert "Older" not in page(client, "/").text


@on_one_database
def test_home_links_to_each_recipe(client: TestClient, user: Account) -> None:
    labels = {"Crème brûlée": "creme-brulee", "砂糖": "砂糖", "🍮": "recipe"}
    for label in labels:
        create_recipe(client, user, label=label)
    links = [link for link in page(client, "/").links if re.match("/recipes/[0-9]", link)]
    assert [link.partition("-")[2] for link in links] == list(labels.values())[::-1]
    for link in links:
        page(client, quote(link))


@on_one_database
def test_home_cuts_a_long_description(client: TestClient, user: Account) -> None:
    create_recipe(client, user, description="x" * 500)
    shown = page(client, "/").text
    assert "x" * 200 + "…" in shown
    assert "x" * 201 not in shown


def test_home_searches_and_leads_to_tags_and_times(client: TestClient, user: Account) -> None:
    soup = {"tags": [{"kind": "cuisine", "name": "Thai"}], "total_minutes": 25}
    create_recipe(client, user, label="Soup", **soup)
    create_recipe(client, user, label="Pie", tags=["slow, and worth it"], total_minutes=100)
    shown = page(client, "/")
    found = send(client, shown, "/recipes", q="soup")
    assert found.status_code == 200
    assert "Soup" in found.text
    for link, titles in {
        "/recipes?tag=cuisine:Thai": ["Soup"],
        "/recipes?tag=%22keyword:slow%2C%20and%20worth%20it%22": ["Pie"],
        "/recipes?max_total_minutes=30": ["Soup"],
        "/recipes?max_total_minutes=15": [],
        "/recipes": ["Pie", "Soup"],
    }.items():
        assert link in shown.links
        assert page(client, link).titles == titles


@on_one_database
def test_home_tells_machines_of_its_recipes(client: TestClient, user: Account) -> None:
    label = "</script><script>alert(1)</script>"
    recipe = create_recipe(client, user, label=label)
    html = client.get("/", headers=BROWSER).text
    assert_harmless(page(client, "/"))
    told = re.findall('<script type="application/ld[+]json">(.*?)</script>', html)
    site, items = map(json.loads, told)
    assert site["@type"] == "WebSite"
    (item,) = items["itemListElement"]
    assert item["name"] == label
    assert item["url"].startswith(f"http://testserver/recipes/{recipe['id']}-script")
    assert '<link rel="canonical" href="http://testserver/">' in html


@on_one_database
def test_unknown_parameters_are_ignored_and_a_wrong_cursor_is_an_error(client: TestClient) -> None:
    assert page(client, "/?utm_source=letter&cursor=").status == 200
    for cursor in ("x", "é", "x" * 5000):
        assert "/" in page(client, f"/?cursor={cursor}", 422).links


@on_one_database
def test_home_is_rendered_once_for_each_of_some_hosts(
    client: TestClient, user: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever alternates between two must not have it rendered each time."""
    rendered = 0

    def counted(*args: Any, **kwargs: Any) -> str:
        nonlocal rendered
        rendered += 1
        return rendering.render(*args, **kwargs)

    monkeypatch.setattr(home, "render", counted)
    create_recipe(client, user)
    for _ in range(3):
        for host in ("a.example", "b.example"):
            answer = client.get("/", headers=BROWSER | {"Host": host})
            assert f"http://{host}/" in answer.text
    assert rendered == 2
    create_recipe(client, user, label="Newest soup")
    answer = client.get("/", headers=BROWSER | {"Host": "a.example"})
    assert "Newest soup" in answer.text
    for number in range(100):
        client.get("/", headers=BROWSER | {"Host": f"{number}.example"})
    assert len(home.HOME.pages) <= home.Home.MAX_PAGES
