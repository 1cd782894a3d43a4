"""The search index: what it holds is what a new one would hold, whatever has happened before."""

import random
import re
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app import crud
from app.core.config import Settings
from app.db.transactions import Transactions, make_transactions
from app.ops.reindex import reindex, reindex_if_needed
from app.schemas.recipe import RecipeCreate
from app.schemas.user import UserCreate
from app.search.words import NORMALISATION, normalisation
from benchmarks.demo.recipes import demo_recipes
from tests.databases import Databases, execute, rows
from tests.factories import API, PASSWORD, Account, create_recipe, create_user
from tests.ops.cli.commands import Recipes
from tests.processes import make_settings, run

RECIPES = f"{API}/recipes"
PRESTART = "./prestart.sh"


def index_of(database_url: str) -> dict[str, list[Any]]:
    """What searches, filters and counts are made of, as the database keeps it."""
    terms = "ordered, others" if database_url.startswith("sqlite") else "CAST(terms AS text)"
    statements = {
        "terms": f"SELECT rowid, {terms} FROM recipe_search ORDER BY rowid",  # noqa: S608 - Ours.
        "tagged": "SELECT * FROM recipe_tag ORDER BY recipe_id, tag_id",
        "tags": "SELECT * FROM tag WHERE count > 0 ORDER BY id",
    }
    return {name: list(execute(database_url, each)) for name, each in statements.items()}


def words_of(database_url: str) -> set[Any]:
    """The words and the languages that are remembered."""
    words = execute(database_url, "SELECT word, reverse FROM search_word")
    return {*words, *execute(database_url, "SELECT code, '' FROM search_language")}


def live(database_url: str) -> list[int]:
    found = execute(database_url, "SELECT id FROM recipe WHERE deleted_at IS NULL ORDER BY id")
    return [row.id for row in found]


def assert_is_what_a_new_one_holds(transactions: Transactions, database_url: str) -> None:
    before, words = index_of(database_url), words_of(database_url)
    assert [row.rowid for row in before["terms"]] == live(database_url)
    assert sum(reindex(transactions)) == len(before["terms"])
    assert index_of(database_url) == before
    assert words_of(database_url) <= words


# --- Any history ---------------------------------------------------------------------------------

WORDS = ["tomato", "tomatoes", "soup", "chicken", "curries", "Äpfel", "crème", "red", "roasted"]
TAGS = ["soup", "Soup", "quick", *({"kind": "cuisine", "name": name} for name in ("Thai", "thai"))]
TAGS += [{"kind": "diet", "name": "Vegan"}, {"kind": "tool", "name": "Wok"}, "éclair"]


