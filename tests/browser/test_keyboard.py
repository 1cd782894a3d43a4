"""With the keys alone: from the home page to a recipe for as many as there are."""

from playwright.sync_api import Locator, Page, expect

MANY = 200


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until it has the focus."""
    for _ in range(MANY):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"Tab does not lead to {wanted}")


def test_a_recipe_is_found_and_scaled_with_the_keys(reader: Page) -> None:
    reader.goto("/")
    tab_to(reader, reader.get_by_role("searchbox"))
    reader.keyboard.type("ragu")
    reader.keyboard.press("Enter")
    tab_to(reader, reader.get_by_role("link", name="Ragù alla bolognese"))
    reader.keyboard.press("Enter")
    expect(reader.get_by_role("heading", level=1)).to_have_text("Ragù alla bolognese")
    tab_to(reader, reader.get_by_role("spinbutton", name="Serves"))
    reader.keyboard.type("12")
    reader.keyboard.press("Enter")
    expect(reader.get_by_text("1000 g egg tagliatelle")).to_be_visible()


def test_the_first_key_leads_past_the_header(reader: Page) -> None:
    reader.goto("/recipes/4")
    reader.keyboard.press("Tab")
    skip = reader.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    reader.keyboard.press("Enter")
    reader.keyboard.press("Tab")
    assert reader.evaluate("document.querySelector('main').contains(document.activeElement)")
