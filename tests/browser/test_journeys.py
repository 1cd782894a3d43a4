"""What people come for, from beginning to end: with scripts and without."""

import re
import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import Site
from tests.factories import API, PASSWORD

with_and_without_scripts = pytest.mark.parametrize(
    "javascript", [True, False], ids=["script", "no-script"]
)

INGREDIENTS = """\
For the dough:
500 g flour
1 ½ cups water

For the top:
2 onions, sliced"""
METHOD = """\
Knead the dough and let it rest.

Spread the onions
over it and bake."""
PASTED = """\
<!doctype html><title>Pea soup</title><script type="application/ld+json">
{"@context": "https://schema.org", "@type": "Recipe", "name": "Pea soup of the pasted page",
 "recipeYield": "4", "recipeIngredient": ["500 g peas", "1 l water"],
 "recipeInstructions": [{"@type": "HowToStep", "text": "Cook the peas."}]}</script>"""


def title(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


@with_and_without_scripts
def test_find_read_scale_and_print(reader: Page) -> None:
    reader.goto("/")
    reader.get_by_role("searchbox").first.fill("tagliatelle bolognse")
    reader.get_by_role("searchbox").first.press("Enter")
    # One word was written wrong, and the page says what it was taken for.
    expect(reader.get_by_role("main")).to_contain_text("bolognese")
    reader.get_by_role("link", name="Ragù alla bolognese").click()
    title(reader, "Ragù alla bolognese")
    ingredients = reader.locator(".ingredients")
    expect(ingredients).to_contain_text("150 g pancetta")
    reader.get_by_label("Serves", exact=True).fill("12")
    reader.get_by_label("Serves", exact=True).press("Enter")
    expect(ingredients).to_contain_text("300 g pancetta")
    expect(reader).to_have_url(re.compile(r"servings=12"))
    reader.get_by_role("link", name="More").click()
    expect(ingredients).to_contain_text("325 g pancetta")
    reader.reload()
    expect(ingredients).to_contain_text("325 g pancetta")
    reader.emulate_media(media="print")
    expect(ingredients).to_contain_text("325 g pancetta")
    expect(ingredients).to_be_visible()
    expect(reader.get_by_role("searchbox").first).to_be_hidden()


@with_and_without_scripts
def test_sign_up_write_lose_nothing_and_undo(reader: Page, site: Site) -> None:
    label = f"Onion tart {uuid.uuid4().hex}"
    reader.goto("/recipes/new")
    # Whoever wants to write signs in, or makes an account, and comes back to write.
    reader.get_by_role("link", name="Make an account").click()
    email = f"{uuid.uuid4().hex}@example.com"
    reader.get_by_label("E-mail").fill(email)
    reader.get_by_label("Password").fill(PASSWORD)
    reader.get_by_role("button", name="Make the account").click()

    title(reader, "Add a recipe")
    reader.get_by_label("Title").fill(label)
    reader.get_by_label("Serves").fill("4")
    reader.get_by_label("Ingredients").fill(INGREDIENTS)
    reader.get_by_label("Method").fill(METHOD)
    reader.get_by_role("button", name="Save").click()
    title(reader, label)
    for heading in ("For the dough", "For the top"):
        expect(reader.get_by_role("heading", level=3, name=heading)).to_be_visible()
    expect(reader.locator(".ingredients li")).to_have_count(3)
    expect(reader.locator(".course ol > li")).to_have_count(2)
    address = reader.url

    reader.get_by_role("link", name="Edit").click()
    reader.get_by_label("Description").fill("With what I write.")
    # Meanwhile another device of the same cook changes it.
    token = site.api.post(f"{API}/auth/login", data={"username": email, "password": PASSWORD})
    headers = {"Authorization": f"Bearer {token.json()['access_token']}"}
    recipe_id = re.findall(r"/recipes/([0-9]+)", address)[0]
    path = f"{API}/recipes/{recipe_id}"
    changed = site.api.patch(path, json={"description": "With what they write."}, headers=headers)
    assert changed.status_code == 200
    reader.get_by_role("button", name="Save").click()
    comparison = reader.locator(".compare")
    expect(comparison.locator("del")).to_contain_text("they")
    expect(comparison.locator("ins")).to_contain_text("I")
    expect(reader.get_by_label("Description")).to_have_value("With what I write.")
    reader.get_by_role("button", name="Save").click()
    expect(reader.locator(".opening .lead")).to_have_text("With what I write.")

    reader.get_by_role("link", name="History").click()
    expect(reader.locator(".rows > li")).to_have_count(3)
    reader.get_by_role("link", name="Version 2").click()
    expect(reader.locator(".changes ins")).to_contain_text("With what they write.")
    reader.get_by_role("button", name="Restore this version").click()
    expect(reader.locator(".opening .lead")).to_have_text("With what they write.")

    reader.get_by_role("button", name="Delete").click()
    assert site.api.get(path).status_code == 404
    reader.get_by_role("button", name="Undo").click()
    title(reader, label)
    assert site.api.get(path).json()["version"] == 6
    assert reader.url == address


@with_and_without_scripts
def test_import_a_pasted_page_and_look_at_it_before(reader: Page, site: Site) -> None:
    account = site.account()
    site.enter(reader, account)
    reader.goto("/import")
    reader.get_by_label("A text").fill(PASTED)
    reader.get_by_role("button", name="Preview").click()
    title(reader, "Preview")
    expect(reader.get_by_role("main")).to_contain_text("Pea soup of the pasted page")
    found = f"{API}/recipes?submitter_id=me"
    assert site.api.get(found, headers=account.headers).json()["items"] == []
    reader.get_by_role("button", name="Import this recipe").click()
    title(reader, "Pea soup of the pasted page")
    expect(reader.locator(".ingredients")).to_contain_text("500 g peas")
    assert len(site.api.get(found, headers=account.headers).json()["items"]) == 1
