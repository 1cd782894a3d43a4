"""The list of recipes: its shape, who sees what, its filters, its pages and their cursors."""

import pytest
from fastapi.testclient import TestClient

from tests.documents import WHOLE
from tests.factories import API, Account, create_recipe
from tests.problems import assert_invalid

RECIPES = f"{API}/recipes"
SUMMARY = [
    *("id", "label", "url", "source", "description", "total_minutes", "servings", "tags"),
    *("submitter_id", "visibility", "created_at", "updated_at", "version"),
]
SORTS = [
    *("-created_at", "created_at", "-updated_at", "updated_at"),
    *("label", "-label", "total_minutes"),
]


def listed(client: TestClient, headers: dict[str, str] | None = None, **query: object) -> list[str]:
    """The labels of one page."""
    answer = client.get(RECIPES, params=query, headers=headers)  # type: ignore[arg-type] # values are str or int
    assert answer.status_code == 200, answer.text
    return [recipe["label"] for recipe in answer.json()["items"]]


def create_recipes(client: TestClient, user: Account, *labels: str, **members: object) -> None:
    for label in labels:
        create_recipe(client, user, label=label, **members)


# --- Shape ---------------------------------------------------------------------------------------


def test_an_empty_list_is_a_page_too(client: TestClient) -> None:
    assert client.get(RECIPES).json() == {"items": [], "next_cursor": None}


def test_an_item_is_a_summary_of_the_recipe(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, **WHOLE | {"visibility": "public"})
    (item,) = client.get(RECIPES).json()["items"]
    assert item == {name: recipe[name] for name in SUMMARY}


@pytest.mark.parametrize("length", [199, 200, 201])
def test_a_summary_has_the_first_200_characters_of_the_description(
    client: TestClient, user: Account, length: int
) -> None:
    create_recipe(client, user, description="🍮" * length)
    (item,) = client.get(RECIPES).json()["items"]
    assert item["description"] == "🍮" * min(length, 200)


def test_a_page_has_20_items_unless_told_otherwise(client: TestClient, user: Account) -> None:
    create_recipes(client, user, *map(str, range(21)))
    assert len(listed(client)) == 20
    assert len(listed(client, limit=21)) == 21
    assert len(listed(client, limit=1)) == 1
    assert len(listed(client, limit=100)) == 21


def test_the_latest_come_first(client: TestClient, user: Account) -> None:
    create_recipes(client, user, "first", "second", "third")
    assert listed(client) == ["third", "second", "first"]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("-created_at", ["c", "B", "a"]),
        ("created_at", ["a", "B", "c"]),
        ("-updated_at", ["a", "c", "B"]),
        ("updated_at", ["B", "c", "a"]),
        ("label", ["a", "B", "c"]),
        ("-label", ["c", "B", "a"]),
        ("total_minutes", ["c", "a", "B"]),
    ],
)
def test_the_list_is_sorted_by(
    client: TestClient, user: Account, sort: str, expected: list[str]
) -> None:
    oldest = create_recipe(client, user, label="a", total_minutes=30)
    create_recipe(client, user, label="B")
    create_recipe(client, user, label="c", total_minutes=5)
    path = f"{RECIPES}/{oldest['id']}"
    assert client.patch(path, json={"notes": "changed"}, headers=user.headers).is_success
    assert listed(client, sort=sort) == expected


def test_total_is_there_only_where_it_is_asked_for(client: TestClient, user: Account) -> None:
    create_recipes(client, user, "a", "b", "c")
    create_recipe(client, user, label="d", visibility="private")
    assert "total" not in client.get(RECIPES).json()
    assert "total" not in client.get(f"{RECIPES}?count=false").json()
    assert client.get(f"{RECIPES}?count=true&limit=1").json()["total"] == 3
    assert client.get(f"{RECIPES}?count=true", headers=user.headers).json()["total"] == 4


# --- Who sees what -------------------------------------------------------------------------------


@pytest.fixture
def of_each_visibility(client: TestClient, user: Account) -> None:
    for visibility in ("public", "unlisted", "private"):
        create_recipe(client, user, label=visibility, visibility=visibility)


