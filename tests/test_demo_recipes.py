"""What sample recipes are like; measurements of large collections rely on it."""

import json
import re
from collections import Counter
from itertools import islice
from typing import Any

import pytest

from app.cooking.ingredients import parse
from app.schemas.recipe import RecipeCreate, RecipeDocument
from benchmarks.demo.recipes import demo_recipes
from benchmarks.demo.words import PLACES, place

SOME = 400
MANY = 5_000


@pytest.fixture(scope="module")
def many() -> list[dict[str, Any]]:
    return list(demo_recipes(MANY, 1))


def share(many: list[dict[str, Any]], member: str, value: object) -> float:
    return [document[member] for document in many].count(value) / len(many)


def words(documents: list[dict[str, Any]]) -> set[str]:
    """All words of labels and ingredients, which is what people look for."""
    texts = [document["label"] for document in documents]
    texts += [part["text"] for document in documents for part in document["ingredients"]]
    return {word for text in texts for word in re.findall(r"\w+", text.casefold())}


def test_a_recipe_is_as_complete_as_one_that_a_client_has_sent() -> None:
    for document in demo_recipes(SOME, 2):
        accepted = RecipeCreate.model_validate(document).model_dump(
            include=set(RecipeDocument.model_fields)
        )
        # As text, because the order of the members and the kinds of the numbers count too.
        assert json.dumps(document) == json.dumps(accepted)


def test_ingredients_are_what_the_parser_makes_of_their_lines() -> None:
    lines = {
        (part["text"], part["section"]): part
        for document in demo_recipes(SOME, 3)
        for part in document["ingredients"]
    }
    assert len(lines) > SOME
    for (text, section), part in lines.items():
        assert part == parse(text) | {"section": section}


def test_a_seed_gives_the_same_recipes_however_many_are_asked_for() -> None:
    first = list(demo_recipes(50, 4))
    assert first == list(islice(demo_recipes(10**9, 4), 50))
    assert first != list(demo_recipes(50, 5))
    assert list(demo_recipes(0, 4)) == []


def test_recipes_have_the_parts_that_people_give_them(many: list[dict[str, Any]]) -> None:
    for document in many:
        assert 5 <= len(document["ingredients"]) <= 14
        assert 3 <= len(document["steps"]) <= 7
        assert 2 <= len(document["tags"]) <= 6
        assert document["url"] is None or re.fullmatch(
            r"https://[a-z-]+\.example\.(com|org)/recipes/\d+", document["url"]
        )
    assert {tag["kind"] for document in many for tag in document["tags"]} == {
        "keyword", "category", "cuisine", "diet", "tool", "method"
    }  # fmt: skip
    for part in ("ingredients", "steps"):
        divided = [any(each["section"] for each in document[part]) for document in many]
        assert 0.05 < sum(divided) / MANY < 0.2
    for member, least, most in (
        ("description", 0.05, 0.3),
        ("url", 0.4, 0.6),
        ("language", 0.02, 0.1),
        ("total_minutes", 0.03, 0.2),
        ("servings", 0.02, 0.2),
        ("nutrition", 0.7, 0.9),
        ("notes", 0.7, 0.9),
    ):
        assert least < share(many, member, None) < most, member
    assert 0.65 < share(many, "language", "en") < 0.8
    assert {"de", "fr", "es", "it"} < {document["language"] for document in many}
    assert 0.95 < share(many, "visibility", "public") < 0.99
    assert share(many, "visibility", "private") > share(many, "visibility", "unlisted") > 0


def test_who_avoids_something_gets_nothing_of_it(many: list[dict[str, Any]]) -> None:
    forbidden = {
        "Vegetarian": r"chicken|beef|salmon|bacon|tuna|lamb|anchovies",
        "Vegan": r"chicken|beef|salmon|butter|eggs|(?<!coconut )milk|honey|cheese",
        "Gluten-free": r"flour|pasta|noodles|barley|couscous|soy sauce",
    }
    for diet, foods in forbidden.items():
        for document in many:
            if {"kind": "diet", "name": diet} in document["tags"]:
                for part in document["ingredients"]:
                    assert not re.search(rf"\b({foods})\b", part["text"])


def test_some_tags_are_everywhere_and_most_are_rare(many: list[dict[str, Any]]) -> None:
    tags = Counter(tag["name"] for document in many for tag in document["tags"])
    common = [count for count in tags.values() if count >= 0.05 * MANY]
    assert 5 <= len(common) <= 25
    assert max(common) <= 0.2 * MANY
    assert sum(count < 0.001 * MANY for count in tags.values()) > len(tags) / 2


def test_much_is_equal(many: list[dict[str, Any]]) -> None:
    labels = Counter(document["label"] for document in many)
    assert sum(count for count in labels.values() if count > 1) > 0.1 * MANY
    for member in ("total_minutes", "source"):
        counts = Counter(document[member] for document in many if document[member] is not None)
        assert counts.most_common(1)[0][1] > 0.03 * MANY


def test_new_words_never_stop_coming(many: list[dict[str, Any]]) -> None:
    found = [len(words(many[:count])) for count in (MANY // 4, MANY // 2, MANY)]
    assert found[1] - found[0] > 100
    assert found[2] - found[1] > found[1] - found[0]
    assert len(words(many)) > 2000


def test_each_place_has_a_name_of_its_own() -> None:
    numbers = [*range(5_000), *range(50_000, 55_000), *range(PLACES - 5_000, PLACES)]
    assert len({place(number) for number in numbers}) == len(numbers)