class History:
    """Changes of recipes by chance, each by a request of the one who may."""

    def __init__(self, client: TestClient, superuser: Account, seed: int) -> None:
        self.client = client
        self.superuser = superuser
        self.chance = random.Random(seed)  # noqa: S311 - the same history in every run
        self.cooks = [create_user(client) for _ in range(3)]
        self.recipes: dict[int, Account] = {}

    def go_on(self) -> int:
        """One more change, or a refusal; the status of its answer."""
        actions: list[Callable[[], int]] = [self.create] * 4 + [self.change] * 6
        actions += [self.batch] * 3 + [self.throw_away] * 2 + [self.bring_back] * 2
        actions += [self.go_back, self.remove, self.end_account]
        return self.chance.choice(actions)() if self.recipes else self.create()

    def text(self, most: int) -> str:
        return " ".join(self.chance.choices(WORDS, k=self.chance.randint(1, most)))

    def document(self) -> dict[str, Any]:
        return {
            "label": self.text(3),
            "description": self.chance.choice([None, self.text(8)]),
            "notes": self.text(300 if self.chance.random() < 0.1 else 10),
            "source": self.chance.choice([None, self.text(2)]),
            "language": self.chance.choice([None, "en", "de-CH", "fr", "xx"]),
            "ingredients": [self.text(3) for _ in range(self.chance.randint(0, 4))],
            "steps": [{"text": self.text(5), "section": self.text(1)}],
            "tags": self.chance.sample(TAGS, self.chance.randint(0, 5)),
            "visibility": self.chance.choice(["public", "public", "unlisted", "private"]),
            "servings": self.chance.randint(1, 9),
        }

    def send(self, method: str, path: str, cook: Account, body: object = None) -> int:
        answer = self.client.request(method, f"{API}{path}", json=body, headers=cook.headers)
        assert answer.status_code < 500, answer.text
        if method == "POST" and answer.status_code == 201:
            self.recipes[answer.json()["id"]] = cook
        return answer.status_code

    def one(self) -> tuple[str, Account]:
        recipe_id = self.chance.choice(list(self.recipes))
        return f"/recipes/{recipe_id}", self.recipes[recipe_id]

    def create(self) -> int:
        return self.send("POST", "/recipes", self.chance.choice(self.cooks), self.document())

    def change(self) -> int:
        path, cook = self.one()
        document = self.document()
        if self.chance.random() < 0.3:
            return self.send("PUT", path, cook, document)
        names = self.chance.sample(list(document), 2)
        return self.send("PATCH", path, cook, {name: document[name] for name in names})

    def batch(self) -> int:
        operations = []
        for recipe_id in self.chance.choices(list(self.recipes), k=3):
            named = {"id": recipe_id}
            patch = named | {"op": "patch", "recipe": {"label": self.text(2)}}
            tags = named | {"tags": self.chance.sample(TAGS, 2)}
            choices = [tags | {"op": "tag"}, tags | {"op": "untag"}, patch]
            choices += [named | {"op": "delete"}, named | {"op": "restore"}]
            choices += [patch | {"if_match": '"stale"'}]
            operations.append(self.chance.choice(choices))
        atomic = self.chance.choice(["true", "false"])
        # A superuser's, so that it is of recipes of several.
        path = f"/recipes/batch?atomic={atomic}"
        return self.send("POST", path, self.superuser, {"operations": operations})

    def throw_away(self) -> int:
        path, cook = self.one()
        return self.send("DELETE", path, cook)

    def bring_back(self) -> int:
        path, cook = self.one()
        return self.send("POST", f"{path}/restore", cook)

    def go_back(self) -> int:
        path, cook = self.one()
        return self.send("POST", f"{path}/versions/1/restore", cook)

    def remove(self) -> int:
        path, cook = self.one()
        return self.send("DELETE", f"{path}?permanent=true", cook)

    def end_account(self) -> int:
        gone = self.chance.choice(self.cooks)
        self.cooks[self.cooks.index(gone)] = create_user(self.client)
        # What stays has no owner, so only a superuser changes it.
        for recipe_id, cook in self.recipes.items():
            if cook is gone:
                self.recipes[recipe_id] = self.superuser
        return self.send("DELETE", f"/users/{gone.id}", self.superuser)


@pytest.mark.parametrize(
    ("backend", "seed"), [("sqlite", 1), ("postgresql", 2)], indirect=["backend"]
)
def test_after_any_history_the_index_is_what_a_new_one_would_be(
    app: FastAPI, client: TestClient, superuser: Account, database_url: str, seed: int
) -> None:
    history = History(client, superuser, seed)
    done = 0
    for _ in range(6):
        statuses = [history.go_on() for _ in range(25)]
        done += sum(status < 300 for status in statuses)
        assert_is_what_a_new_one_holds(app.state.transactions, database_url)
    assert done > 75
    assert 5 < len(live(database_url)) < len(history.recipes)


# --- What was refused ----------------------------------------------------------------------------


def everything(database_url: str) -> list[object]:
    """The index, and all that it must go with."""
    tables = [rows(database_url, table) for table in ("recipe", "tag", "recipe_counter")]
    return [index_of(database_url), words_of(database_url), tables]


