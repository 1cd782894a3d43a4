"""The export: who gets what, in which order, to the letter, and how little it takes."""

import asyncio
import csv
import io
import json
import tracemalloc
import zipfile
from typing import Any

import httpx2
import orjson
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app import crud
from app.core.config import Settings
from app.core.policy import Viewer
from app.crud.listing import export as recipe_export
from app.db.reader import Reader
from app.db.transactions import Transactions
from app.exchange.writing.exporters import EXPORTERS, Format, export_stream
from app.schemas.page import PageQuery, RecipeQuery
from app.schemas.recipe import RecipeDocument
from benchmarks.demo.recipes import demo_recipes
from tests.api.test_filters import FILTERS
from tests.client import Client, Message
from tests.databases import execute
from tests.documents import DEFAULTS, ODD, WHOLE, document_of
from tests.factories import API, Account, create_api_token, create_recipe
from tests.operations import openapi
from tests.problems import assert_invalid, assert_problem
from tests.reader import open_reader
from tests.recipe_corpus import RecipeCorpus
from tests.server import Server

EXPORT = f"{API}/recipes/export"
FILES: dict[Format, tuple[str, str]] = {
    "ndjson": ("application/x-ndjson", "recipes.ndjson"),
    "jsonld": ("application/ld+json", "recipes.jsonld"),
    "zip": ("application/zip", "recipes.zip"),
    "csv": ("text/csv; charset=utf-8", "recipes.csv"),
    "markdown": ("application/zip", "recipes-markdown.zip"),
}
NO_FILTERS = {*PageQuery.model_fields, "sort", "view", "fields", "highlight", "facets", "deleted"}

each_format = pytest.mark.parametrize("name", FILES)


def export(client: httpx2.Client, query: str = "", user: Account | None = None) -> bytes:
    answer = client.get(f"{EXPORT}?{query}", headers=user.headers if user else {})
    assert answer.status_code == 200, answer.text
    return answer.content


def recipes(client: httpx2.Client, query: str = "", user: Account | None = None) -> list[Any]:
    return [json.loads(line) for line in export(client, query, user).splitlines()]


def labels(client: httpx2.Client, query: str = "", user: Account | None = None) -> list[str]:
    return [recipe["label"] for recipe in recipes(client, query, user)]


def line_of(recipe: dict[str, Any]) -> bytes:
    text = json.dumps(document_of(recipe), ensure_ascii=False, separators=(",", ":"))
    return f"{text}\n".encode()


# --- What is in it -------------------------------------------------------------------------------


def test_a_line_has_all_that_people_wrote_in_its_order(client: TestClient, user: Account) -> None:
    created = [create_recipe(client, user, **WHOLE), create_recipe(client, user, label="Toast")]
    assert export(client, "", user) == b"".join(map(line_of, created))
    whole, toast = recipes(client, "", user)
    assert whole == WHOLE
    assert toast == {"label": "Toast", **DEFAULTS}
    assert list(whole) == list(toast) == list(RecipeDocument.model_fields)


@pytest.mark.parametrize("name", ODD)
def test_a_line_that_is_posted_gives_the_same_line(
    name: str, client: TestClient, user: Account
) -> None:
    create_recipe(client, user, **ODD[name])
    first = export(client, "", user)
    posted = client.post(
        f"{API}/recipes",
        content=first,
        headers=user.headers | {"Content-Type": "application/json"},
    )
    assert posted.status_code == 201, posted.text
    assert export(client, "", user) == first * 2


@pytest.mark.parametrize("page", [1, 3, 7, 8, 200])
def test_the_oldest_come_first_and_each_once(
    page: int, client: TestClient, user: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipe_export, "PAGE", page)
    expected = [create_recipe(client, user, label=f"Toast {9 - number}") for number in range(7)]
    path = f"{API}/recipes/{expected[0]['id']}"
    changed = client.patch(path, json={"notes": "Burnt."}, headers=user.headers)
    expected[0] = changed.json()
    assert export(client) == b"".join(map(line_of, expected))


