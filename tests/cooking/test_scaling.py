"""Recipes for another number of servings."""

import copy
import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.cooking.ingredients import parse
from app.cooking.quantities import MAX_QUANTITY, exact, number
from app.cooking.scaling import scale, scale_text
from app.ops.first_data import RECIPES
from tests.costs import calls_of
from tests.documents import DEFAULTS, WHOLE

# How quick the machine is does not matter.
at_leisure = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

F = Fraction


def _recipe(*lines: str, servings: float | None = 2, **members: Any) -> dict[str, Any]:
    ingredients = [parse(line) for line in lines]
    return {**DEFAULTS, "servings": servings, "ingredients": ingredients, **members}


# --- The line ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "factor", "scaled"),
    [
        ("1 ½ cups milk", 2, "3 cups milk"),
        ("1 cup milk", F(3, 2), "1 ½ cup milk"),
        ("1 1/2 cups milk", F(1, 2), "¾ cups milk"),
        ("1½ cups milk", 3, "4 ½ cups milk"),
        ("3 cups milk", F(1, 9), "⅓ cups milk"),
        ("1 cup milk", F(1, 7), "0.143 cup milk"),
        ("2-3 cloves garlic", 2, "4-6 cloves garlic"),
        ("2–3 cloves garlic", F(1, 2), "1–1 ½ cloves garlic"),
        ("2 to 3 cloves garlic", 2, "4 to 6 cloves garlic"),
        ("2 bis 3 Zehen Knoblauch", 2, "4 bis 6 Zehen Knoblauch"),
        ("100 g – 150 g sugar", 2, "200 g – 300 g sugar"),
        ("200g flour", 2, "400g flour"),
        ("1l milk", F(3, 2), "1½l milk"),
        ("250 g butter", F(1, 3), "83.3 g butter"),
        ("1,000 g flour", 2, "2000 g flour"),
        ("0.5 l stock", 3, "1.5 l stock"),
        ("1,5 l Wasser", F(3, 2), "2,25 l Wasser"),
        ("1,25 l Wasser", F(3, 2), "1,88 l Wasser"),
        ("0.3333333333 cup oil", 3, "1 cup oil"),
        # Sizes stay, and so do numbers in the food, in notes and in words.
        ("1 (14 oz) can tomatoes", 2, "2 (14 oz) can tomatoes"),
        ("1 can (14 oz) tomatoes", 2, "2 can (14 oz) tomatoes"),
        ("1 x 400g can tomatoes", 2, "2 x 400g can tomatoes"),
        ("2 14-oz cans tomatoes", 2, "4 14-oz cans tomatoes"),
        ("1 onion (200 g)", 2, "2 onion (200 g)"),
        ("500 g 00 flour", 2, "1000 g 00 flour"),
        ("100 g 80% chocolate", 2, "200 g 80% chocolate"),
        ("1 egg, 2 if small", 2, "2 egg, 2 if small"),
        ("7up", 2, "7up"),
        ("00 flour", 2, "00 flour"),
        ("80% chocolate", 2, "80% chocolate"),
        ("five-spice powder", 2, "five-spice powder"),
        # A size without a number is that of one.
        ("2-inch piece ginger", 2, "2 x 2-inch piece ginger"),
        ("15-ounce can chickpeas", F(3, 2), "1 ½ x 15-ounce can chickpeas"),
        ("400 g tin lentils", 2, "2 x 400 g tin lentils"),
        ('8" flour tortillas', 2, '8" flour tortillas'),
        ("5cm/2in piece ginger", 2, "2 x 5cm/2in piece ginger"),
        ("1 x 400g/14oz can tomatoes", 2, "2 x 400g/14oz can tomatoes"),
        ("salt and pepper to taste", 2, "salt and pepper to taste"),
        ("a little salt", 2, "a little salt"),
        ("", 2, ""),
        # The same amount in another unit does not.
        ("1 cup (240 ml) milk", 2, "2 cup (480 ml) milk"),
        ("1 cup whole 3,5% milk (240 ml)", 2, "2 cup whole 3,5% milk (480 ml)"),
        ("1 cup flour (120 g/4 oz)", 2, "2 cup flour (240 g/8 oz)"),
        ("1 cup beans, from a can (14 oz)", 2, "2 cup beans, from a can (14 oz)"),
        ("1 cup (240 ml; warm) milk", 2, "2 cup (240 ml; warm) milk"),
        ("1 kg/2 lb flour", 2, "2 kg/4 lb flour"),
        ("1 kg (about 2 lb/32 oz) flour", 2, "2 kg (about 4 lb/64 oz) flour"),
        ("1 cup plus 2 tbsp sugar", 2, "2 cup plus 4 tbsp sugar"),
        ("1 cup + 2 tbsp + 1 tsp sugar", 2, "2 cup + 4 tbsp + 2 tsp sugar"),
        ("1 lb 4 oz beef", 2, "2 lb 8 oz beef"),
        # Measures that are added or subtracted scale together.
        ("1 Tablespoon, 1 teaspoon cumin", 2, "2 Tablespoon, 2 teaspoon cumin"),
        ("1 cup minus 2 tablespoons flour", 2, "2 cup minus 4 tablespoons flour"),
        ("1 cup sugar plus 2 tbsp", 2, "2 cup sugar plus 4 tbsp"),
        ("1 cup sugar (200 g) plus 2 tbsp", 2, "2 cup sugar (400 g) plus 4 tbsp"),
        ("2 eggs plus 1 yolk", 2, "4 eggs plus 2 yolk"),
        ("1 tbsp oil plus 2 cm ginger", 2, "2 tbsp oil plus 2 cm ginger"),
        ("2 medium or 1 large onion", 2, "4 medium or 2 large onion"),
        ("1 can (14 or 15 oz) beans", 2, "2 can (14 or 15 oz) beans"),
        ("1 onion, cut in 4 or 5 wedges", 2, "2 onion, cut in 4 or 5 wedges"),
        ("2 slices, 1 cm thick", 2, "4 slices, 1 cm thick"),
        # Thousands.
        ("1.500 g Mehl", 2, "3.000 g Mehl"),
        ("1.500-2.000 ml Wasser", F(1, 2), "750-1.000 ml Wasser"),
        ("1.500 kg Mehl", 2, "3 kg Mehl"),
        ("1.5 g Hefe", 2, "3 g Hefe"),
        ("21.25g flour", F(3, 2), "31.9g flour"),  # It may stand behind the food.
        ("Flour 500 g", 2, "Flour 1000 g"),
        ("flour, 2 cups, sifted", F(1, 4), "flour, ½ cups, sifted"),
        ("Mehl (500 g), gesiebt", 2, "Mehl (1000 g), gesiebt"),
        ("Käse 30 % 200 g", 2, "Käse 30 % 400 g"),
        ("chicken (about 1-1 ½ kg)", 2, "chicken (about 2-3 kg)"),
        ("water (40 C)", 2, "water (40 C)"),
        ("ginger, 2 cm", 2, "ginger, 2 cm"),
        ("steak, 200 g each", 2, "steak, 200 g each"),
        # What precedes the amount stays as well.
        ("- about 2 cups rice", 2, "- about 4 cups rice"),
        ("Optional: 1 egg", 2, "Optional: 2 egg"),
        ("le jus d'un citron", 2, "le jus de 2 citron"),
        ("大さじ2 しょうゆ", 2, "大さじ4 しょうゆ"),
        ("juice of ½ lemon", 3, "juice of 1 ½ lemon"),
        ("a pinch of salt", 2, "2 pinch of salt"),
        ("half an onion", 3, "1 ½ onion"),
        ("one and a half cups milk", 2, "3 cups milk"),
        ("eine Prise Salz", 2, "2 Prise Salz"),
        ("２００ｇ flour", 2, "400ｇ flour"),
    ],
)
def test_the_amount_of_a_line_is_scaled(line: str, factor: Fraction, scaled: str) -> None:
    assert scale_text(line, F(factor)) == scaled


