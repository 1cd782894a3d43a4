"""Filters of the list: what each finds, alone and together, in every sort."""

from datetime import datetime, timedelta, timezone

import pytest
from fastapi.testclient import TestClient

from app.crud.listing import recipes as recipe_list
from app.schemas.recipe import RecipePublic, RecipeSummary
from tests.factories import API, Account
from tests.problems import assert_invalid, assert_problem
from tests.recipe_corpus import ALL, RecipeCorpus, all_sorts_of, in_order, sorts_of

RECIPES = f"{API}/recipes"
AFTER = ("created_after", "updated_after")

# What is asked for, and the names of what is found. @name is when that recipe was created.
FILTERS: dict[str, str] = {
    "": ALL,
    # Tags: the name alone means any kind
    "tag=soup": "soup stew secret",
    "tag=SOUP": "soup stew secret",
    "tag=keyword:soup": "soup stew secret",
    "tag=KEYWORD:Soup": "soup stew secret",
    "tag=category:soup": "",
    "tag=italian": "soup pasta",
    "tag=cuisine:Italian": "soup pasta",
    "tag=keyword:cuisine:italian": "brulee",
    "tag=thai": "secret curry sea",
    "tag=cuisine:thai": "secret curry sea",
    "tag=keyword:thai": "sea",
    "tag=dessert": "kuchen brulee",
    "tag=foo:bar": "kuchen",
    "tag=keyword:foo:bar": "kuchen",
    "tag=foo": "",
    "tag=bar": "",
    "tag=nothing": "",
    "tag=cuisine:": "",
    "tag=:": "",
    "tag=%25": "",
    "tag=soup&tag=soup": "soup stew secret",
    "tag=soup&tag=thai": "secret",
    "tag=soup&tag=cuisine:italian": "soup",
    "tag=soup&tag=nothing": "",
    "any_tag=soup&any_tag=thai": "soup stew secret curry sea",
    "any_tag=soup&any_tag=nothing": "soup stew secret",
    "any_tag=nothing": "",
    "any_tag=diet:vegan&any_tag=category:dessert": "pasta kuchen brulee",
    "any_tag=soup&tag=thai": "secret",
    "any_tag=nothing&tag=thai": "",
    "not_tag=soup": "pasta bread kuchen brulee curry sea",
    "not_tag=soup&not_tag=thai": "pasta bread kuchen brulee",
    "not_tag=nothing": ALL,
    "not_tag=cuisine:soup": ALL,
    "tag=soup&not_tag=italian": "stew secret",
    "tag=soup&not_tag=SOUP": "",
    "any_tag=italian&any_tag=thai&not_tag=soup": "pasta curry sea",
    # Ingredients, in any form
    "ingredient=tomato": "soup stew pasta secret",
    "ingredient=Tomatoes": "soup stew pasta secret",
    "ingredient=äpfel": "kuchen",
    "ingredient=apfel": "kuchen",
    "ingredient=jaune": "brulee",
    "ingredient=milk": "bread secret curry sea",
    "ingredient=coconut+milk": "secret curry sea",
    "ingredient=tomato&ingredient=basil": "soup pasta",
    "ingredient=soup": "",
    "ingredient=tom": "",
    "ingredient=tomatto": "",
    "ingredient=unobtainium": "",
    "ingredient=%25": "",
    "ingredient=tomato&ingredient=%25": "",
    "not_ingredient=tomatoes": "bread kuchen brulee curry sea",
    "not_ingredient=milk": "soup stew pasta kuchen brulee",
    "not_ingredient=coconut+milk": "soup stew pasta bread kuchen brulee",
    "not_ingredient=tomato&not_ingredient=milk": "kuchen brulee",
    "not_ingredient=unobtainium": ALL,
    "not_ingredient=%25": ALL,
    "ingredient=curry&not_ingredient=shrimp": "curry",
    # Times: what has none is never found
    "max_total_minutes=30": "soup pasta secret curry sea",
    "max_total_minutes=29": "pasta secret",
    "max_total_minutes=0": "",
    "max_total_minutes=10000000": "soup stew pasta kuchen brulee secret curry sea",
    "min_total_minutes=0": "soup stew pasta kuchen brulee secret curry sea",
    "min_total_minutes=60": "stew kuchen brulee",
    "min_total_minutes=15&max_total_minutes=30": "soup pasta curry sea",
    "min_total_minutes=31&max_total_minutes=30": "",
    "max_prep_minutes=10": "soup pasta brulee secret",
    "max_prep_minutes=0": "brulee",
    "max_prep_minutes=10&max_total_minutes=30": "soup pasta secret",
    # Moments: later, not at the same time
    "created_after=@brulee": "secret curry sea",
    "created_after=@curry": "sea",
    "created_after=@sea": "",
    "created_after=2020-01-01T05:30:00%2B05:30": ALL,
    "updated_after=@sea": "soup",
    "updated_after=@curry": "soup sea",
    "updated_after=2999-01-01T00:00:00Z": "",
    "updated_after=2020-01-01T00:00:00-08:00": ALL,
    # Whose, and where from
    "submitter_id=me": "soup stew pasta bread kuchen brulee secret",
    "source=nonna+%26+co": "soup stew",
    "source=nonna": "",
    "url=http://www.example.com/soup/": "soup",
    # Together
    "submitter_id=me&tag=thai": "secret",
    "source=nonna+%26+co&max_total_minutes=30": "soup",
    "created_after=@soup&tag=soup": "stew secret",
    "updated_after=@curry&tag=thai": "sea",
    "ingredient=tomato&tag=soup": "soup stew secret",
    "ingredient=tomato&not_tag=soup": "pasta",
    "ingredient=tomato&max_total_minutes=30": "soup pasta secret",
    "ingredient=milk&max_total_minutes=15": "secret",
    "ingredient=tomato&any_tag=vegan&any_tag=stew": "stew pasta",
    "tag=soup&max_total_minutes=30": "soup secret",
    "tag=thai&min_total_minutes=30&not_ingredient=shrimp": "curry",
    # With a search
    "q=tomato": "soup stew pasta secret",
    "q=tomato&tag=soup": "soup stew secret",
    "q=tomato&tag=soup&not_tag=italian": "stew secret",
    "q=tomato&tag=nothing": "",
    "q=tomato&any_tag=vegan&any_tag=stew": "stew pasta",
    "q=tomato&max_total_minutes=30": "soup pasta secret",
    "q=tomato&min_total_minutes=31": "stew",
    "q=tomato&max_prep_minutes=5": "pasta secret",
    "q=tomato&ingredient=basil": "soup pasta",
    "q=tomato&not_ingredient=basil": "stew secret",
    "q=tomato&source=nonna+%26+co": "soup stew",
    "q=tomato&url=https://example.com/soup": "soup",
    "q=tomato&created_after=@stew": "pasta secret",
    "q=tomato&updated_after=@sea": "soup",
    "q=tomato&submitter_id=me": "soup stew pasta secret",
    "q=curry&submitter_id=me": "",
    "q=curry&max_total_minutes=30": "curry sea",
    "q=curry&max_total_minutes=15": "",
    "q=soup&max_total_minutes=15": "secret",
    "q=soup&updated_after=@sea": "soup",
    "q=thai&not_tag=spicy": "secret sea",
    "q=-tomato": "bread kuchen brulee curry sea",
    "q=-tomato&tag=thai": "curry sea",
    "q=%22": "",
}


