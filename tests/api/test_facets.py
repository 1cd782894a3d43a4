"""Facets: each count is what the filter that it stands for would find."""

from collections import Counter
from functools import partial
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app import crud
from app.crud.listing.facets import MINUTES, MOST_RECIPES, MOST_TAGS
from app.schemas.recipe import RecipeDocument
from tests.factories import API, Account, create_recipe
from tests.problems import assert_invalid
from tests.recipe_corpus import RecipeCorpus

BOTH = "facets=tag,total_minutes"
QUERIES = [
    *("", "tag=soup", "tag=soup&tag=thai", "any_tag=soup&any_tag=thai", "not_tag=soup"),
    *("ingredient=tomato", "not_ingredient=tomato", "max_prep_minutes=10", "submitter_id=me"),
    *("source=nonna+%26+co", "created_after=@stew", "updated_after=@sea", "q=tomato"),
    *("q=tomato&tag=soup", "q=curry", "q=-tomato", "q=tomato&ingredient=basil", "q=bread"),
    *("q=tomatto", "q=tomatto&not_tag=italian"),
]


@pytest.fixture
def corpus(client: TestClient, user: Account, other_user: Account) -> RecipeCorpus:
    return RecipeCorpus(client, user, other_user)


def facets(corpus: RecipeCorpus, query: str) -> dict[str, Any]:
    found: dict[str, Any] = corpus.page(f"{query}&{BOTH}")["facets"]
    assert list(found) == ["tag", "total_minutes"]
    return found


def total(corpus: RecipeCorpus, query: str) -> int:
    found: int = corpus.page(f"{query}&count=true")["total"]
    return found


def tags_of(items: list[dict[str, Any]]) -> dict[tuple[str, str], int]:
    """How many of the items have each tag, without case."""
    return Counter((tag["kind"], tag["name"].casefold()) for item in items for tag in item["tags"])


def test_each_tag_of_what_is_found_is_counted_and_no_other(
    corpus: RecipeCorpus, subtests: pytest.Subtests
) -> None:
    for query in QUERIES:
        with subtests.test(query):
            counted = facets(corpus, query)["tag"]
            counts = {(tag["kind"], tag["name"].casefold()): tag["count"] for tag in counted}
            assert len(counts) == len(counted)
            assert counts == tags_of(corpus.page(f"{query}&limit=100")["items"])


def test_a_count_is_what_the_filter_finds(corpus: RecipeCorpus, subtests: pytest.Subtests) -> None:
    for query in QUERIES:
        with subtests.test(query):
            found = facets(corpus, query)
            for tag in found["tag"]:
                narrower = f"{query}&tag={tag['kind']}:{tag['name']}"
                assert total(corpus, narrower) == tag["count"]
            assert [each["max"] for each in found["total_minutes"]] == list(MINUTES)
            for each in found["total_minutes"]:
                assert total(corpus, f"{query}&max_total_minutes={each['max']}") == each["count"]


def test_the_most_frequent_come_first_then_by_kind_and_name(corpus: RecipeCorpus) -> None:
    assert facets(corpus, "")["tag"] == [
        {"kind": kind, "name": name, "count": count}
        for kind, name, count in [
            ("cuisine", "Thai", 3),
            ("keyword", "soup", 3),
            # By the name as it was written first.
            ("category", "Dessert", 2),
            ("cuisine", "Italian", 2),
            ("category", "Stew", 1),
            ("diet", "Vegan", 1),
            ("keyword", "cuisine:Italian", 1),
            ("keyword", "foo:bar", 1),
            ("keyword", "spicy", 1),
            ("keyword", "Thai", 1),
        ]
    ]


def test_only_so_many_tags_are_told(
    client: TestClient, user: Account, corpus: RecipeCorpus
) -> None:
    for tags in ([f"b{number:02}" for number in range(60)], [f"a{number}" for number in range(9)]):
        create_recipe(client, user, label="Tagged", tags=tags)
    create_recipe(client, user, label="Tagged", tags=["b59", {"kind": "tool", "name": "Wok"}])
    counted = facets(corpus, "q=tagged")["tag"]
    names = ["b59", *(f"a{number}" for number in range(9)), *(f"b{n:02}" for n in range(60))]
    assert [tag["name"] for tag in counted] == names[:MOST_TAGS]
    assert [tag["count"] for tag in counted] == [2] + [1] * (MOST_TAGS - 1)


