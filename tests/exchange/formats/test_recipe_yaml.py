"""Recipes in YAML."""

from app.exchange import reading
from app.exchange.drafts import Draft, Unreadable
from app.exchange.formats import recipe_yaml
from app.exchange.formats.members import NO_RECIPE

TOAST = """name: Toast
servings: 2
source: https://example.org/toast
prep_time: PT10M
on_favorites: yes
ingredients:
- 2 slices bread
- "For the top:"
- "10 g butter, soft"
directions:
- Toast the bread. Then
    butter it.
- Eat it.
"""
TEA = """- name: Tea
  ingredients:
    - amount: 1
      unit: bag
      name: tea
      note: green
  categories: [Drinks, Hot]
  directions: |
    Boil the water.

    Pour.
- about: nothing
- name: Water
  ingredients: 1 glass water
"""


def read(text: str) -> list[object]:
    """The recipes of a text, with the lines of their ingredients."""
    return [
        {
            **each.document,
            "ingredients": [
                (line.get("section"), line["text"]) for line in each.document["ingredients"]
            ],
        }
        if isinstance(each, Draft)
        else each
        for each in reading.read_text(text)
    ]


def test_one_recipe_is_read() -> None:
    assert read(TOAST) == [
        {
            "label": "Toast",
            "url": "https://example.org/toast",
            "prep_minutes": 10,
            "servings": 2,
            "ingredients": [
                (None, "2 slices bread"),
                ("For the top", "10 g butter, soft"),
            ],
            "steps": [{"text": "Toast the bread. Then\nbutter it."}, {"text": "Eat it."}],
            "extras": {"on_favorites": "yes"},
        }
    ]


def test_a_list_of_recipes_is_read_and_what_is_none_is_reported() -> None:
    tea, nothing, water = read(TEA)
    assert tea == {
        "label": "Tea",
        "tags": [{"kind": "category", "name": "Drinks"}, {"kind": "category", "name": "Hot"}],
        "ingredients": [(None, "1 bag tea, green")],
        "steps": [{"text": "Boil the water."}, {"text": "Pour."}],
    }
    assert nothing == Unreadable(None, NO_RECIPE)
    assert isinstance(water, dict)
    assert water["label"] == "Water"


def test_each_document_of_a_file_is_read() -> None:
    assert len(read(f"---\n{TOAST}---\n{TEA}")) == 4


def test_no_other_text_is_taken() -> None:
    assert recipe_yaml.read_text("name: Toast\n") is None
    assert recipe_yaml.read_text("Toast\n\nIngredients:\n- 1 egg\n") is None
    assert recipe_yaml.read_text("name: Toast\nServes two people\ningredients:\n- 1 egg") is None
