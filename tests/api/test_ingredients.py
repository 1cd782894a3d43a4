"""Lines of ingredients, as people write them, in and out."""

import unicodedata
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from tests.factories import API, Account, create_api_token, create_recipe
from tests.problems import assert_invalid, assert_problem

RECIPES = f"{API}/recipes"
PARSE = f"{API}/ingredients/parse"

EMPTY: dict[str, Any] = {
    "section": None,
    "quantity": None,
    "quantity_max": None,
    "unit": None,
    "food": None,
    "note": None,
    "optional": False,
}
# A line, and what is understood of it.
LINES: dict[str, dict[str, Any]] = {
    "1 ½ cups milk, warm": {"quantity": 1.5, "unit": "cup", "food": "milk", "note": "warm"},
    "2–3 cloves garlic": {
        "quantity": 2,
        "quantity_max": 3,
        "unit": "clove",
        "food": "garlic",
    },
    "  200g  flour  ": {"quantity": 200, "unit": "g", "food": "flour"},
    "- 2 eggs": {"quantity": 2, "food": "eggs"},
    "salt to taste": {"food": "salt", "note": "to taste"},
    "1 tsp vanilla (optional)": {
        "quantity": 1,
        "unit": "tsp",
        "food": "vanilla",
        "optional": True,
    },
    "2 Esslöffel Mehl": {"quantity": 2, "unit": "tbsp", "food": "Mehl"},
    "砂糖": {"food": "砂糖"},
}


def parse(client: TestClient, *lines: str) -> list[dict[str, Any]]:
    answer = client.post(PARSE, json={"lines": lines})
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"ingredients"}
    ingredients: list[dict[str, Any]] = answer.json()["ingredients"]
    return ingredients


def understood(line: str) -> dict[str, Any]:
    return {"text": line} | EMPTY | LINES[line]


# --- POST /ingredients/parse ---------------------------------------------------------------------


def test_lines_are_understood_in_their_order(client: TestClient) -> None:
    assert parse(client, *LINES) == [understood(line) for line in LINES]


def test_members_come_in_the_order_of_a_recipe(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, ingredients=["2 eggs"])
    assert list(parse(client, "2 eggs")[0]) == list(recipe["ingredients"][0])


def test_numbers_are_as_people_write_them(client: TestClient) -> None:
    answer = client.post(PARSE, json={"lines": ["2 eggs", "1.50 l milk"]})
    assert b'"quantity":2,' in answer.content
    assert b'"quantity":1.5,' in answer.content


def test_headings_are_the_sections_of_what_follows(client: TestClient) -> None:
    ingredients = parse(
        client,
        "1 egg",
        "For the sauce:",
        "2 tomatoes",
        "1 onion",
        "[Topping]",
        "# Garnish",
        "parsley",
        "To serve:",
    )
    assert [(each["text"], each["section"]) for each in ingredients] == [
        ("1 egg", None),
        ("2 tomatoes", "For the sauce"),
        ("1 onion", "For the sauce"),
        # A heading with nothing below it is a line, so that nothing is lost.
        ("[Topping]", None),
        ("parsley", "Garnish"),
        ("To serve:", None),
    ]


def test_what_is_parsed_is_what_a_recipe_takes(client: TestClient, user: Account) -> None:
    ingredients = parse(client, "For the sauce:", *LINES)
    assert create_recipe(client, user, ingredients=ingredients)["ingredients"] == ingredients


def test_who_parses_needs_no_account_and_leaves_nothing(client: TestClient, user: Account) -> None:
    parse(client, "2 eggs")
    assert client.get(RECIPES).json()["items"] == []
    body = {"lines": ["2 eggs"]}
    reading = create_api_token(client, user, "read")["token"]
    headers = {"Authorization": f"Bearer {reading}"}
    assert client.post(PARSE, json=body, headers=headers).status_code == 200
    headers = {"Authorization": "Bearer bad"}
    assert_problem(client.post(PARSE, json=body, headers=headers), 401)


def test_the_lines_are_bounded(client: TestClient, subtests: pytest.Subtests) -> None:
    assert parse(client) == []
    assert len(parse(client, *["2 eggs"] * 500)) == 500
    assert parse(client, "2 eggs".ljust(1000, "s"))[0]["quantity"] == 2
    for name, body, *places in (
        ("too many", {"lines": ["2 eggs"] * 501}, "/lines"),
        ("too long", {"lines": ["2 eggs", "x" * 1001]}, "/lines/1"),
        ("control characters", {"lines": ["2 \0 eggs"]}, "/lines/0"),
        ("no text", {"lines": [2, None, {}]}, "/lines/0", "/lines/1", "/lines/2"),
        ("no list", {"lines": "2 eggs"}, "/lines"),
        ("no lines", {}, "/lines"),
        ("an unknown member", {"lines": [], "language": "en"}, "/language"),
    ):
        with subtests.test(name):
            assert_invalid(client.post(PARSE, json=body), *map(str, places))


def test_blank_lines_are_passed_over(client: TestClient) -> None:
    assert [each["text"] for each in parse(client, "", "2 eggs", " \t", "salt")] == [
        "2 eggs",
        "salt",
    ]