def test_a_facet_is_there_only_where_it_is_asked_for(
    corpus: RecipeCorpus, subtests: pytest.Subtests
) -> None:
    whole = facets(corpus, "q=tomato")
    assert "facets" not in corpus.page("q=tomato")
    for asked, names in {
        "tag": ["tag"],
        "total_minutes": ["total_minutes"],
        "total_minutes,tag": ["total_minutes", "tag"],
        "tag,%20total_minutes": ["tag", "total_minutes"],
        "tag,tag": ["tag"],
    }.items():
        with subtests.test(asked):
            found = corpus.page(f"q=tomato&facets={asked}")["facets"]
            assert found == {name: whole[name] for name in names}


def test_a_facet_is_of_the_whole_list_whatever_the_page(
    corpus: RecipeCorpus, subtests: pytest.Subtests
) -> None:
    for query in ("", "q=tomato", "tag=soup", "q=tomatto"):
        whole = facets(corpus, query)
        for how in ("limit=1", "sort=label", "view=full", "fields=label", "count=true"):
            with subtests.test(f"{query} {how}"):
                assert facets(corpus, f"{query}&{how}") == whole
        with subtests.test(f"{query} second page"):
            cursor = corpus.page(f"{query}&limit=1")["next_cursor"]
            assert facets(corpus, f"{query}&limit=1&cursor={cursor}") == whole


def test_a_corrected_search_has_the_facets_of_what_was_meant(corpus: RecipeCorpus) -> None:
    page = corpus.page(f"q=tomatto+soop&{BOTH}")
    assert page["corrected"] == {"tomatto": "tomato", "soop": "soup"}
    assert page["facets"] == facets(corpus, "q=tomato+soup")


NOTHING = ["q=xyzzyx", "q=%22", "q=tomato&tag=diet:vegan&tag=soup", "tag=nothing", "ingredient=%25"]
NOTHING += ["any_tag=nothing", "source=nobody", "max_total_minutes=0", "ingredient=xyzzyx"]


def test_of_nothing_there_are_no_tags_and_no_times(
    corpus: RecipeCorpus, subtests: pytest.Subtests
) -> None:
    for query in NOTHING:
        with subtests.test(query):
            page = corpus.page(f"{query}&{BOTH}")
            assert page["items"] == []
            times = [{"max": minutes, "count": 0} for minutes in MINUTES]
            assert page["facets"] == {"tag": [], "total_minutes": times}


def test_a_facet_that_there_is_not_is_refused(
    corpus: RecipeCorpus, subtests: pytest.Subtests
) -> None:
    for asked in ("nonsense", "tag,nonsense", "", ",", "tag,", "Tag", "tag;total_minutes"):
        for query in ("", "q=tomato", "q=xyzzyx", "tag=nothing"):
            with subtests.test(f"{query} {asked}"):
                assert_invalid(corpus.get(f"{query}&facets={asked}"), "facets")
    assert_invalid(corpus.get("facets=" + "tag," * 25 + "tag"), "facets")


@pytest.mark.parametrize("query", ["", "&q=soup"])
def test_of_very_many_the_latest_are_counted(
    client: TestClient, app: FastAPI, user: Account, query: str
) -> None:
    tagged = {"label": "Soup", "tags": ["old"], "total_minutes": 200}
    document = RecipeDocument.model_validate(tagged).model_dump()
    newer = document | {"tags": [{"kind": "keyword", "name": "new"}], "total_minutes": 20}
    add_many = partial(app.state.transactions.run_now, crud.recipe.add_many, submitter_id=user.id)
    add_many([document] * 10)
    add_many([newer] * (MOST_RECIPES - 3))
    answer = client.get(f"{API}/recipes?limit=1&{BOTH}{query}")
    counts = {tag["name"]: tag["count"] for tag in answer.json()["facets"]["tag"]}
    assert counts == {"new": MOST_RECIPES - 3, "old": 3}
    times = {each["max"]: each["count"] for each in answer.json()["facets"]["total_minutes"]}
    assert times[30] == times[180] == MOST_RECIPES - 3
    assert times[240] == MOST_RECIPES