@each_format
def test_twice_the_same_is_equal_to_the_byte(
    name: Format, client: TestClient, user: Account
) -> None:
    for document in (WHOLE, {"label": "Toast"}):
        create_recipe(client, user, **document)
    assert export(client, f"format={name}", user) == export(client, f"format={name}", user)


def test_the_other_formats_hold_the_same_recipes(client: TestClient, user: Account) -> None:
    whole = create_recipe(client, user, **WHOLE)
    create_recipe(client, user, label="=Toast")
    files = {
        name: zipfile.ZipFile(io.BytesIO(export(client, f"format={name}", user)))
        for name in ("zip", "markdown")
    }
    assert files["zip"].read("recipes.ndjson") == export(client, "", user)

    def alone(media_type: str) -> httpx2.Response:
        headers = user.headers | {"Accept": media_type}
        return client.get(f"{API}/recipes/{whole['id']}", headers=headers)

    assert files["markdown"].namelist() == ["000001-creme-brulee-a-l-orange.md", "000002-toast.md"]
    page = files["markdown"].read("000001-creme-brulee-a-l-orange.md")
    assert page == alone("text/markdown").content
    graph = json.loads(export(client, "format=jsonld", user))["@graph"]
    expected = alone("application/ld+json").json()
    for member in ("@context", "datePublished", "dateModified"):
        del expected[member]
    assert graph[0] == expected | {"url": whole["url"]}
    text = export(client, "format=csv", user).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["label"] for row in rows] == ["Crème brûlée à l’orange", "'=Toast"]


@each_format
def test_it_comes_as_a_file(name: Format, client: TestClient) -> None:
    media_type, filename = FILES[name]
    path = f"{EXPORT}?format={name}"
    for answer in (client.get(path), client.head(path), client.get(f"{EXPORT}/?format={name}")):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == media_type
        assert answer.headers["content-disposition"] == f'attachment; filename="{filename}"'
    assert client.head(path).content == b""


# --- Who gets what -------------------------------------------------------------------------------


def test_each_gets_what_they_find(
    client: TestClient, user: Account, other_user: Account, superuser: Account
) -> None:
    expected: dict[str, list[str]] = {"nobody": [], "user": [], "other": [], "superuser": []}
    for owner in ("user", "other"):
        account = user if owner == "user" else other_user
        for visibility in ("public", "unlisted", "private"):
            label = f"{visibility} of {owner}"
            create_recipe(client, account, label=label, visibility=visibility)
            trashed = create_recipe(client, account, label="thrown away", visibility=visibility)
            path = f"{API}/recipes/{trashed['id']}"
            assert client.delete(path, headers=account.headers).status_code == 204
            finders = expected if visibility == "public" else {owner, "superuser"}
            for finder in finders:
                expected[finder].append(label)
    for query in ("", "not_tag=nothing", "not_ingredient=nothing", "created_after=2020-01-01T00Z"):
        query = query.replace("T00Z", "T00:00:00Z")
        found = {
            "nobody": labels(client, query),
            "user": labels(client, query, user),
            "other": labels(client, query, other_user),
            "superuser": labels(client, query, superuser),
        }
        assert found == expected
    theirs = f"submitter_id={other_user.id}"
    assert labels(client, theirs, user) == ["public of other"]
    assert labels(client, "submitter_id=me", user) == expected["user"][:3]


