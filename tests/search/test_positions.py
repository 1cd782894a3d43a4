"""Very long documents: both databases know the positions of the same words."""

from collections.abc import Sequence
from itertools import product

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.ops.reindex import reindex
from tests.factories import API, Account, create_recipe

RECIPES = f"{API}/recipes"
each_visibility = pytest.mark.parametrize("visibility", ["public", "private"])


def steps_of(words: Sequence[str], length: int) -> list[str]:
    """The words as steps of so many."""
    return [" ".join(words[at : at + length]) for at in range(0, len(words), length)]


def assert_found(
    client: TestClient, user: Account, recipe_id: int, queries: dict[str, bool]
) -> None:
    for query, found in queries.items():
        answer = client.get(RECIPES, params={"q": query}, headers=user.headers).json()
        ids = [item["id"] for item in answer["items"]]
        assert (query, ids) == (query, [recipe_id] if found else [])


@each_visibility
def test_a_word_that_is_there_very_often_is_found(
    app: FastAPI, client: TestClient, user: Account, visibility: str
) -> None:
    create_recipe(client, user, label="Another", notes="n1 n300 pot")
    # Between every two of them another word, so that a phrase tells which one it is.
    words = [word for number in range(1, 301) for word in ("peppers", f"n{number}")]
    steps = steps_of(words, 100)
    recipe = create_recipe(client, user, steps=steps, visibility=visibility)
    queries = {
        "peppers": True,
        "pepper": True,
        "pepp": True,
        '"pancakes" peppers': True,
        "peppers n300": True,
        "n300 n1 -pot": True,
        "peppers -n300": False,
        '"peppers n1"': True,
        '"peppers n254"': True,
        '"peppers n255"': True,
        # Behind its 255th place it is in no phrase, in either database.
        '"peppers n256"': False,
        '"n256 peppers"': False,
        '"peppers n300"': False,
        '"n1 peppers n2"': True,
        '"n254 peppers n255"': True,
        '"n2 peppers n1"': False,
        # A step ends here.
        '"n50 peppers"': False,
        '"n51 peppers"': True,
    }
    assert_found(client, user, recipe["id"], queries)
    list(reindex(app.state.transactions))
    assert_found(client, user, recipe["id"], queries)


@each_visibility
def test_a_document_of_very_many_words_is_found(
    app: FastAPI, client: TestClient, user: Account, visibility: str
) -> None:
    # Only some thousand different words are indexed, so most of these come again and again.
    words = [
        f"w{number}" if number <= 1000 or number >= 16_000 else f"again{number % 500}"
        for number in range(1, 18_001)
    ]
    tags = ["w17990 w17991", "w5"]
    steps = steps_of(words, 1000)
    recipe = create_recipe(client, user, steps=steps, tags=tags, visibility=visibility)
    queries = {
        **{f"w{number}": True for number in (1, 5, 16_000, 16_500, 17_000, 18_000)},
        **{f"w1 w{number}": True for number in (2, 16_000, 16_500, 18_000)},
        "w1 w99999999": False,
        "w18000 -w17999": False,
        "w1800": True,
        "pancakes w18000": True,
        '"w1 w2"': True,
        '"w998 w999 w1000"': True,
        # A step ends here.
        '"w1000 w1001"': False,
        '"w16000 w16001"': False,
        '"w16001 w16002"': True,
        '"w16310 w16311"': True,
        # Behind the 16,383rd place a word is in no phrase, in either database.
        '"w16390 w16391"': False,
        '"w16500 w16501"': False,
        '"w17999 w18000"': False,
        # Tags stand before the steps.
        '"w17990 w17991"': True,
        '"w17991 w17992"': False,
    }
    assert_found(client, user, recipe["id"], queries)
    list(reindex(app.state.transactions))
    assert_found(client, user, recipe["id"], queries)


@each_visibility
def test_a_document_of_the_greatest_size_is_found(
    app: FastAPI, client: TestClient, user: Account, visibility: str
) -> None:
    # Different words, each with a stem: only the first MAX_DIFFERENT_WORDS are found.
    letters = product("abcdefghijklmnop", repeat=4)
    words = [f"many{''.join(each)}beans" for _, each in zip(range(36_000), letters, strict=False)]
    steps = steps_of(words, 700)
    recipe = create_recipe(client, user, steps=steps, visibility=visibility)
    queries = {words[0]: True, f'"{words[0]} {words[1]}"': True, words[3900]: True}
    queries |= {f'"{words[1]} {words[0]}"': False, words[0].removesuffix("s"): True}
    # In quotes nothing is corrected.
    queries |= {"pancakes": True, f'"{words[4000]}"': False, f'"{words[-1]}"': False}
    assert_found(client, user, recipe["id"], queries)
    list(reindex(app.state.transactions))
    assert_found(client, user, recipe["id"], queries)
