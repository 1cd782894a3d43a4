"""The differences between two versions of a recipe, found in bounded work."""

import copy
from math import isqrt
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.web.differences import MAX_CELLS, Difference, Line, Match, differences, in_full, matches
from tests.documents import DEFAULTS, WHOLE

BARE = DEFAULTS | {"label": "Soup"}


def said(lines: list[Line]) -> list[str]:
    """Lines in which -removed- and +added+ is marked; # is of a heading, ~ of what is left out."""
    marks = {"same": "{}", "removed": "-{}-", "added": "+{}+"}
    return [
        f"~{line.left_out}"
        if line.left_out
        else "# " * line.is_heading
        + "".join(marks[run.status].format(run.text) for run in line.runs)
        for line in lines
    ]


def changed(**members: Any) -> dict[str, list[str]]:
    """What is told of a whole recipe in which these members are others."""
    new = copy.deepcopy(WHOLE) | members
    return {each.name: said(each.merged) for each in differences(WHOLE, new)}


def test_equal_members_are_not_shown() -> None:
    assert changed() == {}


def test_values_are_readable_and_in_reading_order() -> None:
    found = changed(
        visibility="private",
        servings=6,
        total_minutes=90,
        label="Crème brûlée au citron",
        description=None,
        tags=[{"kind": "diet", "name": "Vegan"}, *WHOLE["tags"]],
        nutrition=WHOLE["nutrition"] | {"fat_g": 31},
        language=None,
    )
    assert found == {
        "Title": ["Crème brûlée -à l’orange-+au citron+"],
        "Description": ["-Custard under a lid of caramel.-", "-Made the day before.-"],
        "Language": ["-fr-CA-"],
        "Total time": ["-4 h 5 min- +1 h 30 min+"],
        "Serves": ["-4 ½- +6+"],
        "Tags": ["+Diet: Vegan+", "Cuisine: French", "Category: Dessert", "Keyword: 🍮"],
        "Nutrition": [
            "Serving: 1 ramekin",
            "Calories: 410 kcal",
            "Fat: -30.5-+31+ g",
            "Saturated fat: 18 g",
            "Cholesterol: 310 mg",
            "~5",
        ],
        "Visible to": ["-anyone with the link- +the owner alone+"],
    }


def test_ingredients_and_steps_are_compared_by_line() -> None:
    zest = WHOLE["ingredients"][1]
    found = changed(
        ingredients=[
            WHOLE["ingredients"][0] | {"text": "1 ½–2 cups heavy cream, cold"},
            {**zest, "text": "3 eggs", "optional": False, "section": "Custard"},
            {**zest, "optional": False},
        ],
        steps=[{**WHOLE["steps"][0], "name": None, "minutes": 10}, WHOLE["steps"][1]],
    )
    assert found == {
        "Ingredients": [
            "# Custard",
            "1 ½–2 cups +heavy +cream, cold",
            "+3 eggs+",
            "# Without a heading",
            "a little orange zest- (optional)-",
        ],
        "Method": [
            "# Custard",
            "-The base: -Whisk. (-5-+10+ min)",
            "# Without a heading",
            "Bake,\n\tthen cool.",
        ],
    }


def test_members_that_no_page_shows_are_shown_as_stored() -> None:
    cream, zest = WHOLE["ingredients"]
    assert changed(ingredients=[cream | {"food": "double cream"}, zest]) == {
        "Ingredients": [
            "text: 1 ½–2 cups cream, cold, section: Custard, quantity: 1.5, quantity_max: 2,"
            " unit: cup, food: +double +cream, note: cold, optional: false",
            "text: a little orange zest, section: null, quantity: null, quantity_max: null,"
            " unit: null, food: null, note: null, optional: true",
        ]
    }
    assert changed(description=WHOLE["description"].replace("\n", "\n\n")).keys() == {"Description"}
    little_more = changed(nutrition=WHOLE["nutrition"] | {"fat_g": 30.501})
    assert "fat_g: -30.5-+30.501+" in little_more["Nutrition"]
    assert changed(extras={"a": [1]})["Other data"][-1] == "+a: [1]+"


