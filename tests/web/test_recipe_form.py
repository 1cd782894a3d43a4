"""A recipe as form fields: what was not changed stays, and typed text is read."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cooking.ingredients import parse, parse_lines
from app.core.errors import InvalidError
from app.schemas.recipe import RecipeDocument
from app.web.recipe_form import BLANK, FIELDS, document_of, form_of
from app.web.recipe_form_lines import INGREDIENTS, STEPS
from app.web.visit import by_field
from tests import strategies
from tests.costs import assert_linear
from tests.documents import ODD, WHOLE

# Texts and headings that look like each other, which is what can go wrong.
odd_texts = st.text("ab:#[]\\-\n ,1", min_size=1, max_size=8).filter(lambda text: text.strip())
odd_names = st.none() | st.text("ab:#[]\\-\n ", max_size=5)
odd_members = st.fixed_dictionaries({"text": odd_texts, "section": odd_names})
odd_tags = st.fixed_dictionaries({"kind": st.sampled_from(["keyword", "tool"]), "name": odd_texts})
odd_documents = st.fixed_dictionaries(
    {
        "label": odd_texts,
        "ingredients": st.lists(odd_members, max_size=5),
        "steps": st.lists(odd_members, max_size=5),
        "tags": st.lists(odd_tags, max_size=5),
    }
)
documents = st.sampled_from([*ODD.values()]) | strategies.documents | odd_documents


def stored(document: dict[str, Any]) -> dict[str, Any]:
    return RecipeDocument.model_validate(document).model_dump()


def made_of(form: dict[str, str], before: dict[str, Any] | None = None) -> dict[str, Any]:
    return document_of(form, before).model_dump()


def typed(**texts: str) -> dict[str, Any]:
    """The document of a new recipe whose fields have these texts."""
    return made_of({**form_of(BLANK), "label": "Cake", **texts})


def refused(**texts: str) -> dict[str, list[str]]:
    """What is told at the fields of a new recipe."""
    with pytest.raises(InvalidError) as raised:
        typed(**texts)
    return by_field(raised.value.faults)


# --- Round trips ---------------------------------------------------------------------------------


@given(document=documents)
@strategies.EXPLORE
def test_an_unchanged_form_is_the_document(document: dict[str, Any]) -> None:
    before = stored(document)
    form = form_of(before)
    assert list(form) == list(FIELDS)
    assert made_of(form, before) == before


@given(document=documents)
@strategies.EXPLORE
def test_what_is_changed_changes_nothing_else(document: dict[str, Any]) -> None:
    before = stored(document)
    form = form_of(before)
    changes = {
        "ingredients": f"{form['ingredients']}\n---\n1 egg",
        "steps": f"{form['steps']}\n\n---\n\nServe.",
        "tool": f"{form['tool']}, whisk, q",
        "description": "Other.",
    }
    after = made_of({**form, **changes}, before)
    assert after["ingredients"] == [*before["ingredients"], parse("1 egg")]
    assert after.pop("steps") == [*before["steps"], stored_step("Serve.")]
    more = [tag for tag in after["tags"] if tag not in before["tags"]]
    assert after["tags"] == before["tags"] + more
    unchanged = before.keys() - {"ingredients", "steps", "tags", "description"}
    assert {name: after[name] for name in unchanged} == {name: before[name] for name in unchanged}


def stored_step(text: str, section: str | None = None) -> dict[str, Any]:
    return {"text": text, "section": section, "name": None, "minutes": None}


@given(document=odd_documents)
@strategies.EXPLORE
def test_all_of_the_text_is_in_the_form(document: dict[str, Any]) -> None:
    # Headings without a letter are known only by what is stored.
    for each in document["ingredients"]:
        each["section"] = each["section"] and f"a{each['section']}"
    before = stored(document | {"steps": [each["text"] for each in document["ingredients"]]})
    after = made_of(form_of(before) | {"steps": form_of(before)["steps"] + "\n\n---\n\nServe."})
    assert words(after["ingredients"], "text") == words(before["ingredients"], "text")
    assert words(after["steps"], "text") == [*words(before["steps"], "text"), ["Serve."]]
    assert {*map(str, words(after["tags"], "name"))} == {*map(str, words(before["tags"], "name"))}


def words(members: list[dict[str, str]], name: str) -> list[list[str]]:
    """The words of each, since white space at the ends of lines is not kept."""
    return [each[name].split() for each in members]


def test_a_form_is_for_people() -> None:
    form = form_of(stored(WHOLE))
    assert form["ingredients"] == ("Custard:\n1 ½–2 cups cream, cold\n\n---\na little orange zest")
    assert form["steps"] == "Custard:\n\nWhisk.\n\n---\n\nBake,\n\tthen cool."
    assert [form[f"{name}_minutes"] for name in ("prep", "total")] == ["20 min", "4 h 5 min"]
    assert (form["servings"], form["carbohydrate_g"], form["fiber_g"]) == ("4.5", "28.25", "0")
    assert (form["cuisine"], form["category"], form["keyword"]) == ("French", "Dessert", "🍮")


# --- Lines ---------------------------------------------------------------------------------------


def test_a_line_that_is_not_changed_keeps_what_the_form_does_not_show() -> None:
    line = parse("2 eggs, beaten") | {"quantity": 3, "optional": True, "section": "Cake"}
    step = {"text": "Mix.", "section": None, "name": "The base", "minutes": 5}
    before = stored({"label": "Cake", "ingredients": [line, line], "steps": [step]})
    form = form_of(before)
    form["ingredients"] = "1 cup milk\n2 eggs, beaten\n\nCake:\n3 eggs\n2 eggs, beaten"
    form["steps"] = "Heat.\n\nFor later:\nMix."
    after = made_of(form, before)
    assert after["ingredients"] == [
        parse("1 cup milk"),
        line | {"section": None},
        parse("3 eggs") | {"section": "Cake"},
        line,
    ]
    assert after["steps"] == [stored_step("Heat."), step | {"section": "For later"}]


@pytest.mark.parametrize(
    "lines",
    [
        "For the sauce:\n1 onion\n\n## Cake\n200 g flour:\n1 egg",
        "1 egg\nTo serve:\nMeanwhile:\n[Salad]\n1 lettuce",
        "Sauce :\n1 onion\nFür den Teig：\nMehl",
    ],
)
def test_headings_of_ingredients_are_those_of_the_api(lines: str) -> None:
    assert typed(ingredients=lines)["ingredients"] == parse_lines(lines.split("\n"))


def test_a_backslash_takes_a_line_as_it_is() -> None:
    found = typed(ingredients="\\Sauce:\n\\---\n\\\\x", steps="\\Sauce:\n\\\nMix.\n\n\\# 1\n\\- 2")
    assert [each["text"] for each in found["ingredients"]] == ["Sauce:", "---", "\\x"]
    assert [each["text"] for each in found["steps"]] == ["Sauce:\n\nMix.", "# 1\n- 2"]


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("Mix.\nBake.", [(None, "Mix."), (None, "Bake.")]),
        ("Mix\nwell.\n \nBake.", [(None, "Mix\nwell."), (None, "Bake.")]),
        ("Dough:\nMix.\nBake.", [("Dough", "Mix."), ("Dough", "Bake.")]),
        ("Dough:\nMix.\n\n---\nBake.", [("Dough", "Mix."), (None, "Bake.")]),
        ("Mix.\n\nAt last:", [(None, "Mix."), (None, "At last:")]),
        ("Dough:\nCake:\n\nMix.", [(None, "Dough:"), ("Cake", "Mix.")]),
        ("\n\n", []),
    ],
)
def test_steps_are_lines_or_paragraphs(text: str, steps: list[tuple[str | None, str]]) -> None:
    assert [(each["section"], each["text"]) for each in typed(steps=text)["steps"]] == steps


def test_a_line_that_is_amended_keeps_what_the_form_does_not_show() -> None:
    before = stored(
        {
            "label": "Ragù",
            "ingredients": [{"text": "a little fresh nutmeg", "optional": True}, "salt"],
            "steps": [
                {"text": "Chop the onions finly.", "name": "The onions", "minutes": 5},
                {"text": "Fry them gently for 10 minutes.", "name": "Frying", "minutes": 10},
                {"text": "Serve with bread.", "name": "At last", "minutes": 1},
            ],
        }
    )
    texts = form_of(before)
    texts["ingredients"] = "a little nutmeg\nsalt"
    texts["steps"] = "\n".join(
        ["Wash your hands.", "Chop the onions finely.", "Fry them gently for 15 minutes.", "Rest."]
    )
    after = made_of(texts, before)
    assert [each["optional"] for each in after["ingredients"]] == [True, False]
    told = [(each["text"].split()[0], each["name"], each["minutes"]) for each in after["steps"]]
    # What says another number takes another time, and what is new was nothing before.
    assert told == [
        *(("Wash", None, None), ("Chop", "The onions", 5), ("Fry", "Frying", None)),
        ("Rest.", None, None),
    ]


def test_a_line_that_ends_a_section_is_no_text() -> None:
    made = typed(ingredients="For the sauce:\n1 egg\n---", steps="---\nStir.\n---")
    assert [(each["section"], each["text"]) for each in made["ingredients"]] == [
        ("For the sauce", "1 egg")
    ]
    assert [each["text"] for each in made["steps"]] == ["Stir."]


def amended(before: list[str], after: str) -> list[bool]:
    """Of each ingredient after a change of the field, whether it is still optional."""
    lines = [{"text": text, "optional": True} for text in before]
    recipe = stored({"label": "Soup", "ingredients": lines})
    texts = form_of(recipe) | {"ingredients": after}
    return [each["optional"] for each in made_of(texts, recipe)["ingredients"]]


def test_a_line_is_amended_if_most_of_its_words_are_the_same() -> None:
    before = ["red wine vinegar"]
    assert amended(before, "white wine vinegar") == [True]
    assert amended(before, "white rice vinegar") == [False]
    # Half of the words are not most of them, whichever line is longer.
    assert amended(["red wine"], "white wine") == [False]
    assert amended(["wine"], "white wine or some grape juice") == [False]
    assert amended(["white wine or some grape juice"], "wine") == [False]


def test_amended_lines_are_found_in_their_order_and_nearby() -> None:
    before = [f"one small spice {number}" for number in range(12)]
    assert amended([*before[:9], "white pepper corns"], "white pepper") == [True]
    assert amended([*before[:11], "white pepper corns"], "white pepper") == [False]
    # A line before the one that was amended is not found any more.
    assert amended(["fresh green basil", "dry red chillies"], "dry chillies\ngreen basil") == [
        True,
        False,
    ]


# --- Other fields --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"), [("4", 4), ("4.5", 4.5), ("1,5", 1.5), ("1 ½", 1.5), ("", None)]
)
def test_numbers_are_read_as_people_write_them(text: str, value: float | None) -> None:
    found = typed(servings=text, fat_g=text)
    assert found["servings"] == value
    assert (found["nutrition"] or {"fat_g": None})["fat_g"] == value


@pytest.mark.parametrize(
    ("text", "value"), [("45", 45), ("1 h 30 min", 90), ("1:30", 90), ("0", 0), ("", None)]
)
def test_times_are_read_as_people_write_them(text: str, value: int | None) -> None:
    assert typed(prep_minutes=text)["prep_minutes"] == value


def test_the_total_follows_from_its_parts_until_it_is_another() -> None:
    before = stored({"label": "Cake", "prep_minutes": 20, "cook_minutes": 40})
    form = form_of(before)
    assert form["total_minutes"] == "1 h"
    assert made_of(form | {"prep_minutes": "30"}, before)["total_minutes"] == 70
    assert made_of(form | {"prep_minutes": ""}, before)["total_minutes"] is None
    assert made_of(form | {"total_minutes": "2 h"}, before)["total_minutes"] == 120
    resting = stored({**before, "total_minutes": 300})
    changed = form_of(resting) | {"prep_minutes": "30"}
    assert made_of(changed, resting)["total_minutes"] == 300


def test_what_is_emptied_is_gone() -> None:
    before = stored(WHOLE)
    emptied = made_of(dict.fromkeys(FIELDS, "") | {"label": "x", "visibility": "private"}, before)
    assert emptied == {**BLANK, "label": "x", "visibility": "private", "extras": WHOLE["extras"]}


def test_tags_are_named_with_commas_between_them() -> None:
    found = typed(keyword=" quick,, sweet\\, sour , Quick", cuisine="Thai")
    assert found["tags"] == [
        {"kind": "keyword", "name": "quick"},
        {"kind": "keyword", "name": "sweet, sour"},
        {"kind": "cuisine", "name": "Thai"},
    ]


# --- What is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        ("label", "", "must not be empty"),
        ("label", "x" * 257, "at most 256"),
        ("url", "javascript:alert(1)", "must be an http or https URL"),
        ("language", "klingon!", "such as en or pt-BR"),
        ("servings", "some", "must be a number"),
        ("servings", "2-3", "must be a number"),
        ("servings", "0", "greater than 0"),
        ("servings", "1" * 10_000, "must be a number"),
        ("prep_minutes", "a while", "must be a time"),
        ("cook_minutes", "1" * 100_000, "must be a time"),
        ("fat_g", "lots", "must be a number"),
        ("visibility", "secret", "must be 'public'"),
        ("keyword", ", ".join(map(str, range(101))), "at most 100"),
        ("tool", f"whisk, {'x' * 101}", "at most 100"),
        ("ingredients", "\n".join(map(str, range(501))), "must have at most 500"),
        ("ingredients", f"1 egg\n\nCake:\n{'x' * 1001}", "Line 4: must have at most 1000"),
        ("steps", f"Mix.\n\nBake.\n\n{'x' * 10_001}", "Line 5: must have at most 10000"),
        ("steps", f"Mix.\n\nFor the icing:\n{'x' * 10_001}", "Line 4: must have at most 10000"),
        ("steps", "Mix.\n\nBa\x07ke.", "Line 3: control characters"),
        ("notes", "x" * 50_001, "at most 50000"),
    ],
)
def test_errors_are_shown_at_their_field(field: str, text: str, told: str) -> None:
    errors = refused(**{field: text})
    assert errors.keys() == {field}
    assert told in errors[field][0]


def test_all_errors_are_shown_at_once() -> None:
    assert refused(label="", servings="x", url="y", ingredients="x" * 2000).keys() == {
        "label",
        "servings",
        "url",
        "ingredients",
    }
    assert refused(steps="\n\n".join(["x" * 9000] * 80)).keys() == {""}  # The whole is too large.


def test_of_too_much_only_as_much_is_read_as_tells_it() -> None:
    assert len(INGREDIENTS.read("a:\n" * 100_000, [])) == 501
    assert len(STEPS.read("Mix.\n\n" * 100_000, [])) == 301


# --- Long forms ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "piece", ["---\n", "a:\n", "# a\n", "a\n\n", "\\\n", "1 g \n", "\\# a\n---\n"]
)
def test_time_grows_with_the_length_alone(piece: str) -> None:
    def read(size: int) -> None:
        text = "a\n\n" + piece * (size // len(piece))
        for blocks in (INGREDIENTS, STEPS):
            assert len(blocks.read(text, [])) <= 501

    assert_linear(read, 1_000_000, smallest=20_000)


def test_more_than_a_recipe_may_have_is_refused() -> None:
    for name in ("ingredients", "steps"):
        assert refused(**{name: "---\n" * 300_000}) == {name: ["is too long"]}