@pytest.mark.usefixtures("of_each_visibility")
def test_others_find_only_public_recipes(client: TestClient, other_user: Account) -> None:
    assert listed(client) == ["public"]
    assert listed(client, other_user.headers) == ["public"]


@pytest.mark.usefixtures("of_each_visibility")
def test_ones_own_recipes_are_all_there(client: TestClient, user: Account) -> None:
    assert listed(client, user.headers) == ["private", "unlisted", "public"]


@pytest.mark.usefixtures("of_each_visibility")
def test_a_superuser_finds_private_recipes(client: TestClient, superuser: Account) -> None:
    assert {"public", "private"} <= set(listed(client, superuser.headers))


@pytest.mark.parametrize("sort", SORTS)
def test_what_is_in_the_trash_is_in_no_list(client: TestClient, user: Account, sort: str) -> None:
    recipe = create_recipe(client, user)
    client.delete(f"{RECIPES}/{recipe['id']}", headers=user.headers)
    assert listed(client, user.headers, sort=sort) == []


# --- Filters -------------------------------------------------------------------------------------


def test_submitter_id_filters(client: TestClient, user: Account, other_user: Account) -> None:
    create_recipe(client, user, label="mine")
    create_recipe(client, user, label="hidden", visibility="private")
    create_recipe(client, other_user, label="theirs")
    assert listed(client, submitter_id=user.id) == ["mine"]
    assert listed(client, other_user.headers, submitter_id=user.id) == ["mine"]
    assert listed(client, user.headers, submitter_id="me") == ["hidden", "mine"]
    assert listed(client, user.headers, submitter_id=other_user.id) == ["theirs"]
    assert listed(client, submitter_id=999_999) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("Groß & Söhne", True),
        ("GROSS & SÖHNE", True),
        ("groß & so\u0308hne", True),
        ("Groß", False),
        ("Gross & Sohne", False),
        ("Groß_& Söhne", False),
    ],
)
def test_source_compares_casefolded_and_exact(
    client: TestClient, user: Account, source: str, found: bool
) -> None:
    create_recipe(client, user, label="found", source="Groß & Söhne")
    create_recipe(client, user, label="without")
    assert listed(client, source=source) == (["found"] if found else [])


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://example.com/soup?id=1", True),
        ("http://www.EXAMPLE.com:80/soup/?id=1#top", True),
        ("https://example.com/soup?id=1&utm_source=mail", True),
        ("https://example.com/soup?id=2", False),
        ("https://example.com/Soup?id=1", False),
        ("https://example.org/soup?id=1", False),
    ],
)
def test_url_finds_the_same_page_in_other_spellings(
    client: TestClient, user: Account, url: str, found: bool
) -> None:
    create_recipe(client, user, label="found", url="https://example.com/soup?id=1")
    create_recipe(client, user, label="without")
    assert listed(client, url=url) == (["found"] if found else [])


WRONG: list[tuple[str, str]] = [
    ("limit=0", "limit"),
    ("limit=101", "limit"),
    ("limit=-1", "limit"),
    ("limit=ten", "limit"),
    ("limit=1.5", "limit"),
    ("limit=", "limit"),
    ("limit=99999999999999999999", "limit"),
    ("sort=id", "sort"),
    ("sort=label_key", "sort"),
    ("sort=--label", "sort"),
    ("sort=", "sort"),
    ("count=perhaps", "count"),
    ("submitter_id=0", "submitter_id"),
    ("submitter_id=you", "submitter_id"),
    ("submitter_id=100000000000000000000", "submitter_id"),
    ("url=javascript:alert(1)", "url"),
    ("source=" + "a" * 257, "source"),
    ("cursor=" + "a" * 4097, "cursor"),
    ("offset=10", "offset"),
    ("colour=red&limit=1", "colour"),
    ("a" * 100 + "=1", "a" * 64),
]


def test_a_wrong_parameter_is_named(client: TestClient, subtests: pytest.Subtests) -> None:
    for query, wrong in WRONG:
        with subtests.test(query[:30]):
            assert_invalid(client.get(f"{RECIPES}?{query}"), wrong)