@pytest.mark.parametrize(
    ("text", "quantity", "scaled"),
    [
        ("Eier, und zwar 3, verquirlt", 3, "Eier, und zwar 6, verquirlt"),
        ("No. 5 sieve, ½ of it, or 7", 0.5, "No. 5 sieve, 1 of it, or 7"),
        ("eggs, 2-3 of them", 2, "eggs, 4-6 of them"),
        ("eggs", 2, "eggs"),
        ("2.5 stars, 5 of them", 5, "5 stars, 5 of them"),
    ],
)
def test_the_number_that_is_the_quantity_is_scaled(text: str, quantity: float, scaled: str) -> None:
    assert scale_text(text, F(2), quantity=quantity) == scaled


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (None, "37.5 g"),
        ("en-GB", "37.5 g"),
        ("de", "37,5 g"),
        ("fr-CA", "37,5 g"),
        ("DE", "37,5 g"),
    ],
)
def test_decimals_are_written_as_the_language_does(language: str | None, text: str) -> None:
    recipe = _recipe("75 g Zucker", language=language)
    assert scale(recipe, 1)["ingredients"][0]["text"] == text + " Zucker"


# --- The recipe ----------------------------------------------------------------------------------


def test_a_recipe_is_scaled() -> None:
    recipe = _recipe(
        "1 ½ cups flour (180 g), sifted",
        "2-3 eggs",
        "salt to taste",
        "2 (14 oz) cans beans",
        servings=4,
        yield_text="12 cookies",
        nutrition=WHOLE["nutrition"],
        steps=WHOLE["steps"],
        notes="For 4 people.",
    )
    before = copy.deepcopy(recipe)
    scaled = scale(recipe, 6)
    assert recipe == before
    assert [each["text"] for each in scaled["ingredients"]] == [
        "2 ¼ cups flour (270 g), sifted",
        "3-4 ½ eggs",
        "salt to taste",
        "3 (14 oz) cans beans",
    ]
    assert [
        (each["quantity"], each["quantity_max"], each["note"]) for each in scaled["ingredients"]
    ] == [
        (2.25, None, "270 g, sifted"),
        (3, 4.5, None),
        (None, None, "to taste"),
        (3, None, "14 oz"),
    ]
    assert repr(scaled["ingredients"][1]["quantity"]) == "3"
    assert (scaled["servings"], scaled["yield_text"]) == (6, "18 cookies")
    changed = {"ingredients", "servings", "yield_text"}
    assert {name for name in recipe if recipe[name] != scaled[name]} == changed


