"""MealMaster."""

from app.exchange import reading
from app.exchange.drafts import OUTSIDE, Draft, Unreadable
from app.exchange.formats import meal_master

CAKES = """MMMMM----- Recipe via Meal-Master (tm) v8.05

      Title: Corn Cakes
 Categories: Breads, Quick
      Yield: 12 cakes

      1 c  Cornmeal                            1 ts Salt
      2 lg Eggs; beaten                      1/2 c  Milk
           -until pale                              Pepper

MMMMM--------------------------SAUCE-------------------------------
      1 cn Tomatoes

  Mix the dry things.  Stir
  in the eggs.

  1. Fry until brown.
  2. Serve.

MMMMM
"""
RICE = """---------- Recipe via UNREGISTERED Meal-Master (tm) v8.02

      Title: Plain Rice
   Servings: 4

      1 c Rice
  2 c Water

  Boil both.

-----
"""
READ_CAKES = {
    "label": "Corn Cakes",
    "yield_text": "12 cakes",
    "tags": [{"kind": "category", "name": "Breads"}, {"kind": "category", "name": "Quick"}],
    "ingredients": [
        {"text": "1 c Cornmeal"},
        {"text": "2 large Eggs; beaten until pale"},
        {"text": "1 tsp Salt"},
        {"text": "1/2 c Milk"},
        {"text": "Pepper"},
        {"text": "1 can Tomatoes", "section": "SAUCE"},
    ],
    "steps": [
        {"text": "Mix the dry things. Stir in the eggs."},
        {"text": "Fry until brown."},
        {"text": "Serve."},
    ],
}
READ_RICE = {
    "label": "Plain Rice",
    "servings": 4,
    "ingredients": [{"text": "1 c Rice"}, {"text": "2 c Water"}],
    "steps": [{"text": "Boil both."}],
}


def read(text: str) -> list[dict[str, object] | Unreadable]:
    """The recipes of a text, without what is read out of the lines of ingredients."""
    found: list[dict[str, object] | Unreadable] = []
    for each in reading.read_text(text):
        if isinstance(each, Draft):
            lines = each.document.get("ingredients", [])
            kept = [{k: v for k, v in line.items() if k in ("text", "section")} for line in lines]
            found.append(each.document | ({"ingredients": kept} if kept else {}))
        else:
            found.append(each)
    return found


def test_two_columns_sections_and_continuations_are_read() -> None:
    assert read(CAKES) == [READ_CAKES]


def test_each_recipe_of_a_file_is_read() -> None:
    assert read(CAKES + "\n" + RICE) == [READ_CAKES, READ_RICE]


def test_the_end_line_may_be_missing() -> None:
    assert read(CAKES.replace("\nMMMMM\n", "\n") + RICE) == [READ_CAKES, READ_RICE]


def test_the_header_line_may_be_missing_before_a_later_title() -> None:
    assert read(CAKES + RICE.partition("\n")[2]) == [READ_CAKES, READ_RICE]


def test_windows_line_ends_make_no_difference() -> None:
    assert read(CAKES.replace("\n", "\r\n")) == [READ_CAKES]


def test_lines_outside_of_the_recipes_are_reported() -> None:
    outside = Unreadable("From: a friend", OUTSIDE)
    assert read(f"From: a friend\n\n{RICE}") == [READ_RICE, outside]


def test_a_title_alone_has_no_other_members() -> None:
    text = "MMMMM----- Recipe via Meal-Master\n      Title: Toast\nMMMMM\n"
    assert read(text) == [{"label": "Toast"}]


def test_a_preparation_after_a_semicolon_is_a_note() -> None:
    (draft,) = reading.read_text(CAKES)
    assert isinstance(draft, Draft)
    assert draft.document["ingredients"][1]["note"] == "beaten until pale"


def test_a_section_of_the_steps_is_kept() -> None:
    text = RICE.replace("  Boil both.", "  Boil both.\n\n-----TO SERVE-----\n\n  Add butter.")
    (recipe,) = read(text)
    assert isinstance(recipe, dict)
    assert recipe["steps"] == [
        {"text": "Boil both."},
        {"text": "Add butter.", "section": "TO SERVE"},
    ]


def test_no_other_text_is_taken() -> None:
    assert meal_master.read_text("Soup\n\nIngredients\n1 egg\n") is None
    assert meal_master.read_text("-----\nMy meal\n-----\n") is None
