"""Exports of CopyMeThat."""

from functools import partial

from app.exchange.drafts import Draft
from app.exchange.formats import copymethat
from tests.costs import assert_linear
from tests.exchange.archiving import archive_of

TART = """
<div class="recipe">
  <div id="name">Onion tart</div>
  <div id="link">Adapted from
    <a id="original_link" href="https://example.org/tart">example.org</a></div>
  <img class="recipeImage" src="images/tart.jpg">
  <div id="categories"><span>Tags: </span><span class="recipeCategory">Baking &amp; pies</span>
    <span class="recipeCategory">Autumn</span></div>
  <div id="extra_info"><span id="made_this">I made this</span>
    <span id="rating">Rating: <span id="ratingValue">5</span></span></div>
  <div id="description">Sweet <i>onions</i>.</div>
  <div id="servings">Servings: <a id="recipeYield">1 large tart</a></div>
  <ul id="recipeIngredients">
    <li class="recipeIngredient">2 eggs</li>
    <li class="recipeIngredient_subheader">Pastry</li>
    <li class="recipeIngredient">200 g flour</li>
  </ul>
  <ol id="recipeInstructions">
    <li class="instruction_subheader">Pastry</li>
    <li class="instruction">Knead.</li>
    <li class="instruction">  </li>
    <li class="instruction">Bake.</li>
    <li class="instruction_subheader">To serve</li>
  </ol>
  <ul id="recipeNotes"><li class="recipeNote">Eat warm.</li>
    <li class="recipeNote">Or cold.</li></ul>
</div>
"""
BROKEN = "<div class='recipe'><ul id=recipeIngredients><li>salt</div>"
PAGE = f"<!DOCTYPE html><body>{TART}{BROKEN}{TART}</body>"
READ = {
    "label": "Onion tart",
    "description": "Sweet onions.",
    "url": "https://example.org/tart",
    "yield_text": "1 large tart",
    "tags": [
        {"kind": "keyword", "name": "Baking & pies"},
        {"kind": "keyword", "name": "Autumn"},
    ],
    "ingredients": [{"text": "2 eggs"}, {"text": "200 g flour", "section": "Pastry"}],
    "steps": [
        {"text": "Knead.", "section": "Pastry"},
        {"text": "Bake.", "section": "Pastry"},
        {"text": "To serve"},
    ],
    "notes": "Eat warm.\n\nOr cold.",
    "extras": {"made_this": True, "rating": "5"},
}


def test_an_archive_with_broken_recipes() -> None:
    files = {"recipes.html": PAGE.encode(), "images/tart.jpg": b"\xff"}
    drafts = copymethat.read_archive(archive_of(files))
    assert drafts is not None
    # The one without a name is refused when it is checked.
    assert list(drafts) == [Draft(READ), Draft({"ingredients": [{"text": "salt"}]}), Draft(READ)]


def test_other_formats_are_not_read() -> None:
    page = b"<div class=recipe><ul id=recipeIngredients></ul><ol id=recipeInstructions></ol>"
    assert copymethat.read_archive(archive_of({"index.html": page})) is None
    assert copymethat.read_text("recipeIngredients recipeInstructions") is None
    assert copymethat.read_text("<div class=recipe><div id=name>Toast") is None


def test_opening_tags_take_linear_time() -> None:
    def read(opening: str, size: int) -> None:
        page = (
            "recipeIngredients recipeInstructions <p id=name>"
            + opening * size
            + "<div class=recipe>"
        )
        assert copymethat.read_text(page) is not None

    for opening in ("<div class= ", "<div class='a ", "<div\n class=x ", "<div a=b c=d "):
        assert_linear(partial(read, opening), 16_000)
