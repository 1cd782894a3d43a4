"""Search: one corpus and one table of queries, with the same answers on both databases."""

from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from app.search.query import MAX_COMPLETIONS as COMPLETIONS
from tests.factories import API, Account, create_recipe
from tests.problems import assert_invalid, assert_problem

RECIPES = f"{API}/recipes"

# From the oldest to the latest, by the names that the table uses.
CORPUS: dict[str, dict[str, Any]] = {
    "soup": {
        "label": "Tomato soup",
        "ingredients": ["1 kg tomatoes", "1 onion", "basil"],
        "steps": ["Simmer the tomatoes gently."],
        "tags": ["soup", {"kind": "cuisine", "name": "Italian"}],
        "total_minutes": 40,
    },
    "brulee": {
        "label": "Crème brûlée",
        "language": "fr",
        "ingredients": ["6 jaunes d'œufs", "50 cl de crème", "sucre"],
        "tags": [{"kind": "category", "name": "Dessert"}],
        "total_minutes": 60,
    },
    "thai": {
        "label": "Pad Thai",
        "ingredients": ["rice noodles", "200 g shrimp", "tofu"],
        "tags": ["noodles", {"kind": "cuisine", "name": "Thai"}],
        "total_minutes": 30,
    },
    "curry": {
        "label": "Red curry with chicken",
        "ingredients": ["400 g chicken breast", "red curry paste", "coconut milk"],
        "tags": [{"kind": "cuisine", "name": "Thai"}, "spicy"],
        "total_minutes": 30,
    },
    "shrimp": {
        "label": "Red curry of the sea",
        "ingredients": ["300 g shrimp", "red curry paste", "coconut milk"],
        "tags": [{"kind": "cuisine", "name": "Thai"}],
    },
    "pie": {
        "label": "Pot pie",
        "description": "Nobody leaves any of this chicken pie.",
        "ingredients": ["2 carrots", "200 g flour"],
        "notes": "Red wine goes with it, and so does curry.",
        "total_minutes": 90,
    },
    "salad": {
        "label": "Green salad",
        "ingredients": ["lettuce", "1 tomato"],
        "tags": ["chicken-free", {"kind": "diet", "name": "Vegan"}],
        "source": "Grandmother's book",
        "total_minutes": 10,
    },
    "kuchen": {
        "label": "Apfelkuchen",
        "language": "de",
        "ingredients": ["500 g Äpfel", "Mehl", "Zucker"],
        "steps": ["Die Äpfel schälen und schneiden."],
        "tags": [{"kind": "category", "name": "dessert"}],
    },
    "miso": {"label": "味噌汁 Miso soup", "language": "ja", "ingredients": ["味噌", "豆腐 tofu"]},
}

# What is typed, and what is found in this order.
QUERIES: dict[str, list[str]] = {
    # Words in any form, case and spelling
    "tomatoes": ["soup", "salad"],
    "tomato": ["soup", "salad"],
    "TOMATO": ["soup", "salad"],
    "creme brulee": ["brulee"],
    "Crème Brûlée": ["brulee"],
    "äpfel": ["kuchen"],
    "apfel": ["kuchen"],
    "oeufs": ["brulee"],
    "œufs": ["brulee"],
    "jaune": ["brulee"],
    "味噌": ["miso"],
    "汁": ["miso"],
    # The field that tells most comes first, then the latest
    "chicken": ["curry", "salad", "pie"],
    "curry": ["shrimp", "curry", "pie"],
    "soup": ["miso", "soup"],
    "thai": ["thai", "shrimp", "curry"],
    "dessert": ["kuchen", "brulee"],
    "tofu": ["miso", "thai"],
    # All the words, wherever they stand
    "red curry": ["shrimp", "curry", "pie"],
    "curry red": ["shrimp", "curry", "pie"],
    "thai chicken": ["curry"],
    "noodles shrimp": ["thai"],
    "pie carrots": ["pie"],
    # The last word may be unfinished
    "pad th": ["thai"],
    "pad t": [],
    "chick": ["curry", "salad", "pie"],
    "tom": ["soup", "salad"],
    "th pad": [],
    # Phrases and exclusion
    '"red curry"': ["shrimp", "curry"],
    '"red curry" -shrimp': ["curry"],
    '"curry red"': [],
    "curry -chicken": ["shrimp"],
    '-"red curry" curry': ["pie"],
    '"tomato soup"': ["soup"],
    '"tomatoes soup"': [],
    '"tomatoes"': ["soup", "salad"],
    "-curry -soup -dessert": ["salad", "thai"],
    "coconut-milk": ["shrimp", "curry"],
    '"red curry': ["shrimp", "curry"],
    # What is no word
    '"': [],
    "*": [],
    "%": [],
    "\\": [],
    "' OR 1=1 --": [],
    "AND": ["pie"],
    "NOT": [],
    "curry AND chicken": ["pie"],
    "label:curry": [],
    "cur*": ["shrimp", "curry", "pie"],
    "(curry)": ["shrimp", "curry", "pie"],
    "curry:*": ["shrimp", "curry", "pie"],
    "'curry' & !x": [],
    "#1": ["salad", "soup"],
    "#9": [],
    "p": [],
    "-": [],
    "--": [],
    "^curry": ["shrimp", "curry", "pie"],
    "NEAR(red curry)": [],
    "{}[]<>|&!:": [],
    "\u200b": [],
}