def test_what_was_refused_is_not_in_the_index(
    client: TestClient,
    user: Account,
    superuser: Account,
    database_url: str,
    subtests: pytest.Subtests,
) -> None:
    kept = create_recipe(client, user, label="Kept", tags=["kept"])
    hidden = create_recipe(client, superuser, label="Hidden", visibility="private")
    before = everything(database_url)
    body = {"label": "Refused", "tags": ["refused"], "visibility": "private"}
    create = {"op": "create", "recipe": body}
    tag = {"op": "tag", "id": kept["id"], "tags": ["refused"]}
    delete = {"op": "delete", "id": kept["id"]}
    patch = {"op": "patch", "id": kept["id"], "recipe": body}
    path, hidden_path = (f"{RECIPES}/{recipe['id']}" for recipe in (kept, hidden))
    stale = {"If-Match": '"stale"'}
    for status, method, url, sent, who, headers in [
        *((412, method, path, body, user, stale) for method in ("PATCH", "PUT")),
        *((412, "DELETE", path + query, None, user, stale) for query in ("", "?permanent=true")),
        (412, "PATCH", path, body | {"version": 7}, user, {}),
        (422, "POST", RECIPES, body | {"servings": 0}, user, {}),
        (422, "PATCH", path, body | {"id": 7}, user, {}),
        (422, "PATCH", path, body | {"steps": ["x" * 9000] * 60}, user, {}),
        (403, "POST", RECIPES, body | {"submitter_id": superuser.id}, user, {}),
        *((404, method, hidden_path, body, user, {}) for method in ("PATCH", "PUT")),
        (404, "POST", f"{path}/versions/7/restore", None, user, {}),
        (200, "POST", f"{RECIPES}/batch", {"operations": [patch | {"if_match": '"x"'}]}, user, {}),
        *(
            (200, "POST", f"{RECIPES}/batch?atomic=true", {"operations": operations}, user, {})
            for operations in ([create, tag, patch | {"if_match": '"x"'}], [delete, create, tag])
        ),
        # The last superuser stays, and so does what is theirs.
        (409, "DELETE", f"{API}/users/{superuser.id}", None, superuser, {}),
    ]:
        with subtests.test(f"{status} {method} {url} {sent!s:.60}"):
            answer = client.request(method, url, json=sent, headers=who.headers | headers)
            assert answer.status_code == status, answer.text
            if status == 200:
                results = answer.json()["results"]
                assert all(result["status"] >= 400 for result in results)
            assert everything(database_url) == before


def test_what_failed_half_way_is_not_in_the_index(
    app: FastAPI, client: TestClient, user: Account, database_url: str
) -> None:
    kept = create_recipe(client, user, label="Kept", tags=["kept"])
    path = f"{RECIPES}/{kept['id']}"
    before = everything(database_url)
    # It is written last.
    execute(database_url, "ALTER TABLE search_word RENAME TO away")
    body = {"label": "Refused", "tags": ["refused"]}
    for method, url in (("POST", RECIPES), ("PUT", path), ("PATCH", path)):
        answer = client.request(method, url, json=body, headers=user.headers)
        assert answer.status_code >= 500
    execute(database_url, "ALTER TABLE away RENAME TO search_word")
    assert everything(database_url) == before
    assert client.patch(path, json=body, headers=user.headers).status_code == 200
    assert_is_what_a_new_one_holds(app.state.transactions, database_url)


# --- Many at once --------------------------------------------------------------------------------


@pytest.fixture
def writers(databases: Databases, tmp_path: Path) -> Iterator[dict[str, Transactions]]:
    """Writers of two databases, by their URLs."""
    settings = [make_settings(databases.create(), tmp_path) for _ in range(2)]
    made = {each.database_url: make_transactions(each) for each in settings}
    yield made
    for url, transactions in made.items():
        transactions.close()
        databases.drop(url)


def readable(database_url: str) -> dict[str, Any]:
    """The index without the ids of tags, which are given in the order of their making."""
    index = index_of(database_url)
    tags = {tag.id: tag[1:] for tag in index["tags"]}
    names = {str(tag_id): f"#{tag[0]}:{tag[1]}" for tag_id, tag in tags.items()}
    terms = [
        [sorted(re.sub(r"g#(\d+)", lambda m: names[m[1]], part).split(" ")) for part in parts]
        for _, *parts in ([row[0], *row[1:]] for row in index["terms"])
    ]
    return {
        "ids": [row.rowid for row in index["terms"]],
        "terms": terms,
        "tagged": sorted((row.recipe_id, tags[row.tag_id]) for row in index["tagged"]),
        "tags": sorted(tags.values()),
        "words": words_of(database_url),
    }


def test_many_at_once_are_indexed_as_one_by_one(writers: dict[str, Transactions]) -> None:
    documents = [*demo_recipes(60, 3), *demo_recipes(3, 4)]
    documents += [document | {"visibility": "private"} for document in demo_recipes(3, 5)]
    (one_url, one), (many_url, many) = writers.items()
    cook = UserCreate(email="cook@example.com", password=PASSWORD)
    submitter_id = one.run_now(crud.user.register, cook, "hashed").id
    assert many.run_now(crud.user.register, cook, "hashed").id == submitter_id
    for document in documents:
        data = RecipeCreate.model_validate(document)
        one.run_now(crud.recipe.create, data, submitter_id=submitter_id, changed_by=submitter_id)
    for start in range(0, len(documents), 20):
        some = documents[start : start + 20]
        many.run_now(crud.recipe.add_many, some, submitter_id=submitter_id)
    assert readable(many_url) == readable(one_url)
    moments = {"created_at", "updated_at"}
    written = [
        [{**row._asdict(), **dict.fromkeys(moments)} for row in rows(url, "recipe")]
        for url in writers
    ]
    assert written[0] == written[1]
    assert_is_what_a_new_one_holds(many, many_url)


