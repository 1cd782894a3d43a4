"""The pages of an unlisted recipe: opened only by the key of its link."""

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.databases import execute
from tests.factories import API, PASSWORD, Account, create_recipe, create_user, share_key
from tests.problems import assert_problem
from tests.web.browser import (
    BROWSER,
    Page,
    assert_harmless,
    enter,
    leave,
    page,
    path_of,
    send,
)

RECIPES = f"{API}/recipes"
NOBODYS = 2**62
SECRET = "Goulash for Olga"


@pytest.fixture
def recipe(client: TestClient, user: Account) -> dict[str, Any]:
    """An unlisted recipe of two versions."""
    made = create_recipe(
        client,
        user,
        label="Draft",
        visibility="unlisted",
        servings=4,
        ingredients=["500 g beef"],
        steps=["Stew it."],
    )
    change = {"label": SECRET, "description": "Slowly stewed."}
    answer = client.patch(f"{RECIPES}/{made['id']}", json=change, headers=user.headers)
    assert answer.status_code == 200
    changed: dict[str, Any] = answer.json()
    return changed


@pytest.fixture
def key(client: TestClient, user: Account, recipe: dict[str, Any]) -> str:
    return share_key(client, user, recipe["id"])


def addresses(recipe_id: int) -> list[str]:
    """All pages about a recipe that people read."""
    begins = [f"/recipes/{recipe_id}{rest}" for rest in ("", "-goulash-for-olga", "-x")]
    return [
        f"{begin}{below}"
        for begin in begins
        for below in ("", "/cook", "/history", "/history/1", "/history/2", "/history/2?against=1")
    ]


def test_no_page_is_there_by_the_id_alone(
    client: TestClient,
    user: Account,
    other_user: Account,
    recipe: dict[str, Any],
    subtests: pytest.Subtests,
) -> None:
    for account in (None, other_user):
        if account:
            enter(client, account)
        for hidden, nothing in zip(addresses(recipe["id"]), addresses(NOBODYS), strict=True):
            with subtests.test(hidden, signed_in=account is not None):
                answers = [
                    client.get(path, headers=BROWSER, follow_redirects=False)
                    for path in (hidden, nothing)
                ]
                assert [each.status_code for each in answers] == [404, 404]
                assert "location" not in answers[0].headers
                assert "Goulash" not in answers[0].text
                texts = [re.sub(r"\b[0-9a-f]{16}\b", "", each.text) for each in answers]
                assert texts[0] == texts[1].replace(str(NOBODYS), str(recipe["id"]))


def test_a_wrong_key_is_no_key(client: TestClient, recipe: dict[str, Any], key: str) -> None:
    for given in ("", "x", key[:-1], key.swapcase()):
        for path in addresses(recipe["id"]):
            joined = "&" if "?" in path else "?"
            answer = client.get(
                f"{path}{joined}key={given}", headers=BROWSER, follow_redirects=False
            )
            assert answer.status_code == 404


def test_a_page_that_the_key_opened_leads_to_the_others(
    client: TestClient, recipe: dict[str, Any], key: str
) -> None:
    """Everything about this recipe that one page links to can be read, page by page."""
    about, seen, waiting = f"/recipes/{recipe['id']}", set(), [f"/recipes/{recipe['id']}?key={key}"]
    while waiting:
        path = waiting.pop()
        seen.add(path)
        answer = client.get(path, headers=BROWSER, follow_redirects=False)
        if answer.status_code == 301:
            waiting.append(answer.headers["location"])
            continue
        shown = Page(answer)
        assert shown.status == 200, path
        assert_harmless(shown)
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "private, no-cache"
        assert {"name": "robots", "content": "noindex"} in shown.all("meta")
        links = [link for link in shown.links if link.startswith(about)]
        assert all(f"key={key}" in link for link in links), path
        # To scale further leads ever on.
        waiting += [
            link for link in links if link not in seen | set(waiting) and "servings" not in link
        ]
    kinds = {re.sub(r"\?.*", "", path).partition("-")[0].removeprefix(about) for path in seen}
    assert kinds >= {"", "/history", "/history/1", "/history/2"}
    assert any("/cook?" in path for path in seen)
    assert any("against=" in path for path in seen)


