"""Accessibility of every page: axe-core, contrast, narrow screens, visible focus."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.axe import violations
from tests.browser.stored_recipes import StoredRecipes

Go = Callable[[Page, StoredRecipes], None]

# Contrast depends on the scheme and the layout on the width, so two looks cover both.
LOOKS = [(320, "dark"), (1280, "light")]


def at(path: str) -> Go:
    """Open a page; its path may name members of StoredRecipes."""
    return lambda page, stored: visit(page, stored, path)


def visit(page: Page, stored: StoredRecipes, path: str) -> None:
    page.goto(path.format(**vars(stored)))


def refused_sign_up(page: Page, stored: StoredRecipes) -> None:
    visit(page, stored, "/signup")
    page.locator("form[action='/signup']").evaluate("form => { form.noValidate = true }")
    page.get_by_role("main").get_by_role("button").first.click()


def refused_recipe(page: Page, stored: StoredRecipes) -> None:
    visit(page, stored, "/recipes/new")
    page.locator("main form").first.evaluate("form => { form.noValidate = true }")
    page.get_by_role("button", name="Save").click()


def conflict(page: Page, stored: StoredRecipes) -> None:
    visit(page, stored, "/recipes/{mine}/edit")
    page.locator("[name=label]").fill("What one of two writes")
    stored.change(description="What the other writes.")
    page.get_by_role("button", name="Save").click()


def preview(page: Page, stored: StoredRecipes) -> None:
    visit(page, stored, "/import")
    page.locator("[name=text]").fill("Pea soup\n\nIngredients\n500 g peas\n\nMethod\nCook them.")
    page.get_by_role("button", name="Preview").click()


FOR_VISITORS: dict[str, Go] = {
    "home": at("/"),
    "all recipes": at("/recipes"),
    "search": at("/recipes?q=chiken&max_total_minutes=240"),
    "search without result": at("/recipes?q=xylophone"),
    "a wrong filter": at("/recipes?max_total_minutes=soon"),
    "recipe": at("/recipes/4"),
    "scaled": at("/recipes/4?servings=9"),
    "not scaled": at("/recipes/4?servings=many"),
    "link": at("/recipes/1"),
    "unlisted": at("/recipes/{unlisted}?key={key}"),
    "cook what is unlisted": at("/recipes/{unlisted}/cook?key={key}"),
    "cook": at("/recipes/4/cook"),
    "history": at("/recipes/4/history"),
    "log in": at("/login"),
    "sign up": at("/signup"),
    "sign up refused": refused_sign_up,
    "export": at("/export"),
    "not found": at("/nowhere"),
    "a type of problem": at("/problems/not-found"),
}
SIGNED_IN: dict[str, Go] = {
    "home of a cook": at("/"),
    "my recipes": at("/recipes?submitter_id=me"),
    "my recipe": at("/recipes/{mine}"),
    "my link to share": at("/recipes/{unlisted}"),
    "new": at("/recipes/new"),
    "new refused": refused_recipe,
    "edit": at("/recipes/{mine}/edit"),
    "conflict": conflict,
    "my history": at("/recipes/{mine}/history"),
    "version": at("/recipes/{mine}/history/1"),
    "trash": at("/trash"),
    "remove": at("/recipes/{trashed}/remove"),
    "import": at("/import"),
    "preview": preview,
    "log out": at("/logout"),
}


def look_at(page: Page) -> None:
    for number, (width, scheme) in enumerate(LOOKS):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type] # One of its two words.
        assert violations(page, again=number > 0) == []
        # No line is so wide that one must scroll sideways.
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", FOR_VISITORS)
def test_page_for_visitors_is_accessible(name: str, reader: Page, stored: StoredRecipes) -> None:
    FOR_VISITORS[name](reader, stored)
    look_at(reader)


@pytest.mark.parametrize("name", SIGNED_IN)
def test_page_for_users_is_accessible(name: str, cook: Page, stored: StoredRecipes) -> None:
    SIGNED_IN[name](cook, stored)
    look_at(cook)


# Where the focus is: how thick its outline is, and whether something else is seen at its place.
FOCUS = """() => {
    const element = document.activeElement, style = getComputedStyle(element)
    if (element === document.body) return null
    const box = element.getClientRects()[0]
    const left = Math.max(box.left, 0), right = Math.min(box.right, innerWidth)
    const top = Math.max(box.top, 0), bottom = Math.min(box.bottom, innerHeight)
    const seen = document.elementFromPoint((left + right) / 2, (top + bottom) / 2)
    const inside = left < right && top < bottom
    return {
        outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
        hidden: !inside || !(element.contains(seen) || seen.contains(element)),
        element: element.outerHTML,
    }
}"""


@pytest.mark.parametrize("path", ["/recipes?q=soup", "/recipes/{mine}", "/recipes/{mine}/edit"])
def test_the_focus_is_visible(path: str, cook: Page, stored: StoredRecipes) -> None:
    visit(cook, stored, path)
    stops = 0
    while True:
        cook.keyboard.press("Tab")
        focus = cook.evaluate(FOCUS)
        if focus is None:
            break
        stops += 1
        assert focus["outline"] >= 2, focus
        assert not focus["hidden"], focus
    assert stops > 10
