"""Create, edit and delete a recipe by form. No input is ever lost."""

from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from app.web.recipe_form import FIELDS
from tests.documents import WHOLE, document_of
from tests.factories import API, PASSWORD, Account, create_recipe, create_user
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

CAKE = {
    "label": "Carrot cake",
    "servings": "12",
    "prep_minutes": "30",
    "cook_minutes": "1 h",
    "ingredients": "250 g carrots, grated\n3 eggs\n\nFor the icing:\n200 g cream cheese",
    "steps": "Mix.\nBake.\nFor the icing:\nBeat the cheese.",
    "keyword": "baking, birthday",
    "cuisine": "British",
    "url": "https://example.com/cake",
    "calories": "310",
    "notes": "*Keeps* for a week.",
    "visibility": "private",
}
ATTACK = (
    """</textarea></script><script>alert(1)</script>"><img src=x onerror=alert(1)> javascript:"""
)


def edit_of(recipe: dict[str, Any]) -> str:
    return f"/recipes/{recipe['id']}/edit"


def stored(client: TestClient, user: Account, recipe: dict[str, Any]) -> dict[str, Any]:
    answer = client.get(f"{API}/recipes/{recipe['id']}", headers=user.headers)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def change(client: TestClient, user: Account, recipe: dict[str, Any], **members: object) -> None:
    answer = client.patch(f"{API}/recipes/{recipe['id']}", json=members, headers=user.headers)
    assert answer.status_code == 200, answer.text


def fields_of(shown: Page, action: str) -> dict[str, str]:
    """What stands in the form, without what it carries for itself."""
    fields = shown.form(action).fields
    return {name: fields[name] for name in FIELDS}


def followed(client: TestClient, answer: httpx2.Response) -> Page:
    assert answer.status_code == 303, answer.text
    return page(client, answer.headers["location"])


# --- A new one -----------------------------------------------------------------------------------


def test_a_recipe_is_written_by_form(client: TestClient, user: Account) -> None:
    enter(client, user)
    shown = page(client, "/recipes/new")
    assert_harmless(shown)
    read = followed(client, send(client, shown, "/recipes/new", **CAKE))
    assert "Saved." in read.text
    assert "Carrot cake" in read.text
    (found,) = client.get(f"{API}/recipes/my-recipes", headers=user.headers).json()["results"]
    told = {"label", "servings", "prep_minutes", "total_minutes", "url", "notes", "visibility"}
    assert {name: found[name] for name in told} == {
        "label": "Carrot cake",
        "servings": 12,
        "prep_minutes": 30,
        "total_minutes": 90,
        "url": "https://example.com/cake",
        "notes": "*Keeps* for a week.",
        "visibility": "private",
    }
    lines = [(each["section"], each["food"], each["quantity"]) for each in found["ingredients"]]
    icing = "For the icing"
    assert lines == [(None, "carrots", 250), (None, "eggs", 3), (icing, "cream cheese", 200)]
    assert [(each["section"], each["text"]) for each in found["steps"]] == [
        (None, "Mix."),
        (None, "Bake."),
        (icing, "Beat the cheese."),
    ]
    assert {"kind": "cuisine", "name": "British"} in found["tags"]
    assert len(found["tags"]) == 3
    assert found["nutrition"]["calories"] == 310


