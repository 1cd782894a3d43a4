"""One recipe in three representations: which one a client gets, and what holds for each."""

from functools import partial
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from app.api.representation import preferred
from tests.costs import assert_linear
from tests.documents import WHOLE
from tests.factories import API, Account, create_recipe
from tests.problems import assert_invalid, assert_problem

RECIPES = f"{API}/recipes"

JSON = "application/json"
JSON_LD = "application/ld+json"
MARKDOWN = "text/markdown"
MEDIA_TYPES = (JSON, JSON_LD, MARKDOWN)

# RFC 9110 section 12.5.1; None is 406.
ACCEPT: dict[str, str | None] = {
    # Each by its name, in any case and with parameters.
    "application/json": JSON,
    "application/ld+json": JSON_LD,
    "text/markdown": MARKDOWN,
    "TEXT/Markdown": MARKDOWN,
    "application/json;charset=utf-8": JSON,
    'application/ld+json; profile="https://schema.org"': JSON_LD,
    "text/markdown;variant=CommonMark;q=0.5": MARKDOWN,
    # Without a preference, ours.
    "": JSON,
    " ": JSON,
    "*/*": JSON,
    "application/*": JSON,
    "application/ld+json, application/json": JSON,
    "text/markdown, application/ld+json": JSON_LD,
    "text/html, */*;q=0.1": JSON,
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8": JSON,
    # Ranges.
    "text/*": MARKDOWN,
    "text/html, text/*;q=0.5": MARKDOWN,
    "text/*, application/*;q=0.9": MARKDOWN,
    # The quality decides, not the order.
    "application/json;q=0.5, text/markdown": MARKDOWN,
    "text/markdown;q=0.5, application/ld+json;q=0.6": JSON_LD,
    "application/json;q=0.001, text/html": JSON,
    "text/markdown;q=0.999, application/json;q=0.998": MARKDOWN,
    "text/markdown ; q=0.2 , application/ld+json ; q=0.3": JSON_LD,
    "application/json;Q=0.1, text/markdown;Q=0.2": MARKDOWN,
    "application/json;q=0.1;level=1, text/markdown;q=0.2": MARKDOWN,
    "*/*;q=0.5, text/markdown": MARKDOWN,
    "application/json;q=1.000, text/markdown;q=1": JSON,
    # The most specific range counts for each, wherever it stands and however little it gives.
    "*/*, application/json;q=0.1": JSON_LD,
    "application/json;q=0.1, */*": JSON_LD,
    "application/*;q=0.1, */*;q=0.2": MARKDOWN,
    "text/*;q=0.9, text/markdown;q=0.1, application/*;q=0.5": JSON,
    # Nothing is not acceptable at q=0.
    "application/json;q=0": None,
    "*/*;q=0": None,
    "application/json;q=0.0, */*": JSON_LD,
    "application/json;q=0, */*;q=0.1": JSON_LD,
    "application/*;q=0, */*": MARKDOWN,
    "text/markdown, text/*;q=0": MARKDOWN,
    "*/*, application/*;q=0.000, text/markdown;q=0": None,
    # What we do not have.
    "text/html": None,
    "image/*": None,
    "application/xml, text/plain;q=0.9": None,
    "application/jsonx": None,
    # Broken parts are passed over; a quality that is none is the default, one too great is 1.
    "nonsense": None,
    "application": None,
    "/": None,
    "*/json": None,
    ",": None,
    ",,text/markdown,": MARKDOWN,
    "nonsense, text/markdown": MARKDOWN,
    "a b/c d, application/ld+json": JSON_LD,
    "text/markdown;q=x, application/json;q=0.9": MARKDOWN,
    "text/markdown;q=, application/json;q=0.9": MARKDOWN,
    "text/markdown;q=-1, application/json;q=0.9": MARKDOWN,
    "text/markdown;q=1.5, application/json": JSON,
    "text/markdown;q=9, application/json": JSON,
    "text/markdown;q=" + "9" * 500 + ", application/json": JSON,
    # More digits than there may be are still a number.
    "application/json;q=0.00001, text/markdown;q=0.00002": MARKDOWN,
    ";" * 2000: None,
    "text/markdown" + ";" * 2000: MARKDOWN,
}


def get(
    client: httpx2.Client, path: str, accept: str | None = None, **headers: str
) -> httpx2.Response:
    given = {} if accept is None else {"Accept": accept}
    return client.get(path, headers=given | headers)


def media_type(answer: httpx2.Response) -> str:
    essence: str = answer.headers["content-type"].partition(";")[0]
    return essence


@pytest.fixture
def path(client: TestClient, user: Account) -> str:
    """Where a recipe for 4 is."""
    ingredients = ["1 ½ cups milk", "2-3 eggs", "salt to taste"]
    members: dict[str, Any] = {"ingredients": ingredients, "servings": 4, "visibility": "public"}
    recipe = create_recipe(client, user, **WHOLE | members | {"label": "Custard"})
    return f"{RECIPES}/{recipe['id']}"