def test_a_quantity_without_an_amount_in_the_line_is_scaled() -> None:
    ingredient = parse("Butter, melted") | {"quantity": 100, "quantity_max": 150, "note": "2 tbsp"}
    scaled = scale(_recipe(ingredients=[ingredient]), 3)["ingredients"][0]
    assert scaled == ingredient | {"quantity": 150, "quantity_max": 225}


@pytest.mark.parametrize(
    ("text", "scaled"),
    [
        ("12 cookies", "18 cookies"),
        ("4-6 people", "6-9 people"),
        ("about 3 litres", "about 4 ½ litres"),
        ("2 9-inch pies", "3 9-inch pies"),
        ("makes 12", "makes 12"),
        (None, None),
    ],
)
def test_the_yield_is_scaled(text: str | None, scaled: str | None) -> None:
    assert scale(_recipe(yield_text=text), 3)["yield_text"] == scaled


def test_scaling_to_the_stored_servings_changes_nothing() -> None:
    recipe = {**WHOLE, "ingredients": [parse("1 1/2 cups milk")]}
    assert scale(recipe, 4.5) == recipe
    assert scale(recipe, F(9, 2)) == recipe


@pytest.mark.parametrize("servings", [None, 0])
def test_a_recipe_without_servings_cannot_be_scaled(servings: int | None) -> None:
    with pytest.raises(ValueError, match="how many it serves"):
        scale(_recipe("1 egg", servings=servings), 4)


@pytest.mark.parametrize("servings", [0, -1, F(-1, 3), MAX_QUANTITY + 1, math.nan, math.inf])
def test_servings_are_bounded(servings: float) -> None:
    with pytest.raises(ValueError, match="servings"):
        scale(_recipe("1 egg"), servings)


@pytest.mark.parametrize("piece", ["1 - ", "1 g ", "a 1/3 ", "(1 g ", "a, 1.5 "])
def test_a_long_line_costs_little_to_scale(piece: str) -> None:
    line = ("a " + piece * 1000)[:1000]
    hostile = _recipe(line) | {"yield_text": line[:256]}
    hostile["ingredients"][0] |= {"quantity": 7.77}
    ordinary = _recipe("1 ½ cups of milk (or cream), warm")
    assert calls_of(scale, hostile, 3.7) < 20 * calls_of(scale, ordinary, 3.7)


