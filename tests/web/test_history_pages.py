"""The history of a recipe: what each version changed, and restoring one."""

import pytest
from fastapi.testclient import TestClient

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

ATTACK = """</script><script>alert(1)</script>"><img src=x onerror=alert(1)> javascript:alert(1)"""


def change(client: TestClient, user: Account, recipe: dict[str, object], **members: object) -> None:
    answer = client.patch(f"{API}/recipes/{recipe['id']}", json=members, headers=user.headers)
    assert answer.status_code == 200, answer.text


def history_of(recipe: dict[str, object], version: int | str = "") -> str:
    return f"/recipes/{recipe['id']}/history{version and f'/{version}'}"


def marked(client: TestClient, path: str) -> tuple[list[str], list[str]]:
    """What a page marks as removed, and as added."""
    text = client.get(path, headers=BROWSER).text
    texts = [
        [part.split("</span>")[1].split("<span")[0] for part in text.split(f"<{tag}>")[1:]]
        for tag in ("del", "ins")
    ]
    return texts[0], texts[1]


def test_versions_are_listed_with_their_authors(
    client: TestClient, superuser: Account, other_user: Account
) -> None:
    cook = create_user(client, first_name="Ada", surname="Lovelace")
    recipe = create_recipe(client, cook)
    change(client, superuser, recipe, label="Waffles")
    for number in range(20):
        change(client, cook, recipe, servings=number + 1)
    newest = page(client, history_of(recipe))
    assert newest.titles == [f"Version {number}" for number in range(22, 2, -1)]
    assert newest.text.count("by Ada Lovelace") == 20
    assert "the current one" in newest.text
    assert f"/recipes/{recipe['id']}-waffles" in newest.links
    assert {"name": "robots", "content": "noindex"} in newest.all("meta")
    (older,) = [link for link in newest.links if "cursor=" in link]
    rest = page(client, older)
    assert rest.titles == ["Version 2", "Version 1"]
    assert "Pancakes" in rest.text
    assert "a user without a name" in rest.text
    assert history_of(recipe) in rest.links
    assert client.delete(f"{API}/auth/me", headers=cook.headers).status_code == 204
    assert "by a deleted user" in page(client, history_of(recipe)).text
    page(client, f"{history_of(recipe)}?cursor=nonsense", 422)


def test_a_version_tells_what_it_changed(client: TestClient, user: Account) -> None:
    recipe = create_recipe(
        client, user, servings=4, ingredients=["1 cup flour", "2 eggs"], steps=["Mix.", "Fry."]
    )
    change(client, user, recipe, servings=6, ingredients=["2 cups flour", "2 eggs", "salt"])
    change(client, user, recipe, servings=4, notes="Good.")
    removed, added = marked(client, history_of(recipe, 2))
    assert (removed, added) == (["4", "1 cup"], ["6", "2 cups", "salt"])
    shown = page(client, history_of(recipe, 2))
    assert shown.titles == ["What has changed since version 1", "The whole of version 2"]
    assert "Method" in shown.text
    assert shown.forms[-1].method == "GET"
    assert marked(client, f"{history_of(recipe, 1)}?against=3") == (
        ["2 cups", "salt", "Good."],
        ["1 cup"],
    )
    first = page(client, history_of(recipe, 1))
    assert first.titles == ["The whole of version 1"]
    assert "Mix." in first.text
    endless = "/" + "9" * 5000
    for wrong in ("/4", "/0", "/01", "/x", "/99999999999999", endless):
        page(client, history_of(recipe) + wrong, 404)
    for wrong in ("/1?against=9", "/1?against=x", "/1?against=-1"):
        page(client, history_of(recipe) + wrong, 404)
    assert page(client, history_of(recipe, "2?utm_source=x&against=")).titles == shown.titles


def test_a_version_comes_back(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, label="Waffles")
    change(client, user, recipe, label="Pancakes")
    enter(client, user)
    path = history_of(recipe, 1)
    answer = send(client, page(client, path), f"{path}/restore")
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/recipes/{recipe['id']}-waffles",
    )
    shown = page(client, answer.headers["location"])
    assert shown.all("h1")
    assert "It is back." in shown.text
    assert page(client, history_of(recipe)).titles == ["Version 3", "Version 2", "Version 1"]


