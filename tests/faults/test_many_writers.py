"""Many who write at the same time, to several workers or applications on one database."""

import itertools
import json
import random
import string
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from app.core.config import Settings
from app.main import create_app
from tests import server
from tests.change_feed import RECIPES, Item, Replica
from tests.databases import execute, rows
from tests.factories import API, Account, create_recipe, create_user, sign_up
from tests.web.browser import on_one_database

WRITERS = 8
ROUNDS = 10
FAILED_LOGINS = 10
AUTHORS = 4
SECONDS = 20


def at_once(work: Callable[[httpx2.Client], list[Any]], url: str) -> list[Any]:
    """What each of the writers answers, all of them at work at the same time."""

    def with_client(_: int) -> list[Any]:
        with httpx2.Client(base_url=url, timeout=60) as client:
            return work(client)

    with ThreadPoolExecutor(WRITERS) as pool:
        return [item for items in pool.map(with_client, range(WRITERS)) for item in items]


def test_eight_writers_on_two_workers(settings: Settings, tmp_path: Path) -> None:
    """They post, and count together in one recipe: with If-Match nobody overwrites another."""
    with server.run_sh(settings, tmp_path, workers=2) as running:
        with running.client() as client:
            author = sign_up(client)
            shared = create_recipe(client, author, servings=1)
        path = f"{API}/recipes/{shared['id']}"

        def work(client: httpx2.Client) -> list[tuple[int, int | None]]:
            answers: list[tuple[int, int | None]] = []
            for _ in range(ROUNDS):
                posted = client.post(
                    f"{API}/recipes", json={"label": "Own"}, headers=author.headers
                )
                answers.append((posted.status_code, posted.json().get("id")))
                status = 412
                while status == 412:
                    seen = client.get(path)
                    status = client.patch(
                        path,
                        json={"servings": seen.json()["servings"] + 1},
                        headers=author.headers | {"If-Match": seen.headers["etag"]},
                    ).status_code
                answers.append((status, None))
            return answers

        answers = at_once(work, running.url)
        assert Counter(status for status, _ in answers) == {
            201: WRITERS * ROUNDS,
            200: WRITERS * ROUNDS,
        }, running.log.read_text()
        ids = [number for _, number in answers if number is not None]
        assert len(set(ids)) == WRITERS * ROUNDS
        with running.client() as client:
            counted = client.get(path).json()
        assert counted["servings"] == shared["servings"] + WRITERS * ROUNDS
        assert counted["version"] == shared["version"] + WRITERS * ROUNDS
        kept = execute(settings.database_url, "SELECT id FROM recipe WHERE label = 'Own'")
        assert {row.id for row in kept} == set(ids)
        assert "locked" not in running.log.read_text()


def test_parallel_changes_without_if_match_all_succeed_one_after_the_other(
    settings: Settings, tmp_path: Path
) -> None:
    with server.run_sh(settings, tmp_path, workers=2) as running:
        with running.client() as client:
            author = sign_up(client)
            shared = create_recipe(client, author, tags=["first"])
        path = f"{API}/recipes/{shared['id']}"

        def work(client: httpx2.Client) -> list[tuple[int, int]]:
            change = {"ingredients": ["2 eggs", "milk"], "tags": ["first", "second"]}
            answers = [
                client.patch(path, json=change, headers=author.headers) for _ in range(ROUNDS)
            ]
            return [(answer.status_code, answer.json().get("version")) for answer in answers]

        answers = at_once(work, running.url)
        assert Counter(status for status, _ in answers) == {200: WRITERS * ROUNDS}
        with running.client() as client:
            changed = client.get(path).json()
    # Whether a change that changes nothing counts is another matter; none is counted twice.
    versions = {version for _, version in answers}
    assert changed["version"] == max(versions)
    assert len(changed["ingredients"]) == 2
    assert len(changed["tags"]) == 2


@on_one_database
def test_the_workers_of_one_server_count_failed_log_ins_together(
    settings: Settings, tmp_path: Path
) -> None:
    def guess(number: int) -> int:
        # A connection of its own, so that either worker may get it.
        with running.client() as client:
            wrong = {"username": settings.first_superuser, "password": "wrong wooden spoons"}
            return client.post(f"{API}/auth/login", data=wrong).status_code

    with (
        server.run_sh(settings, tmp_path, workers=2) as running,
        ThreadPoolExecutor(8) as threads,
    ):
        assert Counter(threads.map(guess, range(24))) == {401: FAILED_LOGINS, 429: 14}


