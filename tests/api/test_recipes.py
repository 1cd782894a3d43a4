"""Posting a recipe, reading one, and the two simple lists of whole recipes."""

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.documents import DEFAULTS, ODD, READ_ONLY, WHOLE, document_of
from tests.factories import API, Account, create_recipe
from tests.problems import assert_invalid, assert_problem

RECIPES = f"{API}/recipes"


# --- POST ----------------------------------------------------------------------------------------


def test_one_post_stores_the_whole_recipe_and_returns_it(client: TestClient, user: Account) -> None:
    answer = client.post(RECIPES, json=WHOLE, headers=user.headers)
    assert answer.status_code == 201
    assert document_of(answer.json()) == WHOLE


def test_a_recipe_reads_as_it_was_answered(client: TestClient, user: Account) -> None:
    posted = client.post(RECIPES, json=WHOLE, headers=user.headers)
    read = client.get(posted.headers["location"], headers=user.headers)
    assert read.status_code == 200
    assert read.json() == posted.json()


def test_members_of_a_recipe_come_in_one_order(client: TestClient, user: Account) -> None:
    posted = client.post(RECIPES, json=WHOLE, headers=user.headers)
    assert list(client.get(posted.headers["location"], headers=user.headers).json()) == list(
        posted.json()
    )


def test_a_label_is_enough(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, label="Toast")
    assert document_of(recipe) == {"label": "Toast", **DEFAULTS}


def test_a_new_recipe_belongs_to_who_posts_it(client: TestClient, user: Account) -> None:
    assert create_recipe(client, user)["submitter_id"] == user.id


def test_a_new_recipe_has_version_1_and_one_timestamp_in_utc(
    client: TestClient, user: Account
) -> None:
    recipe = create_recipe(client, user)
    assert recipe["version"] == 1
    assert recipe["created_at"] == recipe["updated_at"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", recipe["created_at"])


def test_location_is_the_path_of_the_new_recipe(client: TestClient, user: Account) -> None:
    answer = client.post(RECIPES, json={"label": "Toast"}, headers=user.headers)
    assert answer.headers["location"] == f"{RECIPES}/{answer.json()['id']}"


@pytest.mark.parametrize("document", ODD.values(), ids=ODD.keys())
def test_an_odd_document_reads_as_it_was_posted(
    client: TestClient, user: Account, document: dict[str, Any]
) -> None:
    posted = client.post(RECIPES, json=document, headers=user.headers)
    read = client.get(posted.headers["location"], headers=user.headers)
    assert read.headers["etag"] == posted.headers["etag"]
    assert read.content == posted.content
    # As text, since 4.0 and 4 and two orders of members are equal otherwise.
    assert str(read.json()["extras"]) == str(document.get("extras", {}))


def test_the_greatest_texts_are_stored(client: TestClient, user: Account) -> None:
    document = {
        "label": "🍮" * 256,
        "description": "🍮" * 4000,
        "url": "https://example.com/".ljust(2048, "a"),
        "source": "ﷺ" * 256,
        "author": "🍮" * 256,
        "language": "en-" + "-".join(["abcdefgh"] * 3) + "-abcd",
        "yield_text": "🍮" * 256,
        "notes": "🍮" * 50_000,
        "tags": [{"kind": "cuisine", "name": "🍮" * 100}],
        "prep_minutes": 100_000,
        "servings": 1_000_000,
    }
    recipe = create_recipe(client, user, **document)
    read = client.get(f"{RECIPES}/{recipe['id']}").json()
    assert {name: read[name] for name in document} == document


def test_a_url_is_bounded_in_characters_as_it_was_written(
    client: TestClient, user: Account
) -> None:
    url = "https://example.com/".ljust(2048, "ü")
    assert create_recipe(client, user, url=url)["url"] == url


@pytest.mark.parametrize(
    ("member", "text", "stored"),
    [
        ("tags", "quick", {"kind": "keyword", "name": "quick"}),
        (
            "ingredients",
            "2 eggs",
            {"text": "2 eggs", "section": None, "quantity": 2, "quantity_max": None}
            | {"unit": None, "food": "eggs", "note": None, "optional": False},
        ),
        ("steps", "Stir.", WHOLE["steps"][1] | {"text": "Stir."}),
    ],
    ids=["tag", "ingredient", "step"],
)
def test_a_plain_string_is_accepted(
    client: TestClient, user: Account, member: str, text: str, stored: object
) -> None:
    assert create_recipe(client, user, **{member: [text]})[member] == [stored]


def test_a_tag_given_twice_is_kept_once_where_it_first_stood(
    client: TestClient, user: Account
) -> None:
    recipe = create_recipe(client, user, tags=["Soup", "Quick", "soup"])
    assert [tag["name"] for tag in recipe["tags"]] == ["Soup", "Quick"]


TOTALS: list[tuple[dict[str, int], int | None]] = [
    ({"prep_minutes": 10, "cook_minutes": 25}, 35),
    ({"prep_minutes": 0, "cook_minutes": 0}, 0),
    ({"prep_minutes": 10, "cook_minutes": 25, "total_minutes": 90}, 90),
    ({"prep_minutes": 10, "cook_minutes": 25, "total_minutes": 0}, 0),
    ({"prep_minutes": 10}, None),
    ({"cook_minutes": 25}, None),
]


def test_the_total_defaults_to_preparation_and_cooking(
    client: TestClient, user: Account, subtests: pytest.Subtests
) -> None:
    for given, total in TOTALS:
        with subtests.test(str(given)):
            assert create_recipe(client, user, **given)["total_minutes"] == total


@pytest.mark.parametrize("given", [4, 4.0, 0.5])
def test_a_whole_number_comes_back_whole(client: TestClient, user: Account, given: float) -> None:
    recipe = create_recipe(client, user, servings=given)
    read = client.get(f"{RECIPES}/{recipe['id']}").json()["servings"]
    assert (read, str(read)) == (given, f"{given:g}")


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("Cre\u0300me", "Crème"),
        ("two\r\nlines\rhere", "two\nlines\nhere"),
        ("a\ttab", "a\ttab"),
        ("\ufb01g", "\ufb01g"),
    ],
    ids=["NFC", "line ends", "tab", "no NFKC"],
)
def test_text_is_normalised_everywhere(
    client: TestClient, user: Account, written: str, stored: str
) -> None:
    recipe = document_of(create_recipe(client, user, **_with_text(written)))
    assert recipe == DEFAULTS | _with_text(stored)


