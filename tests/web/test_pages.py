"""The pages, as a browser gets them."""

from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from app.api.problems import BY_SLUG
from app.core.config import Settings
from app.main import create_app
from tests.documents import WHOLE
from tests.factories import API, Account, create_recipe, create_user
from tests.problems import assert_problem
from tests.web.browser import BROWSER, Page, on_one_database, page, path_of

# --- The home page -------------------------------------------------------------------------------


def test_home_shows_the_ten_latest_recipes(client: TestClient, user: Account) -> None:
    for count in range(12):
        create_recipe(client, user, label=f"Soup {count}")
    assert page(client, "/").titles == [f"Soup {count}" for count in range(11, 1, -1)]


def test_home_without_recipes_says_so(client: TestClient) -> None:
    shown = page(client, "/")
    assert shown.titles == []
    assert "No recipes yet" in shown.text


def test_home_shows_only_what_is_public_to_everybody(client: TestClient, user: Account) -> None:
    create_recipe(client, user, label="Shown")
    create_recipe(client, user, label="Hidden", visibility="private")
    create_recipe(client, user, label="Hidden", visibility="unlisted")
    deleted = create_recipe(client, user, label="Hidden")
    client.delete(f"{API}/recipes/{deleted['id']}", headers=user.headers)
    assert page(client, "/").titles == ["Shown"]
    assert "Hidden" not in client.get("/", headers=BROWSER | user.headers).text


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


def test_home_links_to_each_recipe(client: TestClient, user: Account) -> None:
    labels = {"Crème brûlée": "creme-brulee", "砂糖": "砂糖", "🍮": "recipe"}
    for label in labels:
        create_recipe(client, user, label=label)
    for link in page(client, "/").links:
        if link.startswith("/recipes/"):
            shown = page(client, quote(link))
            assert link.partition("-")[2] in labels.values()
            assert "Ingredients" not in shown.titles
    assert len([link for link in page(client, "/").links if link.startswith("/recipes/")]) == 3


def test_home_cuts_a_long_description(client: TestClient, user: Account) -> None:
    create_recipe(client, user, description="x" * 500)
    shown = page(client, "/").text
    assert "x" * 200 + "…" in shown
    assert "x" * 201 not in shown


# --- The page of a recipe ------------------------------------------------------------------------


def test_a_page_shows_the_whole_recipe(client: TestClient) -> None:
    author = create_user(client, first_name="Ada", surname="Lovelace")
    recipe = create_recipe(client, author, **WHOLE)
    shown = page(client, path_of(recipe, "creme-brulee-a-lorange"))
    texts = [WHOLE["label"], WHOLE["description"], WHOLE["source"], WHOLE["author"]]
    texts += [WHOLE["yield_text"], WHOLE["notes"], WHOLE["nutrition"]["serving_size"]]
    texts += [tag["name"] for tag in WHOLE["tags"]]
    texts += [ingredient["text"] for ingredient in WHOLE["ingredients"]]
    texts += [step["text"] for step in WHOLE["steps"]]
    texts += ["Custard", "The base", "20 min", "45 min", "4 h 5 min", "4 ½", "5 min", "optional"]
    texts += ["410 kcal", "30.5 g", "310 mg", "Ada Lovelace"]
    for text in texts:
        assert " ".join(text.split()) in shown.text
    assert WHOLE["url"] in shown.links
    assert author.email not in shown.text
    (title,) = shown.all("h1")
    assert title["lang"] == "fr-CA"


def test_a_page_of_a_label_alone_says_what_is_missing(client: TestClient, user: Account) -> None:
    shown = page(client, path_of(create_recipe(client, user)))
    assert "Neither ingredients nor method" in shown.text
    assert "None" not in shown.text


def test_a_page_of_a_link_alone_leads_there(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, url="https://www.example.com/pancakes")
    shown = page(client, path_of(recipe))
    assert "https://www.example.com/pancakes" in shown.links
    assert "The full recipe is at example.com" in shown.text


def test_the_recipe_of_a_deleted_account_stays(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user)
    assert client.delete(f"{API}/auth/me", headers=user.headers).status_code == 204
    assert "Pancakes" in page(client, path_of(recipe)).text


