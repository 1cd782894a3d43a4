"""The recipe page and its cooking view."""

from itertools import pairwise
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from tests.documents import WHOLE
from tests.factories import API, Account, create_recipe, create_user, set_superuser
from tests.web.browser import (
    BROWSER,
    Page,
    assert_harmless,
    enter,
    leave,
    on_one_database,
    page,
    path_of,
    send,
)

SOUP: dict[str, Any] = {
    "label": "Soup",
    "servings": 4,
    "yield_text": "2 litres",
    "total_minutes": 40,
    "ingredients": ["3 carrots", {"text": "½ l stock, hot", "section": "Broth"}, "salt"],
    "steps": [
        {"text": "Peel the carrots.", "section": "Before", "minutes": 10},
        {"text": "Boil all of it.", "section": None, "name": "Boil", "minutes": 30},
        "Season to taste.",
    ],
    "notes": "# More\n\nFrom *Ada*, at https://example.com/soup.",
}
ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</script><!--",
    "[x](javascript:alert(1))",
    "{{ 7 * 7 }}",
]


# --- All of it -----------------------------------------------------------------------------------


def test_a_page_shows_the_whole_recipe(client: TestClient) -> None:
    author = create_user(client, first_name="Ada", surname="Lovelace")
    recipe = create_recipe(client, author, **WHOLE | {"visibility": "public"})
    shown = page(client, path_of(recipe, "creme-brulee-a-lorange"))
    texts = [WHOLE["label"], WHOLE["description"], WHOLE["source"], WHOLE["author"]]
    texts += [WHOLE["yield_text"], WHOLE["nutrition"]["serving_size"]]
    texts += ["Use fresh eggs.", "砂糖 works too."]
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
    # The label may become what it was, and a browser that had kept the way would run in circles.
    assert answer.headers["cache-control"] == "private, no-cache"


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


@pytest.mark.parametrize("visibility", ["unlisted", "private"])
def test_what_is_not_public_has_no_page_and_no_redirect_for_others(
    client: TestClient, user: Account, visibility: str
) -> None:
    recipe = create_recipe(client, user, visibility=visibility)
    assert "Pancakes" not in page(client, path_of(recipe), 404).text
    # A redirect would tell the label.
    short = client.get(f"/recipes/{recipe['id']}", headers=BROWSER, follow_redirects=False)
    assert short.status_code == 404


def test_a_deleted_recipe_has_no_page(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user)
    client.delete(f"{API}/recipes/{recipe['id']}", headers=user.headers)
    page(client, path_of(recipe), 404)


# --- For how many --------------------------------------------------------------------------------


def test_a_recipe_is_scaled_by_its_form(client: TestClient, user: Account) -> None:
    path = path_of(create_recipe(client, user, **SOUP), "soup")
    shown = page(client, path)
    assert shown.form(path).fields == {"servings": "4"}
    assert "Scaled" not in shown.text
    scaled = Page(send(client, shown, path, servings="6"))
    for text in ("4 ½ carrots", "¾ l stock, hot", "salt", "3 litres", "Serves 6", "Scaled to 6"):
        assert text in scaled.text
    assert "3 carrots" not in scaled.text
    # There is a way back, and the number goes along to the stove.
    assert {path, f"{path}/cook?servings=6"} <= set(scaled.links)
    assert scaled.form(path).fields == {"servings": "6"}
    (canonical,) = [each["href"] for each in scaled.all("link") if each["rel"] == "canonical"]
    assert canonical == f"http://testserver{path}"


@on_one_database
@pytest.mark.parametrize(
    ("servings", "fewer", "more"),
    [
        ("4", "3", "5"),
        ("4.5", "4", "5"),
        ("2,5", "2", "3"),
        ("1 ½", "1", "2"),
        ("1", "0.5", "2"),
        ("0.5", "0.25", "1"),
        ("0.3333333333333333", "0.16666666666666666", "1"),
        ("999999999", "999999998", "1000000000"),
    ],
)
def test_one_more_and_one_less_are_links(
    client: TestClient, user: Account, servings: str, fewer: str, more: str
) -> None:
    path = path_of(create_recipe(client, user, **SOUP), "soup")
    shown = page(client, f"{path}?servings={quote(servings)}")
    steps = [link for link in shown.links if link.startswith(f"{path}?")]
    assert steps == [f"{path}?servings={fewer}", f"{path}?servings={more}"]
    for step in steps:
        page(client, step)