@pytest.fixture(params=[recipe_list.SMALL_RESULT, 3], ids=["few", "many"])
def _either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few rows are found and sorted, for many an index is walked: with the same answer."""
    monkeypatch.setattr(recipe_list, "SMALL_RESULT", request.param)


@pytest.fixture
def corpus(client: TestClient, user: Account, other_user: Account) -> RecipeCorpus:
    return RecipeCorpus(client, user, other_user)


@pytest.mark.usefixtures("_either_way")
def test_what_is_asked_for_is_what_is_found(
    corpus: RecipeCorpus, subtests: pytest.Subtests
) -> None:
    for query, names in FILTERS.items():
        with subtests.test(query):
            for sort in sorts_of(query):
                page = corpus.page(f"{query}&sort={sort}&limit=100&count=true")
                found = sorted(corpus.names_of(page["items"])), page["total"]
                assert (sort, *found) == (sort, sorted(names.split()), len(names.split()))
                if sort != "relevance":
                    assert page["items"] == in_order(page["items"], sort)


def test_a_misspelled_word_is_corrected_in_every_sort(
    corpus: RecipeCorpus, subtests: pytest.Subtests
) -> None:
    for sort in all_sorts_of("q="):
        with subtests.test(sort):
            page = corpus.page(f"q=tomatto&sort={sort}&count=true")
            assert page["corrected"] == {"tomatto": "tomato"}
            assert sorted(corpus.names_of(page["items"])) == ["pasta", "secret", "soup", "stew"]
            assert page["total"] == 4
            pages = corpus.pages(f"q=tomatto&sort={sort}&limit=1")
            assert [item for each in pages for item in each] == page["items"]


def test_the_whole_recipes_are_the_same_ones(
    corpus: RecipeCorpus, subtests: pytest.Subtests
) -> None:
    for query in FILTERS:
        with subtests.test(query):
            summaries = corpus.page(f"{query}&limit=100")["items"]
            whole = corpus.page(f"{query}&limit=100&view=full")["items"]
            assert corpus.names_of(whole) == corpus.names_of(summaries)
            for item in whole:
                assert list(item) == list(RecipePublic.model_fields)


def test_a_moment_is_the_same_in_every_zone(
    corpus: RecipeCorpus, subtests: pytest.Subtests
) -> None:
    moment = datetime.fromisoformat(corpus.created["curry"])
    for hours in (-12, -3.5, 0, 5.75, 14):
        for microseconds, names in ((-1, ["sea", "curry"]), (0, ["sea"])):
            zone = timezone(timedelta(hours=hours))
            text = (moment + timedelta(microseconds=microseconds)).astimezone(zone).isoformat()
            with subtests.test(text):
                for name in AFTER:
                    page = corpus.page(f"{name}={text.replace('+', '%2B')}&tag=thai")
                    assert corpus.names_of(page["items"]) == names


# --- What an item has ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("view", "members"),
    [("summary", RecipeSummary.model_fields), ("full", RecipePublic.model_fields)],
    ids=["summary", "full"],
)
@pytest.mark.parametrize("query", ["", "q=tomato", "tag=soup", "sort=label", "sort=total_minutes"])
def test_fields_are_the_only_members(
    corpus: RecipeCorpus, query: str, view: str, members: dict[str, object]
) -> None:
    query = f"{query}&view={view}"
    whole = corpus.page(query)
    for fields in ("id,label", "label", "tags", "version,%20label", ",".join(members)):
        page = corpus.page(f"{query}&fields={fields}&limit=3")
        wanted = {name.removeprefix("%20") for name in fields.split(",")}
        assert page["items"] == [
            {name: value for name, value in item.items() if name in wanted}
            for item in whole["items"][:3]
        ]
    pages = corpus.pages(f"{query}&fields=label&limit=2")
    walked = [item["label"] for page in pages for item in page]
    assert walked == [item["label"] for item in whole["items"]]


def test_a_list_may_be_of_whole_recipes(corpus: RecipeCorpus, client: TestClient) -> None:
    (item,) = corpus.page("url=https://example.com/soup&view=full")["items"]
    assert item == client.get(f"{RECIPES}/{item['id']}").json()


# --- Refused -------------------------------------------------------------------------------------

REFUSED: list[tuple[str, str]] = [
    *((f"{name}={'x' * 121}", name) for name in ("tag", "any_tag", "not_tag")),
    *((f"{name}={'x' * 101}", name) for name in ("ingredient", "not_ingredient")),
    *((f"{name}=", name) for name in ("tag", "any_tag", "not_tag", "ingredient")),
    *((f"{name}=-1", name) for name in ("max_total_minutes", "min_total_minutes")),
    *((f"max_prep_minutes={value}", "max_prep_minutes") for value in ("1.5", "", "x", "1e1")),
    ("max_total_minutes=100000000000000000000", "max_total_minutes"),
    *(("sort=rating", "sort"), ("q=tomato&sort=rating", "sort"), ("sort=-relevance", "sort")),
    *(("sort=relevance", "sort"), ("sort=relevance&tag=soup", "sort")),
    *(("fields=", "fields"), ("fields=id,colour", "fields"), ("fields=id,,label", "fields")),
    *(("fields=ingredients", "fields"), ("fields=label_key&view=full", "fields")),
    *(("fields=deleted_at&view=full", "fields"), ("view=whole", "view"), ("view=", "view")),
    *(("facets=", "facets"), ("facets=nonsense", "facets"), ("q=" + "x" * 1001, "q")),
    *((f"deleted=true&{name}=soup", name) for name in ("q", "tag", "any_tag", "not_tag")),
    *((f"deleted=true&{name}=rice", name) for name in ("ingredient", "not_ingredient")),
    ("deleted=true&facets=tag", "facets"),
]
NO_MOMENTS = ["2026-11-01T00:00:00", "2026-11-01", "yesterday", "", "2026-13-01T00:00:00Z"]
NO_MOMENTS += ["1700000000", "0.5"]
NO_MOMENTS += ["2026-11-01T25:00:00Z", "2026-11-01T00:00:00%2B25:00", "2026-11-01T00:00:00+01:00"]


def test_what_is_wrong_is_named(corpus: RecipeCorpus, subtests: pytest.Subtests) -> None:
    moments = [(f"{name}={text}", name) for text in NO_MOMENTS for name in AFTER]
    for query, name in [*REFUSED, *moments]:
        with subtests.test(query[:50]):
            assert_invalid(corpus.get(query), name)


def test_more_than_ten_of_a_kind_are_refused(
    corpus: RecipeCorpus, subtests: pytest.Subtests
) -> None:
    for name in ("tag", "any_tag", "not_tag", "ingredient", "not_ingredient"):
        with subtests.test(name):
            several = "&".join(f"{name}=tomato{number}" for number in range(10))
            assert corpus.get(several).status_code == 200
            assert_invalid(corpus.get(f"{several}&{name}=tomato"), name)


def test_a_moment_that_no_clock_shows_is_no_error_of_the_server(
    corpus: RecipeCorpus, subtests: pytest.Subtests
) -> None:
    for text in ("0001-01-01T00:00:00%2B23:59", "9999-12-31T23:59:59-23:59"):
        for name in AFTER:
            with subtests.test(f"{name}={text}"):
                answer = corpus.get(f"{name}={text}")
                assert answer.status_code == 200 or assert_problem(answer, 422)


def test_as_much_as_one_may_ask_for_is_answered(corpus: RecipeCorpus) -> None:
    tags = [f"{name}=soup" for name in ("tag", "any_tag") for _ in range(10)]
    foods = [f"ingredient={'a+' * 46}tomato" for _ in range(10)]
    without = [f"not_ingredient={'b+' * 46}{number}" for number in range(10)]
    words = "q=" + "+".join(f"{letter}{letter} -z{letter}" for letter in "abcdefghijklmnop")
    for query in ([*tags, *foods, *without, words], [*tags, *foods, *without], [words, *without]):
        for sort in ("label", "-created_at"):
            page = corpus.page("&".join([*query, f"sort={sort}", "count=true", "facets=tag"]))
            assert page["total"] == 0


# --- The trash -----------------------------------------------------------------------------------

IN_TRASH = {
    "": True,
    "max_total_minutes=30": True,
    "max_total_minutes=29": False,
    "min_total_minutes=30": True,
    "max_prep_minutes=10": True,
    "source=nonna+%26+co": True,
    "source=nonna": False,
    "url=https://example.com/soup": True,
    "created_after=@secret": True,
    "updated_after=@secret": True,
    "updated_after=2999-01-01T00:00:00Z": False,
    "submitter_id=me": True,
}


@pytest.mark.usefixtures("_either_way")
def test_the_trash_has_the_filters_of_the_columns(
    corpus: RecipeCorpus, subtests: pytest.Subtests
) -> None:
    for query, found in IN_TRASH.items():
        with subtests.test(query):
            for sort in sorts_of(query):
                page = corpus.page(f"{query}&deleted=true&sort={sort}&count=true")
                assert [item["label"] for item in page["items"]] == ["Tomato soup"] * found
                assert page["total"] == found
