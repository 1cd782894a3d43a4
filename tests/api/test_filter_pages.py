"""Pages of a list with filters: every row once, in order, by cursors of this list alone."""

import base64
import json
import random

import pytest
from fastapi.testclient import TestClient

from app.crud.listing import recipes as recipe_list
from tests.factories import API, Account, create_recipe
from tests.problems import assert_invalid
from tests.recipe_corpus import ALL, RecipeCorpus, sorts_of

RECIPES = f"{API}/recipes"


@pytest.fixture(params=[recipe_list.SMALL_RESULT, 3], ids=["few", "many"])
def _either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few rows are found and sorted, for many an index is walked: with the same answer."""
    monkeypatch.setattr(recipe_list, "SMALL_RESULT", request.param)


@pytest.fixture
def corpus(client: TestClient, user: Account, other_user: Account) -> RecipeCorpus:
    return RecipeCorpus(client, user, other_user)


# --- Pages ---------------------------------------------------------------------------------------

PAGED = [
    *("", "tag=soup", "any_tag=soup&any_tag=thai", "not_tag=soup", "tag=thai&not_tag=spicy"),
    *("ingredient=tomato", "not_ingredient=tomato", "max_total_minutes=60", "max_prep_minutes=30"),
    *("min_total_minutes=0&tag=thai", "created_after=@soup", "updated_after=@soup"),
    *("submitter_id=me", "source=nonna+%26+co", "q=tomato", "q=tomato&tag=soup", "q=-beef"),
    *("q=curry&max_total_minutes=30", "q=so&submitter_id=me"),
]


@pytest.mark.usefixtures("_either_way")
def test_pages_have_every_row_once(corpus: RecipeCorpus, subtests: pytest.Subtests) -> None:
    for query in PAGED:
        with subtests.test(query):
            for sort in sorts_of(query):
                expected = corpus.page(f"{query}&sort={sort}&limit=100")["items"]
                assert len(expected) >= 2
                pages = list(corpus.pages(f"{query}&sort={sort}&limit=2"))
                assert [item for page in pages for item in page] == expected
                assert [len(page) for page in pages[:-1]] == [2] * (len(pages) - 1)


COMING = ["q=tomato", "tag=soup&max_total_minutes=90", "not_tag=thai"]


@pytest.mark.usefixtures("_either_way")
def test_what_stays_comes_once_while_others_come_and_go(
    corpus: RecipeCorpus, client: TestClient, user: Account, subtests: pytest.Subtests
) -> None:
    for query in COMING:
        for sort in sorts_of(query):
            with subtests.test(f"{query} {sort}"):
                chance = random.Random(f"{query} {sort}")  # noqa: S311 - the same in every run
                there = corpus.page(f"{query}&sort={sort}&limit=100")["items"]
                stay = [item["id"] for item in there]
                passing = [create(client, user, chance) for _ in range(4)]
                visited: list[int] = []
                for page in corpus.pages(f"{query}&sort={sort}&limit=2"):
                    ids = [item["id"] for item in page]
                    visited += ids
                    passing.append(create(client, user, chance))
                    # Also the row that the cursor names, if it is one of those.
                    for gone in {*ids[-1:], chance.choice(passing)} & {*passing}:
                        corpus.delete(gone, chance.choice(["", "?permanent=true"]))
                        passing.remove(gone)
                for each in passing:
                    corpus.delete(each, "?permanent=true")
                assert len(visited) == len(set(visited))
                assert [each for each in visited if each in stay] == stay


def create(client: TestClient, user: Account, chance: random.Random) -> int:
    """A recipe that every filter of COMING passes, anywhere in every sort."""
    label = chance.choice(["Aubergine", "Tomato soup", "Zucchini soup with tomatoes"])
    minutes = chance.choice([5, 30, 90])
    members = {"total_minutes": minutes, "ingredients": ["1 tomato"], "tags": ["soup"]}
    recipe_id: int = create_recipe(client, user, label=label, **members)["id"]
    return recipe_id


# --- Cursors -------------------------------------------------------------------------------------

BASE = "q=tomato&tag=soup&max_total_minutes=90&ingredient=tomato"
OTHERS = [
    *("q=soup&tag=soup&max_total_minutes=90&ingredient=tomato", f"{BASE}&any_tag=soup"),
    *("q=tomato&tag=thai&max_total_minutes=90&ingredient=tomato", f"{BASE}&not_tag=thai"),
    *("q=tomato&tag=soup&max_total_minutes=91&ingredient=tomato", f"{BASE}&min_total_minutes=1"),
    *("q=tomato&tag=soup&max_total_minutes=90&ingredient=beef", f"{BASE}&not_ingredient=beef"),
    *("q=tomato&tag=soup&max_total_minutes=90", f"{BASE}&max_prep_minutes=9"),
    *(f"{BASE}&tag=soup", f"{BASE}&submitter_id=me", f"{BASE}&source=x"),
    *(f"{BASE}&created_after=2020-01-01T00:00:00Z", f"{BASE}&updated_after=2020-01-01T00:00:00Z"),
    f"{BASE}&url=https://example.com/",
]


def test_a_cursor_is_good_for_its_own_query_alone(
    corpus: RecipeCorpus, client: TestClient, other_user: Account, subtests: pytest.Subtests
) -> None:
    sorts = sorts_of(BASE)
    for sort in sorts:
        query = f"{BASE}&sort={sort}"
        cursor = corpus.page(f"{query}&limit=1")["next_cursor"]
        for how in ("limit=1", "view=full", "fields=label", "count=true", "facets=tag"):
            assert corpus.page(f"{query}&{how}&cursor={cursor}")["items"]
        others = [f"{other}&sort={sort}" for other in OTHERS]
        others += [f"{BASE}&sort={other}" for other in sorts if other != sort]
        for other in others:
            with subtests.test(f"{sort}: {other}"):
                assert_invalid(corpus.get(f"{other}&cursor={cursor}"), "cursor")
        for headers in (None, other_user.headers):
            with subtests.test(f"{sort}: another viewer"):
                answer = client.get(f"{RECIPES}?{query}&cursor={cursor}", headers=headers)
                assert_invalid(answer, "cursor")


NO_KEYS: list[object] = [None, 5, 1.5, True, [], ["0"], {}, "a\0b", "\ud800", float("nan")]
ODD_KEYS = ["", " ", "x", "-1", "4", "²", "٣", "9" * 2000, "0 =", "0 a", "0 tomato=", "0 tomato"]
ODD_KEYS += ["0 tomato=x", "0 tomato=secret soup", '0 tomato="x"', "0 tomato=' | 'x", "0 tomato=*"]


def test_a_forged_cursor_of_a_search_is_refused_or_leads_to_what_one_may_find(
    corpus: RecipeCorpus, subtests: pytest.Subtests
) -> None:
    parts = json.loads(base64.b64decode(corpus.page("q=tomato&limit=1")["next_cursor"] + "=="))
    for key in [*NO_KEYS, *ODD_KEYS]:
        with subtests.test(ascii(key)[:20]):
            answer = corpus.get(f"q=tomato&cursor={_encoded([parts[0], key, parts[2]])}")
            if answer.status_code == 200 and key in ODD_KEYS:
                assert set(corpus.names_of(answer.json()["items"])) <= set(ALL.split())
            else:
                assert_invalid(answer, "cursor")
    for row_id in (0, -1, 2**63, "1", 1.0, True, None):
        with subtests.test(repr(row_id)):
            answer = corpus.get(f"q=tomato&cursor={_encoded([*parts[:2], row_id])}")
            assert_invalid(answer, "cursor")


ODD: list[object] = [
    *(None, True, 0, 1.5, "", "abc", [], {}, [[]], [None] * 3, ["", "", 1], {"a": 1, "b": 2}),
    *([1, 2, 3, 4], {"a": 1, "b": 2, "c": 3}, [["a"], "0", 1], ["\ud800", "\ud800", 1]),
]


ODD_FOR = ["q=tomato", "tag=soup", "tag=nothing", "sort=label", "ingredient=egg&sort=total_minutes"]


def test_what_is_another_json_is_no_cursor(corpus: RecipeCorpus, subtests: pytest.Subtests) -> None:
    for query in ODD_FOR:
        with subtests.test(query):
            for odd in ODD:
                assert_invalid(corpus.get(f"{query}&cursor={_encoded(odd)}"), "cursor")


def _encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()