def test_one_account_that_writes_much_keeps_no_other_waiting(
    settings: Settings, tmp_path: Path
) -> None:
    """Ann stores recipes of very many words and patches large ones; Bob writes a little."""
    chance = random.Random(1)  # noqa: S311 - to make words, not to keep a secret
    letters = string.ascii_lowercase

    def words(count: int) -> str:
        return " ".join("".join(chance.choices(letters, k=8)) for _ in range(count))

    with (
        server.run_sh(settings, tmp_path, workers=2) as running,
        ThreadPoolExecutor(4) as threads,
        running.client() as client,
    ):
        ann, bob = sign_up(client), sign_up(client)
        steps = [words(1000) for _ in range(50)]
        bodies = [{"label": "Long", "steps": [*steps, words(1000)]} for _ in range(9)]
        large = create_recipe(client, ann, extras={"": "x" * 450_000})["id"]
        patches = [{"op": "patch", "id": large, "recipe": {"label": f"{n}"}} for n in range(60)]
        finished = threading.Event()

        def post_much(bodies: list[dict[str, Any]]) -> None:
            with running.client() as client:
                for body in bodies:
                    client.post(RECIPES, json=body, headers=ann.headers)

        def patch_much() -> list[int]:
            with running.client() as client:
                body = {"operations": patches}
                answer = client.post(f"{RECIPES}/batch", json=body, headers=ann.headers)
                return [result["status"] for result in answer.json()["results"]]

        def post_little() -> list[int]:
            found: list[int] = []
            with running.client() as client:
                while not finished.is_set() or len(found) < WRITERS:
                    answer = client.post(RECIPES, json={"label": "Own"}, headers=bob.headers)
                    found.append(answer.status_code)
            return found

        little = threads.submit(post_little)
        much = [threads.submit(post_much, bodies[n::2]) for n in range(2)]
        patched = threads.submit(patch_much)
        wait(much)
        wait([patched])
        finished.set()
        assert set(little.result()) == {201}
        for each in much:
            each.result()
        assert set(patched.result()) == {200, 413}
    versions = rows(settings.database_url, "recipe_version")
    assert 450_000 <= sum(len(json.dumps(row.snapshot)) for row in versions) < 10 * 450_000


@pytest.fixture
def clients(client: TestClient, settings: Settings) -> Iterator[list[TestClient]]:
    """Two applications on one database, as two replicas are."""
    with TestClient(create_app(settings)) as replica:
        yield [client, replica]


def test_a_copy_made_beside_writers_is_what_they_wrote(
    clients: list[TestClient], database_url: str
) -> None:
    authors = [create_user(clients[0]) for _ in range(AUTHORS)]
    shared = [create_recipe(clients[0], author) for author in authors for _ in range(2)]
    reader = create_user(clients[0])
    end = time.monotonic() + SECONDS
    with ThreadPoolExecutor(AUTHORS) as threads:
        writers = [
            threads.submit(_write, clients[n % 2], author, shared[2 * n : 2 * n + 2], n, end)
            for n, author in enumerate(authors)
        ]
        followers = [Replica(clients[0], reader), Replica(clients[1])]
        while not all(writer.done() for writer in writers):
            for copy in followers:
                copy.sync(limit=5)
        for writer in writers:
            writer.result()
    stored = {
        row.id: row.version
        for row in rows(database_url, "recipe")
        if row.visibility == "public" and row.deleted_at is None
    }
    fresh = Replica(clients[0])
    fresh.sync()
    for copy in (*followers, fresh):
        copy.sync()
        assert {each["id"]: each["version"] for each in copy.recipes.values()} == stored
        assert copy.recipes == fresh.recipes


def _write(client: TestClient, user: Account, recipes: list[Item], seed: int, end: float) -> None:
    """Until `end` make, change, hide, show, throw away, bring back and remove, as chance has it."""
    chance = random.Random(seed)  # noqa: S311 - to write much, not to keep a secret
    ids = [recipe["id"] for recipe in recipes]
    for number in itertools.takewhile(lambda _: time.monotonic() < end, itertools.count()):
        path = f"{RECIPES}/{chance.choice(ids)}"
        what = chance.choice(["create", "change", "hide", "show", "throw", "restore", "remove"])
        match what:
            case "create":
                body = {"label": f"Recipe {number}"}
                answer = client.post(RECIPES, json=body, headers=user.headers)
                ids.append(answer.json()["id"])
            case "restore":
                answer = client.post(f"{path}/restore", headers=user.headers)
            case "throw" | "remove":
                permanent = {"permanent": what == "remove" and number % 2 == 0}
                answer = client.delete(path, params=permanent, headers=user.headers)
            case _:
                values = {"hide": {"visibility": "private"}, "show": {"visibility": "public"}}
                body = values.get(what, {"notes": f"{number}"})
                answer = client.patch(path, json=body, headers=user.headers)
        # What was thrown away or removed before is not there.
        assert answer.is_success or answer.status_code == 404, answer.text
