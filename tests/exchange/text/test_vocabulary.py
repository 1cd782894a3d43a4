"""The headings of pasted recipes, in the languages that people write."""

import pytest

from app.exchange.text.vocabulary import Heading, heading_of


@pytest.mark.parametrize(
    ("part", "lines"),
    [
        (
            "ingredients",
            "Ingredients; RECIPE INGREDIENTS; You'll need; Zutaten:; Ingrédients; Ingredienser"
            "; Ingrediënten; Składniki; Suroviny; Ингредиенты; 材料",
        ),
        (
            "steps",
            "Method; PREPARATION STEPS; Recipe Preparation; Step by step; Zubereitung; Préparation"
            "; Fremgangsmåte; Slik gjør du; Gör så här; Bereidingswijze; Modo de preparo"
            "; Sposób przygotowania; Postup; Приготовление; 作り方",
        ),
        ("notes", "Notes; Recipe notes; Tipps; Opmerkingen; Dicas; Uwagi"),
        ("nutrition", "Nutrition facts; NUTRITIONAL INFO; Nährwerte; Näringsvärde"),
    ],
)
def test_a_heading_names_a_part(part: str, lines: str) -> None:
    for line in lines.split("; "):
        assert heading_of(line) == Heading(part), line


@pytest.mark.parametrize(
    "line", ["Step aside", "Preparation time: 5 min", "Bake by step", "2 cups notes", "Postup 2 g"]
)
def test_other_lines_name_no_part(line: str) -> None:
    assert heading_of(line) is None


def test_the_people_follow_the_ingredients() -> None:
    assert heading_of("Ingredienser (4 porsjoner)") == Heading("ingredients", "4 porsjoner")