# --- Accept --------------------------------------------------------------------------------------


def test_the_preferred_representation_is_sent(
    client: TestClient, path: str, subtests: pytest.Subtests
) -> None:
    for accept, expected in ACCEPT.items():
        with subtests.test(accept[:80]):
            answer = get(client, path, accept)
            assert "Accept" in answer.headers["vary"].split(", ")
            if expected is None:
                detail = assert_problem(answer, 406)["detail"]
                assert all(each in detail for each in MEDIA_TYPES)
            else:
                assert (answer.status_code, media_type(answer)) == (200, expected)


def test_without_the_header_it_is_json(client: TestClient, path: str) -> None:
    del client.headers["accept"]
    answer = client.get(path)
    assert "accept" not in answer.request.headers
    assert media_type(answer) == JSON


def test_the_header_may_come_in_parts(client: TestClient, path: str) -> None:
    parts = [("Accept", "application/json;q=0.1"), ("Accept", "text/markdown")]
    assert media_type(client.get(path, headers=parts)) == MARKDOWN


def test_what_is_not_there_is_not_there_in_any_form(
    client: TestClient, user: Account, subtests: pytest.Subtests
) -> None:
    private = create_recipe(client, user, visibility="private")
    for accept in (*MEDIA_TYPES, "text/html"):
        with subtests.test(accept):
            assert_problem(get(client, f"{RECIPES}/{private['id']}", accept), 404)
            assert_problem(get(client, f"{RECIPES}/{private['id']}?servings=2", accept), 404)


# --- The representations -------------------------------------------------------------------------


def test_json_is_the_document(client: TestClient, path: str) -> None:
    answer = get(client, path, JSON)
    assert answer.headers["content-type"] == JSON
    assert (answer.json()["label"], answer.json()["extras"]) == ("Custard", WHOLE["extras"])


def test_json_ld_is_a_recipe_of_schema_org(client: TestClient, path: str) -> None:
    answer = get(client, path, JSON_LD)
    assert answer.headers["content-type"] == JSON_LD
    document = answer.json()
    assert (document["@context"], document["@type"]) == ("https://schema.org", "Recipe")
    assert document["name"] == "Custard"
    assert document["url"] == f"http://testserver{path}"
    assert get(client, f"{path}?servings=4", JSON_LD).json()["url"] == document["url"]
    assert document["recipeIngredient"] == ["1 ½ cups milk", "2-3 eggs", "salt to taste"]
    assert document["recipeYield"] == "4 servings"
    assert (document["prepTime"], document["totalTime"]) == ("PT20M", "PT4H5M")
    assert document["recipeInstructions"][0]["@type"] == "HowToSection"
    assert document["nutrition"]["fatContent"] == "30.5 g"


def test_markdown_begins_with_the_label(client: TestClient, path: str) -> None:
    answer = get(client, path, MARKDOWN)
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    assert answer.text.startswith("# Custard\n")
    assert "\n- 1 ½ cups milk\n- 2-3 eggs\n- salt to taste\n" in answer.text


def test_each_has_an_entity_tag_of_its_own(client: TestClient, path: str) -> None:
    queries = ("", "?servings=6", "?servings=2")
    tags = [
        get(client, path + query, accept).headers["etag"]
        for query in queries
        for accept in MEDIA_TYPES
    ]
    assert len(set(tags)) == len(tags)


def test_what_one_has_is_not_sent_again_in_the_same_form(
    client: TestClient, path: str, subtests: pytest.Subtests
) -> None:
    for query in ("", "?servings=6"):
        tags = {each: get(client, path + query, each).headers["etag"] for each in MEDIA_TYPES}
        for wanted in MEDIA_TYPES:
            for known, tag in tags.items():
                with subtests.test(query, wanted=wanted, known=known):
                    answer = get(client, path + query, wanted, **{"If-None-Match": tag})
                    assert answer.headers["etag"] == tags[wanted]
                    assert "Accept" in answer.headers["vary"].split(", ")
                    if wanted == known:
                        assert (answer.status_code, answer.content) == (304, b"")
                    else:
                        assert (answer.status_code, media_type(answer)) == (200, wanted)


def test_a_change_changes_every_representation(
    client: TestClient, user: Account, path: str
) -> None:
    before = [get(client, path, each).headers["etag"] for each in MEDIA_TYPES]
    client.patch(path, json={"label": "Flan"}, headers=user.headers)
    after = [get(client, path, each).headers["etag"] for each in MEDIA_TYPES]
    assert not set(before) & set(after)