@pytest.fixture
def corpus(client: TestClient, user: Account) -> dict[int, str]:
    """The corpus, stored: the names of its recipes by their ids."""
    return {
        create_recipe(client, user, **document)["id"]: name for name, document in CORPUS.items()
    }


def found(client: TestClient, corpus: dict[int, str], **query: Any) -> list[str]:
    answer = client.get(RECIPES, params=query)
    assert answer.status_code == 200, answer.text
    return [corpus[item["id"]] for item in answer.json()["items"]]


def test_what_is_typed_and_what_is_found(
    client: TestClient, corpus: dict[int, str], subtests: pytest.Subtests
) -> None:
    for typed, names in QUERIES.items():
        with subtests.test(typed):
            answer = client.get(RECIPES, params={"q": typed})
            assert answer.status_code == 200, answer.text
            assert [corpus[item["id"]] for item in answer.json()["items"]] == names


def test_pages_of_a_search_have_all_of_it_once(
    client: TestClient, corpus: dict[int, str], subtests: pytest.Subtests
) -> None:
    for typed, names in QUERIES.items():
        with subtests.test(typed):
            items, url = [], str(httpx2.URL(RECIPES, params={"q": typed, "limit": 1}))
            while url:
                answer = client.get(url)
                items += answer.json()["items"]
                url = answer.links.get("next", {}).get("url", "")
            assert [corpus[item["id"]] for item in items] == names


TYPOS = {
    "chiken": ({"chiken": "chicken"}, ["curry", "salad", "pie"]),
    "Chiken": ({"chiken": "chicken"}, ["curry", "salad", "pie"]),
    "chciken": ({"chciken": "chicken"}, ["curry", "salad", "pie"]),
    "hicken": ({"hicken": "chicken"}, ["curry", "salad", "pie"]),
    "red cury": ({"cury": "curry"}, ["shrimp", "curry", "pie"]),
    "tomatto soop": ({"tomatto": "tomato", "soop": "soup"}, ["soup"]),
    # From six letters on, two mistakes are corrected; in fewer letters one, in three none.
    "shrlnp": ({"shrlnp": "shrimp"}, ["shrimp", "thai"]),
    # The right word begins or ends like the typed one for a third of its length.
    "chxckxn": ({"chxckxn": "chicken"}, ["curry", "salad", "pie"]),
    "chixxxn": (None, []),
    "cumly": (None, []),
    "pei": (None, []),
    "xyzzyx": (None, []),
    "xyz": (None, []),
    # A word that there is stays, even where others do not go with it.
    "chicken apfelkuchen": (None, []),
}


def test_words_that_nobody_uses_are_corrected(
    client: TestClient, corpus: dict[int, str], subtests: pytest.Subtests
) -> None:
    for typed, (corrected, names) in TYPOS.items():
        with subtests.test(typed):
            page = client.get(RECIPES, params={"q": typed, "limit": 1}).json()
            assert page.get("corrected") == corrected
            found = page["items"]
            while page["next_cursor"]:
                params = {"q": typed, "limit": 1, "cursor": page["next_cursor"]}
                page = client.get(RECIPES, params=params).json()
                assert page["corrected"] == corrected
                found += page["items"]
            assert [corpus[item["id"]] for item in found] == names


def test_of_corrections_as_near_the_most_frequent_word_is_taken(
    client: TestClient, user: Account
) -> None:
    for label in ("Bread", "Broad beans", "Broad noodles"):
        create_recipe(client, user, label=label)
    page = client.get(RECIPES, params={"q": "brxad"}).json()
    assert page["corrected"] == {"brxad": "broad"}


def test_eight_words_of_a_query_are_corrected(client: TestClient, user: Account) -> None:
    words = ["almond", "barley", "carrot", "damson", "endive", "fennel", "ginger", "hominy"]
    create_recipe(client, user, label=" ".join([*words, "icing"]))
    typed = [f"{word}x" for word in [*words, "icing"]]
    eight = dict(zip(typed, words, strict=False))
    page = client.get(RECIPES, params={"q": " ".join(typed[:8])}).json()
    assert (page["corrected"], len(page["items"])) == (eight, 1)
    page = client.get(RECIPES, params={"q": " ".join(typed)}).json()
    assert (page["corrected"], page["items"]) == (eight, [])


def test_a_query_is_bounded(client: TestClient, corpus: dict[int, str]) -> None:
    assert_invalid(client.get(RECIPES, params={"q": "x" * 10_000}), "q")
    assert client.get(RECIPES, params={"q": "curry " * 166}).status_code == 200
    assert client.get(RECIPES, params={"q": "a " * 500}).status_code == 200
    assert client.get(RECIPES, params={"q": '"' * 1000}).status_code == 200
    assert client.get(RECIPES, params={"q": "(" * 1000}).status_code == 200
    assert_problem(client.get(RECIPES, params={"sort": "relevance"}), 422)