def test_of_much_that_is_the_same_a_little_is_shown() -> None:
    old = [{"text": f"{number} g of this"} for number in range(100)]
    new = [*old[:40], {"text": "salt"}, *old[40:70], *old[71:]]
    (found,) = differences(BARE | {"ingredients": old}, BARE | {"ingredients": new})
    assert said(found.merged) == [
        "~38",
        *("38 g of this", "39 g of this", "+salt+", "40 g of this", "41 g of this"),
        "~26",
        *("68 g of this", "69 g of this", "-70 g of this-", "71 g of this", "72 g of this"),
        "~27",
    ]
    assert "+salt+" in said(found.new)
    assert "+salt+" not in said(found.old)
    assert "-70 g of this-" in said(found.old)


def test_a_whole_recipe_reads_in_the_same_form() -> None:
    parts = in_full(WHOLE)
    assert [part.name for part in parts][:2] == ["Title", "Description"]
    assert all(run.status == "same" for part in parts for line in part.merged for run in line.runs)
    texts = " ".join(text for part in parts for text in said(part.merged))
    for member in (*WHOLE["ingredients"], *WHOLE["steps"]):
        assert member["text"] in texts


# --- Both versions are in what is told, and nothing else -----------------------------------------

words = st.lists(st.sampled_from(["flour", "2", " ", "cups", ",", "砂", "\n", "of"]), max_size=30)


def side(difference: Difference, status: str) -> list[str]:
    lines = difference.old if status == "removed" else difference.new
    return ["".join(run.text for run in line.runs) for line in lines]


@given(old=words, new=words)
def test_each_version_can_be_read_out_of_the_difference(old: list[str], new: list[str]) -> None:
    texts = ["".join(old), "".join(new)]
    for difference in differences(BARE | {"notes": texts[0]}, BARE | {"notes": texts[1]}):
        for text, status in zip(texts, ("removed", "added"), strict=True):
            lines = [line for line in text.split("\n") if line.strip()]
            shown = side(difference, status)
            if not any(line.left_out for line in difference.merged) and shown != [text]:
                assert shown == lines


def test_lines_with_too_many_changes_are_shown_as_replaced() -> None:
    notes = ["\n".join(f"{k} {i} {i * 7 % 13}" for i in range(5000)) for k in "ab"]
    (found,) = differences(BARE | {"notes": notes[0]}, BARE | {"notes": notes[1]})
    assert len(found.merged) == 10_000
    assert {len(line.runs) for line in found.merged} == {1}


# --- What two sequences have in common -----------------------------------------------------------


def test_what_both_have_stays_where_it_is() -> None:
    old, new = ["salt", "the", "red", "soup"], ["cook", "the", "green", "soup"]
    assert matches(old, new) == [(1, 1, 1), (3, 3, 1), (4, 4, 0)]
    assert matches("", "abc") == [(0, 3, 0)]
    assert matches("abc", "abc") == [(0, 0, 3), (3, 3, 0)]


@given(st.lists(st.integers(0, 9), max_size=40), st.lists(st.integers(0, 9), max_size=40))
def test_matches_are_the_same_in_both_and_in_order(old: list[int], new: list[int]) -> None:
    i = j = 0
    found = matches(old, new)
    for match in found[:-1]:
        assert match.size > 0
        assert match.old >= i
        assert match.new >= j
        i, j = match.old + match.size, match.new + match.size
        assert old[match.old : i] == new[match.new : j]
    assert found[-1] == (len(old), len(new), 0)
    assert (len(found) > 1) == bool(set(old) & set(new))


def test_what_is_too_long_has_nothing_in_common() -> None:
    size = isqrt(MAX_CELLS) + 1
    assert matches(["a"] * size, ["a"] * size) == [Match(size, size, 0)]
    assert len(matches(["a"] * 1000, ["b", "a"] * 1000)) > 1
