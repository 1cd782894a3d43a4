"""On paper: the recipe alone, on one sheet where it is of the usual length."""

import re

from playwright.sync_api import Page, expect

from app.ops.first_data import RECIPES
from tests.browser.stored_recipes import StoredRecipes

PAGE = re.compile(rb"/Type\s*/Page\b")


def test_a_recipe_fits_one_sheet(reader: Page) -> None:
    for number, recipe in enumerate(RECIPES, 1):
        reader.goto(f"/recipes/{number}")
        for size in ("A4", "Letter"):
            assert len(PAGE.findall(reader.pdf(format=size))) == 1, (recipe["label"], size)


def test_nothing_but_the_recipe_is_printed(cook: Page, stored: StoredRecipes) -> None:
    cook.goto(f"/recipes/{stored.mine}?servings=3")
    cook.emulate_media(media="print")
    for kind in ("button", "nav", "form", "input", "header.site-header", "footer"):
        expect(cook.locator(kind).filter(visible=True)).to_have_count(0)
    # Ingredients stand beside the method, as on the screen.
    ingredients = cook.get_by_role("heading", name="Ingredients").bounding_box()
    method = cook.get_by_role("heading", name="Method").bounding_box()
    assert ingredients
    assert method
    assert abs(ingredients["y"] - method["y"]) < 20
    assert ingredients["x"] < method["x"]