def test_a_token_needs_the_scope_to_read(client: TestClient, user: Account) -> None:
    for scope, status in (("read", 200), ("write", 403)):
        token = create_api_token(client, user, scope)["token"]
        answer = client.get(EXPORT, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == status
    assert_problem(client.get(f"{EXPORT}?submitter_id=me"), 401)


# --- Filters -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("few", "page"), [(1000, 200), (1, 2)], ids=["few", "many"])
def test_a_filter_finds_what_it_finds_in_the_list(
    few: int,
    page: int,
    client: TestClient,
    user: Account,
    other_user: Account,
    monkeypatch: pytest.MonkeyPatch,
    subtests: pytest.Subtests,
) -> None:
    monkeypatch.setattr(recipe_export, "PAGE", page)
    monkeypatch.setattr(recipe_export, "SMALL_RESULT", few)
    corpus = RecipeCorpus(client, user, other_user)
    lines = {}
    for row_id, name in corpus.names.items():
        lines[name] = line_of(client.get(f"{API}/recipes/{row_id}", headers=user.headers).json())
    for query, names in [*FILTERS.items(), ("q=tomatto", "soup stew pasta secret")]:
        with subtests.test(query):
            for name, created in corpus.created.items():
                query = query.replace(f"@{name}", created)
            assert export(client, query, user) == b"".join(lines[name] for name in names.split())


def test_what_is_no_filter_is_not_known(client: TestClient, subtests: pytest.Subtests) -> None:
    for name in [*sorted(NO_FILTERS), "nonsense", "offset"]:
        with subtests.test(name):
            assert_invalid(client.get(f"{EXPORT}?{name}=1"), name)
    assert_invalid(client.get(f"{EXPORT}?format=xml"), "format")
    assert_invalid(client.get(f"{EXPORT}?max_total_minutes=soon"), "max_total_minutes")
    assert_invalid(client.get(f"{EXPORT}?{'&'.join(['tag=a'] * 11)}"), "tag")


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_its_filters_are_those_of_the_list(client: TestClient) -> None:
    paths = openapi(client)["paths"]
    listed, filters = (
        {each["name"]: each for each in paths[path]["get"]["parameters"]}
        for path in (f"{API}/recipes", EXPORT)
    )
    assert filters.pop("format")["schema"]["default"] == "ndjson"
    assert filters == {name: each for name, each in listed.items() if name not in NO_FILTERS}
    content = paths[EXPORT]["get"]["responses"]["200"]["content"]
    assert content.keys() == {media_type.partition(";")[0] for media_type, _ in FILES.values()}


# --- How little it takes -------------------------------------------------------------------------


def add_samples(transactions: Transactions, count: int, user: Account) -> None:
    transactions.run_now(crud.recipe.add_many, list(demo_recipes(count, 1)), submitter_id=user.id)


def test_a_page_takes_one_statement(
    app: FastAPI, client: TestClient, user: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements: list[str] = []
    run = type(app.state.reader)._run

    async def noting(self: Reader, sql: str, parameters: Any, heavy: bool) -> Any:
        # Each page is followed by a look at the credentials.
        if "token_version" not in sql:
            statements.append(sql)
        return await run(self, sql, parameters, heavy)

    monkeypatch.setattr(type(app.state.reader), "_run", noting)
    add_samples(app.state.transactions, 90, user)

    def count(query: str, page: int) -> int:
        monkeypatch.setattr(recipe_export, "PAGE", page)
        statements.clear()
        assert labels(client, query, user)
        return len(statements)

    for query in ("", "submitter_id=me", "tag=quick", "q=salt", "max_total_minutes=60"):
        found = len(labels(client, query, user))
        # Up to five find out what is asked for.
        assert count(query, 1000) <= 5 + 1
        assert count(query, 10) == count(query, 1000) + (found - 1) // 10
    statements.clear()
    assert client.head(f"{EXPORT}?submitter_id={user.id}").status_code == 200
    assert len(statements) <= 5 + 1


def test_ten_times_as_many_recipes_take_no_more_memory(
    app: FastAPI, settings: Settings, user: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipe_export, "PAGE", 40)
    viewer = Viewer(user.id)

    async def peak(reader: Reader) -> int:
        tracemalloc.start()
        async for _ in export_stream(
            EXPORTERS["ndjson"](), crud.export_recipes(reader, RecipeQuery(), viewer)
        ):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    with open_reader(settings) as read:
        add_samples(app.state.transactions, 80, user)
        read.run(peak(read.reader))
        few = read.run(peak(read.reader))
        add_samples(app.state.transactions, 720, user)
        assert read.run(peak(read.reader)) < few * 1.5


# --- What goes wrong -----------------------------------------------------------------------------


def test_an_end_in_the_middle(
    app: FastAPI, client: TestClient, user: Account, live_server: Server, database_url: str
) -> None:
    # More than a connection holds back of what nobody reads.
    large = [
        {"label": f"Toast {number}", **DEFAULTS, "extras": {"": "x" * 60_000}}
        for number in range(1000)
    ]
    app.state.transactions.run_now(crud.recipe.add_many, large, submitter_id=user.id)
    with live_server.client() as remote:
        # Who goes away is no fault.
        with remote.stream("GET", EXPORT, headers={"X-Request-ID": "gone"}) as answer:
            next(answer.iter_raw())
        assert remote.get(f"{EXPORT}?source=nobody").content == b""

        # A fault ends the connection, so that nobody takes a part for the whole.
        with remote.stream("GET", EXPORT, headers={"X-Request-ID": "cut"}) as answer:
            assert answer.status_code == 200
            parts = answer.iter_raw()
            next(parts)
            execute(database_url, "ALTER TABLE recipe RENAME COLUMN label TO title")
            with pytest.raises(httpx2.RemoteProtocolError):
                list(parts)
    live_server.stop()
    log = live_server.log.read_text()
    assert f"[gone] GET {EXPORT} failed" not in log
    assert f"[cut] GET {EXPORT} failed" in log


# --- Many at once --------------------------------------------------------------------------------


class SlowReader:
    """A client that reads nothing after the head of the answer until it is let go on."""

    def __init__(self, app: FastAPI, user: Account | None) -> None:
        self.app = app
        self.status = 0
        self.began, self.may_go_on = asyncio.Event(), asyncio.Event()
        headers = [(b"host", b"localhost")]
        headers += [(b"authorization", f"Bearer {user.token}".encode())] if user else []
        path = f"{API}/recipes/export"
        self.scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode()}
        self.scope |= {"query_string": b"", "headers": headers, "scheme": "http"}
        self.scope |= {"client": ("192.0.2.7", 1), "server": ("localhost", 80), "root_path": ""}

    async def receive(self) -> Message:
        await self.may_go_on.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.began.set()
        if self.status == 200:
            await self.may_go_on.wait()

    async def run(self) -> None:
        await self.app(self.scope, self.receive, self.send)


def test_a_client_has_a_few_exports_at_once(
    app: FastAPI, client: Client, user: Account, other_user: Account
) -> None:
    create_recipe(client, user)

    async def statuses(*users: Account | None) -> list[int]:
        reading = [SlowReader(app, each) for each in users]
        tasks = []
        for each in reading:
            tasks.append(asyncio.create_task(each.run()))
            await each.began.wait()
        for each in reading:
            each.may_go_on.set()
        await asyncio.gather(*tasks)
        return [each.status for each in reading]

    for _ in range(2):  # At the end of an export its place is free again.
        few = [user, user, user, other_user, None, None, None]
        assert client.run(statuses(*few)) == [200, 200, 429, 200, 200, 200, 429]


def test_csv_comes_back_as_it_was(client: TestClient, user: Account, other_user: Account) -> None:
    texts = ["soup;=cmd|/C calc!A0;x", "=1;'=2", "'=3\t@4", "＝5", "; - 6", "''+7"]
    create_recipe(
        client,
        user,
        label=texts[0],
        author=texts[3],
        notes="\n".join(texts),
        description=texts[1],
        ingredients=["-crisp;-bread", "=2 eggs"],
        steps=["=Mix;+stir", "@Bake"],
        tags=["a;=b", "=c"],
        extras={"x": ";=1"},
    )
    first = client.get(f"{API}/recipes/export?format=csv").content
    headers = {"Content-Type": "text/csv", **other_user.headers}
    report = client.post(f"{API}/recipes/import", content=first, headers=headers).json()
    assert report["created"] == 1, report
    path = f"{API}/recipes/export?submitter_id={other_user.id}"
    assert client.get(f"{path}&format=csv").content == first
    own, copy = (
        orjson.loads(client.get(f"{API}/recipes/export?submitter_id={each.id}").content)
        for each in (user, other_user)
    )
    assert copy == own