def test_quantities_are_bounded() -> None:
    recipe = _recipe("1000000000 g salt")
    assert scale(recipe, 1)["ingredients"][0]["quantity"] == MAX_QUANTITY // 2
    with pytest.raises(ValueError, match="quantity"):
        scale(recipe, 2.5)
    # The least and the most servings that a document may hold.
    with pytest.raises(ValueError, match="quantity"):
        scale(_recipe("1 g salt", servings=5e-324), MAX_QUANTITY)
    assert scale(_recipe("1 g salt", servings=MAX_QUANTITY), 5e-324)["servings"] == 5e-324


# --- There and back ------------------------------------------------------------------------------

quantities = st.fractions(0, 100_000, max_denominator=1000)
servings = st.fractions(F(1, 10), 1000, max_denominator=1000)
whole_servings = st.integers(1, 1000).map(F)


def _there_and_back(recipe: dict[str, Any], wanted: Fraction) -> dict[str, Any]:
    return scale(scale(recipe, wanted), exact(recipe["servings"]))


@at_leisure
@given(st.lists(quantities, max_size=3), whole_servings, whole_servings)
def test_scaling_there_and_back_is_the_identity(
    values: list[Fraction], stored: Fraction, wanted: Fraction
) -> None:
    ingredients = [
        parse("flour") | {"quantity": number(value), "quantity_max": number(2 * value)}
        for value in values
    ]
    recipe = _recipe(ingredients=ingredients, servings=number(stored))
    back = _there_and_back(recipe, wanted)
    assert back["servings"] == recipe["servings"]
    for value, ingredient in zip(values, back["ingredients"], strict=True):
        assert exact(ingredient["quantity"]) == value
        assert exact(ingredient["quantity_max"]) == 2 * value


@at_leisure
@given(quantities, servings, servings)
def test_scaling_is_exact(value: Fraction, stored: Fraction, wanted: Fraction) -> None:
    recipe = _recipe(
        ingredients=[parse("flour") | {"quantity": number(value)}], servings=number(stored)
    )
    scaled = scale(recipe, wanted)["ingredients"][0]["quantity"]
    assert scaled == number(value * wanted / stored)


@pytest.mark.parametrize("wanted", [F(1), F(3), F(7), F(13), F(5, 2), F(1000)])
def test_the_first_recipes_scale_back(wanted: Fraction) -> None:
    scaled = 0
    for recipe in RECIPES:
        lines = [
            {**parse(each["text"]), **each} if isinstance(each, dict) else parse(each)
            for each in recipe.get("ingredients", [])
        ]
        whole = {**DEFAULTS, **recipe, "ingredients": lines}
        if whole["servings"]:
            for before, after in zip(
                lines, _there_and_back(whole, wanted)["ingredients"], strict=True
            ):
                for member in ("quantity", "quantity_max"):
                    assert (before[member] is None) == (after[member] is None)
                    if before[member] is not None:
                        assert exact(after[member]) == exact(before[member])
                        scaled += 1
    assert scaled > 100


@at_leisure
@given(
    st.fractions(F(1, 8), 100, max_denominator=8),
    st.sampled_from(["{} cups milk", "{}g flour", "- about {} kg/2 lb rice", "{}-200 eggs"]),
    st.sampled_from([F(1, 2), F(2), F(3, 2), F(4, 3), F(10)]),
)
def test_the_scaled_line_says_the_scaled_quantity(
    value: Fraction, line: str, factor: Fraction
) -> None:
    ingredient = parse(line.format(value))
    scaled = parse(scale_text(ingredient["text"], factor))
    for member in ("quantity", "quantity_max"):
        if ingredient[member] is not None:
            # Three digits of it where no usual fraction is exact.
            assert scaled[member] == pytest.approx(ingredient[member] * float(factor), rel=5e-3)
    for member in ("unit", "food"):
        assert scaled[member] == ingredient[member]


@at_leisure
@given(st.text(), st.fractions(F(1, 1000), 1000, max_denominator=1000))
def test_any_text_can_be_scaled(text: str, factor: Fraction) -> None:
    scale_text(text, factor)