def test_a_line_that_would_be_slow_is_not(client: TestClient) -> None:
    lines = ["1 " * 500, "(" * 1000, "1/" * 500, "½" * 1000, "- " * 500, "9" * 1000, "a, " * 333]
    assert [each["text"] for each in parse(client, *lines)] == lines


# --- Recipes -------------------------------------------------------------------------------------


def posted(client: TestClient, user: Account, *ingredients: object) -> list[dict[str, Any]]:
    recipe = create_recipe(client, user, ingredients=ingredients)
    read: list[dict[str, Any]] = client.get(f"{RECIPES}/{recipe['id']}").json()["ingredients"]
    assert read == recipe["ingredients"]
    return read


def test_plain_lines_of_a_recipe_are_understood(client: TestClient, user: Account) -> None:
    assert posted(client, user, *LINES) == [understood(line) for line in LINES]


def test_a_put_and_a_patch_understand_them_too(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user)
    path = f"{RECIPES}/{recipe['id']}"
    expected = [understood("- 2 eggs")]
    body = {"label": "Omelette", "ingredients": ["- 2 eggs"]}
    for method in ("PUT", "PATCH"):
        answer = client.request(method, path, json=body, headers=user.headers)
        assert answer.json()["ingredients"] == expected
        client.put(path, json={"label": "x"}, headers=user.headers)


def test_an_object_with_only_a_text_is_a_plain_line(client: TestClient, user: Account) -> None:
    assert posted(client, user, *({"text": line} for line in LINES)) == [
        understood(line) for line in LINES
    ]


def test_post_and_parse_see_the_same_headings(
    client: TestClient, user: Account, subtests: pytest.Subtests
) -> None:
    for lines in (
        ["1 egg", "For the sauce:", "2 tomatoes", "[Topping]", "# Garnish", "parsley", "To serve:"],
        ["# Teig", "200 g Mehl", "Für die Füllung:", "2 Äpfel"],
        ["For the sauce:"],
    ):
        with subtests.test(lines[0]):
            assert posted(client, user, *lines) == parse(client, *lines)
            assert posted(client, user, *({"text": line} for line in lines)) == parse(
                client, *lines
            )


def test_an_object_ends_a_section_of_plain_lines(client: TestClient, user: Account) -> None:
    milk = {"text": "milk", "section": "Drink"}
    given = ["Cake:", "1 egg", milk, "2 eggs", "Icing:", milk]
    assert [(each["text"], each["section"]) for each in posted(client, user, *given)] == [
        ("1 egg", "Cake"),
        ("milk", "Drink"),
        ("2 eggs", None),
        # A heading with nothing below it is a line, so that nothing is lost.
        ("Icing:", None),
        ("milk", "Drink"),
    ]


def test_a_refused_line_is_named_by_its_place_among_headings(
    client: TestClient, user: Account
) -> None:
    assert_invalid(refused(client, user, "Cake:", "1 egg", "x" * 1001), "/ingredients/2/text")


def test_objects_are_kept_as_they_are_given(client: TestClient, user: Account) -> None:
    given: list[dict[str, Any]] = [
        {"text": "2 cups milk", "quantity": 5, "unit": "Eimer", "food": "Wasser"},
        {"text": "2 cups milk", "quantity": None, "optional": True},
        {"text": "For the sauce:", "section": "Sauce"},
    ]
    assert posted(client, user, *given) == [EMPTY | each for each in given]


def test_strings_and_objects_stand_beside_each_other(client: TestClient, user: Account) -> None:
    assert posted(client, user, {"text": "2 eggs", "optional": True}, "- 2 eggs") == [
        EMPTY | {"text": "2 eggs", "optional": True},
        understood("- 2 eggs"),
    ]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_the_keyboard_does_not_matter(client: TestClient, user: Account, form: Any) -> None:
    line = "2 Esslöffel Mehl"
    written = unicodedata.normalize(form, line)
    assert posted(client, user, written) == parse(client, written) == [understood(line)]


def test_the_line_is_always_kept(client: TestClient, user: Account) -> None:
    lines = [
        "???",
        "  two   blanks\tand a tab  ",
        "1\n2",
        "½",
        "() [] , ;",
        "2 cups".ljust(1000, "m"),
        "🍮" * 1000,
        "0 g nothing",
        "99999999999999999999 g salt",
        "1/0 cup",
    ]
    assert [each["text"] for each in posted(client, user, *lines)] == lines
    assert [each["text"] for each in parse(client, *lines[:7])] == lines[:7]


def refused(client: TestClient, user: Account, *ingredients: object) -> httpx2.Response:
    body = {"label": "x", "ingredients": ingredients}
    return client.post(RECIPES, json=body, headers=user.headers)


def test_a_line_of_a_recipe_that_is_refused_is_named_once(
    client: TestClient, user: Account, subtests: pytest.Subtests
) -> None:
    for line in ("", " ", "x" * 1001, "2 eg\0gs, chop\0ped", "2 cups \x07milk"):
        with subtests.test(line[:20]):
            assert_invalid(refused(client, user, "2 eggs", line), "/ingredients/1/text")