def test_what_was_found_is_marked(client: TestClient, corpus: dict[int, str]) -> None:
    page = client.get(RECIPES, params={"q": "tomatoes", "highlight": True, "limit": 1}).json()
    assert page["highlights"] == [
        {
            "label": "<mark>Tomato</mark> soup",
            "ingredients": "1 kg <mark>tomatoes</mark>",
            "rest": "Simmer the <mark>tomatoes</mark> gently.",
        }
    ]
    page = client.get(RECIPES, params={"q": "chiken pie", "highlight": True}).json()
    assert page["highlights"] == [
        {
            "label": "Pot <mark>pie</mark>",
            "rest": "Nobody leaves any of this <mark>chicken</mark> <mark>pie</mark>.",
        }
    ]
    assert "highlights" not in client.get(RECIPES, params={"q": "pie"}).json()
    assert client.get(RECIPES, params={"q": "xyzzyx", "highlight": True}).json()["highlights"] == []


def test_highlights_are_safe_in_a_page(client: TestClient, user: Account) -> None:
    create_recipe(client, user, label='<script>alert("pie")</script>', notes="a & b " * 50 + "pie")
    page = client.get(RECIPES, params={"q": "pie", "highlight": True}).json()
    (found,) = page["highlights"]
    assert found["label"] == "&lt;script&gt;alert(&quot;<mark>pie</mark>&quot;)&lt;/script&gt;"
    assert found["rest"].startswith("…")
    assert found["rest"].endswith("b <mark>pie</mark>")
    assert len(found["rest"].replace("&amp;", "&")) < 100


def test_a_snippet_begins_and_ends_with_a_word(client: TestClient, user: Account) -> None:
    words = " ".join(f"word{number}" for number in range(40))
    create_recipe(client, user, notes=f"{words} pie {words}")
    create_recipe(client, user, notes=f"{'x' * 100}-pie-{'y' * 100}")
    page = client.get(RECIPES, params={"q": "pie", "highlight": True}).json()
    unbroken, parted = (found["rest"] for found in page["highlights"])
    known = {"<mark>pie</mark>", *words.split()}
    assert parted[0] == parted[-1] == "…"
    assert {*parted.strip("…").split()} <= known
    assert unbroken == f"…{'x' * 59}-<mark>pie</mark>-{'y' * 59}…"


# --- The unfinished word -------------------------------------------------------------------------


def found_ids(client: TestClient, query: str, user: Account | None = None) -> list[int]:
    headers = user.headers if user else {}
    answer = client.get(RECIPES, params={"q": query, "limit": 100}, headers=headers)
    return [item["id"] for item in answer.json()["items"]]


@pytest.mark.parametrize("number", [COMPLETIONS - 1, COMPLETIONS, COMPLETIONS + 1])
def test_a_word_may_become_few_others_or_many(
    client: TestClient, user: Account, number: int
) -> None:
    words = ["zu", *(f"zu{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(number - 1))]
    create_recipe(client, user, label="Zebra")
    recipe = create_recipe(client, user, notes=" ".join(words))
    others = [create_recipe(client, user, label=f"{word} soup") for word in words[-3:]]
    newest_first = [each["id"] for each in reversed(others)]
    assert found_ids(client, "zu") == [*newest_first, recipe["id"]]
    assert found_ids(client, "soup zu") == newest_first
    assert found_ids(client, "zu ") == [recipe["id"]]


def test_a_hidden_word_is_completed_for_its_owner_alone(
    client: TestClient, user: Account, other_user: Account
) -> None:
    recipe = create_recipe(client, user, label="Zabaglione", visibility="private")
    create_recipe(client, other_user, label="Zander")
    assert found_ids(client, "zaba", user) == [recipe["id"]]
    assert found_ids(client, "zaba", other_user) == found_ids(client, "zaba") == []


# --- As people type ------------------------------------------------------------------------------


def labels_found(client: TestClient, query: str) -> list[str]:
    answer = client.get(RECIPES, params={"q": query})
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert "corrected" not in page
    return [item["label"] for item in page["items"]]


@pytest.mark.parametrize(
    ("label", "queries"),
    [
        ("Bœuf bourguignon aux œufs", ["boeuf", "oeufs", "bœuf", "BŒUF", "Boeufs"]),
        ("Smørrebrød", ["smorrebrod", "SMØRREBRØD"]),
        ("Æbleskiver", ["aebleskiver", "æbleskiver"]),
        ("Đậu hũ chiên", ["dau hu", "đau hu", "Đậu hũ"]),
        ("Zupa łódzka", ["lodzka", "zupa Łódzka"]),
        ("Ilık süt", ["ilik", "ılık"]),
        ("Weißwurst", ["weisswurst", "WEISSWURST", "weiß"]),
        ("Rjómaís með hangikjöti", ["med hangikjoti"]),
    ],
)
def test_letters_are_found_without_strokes_and_ligatures(
    client: TestClient, user: Account, label: str, queries: list[str]
) -> None:
    create_recipe(client, user, label=label)
    create_recipe(client, user, label="Soup")
    for query in queries:
        assert labels_found(client, query) == [label]
