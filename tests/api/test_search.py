"""Search: one corpus and one table of queries, with the same answers on both databases."""

from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from app.core.config import Settings
from app.search.query import MAX_COMPLETIONS as COMPLETIONS
from tests.factories import API, Account, create_recipe, create_user
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
    "' OR 1=1 --": ["salad", "soup"],
    "AND": ["pie"],
    "NOT": [],
    "curry AND chicken": ["curry", "pie"],
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
    "red cury": ({"cury": "curry"}, ["shrimp", "curry", "pie"]),
    "tomatto soop": ({"tomatto": "tomato", "soop": "soup"}, ["soup"]),
    "currv": ({"currv": "curry"}, ["shrimp", "curry", "pie"]),
    "shrlmp": ({"shrlmp": "shrimp"}, ["shrimp", "thai"]),
    # From seven letters on, two mistakes are corrected; in fewer letters one, in three none.
    "shrlnp": (None, []),
    # The first letter stays.
    "hicken": (None, []),
    "vurry": (None, []),
    "hcicken": (None, []),
    # The right word begins or ends like the typed one for a third of its length.
    "chxckxn": ({"chxckxn": "chicken"}, ["curry", "salad", "pie"]),
    "chixxxn": (None, []),
    "cumly": (None, []),
    "pei": (None, []),
    "xyzzyx": (None, []),
    "xyz": (None, []),
    # A word that some recipe has stays, even if none has all the words.
    "chicken apfelkuchen": (None, []),
}


