"""How many statements a list takes: few, and as many for a long page of many recipes."""

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app import crud
from app.crud.listing import recipes as recipe_list
from app.db.reader import Reader
from app.search.words import FIELDS
from benchmarks.demo.recipes import demo_recipes
from tests.factories import API, Account

LIMITS = (1, 20, 100)
# One for each field that decides the rank, and one for the rest.
TIERS = len(FIELDS) + 1
MOST = 12
MOST_WITH_A_MISSPELLED_WORD = 18

ALL_AT_ONCE = "&".join(
    [
        *(
            "tag=category:soup",
            "any_tag=quick",
            "any_tag=easy",
            "not_tag=dessert",
            "ingredient=salt",
        ),
        *("not_ingredient=shrimp", "max_total_minutes=90", "min_total_minutes=5", "count=true"),
        *("created_after=2020-01-01T00:00:00Z", "updated_after=2020-01-01T00:00:00Z"),
        *("facets=tag,total_minutes", "view=full"),
    ]
)
FILTERED = [
    *(
        "",
        "count=true",
        "tag=quick",
        "tag=quick&count=true&facets=tag",
        "any_tag=quick&any_tag=easy",
    ),
    *("tag=quick&tag=dessert&not_tag=family", "ingredient=salt", "not_ingredient=salt"),
    *("max_total_minutes=30&count=true", "max_prep_minutes=10", "source=Sunday+Table"),
    *("updated_after=2020-01-01T00:00:00Z&facets=total_minutes", "submitter_id=me", "tag=nothing"),
    *("view=full&facets=tag,total_minutes", "fields=id,label", ALL_AT_ONCE),
]
SEARCHES = [
    *("q=soup", "q=easy+chicken", "q=%22with+rice%22+-beef", "q=soup&tag=quick&count=true"),
    *("q=salt&max_total_minutes=60&facets=tag,total_minutes", "q=nothingatall+soup", "q=-soup"),
    *("q=so", f"q=soup&{ALL_AT_ONCE}"),
]


@pytest.fixture(params=[recipe_list.SMALL_RESULT, 3], ids=["few", "many"])
def _either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few rows are found and sorted, for many an index is walked."""
    monkeypatch.setattr(recipe_list, "SMALL_RESULT", request.param)


class Counting:
    """The application with recipes in it, and how many statements its answers take."""

    def __init__(self, app: FastAPI, client: TestClient, user: Account) -> None:
        self.app = app
        self.client = client
        self.user = user
        self.statements: list[str] = []
        self.documents = demo_recipes(10_000, 1)

    def add(self, count: int) -> None:
        """More recipes."""
        some = [next(self.documents) for _ in range(count)]
        self.app.state.transactions.run_now(crud.recipe.add_many, some, submitter_id=self.user.id)

    def get(self, path: str) -> dict[str, Any]:
        self.statements.clear()
        answer = self.client.get(f"{API}{path}", headers=self.user.headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def count(self, query: str) -> int:
        """The statements of the list for a query; the one before them learns who asks."""
        self.get(f"/recipes?{query}")
        return len(self.statements) - 1


@pytest.fixture
def counting(
    app: FastAPI, client: TestClient, user: Account, monkeypatch: pytest.MonkeyPatch
) -> Counting:
    counting = Counting(app, client, user)
    reader = type(app.state.reader)
    run = reader._run

    async def noting(self: Reader, sql: str, parameters: Any, heavy: bool) -> Any:
        # Background tasks look for unfinished deletions and for free connections at any moment.
        if "email_key LIKE" not in sql and "max_connections" not in sql:
            counting.statements.append(sql)
        return await run(self, sql, parameters, heavy)

    monkeypatch.setattr(reader, "_run", noting)
    counting.add(150)
    return counting


@pytest.mark.usefixtures("_either_way")
def test_a_filtered_list_takes_as_many_for_any_limit_and_any_number_of_recipes(
    counting: Counting, subtests: pytest.Subtests
) -> None:
    numbers: dict[tuple[str, str], set[int]] = {}
    for more in (1, 600):
        counting.add(more)
        for query in [*FILTERED, *SEARCHES]:
            for sort in ("-created_at", "label", "total_minutes"):
                for limit in LIMITS:
                    number = counting.count(f"{query}&sort={sort}&limit={limit}")
                    numbers.setdefault((query, sort), set()).add(number)
    for (query, sort), found in numbers.items():
        with subtests.test(f"{query} {sort}"):
            # The index of the rows that are few is looked for, and may not be found. Tags of no
            # public recipe are spelled as the viewer's own documents do.
            more = 2 if "after" in query or "minutes" in query else 0
            assert max(found) - min(found) <= more + ("facets=tag" in query)
            assert max(found) <= MOST


def test_a_search_takes_one_for_each_field_at_most(
    counting: Counting, subtests: pytest.Subtests
) -> None:
    before = {query: counting.count(f"{query}&limit=100") for query in SEARCHES}
    counting.add(600)
    for query in SEARCHES:
        with subtests.test(query):
            found = [counting.count(f"{query}&limit={limit}") for limit in LIMITS]
            # A page ends in the first field that fills it.
            assert found == sorted(found)
            assert found[-1] - found[0] < TIERS
            assert found[-1] <= before[query]
            assert max(found) <= MOST


def test_the_next_pages_take_no_more(counting: Counting, subtests: pytest.Subtests) -> None:
    for query in ("sort=label", "tag=quick", "q=soup", "ingredient=salt&sort=total_minutes"):
        with subtests.test(query):
            page = counting.get(f"/recipes?{query}&limit=2")
            first = len(counting.statements)
            while page["next_cursor"]:
                page = counting.get(f"/recipes?{query}&limit=2&cursor={page['next_cursor']}")
                assert len(counting.statements) < first + TIERS


def test_a_misspelled_word_takes_a_few_more(counting: Counting, subtests: pytest.Subtests) -> None:
    for more in (1, 600):
        counting.add(more)
        for query in ("q=chikcen", "q=potatoe+chikcen", "q=soup+chikcen&tag=quick", "q=xyzzyxyzzy"):
            for limit in LIMITS:
                with subtests.test(f"{query} {limit} {more}"):
                    everything = f"{query}&limit={limit}&count=true&facets=tag,total_minutes"
                    assert counting.count(everything) <= MOST_WITH_A_MISSPELLED_WORD
                    assert counting.count(query) <= MOST_WITH_A_MISSPELLED_WORD
    assert counting.get("/recipes?q=chikcen")["corrected"] == {"chikcen": "chicken"}


def test_many_misspelled_words_take_a_bounded_number(counting: Counting) -> None:
    words = [f"chikcen{number}" for number in range(5)] + ["chikcen", "potatoo", "tomatto"]
    eight = counting.count(f"q={'+'.join(words)}")
    many = counting.count(f"q={'+'.join(words + [f'souup{number}' for number in range(20)])}")
    assert many <= eight + TIERS
    assert eight <= 2 * len(words) + MOST_WITH_A_MISSPELLED_WORD


def test_other_lists_take_a_few(counting: Counting, subtests: pytest.Subtests) -> None:
    # Tags that no public recipe has are spelled as the viewer's own documents do: one more.
    for path, most in {
        "/tags": 3,
        "/tags?count=true&kind=cuisine&q=a&limit=100": 4,
        "/recipes/my-recipes": 2,
        "/recipes/search?keyword=soup": 2 + TIERS,
    }.items():
        with subtests.test(path):
            assert counting.get(path)
            assert len(counting.statements) <= most