@pytest.mark.parametrize("rest", ["", "-", "-waffles", "-Pancakes", "-pancakes-"])
def test_another_slug_leads_to_the_current_one(
    client: TestClient, user: Account, rest: str
) -> None:
    recipe = create_recipe(client, user)
    answer = client.get(f"/recipes/{recipe['id']}{rest}?servings=2&x=é", follow_redirects=False)
    assert answer.status_code == 301
    assert answer.headers["location"] == f"{path_of(recipe)}?servings=2&x=%C3%A9"


def test_a_slug_of_another_script_is_found(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, label="砂糖 ケーキ")
    answer = client.get(f"/recipes/{recipe['id']}", follow_redirects=False)
    assert answer.headers["location"] == path_of(recipe, quote("砂糖-ケーキ"))
    page(client, answer.headers["location"])


def test_a_new_label_moves_the_page(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user)
    client.patch(f"{API}/recipes/{recipe['id']}", json={"label": "Waffles"}, headers=user.headers)
    answer = client.get(path_of(recipe), follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (301, path_of(recipe, "waffles"))


@pytest.mark.parametrize(("visibility", "status"), [("unlisted", 200), ("private", 404)])
def test_who_has_the_link_sees_what_is_unlisted_but_not_what_is_private(
    client: TestClient, user: Account, visibility: str, status: int
) -> None:
    recipe = create_recipe(client, user, visibility=visibility)
    shown = page(client, path_of(recipe), status)
    assert ("Pancakes" in shown.text) is (status == 200)
    # A redirect would tell the label.
    short = client.get(f"/recipes/{recipe['id']}", headers=BROWSER, follow_redirects=False)
    assert short.status_code == (301 if status == 200 else 404)


def test_a_deleted_recipe_has_no_page(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user)
    client.delete(f"{API}/recipes/{recipe['id']}", headers=user.headers)
    page(client, path_of(recipe), 404)


# --- Errors --------------------------------------------------------------------------------------

LOST = ["/nowhere", "/recipes/1", "/recipes/0", "/recipes/-1", "/recipes/soup", "/recipes/01-soup"]
LOST += [
    f"/recipes/{10**20}",
    f"/recipes/{2**63}-x",
    "/recipes/1%00",
    "/recipes/%ff",
    "/recipes/1/2",
]
LOST += ["/problems/none", "/static/none.css", "/static/../base.html", "/static/%2e%2e/pages.py"]


@pytest.mark.parametrize("path", LOST)
def test_a_browser_gets_a_page_for_what_is_not_there(client: TestClient, path: str) -> None:
    shown = page(client, path, 404)
    assert "404" in shown.text
    assert "/" in shown.links


@on_one_database
@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/problem+json"])
def test_a_program_gets_a_problem_document(client: TestClient, accept: str) -> None:
    assert_problem(client.get("/recipes/1", headers={"Accept": accept}), 404)


@on_one_database
def test_an_error_page_names_the_request_and_not_its_path(client: TestClient) -> None:
    headers = BROWSER | {"X-Request-ID": "abc-123"}
    answer = client.get("/%3Cscript%3Ealert(1)%3C/script%3E", headers=headers)
    assert answer.headers["x-request-id"] == "abc-123"
    assert "abc-123" in Page(answer).text
    assert "alert" not in answer.text


@on_one_database
@pytest.mark.parametrize("path", ["/", "/recipes/1-soup", "/problems/not-found"])
def test_a_page_is_only_to_be_read(client: TestClient, path: str) -> None:
    answer = client.post(path, headers=BROWSER)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"
    Page(answer)


def test_without_its_database_the_home_page_says_so(empty_settings: Settings) -> None:
    with TestClient(create_app(empty_settings), raise_server_exceptions=False) as client:
        answer = client.get("/", headers=BROWSER)
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        Page(answer)
        assert_problem(client.get("/"), 503)


@on_one_database
def test_each_type_of_problem_has_a_page(client: TestClient) -> None:
    assert len(BY_SLUG) > 10
    for slug, kind in BY_SLUG.items():
        shown = page(client, f"/problems/{slug}")
        assert kind.title in shown.text
        assert str(kind.status) in shown.text