@on_one_database
@pytest.mark.parametrize(
    "servings", ["0", "-1", "many", "1e3", "4-6", "4 6", "²", "9" * 400, "1000000001", "<b>", "NaN"]
)
def test_what_cannot_be_scaled_is_shown_as_it_is(
    client: TestClient, user: Account, servings: str
) -> None:
    path = path_of(create_recipe(client, user, **SOUP), "soup")
    for rest in ("", "/cook"):
        shown = page(client, f"{path}{rest}?servings={quote(servings)}", 422)
        assert_harmless(shown)
        assert "3 carrots" in shown.text
        assert [each["class"] for each in shown.all("p") if each.get("class") == "problem"]
        assert shown.form(f"{path}{rest}").fields == {"servings": "4"}


@on_one_database
def test_a_recipe_without_servings_is_not_scaled(client: TestClient, user: Account) -> None:
    path = path_of(create_recipe(client, user, **SOUP | {"servings": None}), "soup")
    shown = page(client, f"{path}?servings=6", 422)
    assert "does not say how many it serves" in shown.text
    assert "3 carrots" in shown.text
    # Nothing was asked for, and links are decorated by those who pass them on.
    for query in ("", "?servings=", "?servings=%20", "?utm_source=letter"):
        plain = page(client, path + query)
        assert "scaled" not in plain.text
        assert not [form for form in plain.forms if "servings" in form.fields]


# --- Whose it is ---------------------------------------------------------------------------------


def test_who_may_change_a_recipe_is_offered_it(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, **SOUP, visibility="private")
    path, own = path_of(recipe, "soup"), f"/recipes/{recipe['id']}"
    other, superuser = create_user(client), create_user(client)
    page(client, path, 404)
    enter(client, other)
    page(client, path, 404)
    page(client, f"{path}/cook", 404)
    enter(client, user)
    shown = page(client, path)
    assert "you alone see it" in shown.text
    assert {f"{own}/edit", f"{own}/history"} <= set(shown.links)
    # The form is one that a browser which has signed in may send.
    assert shown.form(f"{own}/delete").method == "POST"
    assert shown.form(f"{own}/delete").fields["csrf_token"]
    client.patch(f"{API}{own}", json={"visibility": "public"}, headers=user.headers)
    for account in (None, other, superuser):
        leave(client)
        if account:
            enter(client, account)
        if account is superuser:
            set_superuser(_url(client), superuser)
        shown = page(client, path)
        may = account is superuser
        assert (f"{own}/edit" in shown.links) is may
        assert ([form.action for form in shown.forms if form.method == "POST"] != []) is may
        assert f"{own}/history" in shown.links


def _url(client: TestClient) -> str:
    app: Any = client.app
    url: str = app.state.settings.database_url
    return url


@pytest.mark.parametrize("visibility", ["public", "unlisted", "private"])
def test_only_public_recipes_have_metadata(
    client: TestClient, user: Account, visibility: str
) -> None:
    path = path_of(create_recipe(client, user, **SOUP, visibility=visibility), "soup")
    enter(client, user)
    shown = page(client, path)
    told = {each.get("property", each.get("name")) for each in shown.all("meta")}
    scripts = [each for each in shown.all("script") if each.get("type") == "application/ld+json"]
    is_public = visibility == "public"
    assert ("og:title" in told) is is_public
    assert ("robots" in told) is not is_public
    assert (scripts != []) is is_public
    # The view to cook from is of no use to those who search.
    shown = page(client, f"{path}/cook")
    assert "noindex" in [each["content"] for each in shown.all("meta") if "content" in each]
    canonical = [each["href"] for each in shown.all("link") if each["rel"] == "canonical"]
    assert canonical == ([f"http://testserver{path}"] if is_public else [])


# --- At the stove --------------------------------------------------------------------------------


def test_the_view_to_cook_from_has_all_that_is_needed_there(
    client: TestClient, user: Account
) -> None:
    path = path_of(create_recipe(client, user, **SOUP), "soup")
    assert f"{path}/cook" in page(client, path).links
    shown = page(client, f"{path}/cook?servings=8")
    assert shown.all("body")[0]["class"] == "cook"
    for text in ("6 carrots", "1 l stock, hot", "Peel the carrots. 10 min", "30 min", "From Ada"):
        assert text in shown.text
    assert len([each for each in shown.all("input") if each.get("type") == "checkbox"]) == 3
    assert f"{path}?servings=8" in shown.links
    # Steps are numbered on through their sections, and each has an address.
    assert [each["id"] for each in shown.all("li") if "id" in each] == [
        "step-1",
        "step-2",
        "step-3",
    ]
    assert [each["start"] for each in shown.all("ol")] == ["1", "2"]