def _with_text(text: str) -> dict[str, Any]:
    names = ("label", "description", "source", "author", "yield_text", "notes")
    line = WHOLE["ingredients"][1] | dict.fromkeys(
        ("text", "section", "unit", "food", "note"), text
    )
    return {
        **dict.fromkeys(names, text),
        "tags": [{"kind": "cuisine", "name": text}],
        "ingredients": [line],
        "steps": [{"text": text, "section": text, "name": text, "minutes": 1}],
        "nutrition": dict.fromkeys(WHOLE["nutrition"]) | {"serving_size": text},
    }


def test_posting_a_url_twice_is_allowed(client: TestClient, user: Account) -> None:
    first, second = (create_recipe(client, user, url="https://example.com/a") for _ in "12")
    assert first["id"] != second["id"]


def test_an_anonymous_reader_cannot_post(client: TestClient) -> None:
    assert_problem(client.post(RECIPES, json={"label": "Toast"}), 401)


def test_who_posts_may_name_themselves(client: TestClient, user: Account) -> None:
    assert create_recipe(client, user, submitter_id=user.id)["submitter_id"] == user.id


def test_nobody_posts_in_the_name_of_another(
    client: TestClient, user: Account, other_user: Account
) -> None:
    body = {"label": "Toast", "submitter_id": other_user.id}
    assert_problem(client.post(RECIPES, json=body, headers=user.headers), 403)


def test_a_superuser_posts_in_the_name_of_another(
    client: TestClient, user: Account, superuser: Account
) -> None:
    assert create_recipe(client, superuser, submitter_id=user.id)["submitter_id"] == user.id


def test_a_submitter_who_does_not_exist_is_a_conflict(
    client: TestClient, superuser: Account
) -> None:
    body = {"label": "Toast", "submitter_id": 999_999}
    assert_problem(client.post(RECIPES, json=body, headers=superuser.headers), 409)


def test_a_post_takes_no_read_only_members(
    client: TestClient, user: Account, subtests: pytest.Subtests
) -> None:
    recipe = create_recipe(client, user)
    for member in sorted(READ_ONLY - {"submitter_id"}):
        with subtests.test(member):
            body = {"label": "Toast", member: recipe[member]}
            answer = client.post(RECIPES, json=body, headers=user.headers)
            assert_invalid(answer, f"/{member}")


# --- GET one -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("visibility", "anonymous", "stranger"),
    [("public", 200, 200), ("unlisted", 404, 404), ("private", 404, 404)],
)
def test_visibility_decides_who_reads_a_recipe(
    client: TestClient,
    user: Account,
    other_user: Account,
    superuser: Account,
    visibility: str,
    anonymous: int,
    stranger: int,
) -> None:
    path = f"{RECIPES}/{create_recipe(client, user, visibility=visibility)['id']}"
    assert client.get(path).status_code == anonymous
    assert client.get(path, headers=other_user.headers).status_code == stranger
    assert client.get(path, headers=user.headers).status_code == 200
    assert client.get(path, headers=superuser.headers).status_code == 200


def test_a_private_recipe_looks_like_one_that_is_not_there(
    client: TestClient, user: Account
) -> None:
    private = create_recipe(client, user, visibility="private")["id"]
    answers = [assert_problem(client.get(f"{RECIPES}/{n}"), 404) for n in (private, private + 1)]
    assert answers[0]["title"] == answers[1]["title"]
    assert answers[0]["detail"] == answers[1]["detail"]


def test_the_etag_is_the_same_for_every_viewer(
    client: TestClient, user: Account, other_user: Account, superuser: Account
) -> None:
    path = f"{RECIPES}/{create_recipe(client, user)['id']}"
    viewers = [{}, user.headers, other_user.headers, superuser.headers]
    assert len({client.get(path, headers=headers).headers["etag"] for headers in viewers}) == 1