def test_words_that_match_nothing_are_corrected(
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


@pytest.mark.parametrize(
    ("label", "language", "query", "other"),
    [
        ("Kirschtomaten-Salat", "de", "tomaten", "kirschtomaten"),
        ("Semmelknödel", "de", "knödel", "semmelknodel"),
        ("Appeltaart met room", "nl", "taart met room", "appeltaart"),
        ("Kardemummabullar", "sv", "bullar", "kardemummabullar"),
        ("Pineapple salad", "en", "apple", None),
        ("Rollmops", "de", "mops", None),
        ("Amilchreis", "de", "milchreis", None),
    ],
)
def test_a_word_that_matches_nothing_may_end_a_compound(
    client: TestClient, user: Account, label: str, language: str, query: str, other: str | None
) -> None:
    create_recipe(client, user, label=label, language=language)
    page = client.get(RECIPES, params={"q": query}).json()
    assert list(page.get("corrected", {}).values()) == ([other] if other else [])
    assert [item["label"] for item in page["items"]] == ([label] if other else [])


def test_whole_words_come_before_compounds(client: TestClient, user: Account) -> None:
    for label in ("Rispentomaten", "Kirschtomaten", "Kirschtomaten mit Reis", "Basilikum"):
        create_recipe(client, user, label=label, language="de")
    page = client.get(RECIPES, params={"q": "tomaten"}).json()
    assert page["corrected"] == {"tomaten": "kirschtomaten"}
    create_recipe(client, user, notes="Mit Tomaten.", language="de")
    page = client.get(RECIPES, params={"q": "tomaten"}).json()
    assert "corrected" not in page
    assert len(page["items"]) == 1


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


@pytest.mark.parametrize(
    ("language", "label", "query"),
    [
        ("en", "Soup with leeks", "soup of the leeks"),
        ("en", "Mac and cheese", "mac n cheese"),
        ("en", "Pie, apples", "a pie of apples"),
        ("de", "Nudeln mit Tomaten", "Nudeln und Tomaten"),
        ("de", "Salat für alle", "Salat fur alle"),
        ("fr", "Soupe d'oignons", "soupe à l'oignon"),
        ("fr", "Riz au lait", "riz de lait"),
        ("es", "Tortilla de patatas", "tortilla con las patatas"),
        ("pl", "Zupa z pomidorami", "zupa pomidorami w"),
        ("ru", "Борщ с фасолью", "борщ на фасолью"),
    ],
)
def test_common_words_do_not_narrow_a_search(
    client: TestClient, user: Account, language: str, label: str, query: str
) -> None:
    create_recipe(client, user, label=label, language=language)
    assert labels_found(client, query) == [label]


def test_common_words_alone_are_searched_and_words_that_deny_count(
    client: TestClient, user: Account
) -> None:
    labels = ["Thé vert", "Cake without eggs", "Cake and eggs", "The end"]
    for label in labels:
        create_recipe(client, user, label=label, language="fr" if label[2] == "é" else "en")
    assert labels_found(client, "the") == ["The end", "Thé vert"]
    assert labels_found(client, "and") == ["Cake and eggs"]
    assert labels_found(client, "cake without eggs") == ["Cake without eggs"]
    assert labels_found(client, "cake with eggs") == ["Cake and eggs", "Cake without eggs"]
    assert labels_found(client, "thé vert") == ["Thé vert"]
    assert labels_found(client, "thé end") == ["The end"]
    assert labels_found(client, '"the" end') == ["The end"]
    assert labels_found(client, "the -cake -end") == ["Thé vert"]
    # Its language is not stored, so these words are words.
    assert labels_found(client, "cake mit eggs") == []


@pytest.mark.parametrize(
    ("labels", "queries"),
    [
        (["Eggplant dip", "Aubergine dip"], ["aubergine", "eggplants", "aubergines dip"]),
        (["Zucchini bread", "Courgette bread"], ["courgettes", "zucchini bread", "zucchini"]),
        (["Cilantro rice", "Coriander rice"], ["coriander", "rice cilantro"]),
        (["Shrimp salad", "Salad of prawns"], ["prawn", "prawns salad", "shrimps"]),
        (
            ["Scallion cakes", "Spring onion cakes", "Cakes with green onions"],
            ["spring onion", "spring onions cakes", "scallions", "green onion cake"],
        ),
        (["Ground beef curry", "Mince curry"], ["mince", "ground beef", "minced beef curry"]),
        (["Arugula pasta", "Rocket pasta"], ["rocket", "arugula pasta"]),
        (
            ["Powdered sugar glaze", "Icing sugar glaze", "Confectioners' sugar glaze"],
            ["icing sugar", "glaze powdered sugar", "confectioners' sugar"],
        ),
        (["Topfenknödel mit Marillen", "Quarkknödel mit Aprikosen"], ["Aprikose", "Marillen"]),
    ],
)
def test_a_thing_is_found_by_each_of_its_names(
    client: TestClient, user: Account, labels: list[str], queries: list[str]
) -> None:
    for label in labels:
        language = "de" if "ö" in label else "en"
        create_recipe(client, user, label=label, language=language)
    create_recipe(client, user, label="Onion powder, ground cumin, brown sugar")
    for query in queries:
        assert labels_found(client, query) == labels[::-1]


def test_names_are_kept_apart(client: TestClient, user: Account) -> None:
    for label in ("Ground beef pie", "Mince pies", "Prawn toast", "Shrimp toast"):
        create_recipe(client, user, label=label)
    assert labels_found(client, "mince pie") == ["Mince pies"]
    assert labels_found(client, "pie mince") == ["Mince pies", "Ground beef pie"]
    # What is quoted or excluded is meant as it is written.
    assert labels_found(client, '"prawn"') == ["Prawn toast"]
    assert labels_found(client, "toast -prawn") == ["Shrimp toast"]


def test_filters_of_ingredients_and_private_recipes_have_synonyms(
    client: TestClient, user: Account
) -> None:
    mine = create_recipe(client, user, ingredients=["2 eggplants"], visibility="private")
    create_recipe(client, user, label="Ours", ingredients=["1 aubergine"])
    for food in ("eggplant", "aubergine"):
        page = client.get(RECIPES, params={"ingredient": food}).json()
        assert [item["label"] for item in page["items"]] == ["Ours"]
        page = client.get(RECIPES, params={"not_ingredient": food}, headers=user.headers).json()
        assert page["items"] == []
        assert mine["id"] in found_ids(client, food, user)
        assert mine["id"] not in found_ids(client, food)


def test_a_synonym_is_marked_and_a_correction_has_synonyms(
    client: TestClient, user: Account
) -> None:
    for label in ("Eggplant dip", "Aubergine dip"):
        create_recipe(client, user, label=label)
    page = client.get(RECIPES, params={"q": "aubergne", "highlight": True}).json()
    assert page["corrected"] == {"aubergne": "aubergine"}
    marked = [each["label"] for each in page["highlights"]]
    assert marked == ["<mark>Aubergine</mark> dip", "<mark>Eggplant</mark> dip"]


@pytest.mark.parametrize(
    ("labels", "query", "names"),
    [
        (["鸡肉炒饭", "番茄炒鸡蛋 猪肉"], "鸡肉", ["鸡肉炒饭"]),
        (["鸡肉炒饭", "番茄炒鸡蛋 猪肉"], "肉 鸡", ["番茄炒鸡蛋 猪肉", "鸡肉炒饭"]),
        (["味噌汁", "味の噌"], "味噌", ["味噌汁"]),
        (["カレーライス", "ライスのカレー"], "カレーライス", ["カレーライス"]),
        (["カレーライス", "ライスのカレー"], "ｶﾚｰﾗｲｽ", ["カレーライス"]),
        (["豆腐tofu", "豆と腐"], "tofu豆腐", ["豆腐tofu"]),
        (["鸡肉炒饭", "番茄炒鸡蛋 猪肉"], "肉、鸡", ["番茄炒鸡蛋 猪肉", "鸡肉炒饭"]),
        (["ผัดไทย", "ไทยผัด"], "ผัดไทย", ["ผัดไทย"]),
        (["鸡肉炒饭", "番茄炒鸡蛋 猪肉"], "炒 -鸡肉", ["番茄炒鸡蛋 猪肉"]),
    ],
)
def test_characters_next_to_each_other_are_a_phrase(
    client: TestClient, user: Account, labels: list[str], query: str, names: list[str]
) -> None:
    for label in labels:
        create_recipe(client, user, label=label, ingredients=[label])
    assert labels_found(client, query) == names
    if query == "鸡肉":
        page = client.get(RECIPES, params={"ingredient": query}).json()
        assert [item["label"] for item in page["items"]] == names


@pytest.mark.parametrize(
    "label",
    [
        "Surf -n- Turf",
        "Käsekuchen -ohne Boden-",
        "-Quick- pie",
        "Toast - with - jam",
        "Bread -xl- -",
    ],
)
def test_a_title_with_dashes_is_found_by_itself(
    client: TestClient, user: Account, label: str
) -> None:
    create_recipe(client, user, label=label)
    assert labels_found(client, label) == [label]


def test_a_dash_between_others_still_excludes(client: TestClient, user: Account) -> None:
    for label in ("Surf -n- Turf", "Surf board", "Surf coat"):
        create_recipe(client, user, label=label)
    assert labels_found(client, "surf -turf") == ["Surf coat", "Surf board"]
    assert labels_found(client, "surf -turf -coat") == ["Surf board"]
    assert labels_found(client, "surf -turf -board - ") == ["Surf coat"]


OWN = """# Our own names
tattie, potato, potatoes
Krumpli ,burgonya,  # Hungarian
prawn, langoustine
neep
de: flädle, frittaten
fi: puuro, velli
hr: sir, siri

"""


@pytest.fixture
def own_synonyms(settings: Settings) -> None:
    settings.data_dir.mkdir(exist_ok=True)
    (settings.data_dir / "synonyms.txt").write_text(OWN, encoding="utf-8")


def test_other_languages_lend_english_no_synonyms(client: TestClient, user: Account) -> None:
    for label in ("Papa's soup", "Patatas", "Paradeiser", "Tomato soup"):
        create_recipe(client, user, label=label, language="it" if label == "Patatas" else "en")
    assert labels_found(client, "tomato") == ["Tomato soup"]
    assert labels_found(client, "papa") == ["Papa's soup"]


@pytest.mark.usefixtures("own_synonyms")
def test_an_instance_adds_synonyms_of_its_own(client: TestClient) -> None:
    user = create_user(client)
    for label in ("Potatoes au gratin", "Shrimp soup", "Neep soup", "Krumpli", "Prawn soup"):
        create_recipe(client, user, label=label)
    create_recipe(client, user, label="Frittatensuppe, Frittaten", language="de")
    create_recipe(client, user, label="Velli, sir", language="it")
    assert labels_found(client, "tatties") == ["Potatoes au gratin"]
    assert labels_found(client, "burgonya") == ["Krumpli"]
    assert labels_found(client, "fladle") == ["Frittatensuppe, Frittaten"]
    assert labels_found(client, "siri") == ["Velli, sir"]
    # No recipe is Finnish.
    assert labels_found(client, "puuro") == []
    assert labels_found(client, "neeps") == ["Neep soup"]
    assert labels_found(client, "langoustine") == ["Prawn soup"]
    assert labels_found(client, "prawns") == ["Prawn soup", "Shrimp soup"]


def test_synonyms_of_another_instance_are_not_ours(client: TestClient, user: Account) -> None:
    create_recipe(client, user, label="Potatoes au gratin")
    assert labels_found(client, "tatties") == []