@on_one_database
def test_the_form_takes_long_texts_of_any_script(client: TestClient, user: Account) -> None:
    enter(client, user)
    form = page(client, "/recipes/new").form("/recipes/new")
    attributes = page(client, "/recipes/new").all("form")[-1]
    assert attributes["enctype"] == "multipart/form-data"
    # Three bytes each as multipart, nine in a form that is encoded as a URL.
    values = form.fields | {"label": "餃子", "steps": "\n\n".join(["皮" * 9000] * 14)}
    parts = {name: (None, value) for name, value in values.items()}
    answer = client.post(form.action, files=parts, headers=BROWSER, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    (found,) = client.get(f"{API}/recipes/my-recipes", headers=user.headers).json()["results"]
    assert len(found["steps"]) == 14


# --- Changes -------------------------------------------------------------------------------------


def test_a_form_changes_what_was_changed_in_it(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, **WHOLE)
    enter(client, user)
    shown = page(client, edit_of(recipe))
    assert_harmless(shown)
    unchanged = followed(client, send(client, shown, edit_of(recipe)))
    assert "Nothing was changed." in unchanged.text
    assert stored(client, user, recipe) == recipe
    steps = shown.form(edit_of(recipe)).fields["steps"] + "\n\nServe."
    changed = followed(client, send(client, shown, edit_of(recipe), label="Brûlée", steps=steps))
    assert "Saved." in changed.text
    after = stored(client, user, recipe)
    assert after["version"] == recipe["version"] + 1
    serve = {"text": "Serve.", "section": None, "name": None, "minutes": None}
    expected = {**WHOLE, "label": "Brûlée", "steps": [*WHOLE["steps"], serve]}
    assert document_of(after) == expected


@on_one_database
def test_errors_name_their_line_and_no_input_is_lost(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, **WHOLE)
    enter(client, user)
    typed = {
        "label": "",
        "servings": "a few",
        "ingredients": f"1 egg\n\n{'x' * 1001}",
        "fat_g": "much",
        "diet": "x" * 101,
        "notes": "Kept.",
    }
    refused = Page(send(client, page(client, edit_of(recipe)), edit_of(recipe), **typed))
    assert_harmless(refused)
    assert refused.status == 422
    assert "Line 3: must have at most 1000 characters" in refused.text
    fields = fields_of(refused, edit_of(recipe))
    assert fields == fields_of(page(client, edit_of(recipe)), edit_of(recipe)) | typed
    wrong = {attributes["id"] for _, attributes in refused.elements if "aria-invalid" in attributes}
    assert wrong == typed.keys() - {"notes"}
    assert {f"#{name}" for name in wrong} <= set(refused.links)
    # Where a field is folded away, it is opened.
    assert len([each for each in refused.all("details") if "open" in each]) == 2
    assert stored(client, user, recipe) == recipe
    fixed = {**typed, "label": "Egg", "servings": "2", "ingredients": "1 egg"}
    fixed |= {"fat_g": "1", "diet": ""}
    assert send(client, refused, edit_of(recipe), **fixed).status_code == 303


@on_one_database
def test_only_those_change_a_recipe_who_may(
    client: TestClient, user: Account, other_user: Account, superuser: Account
) -> None:
    public = create_recipe(client, user)
    private = create_recipe(client, user, visibility="private")
    for path in ("/recipes/new", edit_of(public), edit_of(private)):
        asked = client.get(path, headers=BROWSER, follow_redirects=False)
        assert asked.headers["location"] == f"/login?next={path}"
    enter(client, superuser)
    shown = page(client, edit_of(private))
    enter(client, other_user)
    page(client, edit_of(public), 403)
    page(client, edit_of(private), 404)
    token = page(client, "/recipes/new").form("/recipes/new").fields["csrf_token"]
    fields = shown.form(edit_of(private)).fields | {"csrf_token": token, "label": "Mine"}
    for recipe, status in ((public, 403), (private, 404)):
        answer = client.post(edit_of(recipe), data=fields, headers=BROWSER)
        assert Page(answer).status == status
        for does in ("delete", "restore", "remove"):
            path = f"/recipes/{recipe['id']}/{does}"
            answer = client.post(path, data={"csrf_token": token}, headers=BROWSER)
            assert answer.status_code == status
        assert stored(client, user, recipe) == recipe
    for nowhere in ("0", "01", "99999999999999999999", "9" * 5000, "x"):
        page(client, f"/recipes/{nowhere}/edit", 404)
    fields["version"] = "1.5"
    assert client.post(edit_of(public), data=fields, headers=BROWSER).status_code == 422
    enter(client, superuser)
    assert send(client, shown, edit_of(private), label="Theirs").status_code == 303


# --- Lost sessions -------------------------------------------------------------------------------


@pytest.mark.parametrize("is_new", [True, False])
def test_who_is_signed_out_while_writing_loses_nothing(
    client: TestClient, user: Account, is_new: bool
) -> None:
    recipe = create_recipe(client, user, **WHOLE)
    action = "/recipes/new" if is_new else edit_of(recipe)
    enter(client, user)
    shown = page(client, action)
    leave(client)
    out = Page(send(client, shown, action, **CAKE))
    assert_harmless(out)
    assert out.status == 403
    expected = fields_of(shown, action) | CAKE
    assert fields_of(out, action) == expected
    (link,) = [link for link in out.all("a") if link.get("target")]
    assert (link["target"], link["rel"]) == ("_blank", "noopener")

    credentials = {"email": user.email, "password": PASSWORD}
    send(client, page(client, link["href"]), "/login", **credentials)
    again = Page(send(client, out, action))
    assert again.status == 403
    assert fields_of(again, action) == expected
    assert stored(client, user, recipe) == recipe
    assert "Saved." in followed(client, send(client, again, action)).text
    (found,) = client.get(f"{API}/recipes?q=carrot", headers=user.headers).json()["items"]
    assert (found["id"] == recipe["id"]) is not is_new


# --- Conflicts -----------------------------------------------------------------------------------


def test_who_comes_second_decides(client: TestClient, superuser: Account) -> None:
    cook = create_user(client, first_name="Ada", surname="Lovelace")
    recipe = create_recipe(client, cook, **WHOLE)
    enter(client, cook)
    shown = page(client, edit_of(recipe))
    change(client, superuser, recipe, servings=8, extras={"kept": True}, notes=None)
    typed = {"servings": "6", "cuisine": "French, Québec"}
    conflict = Page(send(client, shown, edit_of(recipe), **typed))
    assert_harmless(conflict)
    assert conflict.status == 412
    assert conflict.titles == ["What is stored now", "What you have written"]
    assert "by a user without a name" in conflict.text
    now, mine = conflict.text.split("What is stored now")[1].split("What you have written")
    mine = mine.split("Keep what is stored")[0]
    assert "Serves 8" in now.replace(" (removed: ", " ")
    assert "Serves 6" in mine.replace(" (added: ", " ")
    assert "Québec" in mine
    assert "Québec" not in now
    assert "Notes Nothing" in now
    assert "Other data" not in conflict.text
    assert path_of(recipe, "creme-brulee-a-lorange") in conflict.links
    assert stored(client, cook, recipe)["servings"] == 8

    # The form has what was typed, and names the version that it would replace now.
    assert fields_of(conflict, edit_of(recipe)) == fields_of(shown, edit_of(recipe)) | typed
    assert send(client, conflict, edit_of(recipe)).status_code == 303
    after = stored(client, cook, recipe)
    assert (after["version"], after["servings"]) == (3, 6)
    assert after["extras"] == {**WHOLE["extras"], "kept": True}
    assert [after[name] for name in ("notes", "steps")] == [WHOLE["notes"], WHOLE["steps"]]


@on_one_database
def test_lines_are_those_of_the_version_that_the_form_was_made_of(
    client: TestClient, user: Account
) -> None:
    step = {"text": "Mix.", "section": None, "name": "The base", "minutes": 5}
    recipe = create_recipe(client, user, steps=[step])
    enter(client, user)
    shown = page(client, edit_of(recipe))
    change(client, user, recipe, steps=["Stir."])
    conflict = Page(send(client, shown, edit_of(recipe), label="Batter"))
    assert "The base" in conflict.text  # Which the form does not show.
    assert fields_of(conflict, edit_of(recipe))["steps"] == "Mix."


@on_one_database
def test_what_was_thrown_away_meanwhile_is_not_lost(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user)
    enter(client, user)
    shown = page(client, edit_of(recipe))
    client.delete(f"{API}/recipes/{recipe['id']}", headers=user.headers)
    gone = Page(send(client, shown, edit_of(recipe), **CAKE))
    assert_harmless(gone)
    assert gone.status == 404
    assert fields_of(gone, edit_of(recipe)) == fields_of(shown, edit_of(recipe)) | CAKE


# --- Hostile text --------------------------------------------------------------------------------


@on_one_database
def test_what_is_typed_is_text(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, label=f"l {ATTACK}", notes=ATTACK, author=ATTACK)
    enter(client, user)
    shown = page(client, edit_of(recipe))
    assert_harmless(shown)
    assert fields_of(shown, edit_of(recipe))["notes"] == ATTACK
    typed = dict.fromkeys(FIELDS, f"typed {ATTACK}")
    # Of a list, a browser sends only what is in it.
    fields = shown.form(edit_of(recipe)).fields | typed
    answer = client.post(edit_of(recipe), data=fields, headers=BROWSER)
    refused = Page(answer)
    assert_harmless(refused)
    assert refused.status == 422
    assert fields_of(refused, edit_of(recipe)) == typed | {"visibility": "public"}
    change(client, user, recipe, steps=[f"other {ATTACK}"])
    texts = {name: typed[name] for name in ("label", "ingredients", "steps", "notes", "tool")}
    conflict = Page(send(client, shown, edit_of(recipe), **texts))
    assert_harmless(conflict)
    assert conflict.status == 412
    leave(client)
    out = Page(client.post("/recipes/new", data=fields, headers=BROWSER))
    assert_harmless(out)
    assert out.status == 403


# --- Thrown away ---------------------------------------------------------------------------------


def test_what_is_thrown_away_comes_back(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user)
    enter(client, user)
    shown = page(client, path_of(recipe))
    thrown = followed(client, send(client, shown, f"/recipes/{recipe['id']}/delete"))
    assert "In the trash." in thrown.text
    page(client, path_of(recipe), 404)
    undone = followed(client, send(client, thrown, f"/recipes/{recipe['id']}/restore"))
    assert "It is back." in undone.text
    assert stored(client, user, recipe)["label"] == "Pancakes"
