"""Markdown with front matter."""

import pytest

from app.core.errors import InvalidError
from app.exchange import reading
from app.exchange.drafts import UNTITLED, Draft
from tests.exchange.archiving import archive_of

BODY = """
## Ingredients

- 400 g cheese
- 1 clove garlic

## Method

1. Rub the pot.
2. Melt the cheese.
"""
INGREDIENTS = ["400 g cheese", "1 clove garlic"]
STEPS = [{"text": "Rub the pot."}, {"text": "Melt the cheese."}]


def read(text: str) -> dict[str, object]:
    """The only recipe of a text."""
    (draft,) = reading.read_text(text)
    assert isinstance(draft, Draft)
    return draft.document


def lines(document: dict[str, object]) -> list[str]:
    """The lines of the ingredients."""
    ingredients = document["ingredients"]
    assert isinstance(ingredients, list)
    return [each["text"] for each in ingredients]


def test_the_parts_below_the_front_matter_are_read() -> None:
    document = read(
        '---\ntitle: "Fondue"\ntags: [\'swiss\', "cheese"]\ndate: 2021-03-11\nauthor: Ann\n'
        f"servings: 4\nprep_time: 10 min\n---\n{BODY}"
    )
    assert lines(document) == INGREDIENTS
    del document["ingredients"]
    assert document == {
        "label": "Fondue",
        "author": "Ann",
        "prep_minutes": 10,
        "servings": 4,
        "tags": [{"kind": "keyword", "name": "swiss"}, {"kind": "keyword", "name": "cheese"}],
        "steps": STEPS,
        "extras": {"date": "2021-03-11"},
    }


def test_the_parts_in_the_front_matter_are_read() -> None:
    document = read(
        "---\nlayout: recipe\ntitle: Salad\nimage: x.jpg\ningredients:\n- 1 kg potatoes\n- 2 eggs\n"
        "directions:\n- Boil the potatoes.\n- Mix it all.\n---\n\nA family salad.\n"
    )
    assert lines(document) == ["1 kg potatoes", "2 eggs"]
    del document["ingredients"]
    assert document == {
        "label": "Salad",
        "description": "A family salad.",
        "steps": [{"text": "Boil the potatoes."}, {"text": "Mix it all."}],
        "extras": {"layout": "recipe", "image": "x.jpg"},
    }


def test_text_below_a_description_is_a_note() -> None:
    text = "---\ntitle: Salad\ndescription: Cold.\ningredients: [1 egg]\n---\nOf my aunt.\n"
    assert read(text)["notes"] == "Of my aunt."


def test_front_matter_may_be_toml() -> None:
    document = read(f'+++\ntitle = "Fondue"\ntags = ["hot"]\nservings = 2\n+++\n{BODY}')
    assert document["label"] == "Fondue"
    assert document["servings"] == 2
    assert document["tags"] == [{"kind": "keyword", "name": "hot"}]


def test_the_title_may_be_a_heading_or_the_name_of_the_file() -> None:
    assert read(f"---\ntags: [a]\n---\n# Fondue\n{BODY}")["label"] == "Fondue"
    note = f"---\ntags: [recipe]\n---\n{BODY}"
    assert read(note)["label"] == UNTITLED
    (draft,) = reading.read_archive(archive_of({"Vault/Fondue.md": note.encode()}))
    assert isinstance(draft, Draft)
    assert draft.document["label"] == "Fondue"


def test_groups_become_sections() -> None:
    document = read(
        "---\ntitle: Pizza\ningredients:\n  - title: Dough\n    items:\n      - 1 cup flour\n"
        "  - title: Sauce\n    items: [1 can tomatoes, 1 tsp salt]\n"
        "directions:\n  Dough:\n    - Knead.\n  Sauce:\n    - Cook.\n---\n"
    )
    ingredients = document["ingredients"]
    assert isinstance(ingredients, list)
    assert [each["section"] for each in ingredients] == ["Dough", "Sauce", "Sauce"]
    assert document["steps"] == [
        {"text": "Knead.", "section": "Dough"},
        {"text": "Cook.", "section": "Sauce"},
    ]


def test_facts_that_differ_are_both_kept() -> None:
    document = read(f"---\ntitle: Fondue\nservings: 4\n---\n# Fondue\n\nServes 6\n{BODY}")
    assert document["servings"] == 4
    assert document["extras"] == {"servings": 6}


@pytest.mark.parametrize("facts", ["title: A day", "title: A day\ndate: 2020-01-01\ntags: [a]"])
def test_a_text_about_something_else_is_no_recipe(facts: str) -> None:
    with pytest.raises(InvalidError, match="no recipe was found"):
        reading.read_text(f"---\n{facts}\n---\nI went to the shop. It was open.\n")
