"""Exports of Recipe Keeper."""

from functools import partial

from app.exchange.drafts import Draft
from app.exchange.formats import recipe_keeper
from tests.costs import assert_linear
from tests.exchange.archiving import archive_of

CURRY = """
<div class="recipe-details">
  <meta itemprop="recipeId" content="81-f2">
  <meta itemprop="recipeIsFavourite" content="True">
  <meta itemprop="recipeRating" content="0">
  <img src="images/1.jpg" itemprop="photo0" class="recipe-photo">
  <h2 itemprop="name">Chickpea &amp; spinach curry</h2>
  <div>Courses: <span itemprop="recipeCourse">Main Dish</span></div>
  <meta itemprop="recipeCourse" content="Main Dish">
  <meta itemprop="recipeCategory" content="Vegan">
  <meta itemprop="recipeCollection" content="Weekdays">
  <div>Source: <span itemprop="recipeSource"><a href="https://example.org/curry">Example</a></span>
  </div>
  <div>Serving size: <span itemprop="recipeYield">6</span></div>
  <div>Preparation time: <span>10 mins</span><meta content="PT10M" itemprop="prepTime"></div>
  <div>Cooking time: <span>-</span><meta content="PT0S" itemprop="cookTime"></div>
  <div itemprop="recipeIngredients">
    <p>For the paste:</p><p>2 onions</p><p></p><p>1 tin <b>chickpeas</b></p>
  </div>
  <div itemprop="recipeDirections"><p>1. Fry.</p><p>2. Simmer.</p></div>
  <div itemprop="recipeNotes"><p>Hot!</p><p>Very.</p></div>
  <meta itemprop="recipeNutServingSize" content="1 bowl">
  <meta itemprop="recipeNutCalories" content="410">
  <meta itemprop="recipeNutTotalFat" content="3.5">
  <meta itemprop="recipeNutSodium" content="">
</div>
"""
BROKEN = (
    "<div class='recipe-details big'><p itemprop>lost<div itemprop=recipeDirections>Boil it.</div>"
)
PAGE = f"<html><body><h1>Recipes</h1>{CURRY}{BROKEN}{CURRY}</body></html>"
READ = {
    "label": "Chickpea & spinach curry",
    "url": "https://example.org/curry",
    "source": "Example",
    "prep_minutes": 10,
    "servings": 6,
    "tags": [
        {"kind": "category", "name": "Main Dish"},
        {"kind": "category", "name": "Vegan"},
        {"kind": "keyword", "name": "Weekdays"},
    ],
    "ingredients": [
        {"text": "2 onions", "section": "For the paste"},
        {"text": "1 tin chickpeas", "section": "For the paste"},
    ],
    "steps": [{"text": "Fry."}, {"text": "Simmer."}],
    "nutrition": {"serving_size": "1 bowl", "calories": 410, "fat_g": 3.5},
    "notes": "Hot!\n\nVery.",
    "extras": {"recipeId": "81-f2", "recipeIsFavourite": "True"},
}


def test_an_archive_with_broken_recipes() -> None:
    files = {"recipes.html": PAGE.encode(), "other.html": b"<p>Hello", "images/1.jpg": b"\xff"}
    drafts = recipe_keeper.read_archive(archive_of(files))
    assert drafts is not None
    # The one without a name is refused when it is checked.
    assert list(drafts) == [Draft(READ), Draft({"steps": [{"text": "Boil it."}]}), Draft(READ)]


def test_other_formats_are_not_read() -> None:
    assert recipe_keeper.read_archive(archive_of({"index.html": b"<div class=recipe>"})) is None
    assert recipe_keeper.read_text("recipe-details, recipeIngredients") is None
    assert recipe_keeper.read_text("<div itemprop=recipeIngredients>") is None


def test_opening_tags_take_linear_time() -> None:
    def read(opening: str, size: int) -> None:
        page = "recipe-details recipeIngredients " + opening * size + "<div class=recipe-details>"
        assert recipe_keeper.read_text(page) is not None

    for opening in ("<div class= ", "<div class='a ", "<div\n class=x ", "<div a=b c=d "):
        assert_linear(partial(read, opening), 16_000)


def test_elements_take_linear_time() -> None:
    def read(piece: str, size: int) -> None:
        page = "recipeIngredients<div class=recipe-details>" + piece * size
        drafts = recipe_keeper.read_text(page)
        assert drafts is not None
        assert len(list(drafts)) == 1

    course = "<span itemprop=recipeCourse>"
    for piece in (
        f"{course}x",
        f"{course}x</span>",
        "<p itemprop=a>y",
        "<div itemprop=recipeSource>",
    ):
        assert_linear(partial(read, piece), 8_000, smallest=1000)
    assert_linear(lambda size: read(course + "".join(f"{n}," for n in range(size)), 1), 16_000)