def test_if_match_asks_for_the_representation_that_is_read(client: TestClient, path: str) -> None:
    for accept in MEDIA_TYPES:
        tag = get(client, path, accept).headers["etag"]
        assert get(client, path, accept, **{"If-Match": tag}).status_code == 200
        other = next(each for each in MEDIA_TYPES if each != accept)
        assert_problem(get(client, path, other, **{"If-Match": tag}), 412)


def test_a_change_is_conditional_on_the_json(client: TestClient, user: Account, path: str) -> None:
    markdown = get(client, path, MARKDOWN).headers["etag"]
    headers = user.headers | {"If-Match": markdown}
    assert_problem(client.patch(path, json={"label": "Flan"}, headers=headers), 412)


def test_head_answers_for_each_as_get(client: TestClient, path: str) -> None:
    for accept in MEDIA_TYPES:
        head = client.head(path, headers={"Accept": accept})
        read = get(client, path, accept)
        for name in ("etag", "content-type", "content-length", "vary"):
            assert head.headers[name] == read.headers[name]


# --- Servings ------------------------------------------------------------------------------------


def test_every_representation_is_scaled(client: TestClient, path: str) -> None:
    lines = ["2 ¼ cups milk", "3-4 ½ eggs", "salt to taste"]
    document = get(client, f"{path}?servings=6", JSON).json()
    assert document["servings"] == 6
    assert [each["text"] for each in document["ingredients"]] == lines
    assert [(each["quantity"], each["quantity_max"]) for each in document["ingredients"]] == [
        (2.25, None),
        (3, 4.5),
        (None, None),
    ]
    assert document["yield_text"] == "6 ramekins and a spoon"

    linked = get(client, f"{path}?servings=6", JSON_LD).json()
    assert (linked["recipeIngredient"], linked["recipeYield"]) == (lines, "6 servings")

    text = get(client, f"{path}?servings=6", MARKDOWN).text
    assert "\n".join(f"- {line}" for line in lines) in text
    assert "- **Serves:** 6\n" in text


def test_nothing_else_is_scaled_or_stored(client: TestClient, path: str) -> None:
    before = client.get(path).json()
    scaled = client.get(f"{path}?servings=6").json()
    changed = {"servings", "ingredients", "yield_text"}
    assert {name for name in before if before[name] != scaled[name]} == changed
    assert list(scaled) == list(before)
    assert client.get(path).json() == before


def test_the_stored_servings_are_the_same_representation(client: TestClient, path: str) -> None:
    for accept in MEDIA_TYPES:
        plain = get(client, path, accept)
        for same in ("4", "4.0", "4e0"):
            scaled = get(client, f"{path}?servings={same}", accept)
            assert scaled.content == plain.content
            assert scaled.headers["etag"] == plain.headers["etag"]


def test_a_hostile_accept_costs_little() -> None:
    def prefer(hostile: str, letter: str, size: int) -> None:
        preferred(hostile.format(letter * size))

    for hostile in ("a/b{}x", "a/b;q=1{}x", "a/b{},", "{}", "text/html;q{}"):
        for letter in " ;,a1=":
            assert_linear(partial(prefer, hostile, letter), 4000)


def test_an_accept_of_many_kilobytes_accepts_nothing(client: TestClient, path: str) -> None:
    for accept in ("a/b" + " " * 30_000 + "x", "application/json" + " " * 30_000):
        assert_problem(get(client, path, accept), 406)
        assert get(client, f"{path}?servings=3", accept).status_code == 406


def test_servings_may_be_a_fraction(client: TestClient, path: str) -> None:
    scaled = client.get(f"{path}?servings=0.5").json()
    assert (scaled["servings"], scaled["ingredients"][0]["quantity"]) == (0.5, 0.1875)


def test_servings_are_checked(client: TestClient, path: str, subtests: pytest.Subtests) -> None:
    bad = ("0", "-0", "-1", "nan", "inf", "-inf", "1e309", "1000000001", "9" * 400, "x", "", "½")
    for servings in bad:
        for accept in MEDIA_TYPES:
            with subtests.test(servings[:20], accept=accept):
                assert_invalid(get(client, f"{path}?servings={servings}", accept), "servings")


def test_without_stored_servings_nothing_is_scaled(
    client: TestClient, user: Account, subtests: pytest.Subtests
) -> None:
    recipe = create_recipe(client, user, ingredients=["1 egg"])
    for accept in MEDIA_TYPES:
        with subtests.test(accept):
            path = f"{RECIPES}/{recipe['id']}"
            assert_invalid(get(client, f"{path}?servings=4", accept), "servings")
            assert get(client, path, accept).status_code == 200


def test_a_quantity_that_would_be_too_great_is_refused(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, servings=1, ingredients=["1000000000 g salt"])
    assert_invalid(client.get(f"{RECIPES}/{recipe['id']}?servings=2"), "servings")