def test_the_page_is_scaled_with_its_key(
    client: TestClient, recipe: dict[str, Any], key: str
) -> None:
    path = path_of(recipe, "goulash-for-olga")
    for below in ("", "/cook"):
        shown = page(client, f"{path}{below}?key={key}")
        assert shown.form(path + below).fields == {"key": key, "servings": "4"}
        scaled = Page(send(client, shown, path + below, servings="8"))
        assert "1000 g beef" in scaled.text or "1 kg beef" in scaled.text
        other = f"{path}/cook" if not below else path
        assert f"{other}?servings=8&key={key}" in scaled.links
        assert f"{path}{below}?key={key}" in scaled.links  # Back to the original number.
        more = next(link for link in scaled.links if "servings=9" in link)
        page(client, more)


def test_who_signs_in_from_a_shared_page_comes_back_to_it(
    client: TestClient, other_user: Account, recipe: dict[str, Any], key: str
) -> None:
    path = f"{path_of(recipe, 'goulash-for-olga')}?key={key}"
    shown = page(client, path)
    (log_in,) = [link for link in shown.links if link.startswith("/login")]
    form = page(client, log_in)
    answer = send(client, form, "/login", email=other_user.email, password=PASSWORD)
    assert answer.headers["location"] == path
    assert SECRET in page(client, path).text


def test_a_preview_of_the_link_says_what_it_is_and_not_where(
    client: TestClient, recipe: dict[str, Any], key: str
) -> None:
    answer = client.get(f"{path_of(recipe, 'goulash-for-olga')}?key={key}", headers=BROWSER)
    shown = Page(answer)
    told = {each["property"]: each["content"] for each in shown.all("meta") if "property" in each}
    assert told["og:title"] == SECRET
    assert told["og:description"] == "Slowly stewed."
    assert "/static/card.png" in told["og:image"]
    assert "og:url" not in told
    assert not [each for each in shown.all("link") if each["rel"] == "canonical"]
    # Nothing in the head holds the key.
    assert key not in answer.text.partition("<body")[0]


def test_an_importer_reads_a_shared_page_and_does_not_keep_its_key(
    client: TestClient, other_user: Account, recipe: dict[str, Any], key: str
) -> None:
    url = f"http://testserver{path_of(recipe, 'goulash-for-olga')}?key={key}"
    html = client.get(url, headers=BROWSER).text
    answer = client.post(
        f"{RECIPES}/import", json={"html": html, "url": url}, headers=other_user.headers
    )
    assert answer.status_code == 200, answer.text
    (item,) = answer.json()["items"]
    assert item["status"] == "created"
    imported = client.get(f"{RECIPES}/{item['id']}", headers=other_user.headers).json()
    assert imported["label"] == SECRET
    assert [each["text"] for each in imported["ingredients"]] == ["500 g beef"]
    assert [each["text"] for each in imported["steps"]] == ["Stew it."]
    assert key not in str(imported)


# --- Its owner -----------------------------------------------------------------------------------


def link_of(shown: Page) -> str:
    (field,) = [each for each in shown.all("input") if each.get("id") == "share-url"]
    assert "readonly" in field
    return field["value"]


def test_the_owner_finds_the_link_on_the_page(
    client: TestClient, user: Account, recipe: dict[str, Any], key: str
) -> None:
    enter(client, user)
    shown = page(client, path_of(recipe, "goulash-for-olga"))
    link = link_of(shown)
    assert link == f"http://testserver{path_of(recipe, 'goulash-for-olga')}?key={key}"
    # The pages of the owner need no key, so their addresses have none.
    assert not [path for path in shown.links if "key=" in path]
    leave(client)
    assert SECRET in page(client, link.removeprefix("http://testserver")).text