@on_one_database
def test_another_slug_leads_to_the_current_view(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user)
    short = f"/recipes/{recipe['id']}/cook?servings=2"
    answer = client.get(short, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (
        301,
        f"{path_of(recipe)}/cook?servings=2",
    )
    page(client, f"{path_of(recipe)}/cook")
    page(client, f"/recipes/{recipe['id'] + 1}/cook", 404)


# --- Links and text ------------------------------------------------------------------------------


@on_one_database
def test_tags_and_the_cook_lead_to_what_is_alike(client: TestClient) -> None:
    cook = create_user(client, first_name="Ada")
    tags = [{"kind": "cuisine", "name": "Bún & bò"}, {"name": "a:b/c?d#e%"}, {"name": "x,y"}]
    recipe = create_recipe(client, cook, tags=tags)
    create_recipe(client, create_user(client), label="Waffles")
    links = page(client, path_of(recipe)).links
    lists = [link for link in links if link.startswith("/recipes?tag=")]
    assert len(lists) == 3
    for link in [*lists, f"/recipes?submitter_id={cook.id}"]:
        assert link in links
        found = page(client, link)
        assert [title for title in found.titles if title in ("Pancakes", "Waffles")] == ["Pancakes"]


@on_one_database
@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile_text_is_only_text_for_its_owner_too(client: TestClient, attack: str) -> None:
    cook = create_user(client, first_name=attack, surname=attack)
    recipe = create_recipe(
        client,
        cook,
        **dict.fromkeys(("label", "description", "source", "author", "yield_text"), attack),
        notes=f"{attack}\n\n# {attack}\n\n* `{attack}`",
        servings=2,
        tags=[{"kind": kind, "name": attack} for kind in ("cuisine", "keyword", "diet")],
        ingredients=[{"text": attack, "section": attack, "optional": True}],
        steps=[{"text": f"1 {attack}", "section": attack, "name": attack, "minutes": 1}],
        nutrition={"serving_size": attack, "calories": 1},
    )
    enter(client, cook)
    short = client.get(f"/recipes/{recipe['id']}", follow_redirects=False)
    path = short.headers["location"]
    for query in ("", "/cook", "?servings=3", f"?servings={quote(attack)}"):
        answer = client.get(path + query, headers=BROWSER, follow_redirects=False)
        shown = Page(answer)
        assert_harmless(shown)
        assert "{{ 7 * 7 }}" in shown.text or "49" not in shown.text
        assert shown.text.count(" ".join(attack.split())) >= 6


@on_one_database
def test_other_scripts_and_long_words_keep_their_direction(
    client: TestClient, user: Account
) -> None:
    recipe = create_recipe(
        client,
        user,
        label="מרק עדשים",
        language="he",
        ingredients=["כוס עדשים", "x" * 1000],
        steps=["לבשל."],
        notes="לטעום.\n\n* Salt",
    )
    shown = page(client, path_of(recipe, quote("מרק-עדשים")))
    for tag in ("h1", "ol"):
        (element,) = shown.all(tag)
        assert (element["lang"], element["dir"]) == ("he", "auto")
    assert "x" * 1000 in shown.text
    # Each block of the notes has its own.
    assert {"dir": "auto"} in shown.all("ul")


@on_one_database
@pytest.mark.parametrize("rest", ["", "/cook"])
def test_a_step_is_where_the_page_says_and_levels_are_in_order(
    client: TestClient, user: Account, rest: str
) -> None:
    path = path_of(create_recipe(client, user, **SOUP), "soup") + rest
    shown = page(client, path)
    levels = [int(tag[1]) for tag, _ in shown.elements if tag in ("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = [attributes["id"] for _, attributes in shown.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    labelled = {each["for"] for each in shown.all("label") if "for" in each}
    assert "servings" in labelled
    (script,) = [each["src"] for each in shown.all("script") if "src" in each]
    answer = client.get(script)
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert len(answer.content) < 2500