# --- Rebuilt -------------------------------------------------------------------------------------


def damage(database_url: str) -> None:
    """Leave nothing in the index as it should be."""
    for statement in (
        "DELETE FROM recipe_search WHERE rowid % 2 = 0",
        "DELETE FROM recipe_tag WHERE recipe_id % 2 = 1",
        "UPDATE tag SET count = 7, public_count = 9",
        "DELETE FROM search_word",
        "DELETE FROM search_language",
    ):
        execute(database_url, statement)


def test_an_operator_rebuilds_the_index(
    client: TestClient, user: Account, settings: Settings
) -> None:
    url = settings.database_url
    recipes = Recipes(settings)
    assert recipes("reindex").out.splitlines()[-1] == "Wrote the search index of 0 recipes."
    for number in range(7):
        create_recipe(client, user, label=f"Soup {number}", tags=["soup", str(number)])
    thrown = create_recipe(client, user, label="Soup 0", tags=["soup"])["id"]
    assert client.delete(f"{RECIPES}/{thrown}", headers=user.headers).status_code == 204
    before = index_of(url), words_of(url)
    damage(url)
    assert index_of(url) != before[0]
    done = recipes("reindex")
    assert (done.status, done.err) == (0, "")
    assert done.out.splitlines()[-1] == "Wrote the search index of 7 recipes."
    assert (index_of(url), words_of(url)) == before
    assert len(client.get(f"{RECIPES}?q=soups").json()["items"]) == 7


def test_an_older_index_is_rebuilt_before_the_server_starts(
    empty_settings: Settings, subtests: pytest.Subtests
) -> None:
    url = empty_settings.database_url
    state = "SELECT normalisation FROM search_state"
    assert run(empty_settings, PRESTART).returncode == 0
    assert execute(url, state) == [(NORMALISATION,)]
    before = index_of(url), words_of(url)
    assert len(before[0]["terms"]) == len(live(url)) > 0
    wrote = f"Wrote the search index of {len(live(url))} recipes."

    def is_rebuilt() -> bool:
        return (index_of(url), words_of(url)) == before and execute(url, state) == [
            (NORMALISATION,)
        ]

    with subtests.test("it is of no rules"):
        damage(url)
        execute(url, "DELETE FROM search_state")
        done = run(empty_settings, PRESTART)
        assert done.returncode == 0, done.stdout
        assert wrote in done.stdout
        assert is_rebuilt()
    # The step of prestart.sh alone takes no time.
    with subtests.test("it is of other rules"):
        damage(url)
        execute(url, "UPDATE search_state SET normalisation = 0")
        reindex_if_needed(empty_settings)
        assert is_rebuilt()
    with subtests.test("not if it is current"):
        damage(url)
        damaged = index_of(url)
        reindex_if_needed(empty_settings)
        assert index_of(url) == damaged


def test_the_keys_of_urls_are_recomputed_with_the_index(
    app: FastAPI, client: TestClient, user: Account, settings: Settings
) -> None:
    urls = ["https://example.com/cr%C3%AApe?b=1&a=2&srsltid=3", "https://example.com/soup", None]
    ids = [create_recipe(client, user, label="Soup", url=url)["id"] for url in urls]
    assert client.delete(f"{RECIPES}/{ids[0]}", headers=user.headers).status_code == 204
    columns = "SELECT id, url_key, version, updated_at FROM recipe ORDER BY id"
    before = list(execute(settings.database_url, columns))
    execute(settings.database_url, "UPDATE recipe SET url_key = 'old' WHERE url IS NOT NULL")
    assert sum(reindex(app.state.transactions)) == 2
    assert list(execute(settings.database_url, columns)) == before
    assert before[0].url_key == "example.com/crêpe?a=2&b=1"


def test_another_stemmer_is_another_normalisation() -> None:
    assert normalisation(version("snowballstemmer")) == NORMALISATION != normalisation("99.0")