def test_the_owner_makes_a_new_link(
    client: TestClient, user: Account, recipe: dict[str, Any], key: str
) -> None:
    enter(client, user)
    path = path_of(recipe, "goulash-for-olga")
    shown = page(client, path)
    answer = send(client, shown, f"/recipes/{recipe['id']}/share-link")
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    changed = page(client, path)
    assert "has a new link" in changed.text
    new = link_of(changed)
    assert key not in new
    leave(client)
    page(client, f"{path}?key={key}", 404)
    page(client, new.removeprefix("http://testserver"))


def test_a_new_link_takes_the_form_of_its_owner(
    client: TestClient, user: Account, other_user: Account, recipe: dict[str, Any], key: str
) -> None:
    path = f"/recipes/{recipe['id']}/share-link"
    enter(client, user)
    assert client.post(path, data={"csrf_token": "x"}, headers=BROWSER).status_code == 403
    enter(client, other_user)
    token = page(client, "/recipes/new").form("/recipes/new").fields["csrf_token"]
    answer = client.post(path, data={"csrf_token": token}, headers=BROWSER)
    assert answer.status_code == 404
    leave(client)
    answer = client.post(path, headers=BROWSER, follow_redirects=False)
    assert answer.headers["location"].startswith("/login")
    assert share_key(client, user, recipe["id"]) == key


@pytest.mark.parametrize("visibility", ["public", "private"])
def test_what_is_not_unlisted_has_no_link_on_its_page(
    client: TestClient, user: Account, visibility: str
) -> None:
    recipe = create_recipe(client, user, visibility=visibility)
    enter(client, user)
    shown = page(client, path_of(recipe))
    assert not [form for form in shown.forms if form.action.endswith("/share-link")]
    key = share_key(client, user, recipe["id"])
    leave(client)
    if visibility == "public":
        # The key is not needed, and no link carries it on.
        shown = page(client, f"{path_of(recipe)}?key={key}")
        assert not [path for path in shown.links if "key=" in path]
    else:
        page(client, f"{path_of(recipe)}?key={key}", 404)


def test_a_recipe_that_has_no_link_yet_offers_to_make_one(
    client: TestClient, user: Account, recipe: dict[str, Any], database_url: str
) -> None:
    """As one that the version before made while this one was being installed."""
    execute(database_url, "DELETE FROM share_link")
    assert_problem(client.get(f"{RECIPES}/{recipe['id']}", params={"key": "x"}), 404)
    enter(client, user)
    path = path_of(recipe, "goulash-for-olga")
    shown = page(client, path)
    assert not [each for each in shown.all("input") if each.get("id") == "share-url"]
    send(client, shown, f"/recipes/{recipe['id']}/share-link")
    assert "?key=" in link_of(page(client, path))


# --- Names ---------------------------------------------------------------------------------------


def test_a_shared_page_names_its_cook_if_they_have_published_something(
    client: TestClient,
) -> None:
    ann = create_user(client, first_name="Ann", surname="Bee")
    recipe = create_recipe(client, ann, visibility="unlisted")
    key = share_key(client, ann, recipe["id"])
    pages = [path_of(recipe), f"/recipes/{recipe['id']}/history"]
    for path in pages:
        assert "Ann" not in page(client, f"{path}?key={key}").text
    create_recipe(client, ann)
    for path in pages:
        assert "Ann Bee" in page(client, f"{path}?key={key}").text


def test_a_list_of_one_cook_names_no_one_who_published_nothing(client: TestClient) -> None:
    ann = create_user(client, first_name="Ann", surname="Bee")
    create_recipe(client, ann, visibility="private")
    path = f"/recipes?submitter_id={ann.id}"
    assert "Ann" not in page(client, path).text
    create_recipe(client, ann)
    assert "Ann Bee" in page(client, path).text