def test_what_a_reader_has_not_seen_is_not_overwritten(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, label="Waffles")
    change(client, user, recipe, label="Pancakes")
    enter(client, user)
    path = history_of(recipe, 1)
    seen = page(client, path)
    change(client, user, recipe, label="Crêpes")
    refused = send(client, seen, f"{path}/restore")
    assert refused.status_code == 412
    shown = Page(refused)
    assert "It is now at version 3" in shown.text
    assert "Crêpes" in shown.text
    assert client.get(f"{API}/recipes/{recipe['id']}").json()["label"] == "Crêpes"
    assert send(client, shown, f"{path}/restore").status_code == 303
    assert client.get(f"{API}/recipes/{recipe['id']}").json()["label"] == "Waffles"


def test_only_who_may_change_a_recipe_restores_it(
    client: TestClient, user: Account, other_user: Account
) -> None:
    recipe = create_recipe(client, user)
    change(client, user, recipe, label="Waffles")
    path = history_of(recipe, 1)
    enter(client, user)
    form = page(client, path).form(f"{path}/restore")
    leave(client)
    assert [form.action for form in page(client, path).forms] == ["/recipes"]
    answer = client.post(f"{path}/restore", data=form.fields, follow_redirects=False)
    assert answer.headers["location"].startswith("/login?next=")
    enter(client, other_user)
    token = page(client, "/import").form("/import").fields["csrf_token"]
    sent = {**form.fields, "csrf_token": token}
    assert client.post(f"{path}/restore", data=sent, headers=BROWSER).status_code == 403
    enter(client, user)
    without = client.post(f"{path}/restore", data={"version": "2"}, headers=BROWSER)
    assert without.status_code == 403
    assert client.get(f"{API}/recipes/{recipe['id']}").json()["label"] == "Waffles"


def test_a_version_that_was_private_is_its_owners(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, label="Secret", visibility="private")
    change(client, user, recipe, label="Shown", visibility="public")
    shown = page(client, history_of(recipe))
    assert shown.titles == ["Version 2"]
    page(client, history_of(recipe, 1), 404)
    page(client, history_of(recipe, "2?against=1"), 404)
    second = page(client, history_of(recipe, 2))
    assert second.titles == ["The whole of version 2"]
    assert "Secret" not in shown.text + second.text
    change(client, user, recipe, visibility="private")
    page(client, history_of(recipe), 404)
    page(client, history_of(recipe, 2), 404)
    enter(client, user)
    assert page(client, history_of(recipe)).titles == ["Version 3", "Version 2", "Version 1"]
    assert "Secret" in page(client, history_of(recipe, 2)).text


@on_one_database
def test_the_pages_are_harmless(client: TestClient) -> None:
    cook = create_user(client, first_name=ATTACK, surname=ATTACK)
    texts = {name: f"{name} {ATTACK}" for name in ("label", "description", "source", "author")}
    recipe = create_recipe(client, cook)
    change(
        client,
        cook,
        recipe,
        **texts,
        notes=ATTACK,
        yield_text=ATTACK,
        tags=[ATTACK],
        url="https://example.com/<script>",
        ingredients=[{"text": ATTACK, "section": ATTACK}],
        steps=[{"text": ATTACK, "section": ATTACK, "name": ATTACK}],
        nutrition={"serving_size": ATTACK},
        extras={ATTACK: ATTACK},
    )
    change(client, cook, recipe, label="Soup")
    enter(client, cook)
    for path in ("", "/1", "/2", "/3", "/2?against=3"):
        assert_harmless(page(client, history_of(recipe) + path))
    assert ATTACK in page(client, history_of(recipe, 2)).text


@pytest.mark.parametrize("path", ["x", "1x", "0", "99999999999999999999"])
@on_one_database
def test_of_no_recipe_there_is_no_history(client: TestClient, path: str) -> None:
    page(client, f"/recipes/{path}/history", 404)
    page(client, f"/recipes/{path}/history/1", 404)
