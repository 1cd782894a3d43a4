"""Cooks who write, and keep a ledger of what was acknowledged: that, and nothing else, is stored.

Each cook alone writes their recipes, one request after another. A write that is not answered is
sent again, the same with its key, until it is: whether it had its effect before is then settled.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2

from benchmarks.demo.recipes import demo_recipes
from tests.documents import document_of
from tests.factories import API, Account, sign_up

RECIPES = f"{API}/recipes"
BATCH = f"{RECIPES}/batch?atomic=true"
ANSWER_SECONDS = 30
TAGS = [{"kind": "keyword", "name": name} for name in ("quick", "cheap", "festive", "leftovers")]

Document = dict[str, Any]
Acknowledge = Callable[[httpx2.Response], None]


@dataclass
class Known:
    """A recipe as it was acknowledged."""

    documents: list[Document]
    """That of each version; the last is the current one."""
    in_trash: bool = False


@dataclass(frozen=True)
class Write:
    """A request, and what to note in the ledger when it is answered."""

    method: str
    path: str
    acknowledge: Acknowledge
    body: object = None
    key: str | None = None


class Cook:
    """A user with a ledger."""

    def __init__(self, account: Account, seed: int) -> None:
        self.account = account
        self.recipes: dict[int, Known] = {}
        self.removed: dict[int, int] = {}
        """The recipes that are gone for good, and the version that ended each."""
        self.keys: set[str] = set()
        """Of the requests that must be known again."""
        self.acknowledged = 0
        self.sent_again = 0
        self._chance = random.Random(seed)  # noqa: S311 - To write much, not to keep a secret.
        self._documents = demo_recipes(1_000_000, seed)
        self._unanswered: Write | None = None

    def go_on(self, client: httpx2.Client) -> None:
        """One more write, or one that was not answered once more; sometimes a look instead."""
        if self._unanswered is None and self.recipes and self._chance.random() < 0.2:
            self._read(client)
        else:
            self.settle(client)
            self._send(client, self._next())

    def settle(self, client: httpx2.Client) -> None:
        """Send once more what was not answered."""
        if self._unanswered is not None:
            self.sent_again += 1
            self._send(client, self._unanswered)

    def _send(self, client: httpx2.Client, write: Write) -> None:
        again = write is self._unanswered
        self._unanswered = write
        headers = self.account.headers | ({"Idempotency-Key": write.key} if write.key else {})
        if self._chance.random() < 0.1:
            # Some connections are new, so that each worker has some.
            headers["Connection"] = "close"
        answer = client.request(write.method, write.path, json=write.body, headers=headers)
        # What was thrown away by the request that had no answer is not there.
        was_done = again and write.method == "DELETE" and answer.status_code == 404
        assert answer.is_success or was_done, f"{write.method} {write.path}: {answer.text}"
        write.acknowledge(answer)
        if write.key:
            self.keys.add(write.key)
        self.acknowledged += 1
        self._unanswered = None

    def _read(self, client: httpx2.Client) -> None:
        recipe_id = self._chance.choice(list(self.recipes))
        known = self.recipes[recipe_id]
        answer = client.get(f"{RECIPES}/{recipe_id}", headers=self.account.headers)
        if known.in_trash:
            assert answer.status_code == 404, answer.text
        else:
            assert_told(answer.json(), known)

    # --- What to write ---------------------------------------------------------------------------

    def _next(self) -> Write:
        writes = [self._create] * 5
        if live := [each for each, known in self.recipes.items() if not known.in_trash]:
            self._one = self._chance.choice(live)
            writes += [self._change] * 5 + [self._batch] * 2 + [self._go_back]
            writes += [self._throw_away] * 2 + [self._remove]
        if trash := [each for each, known in self.recipes.items() if known.in_trash]:
            self._thrown = self._chance.choice(trash)
            writes += [self._bring_back] * 2
        return self._chance.choice(writes)()

    def _new_key(self) -> str:
        return f"{self._chance.getrandbits(64):x}"

    def _changes(self) -> Document:
        # No change is without effect, or it would make no version.
        note = f"{self._chance.getrandbits(64):x}"
        tags = self._chance.sample(TAGS, self._chance.randint(0, 3))
        return {"notes": note, "tags": tags, "servings": self._chance.randint(1, 12)}

    def _create(self) -> Write:
        body = next(self._documents)

        def acknowledge(answer: httpx2.Response) -> None:
            told = answer.json()
            known = self.recipes[told["id"]] = Known([body])
            assert_told(told, known)

        return Write("POST", RECIPES, acknowledge, body, self._new_key())

    def _change(self) -> Write:
        changes = self._changes()
        known = self.recipes[self._one]
        return Write("PATCH", f"{RECIPES}/{self._one}", _as(known, changes), changes)

    def _go_back(self) -> Write:
        known = self.recipes[self._one]
        version = self._chance.randint(1, len(known.documents))
        path = f"{RECIPES}/{self._one}/versions/{version}/restore"
        then = known.documents[version - 1]
        return Write("POST", path, _as(known, then), key=self._new_key())

    def _throw_away(self) -> Write:
        known = self.recipes[self._one]

        def acknowledge(_: httpx2.Response) -> None:
            known.documents.append(known.documents[-1])
            known.in_trash = True

        return Write("DELETE", f"{RECIPES}/{self._one}", acknowledge)

    def _bring_back(self) -> Write:
        known = self.recipes[self._thrown]

        def acknowledge(answer: httpx2.Response) -> None:
            _as(known, {})(answer)
            known.in_trash = False

        path = f"{RECIPES}/{self._thrown}/restore"
        return Write("POST", path, acknowledge, key=self._new_key())

    def _remove(self) -> Write:
        removed = self._one

        def acknowledge(_: httpx2.Response) -> None:
            self.removed[removed] = len(self.recipes.pop(removed).documents) + 1

        return Write("DELETE", f"{RECIPES}/{removed}?permanent=true", acknowledge)

    def _batch(self) -> Write:
        changed, changes = self._one, self._changes()
        made = [next(self._documents) for _ in range(2)]
        patch = {"op": "patch", "id": changed, "recipe": changes}
        creates = [{"op": "create", "recipe": document} for document in made]

        def acknowledge(answer: httpx2.Response) -> None:
            results = answer.json()["results"]
            assert [each["status"] for each in results] == [201, 200, 201], answer.text
            for result, document in zip(results[::2], made, strict=True):
                self.recipes[result["id"]] = Known([document])
            documents = self.recipes[changed].documents
            documents.append(documents[-1] | changes)

        body = {"operations": [creates[0], patch, creates[1]]}
        return Write("POST", BATCH, acknowledge, body, self._new_key())


def _as(known: Known, changes: Document) -> Acknowledge:
    """What notes that a recipe was changed, and that the answer shows it."""

    def acknowledge(answer: httpx2.Response) -> None:
        known.documents.append(known.documents[-1] | changes)
        assert_told(answer.json(), known)

    return acknowledge


def assert_told(told: dict[str, Any], known: Known) -> None:
    """An answer shows the current version, each member as it was written."""
    assert told["version"] == len(known.documents)
    assert document_of(told) == known.documents[-1]


def hire(client: httpx2.Client, count: int, seed: int) -> list[Cook]:
    """New cooks, whose writes follow from `seed`."""
    return [Cook(sign_up(client), 1000 * seed + number) for number in range(count)]


def note(text: str) -> None:
    """Progress what a run was like, for one that fails."""
    print(text)  # noqa: T201 - pytest keeps it, and shows it with the failure.


# --- At once -------------------------------------------------------------------------------------


@dataclass
class Writing:
    """How the cooks at work fare."""

    failures: list[httpx2.TransportError] = field(default_factory=list)
    attempts: Counter[int] = field(default_factory=Counter)
    """By cook, the requests that have ended, well or not."""

    def wait_for_all(self) -> None:
        """Wait until each request that is on its way now has ended."""
        before, end = dict(self.attempts), time.monotonic() + ANSWER_SECONDS
        while any(self.attempts[cook] == count for cook, count in before.items()):
            assert time.monotonic() < end, "a request takes too long, or a cook has given up"
            time.sleep(0.005)


@contextmanager
def writing(url: str, cooks: list[Cook]) -> Iterator[Writing]:
    """Let all cooks write at the same time, with kept connections, until the block ends."""
    over = threading.Event()
    seen = Writing(attempts=Counter(dict.fromkeys(range(len(cooks)), 0)))

    def work(number: int) -> None:
        with httpx2.Client(base_url=url, timeout=ANSWER_SECONDS) as client:
            while not over.is_set():
                try:
                    cooks[number].go_on(client)
                except httpx2.TransportError as error:
                    seen.failures.append(error)
                    time.sleep(0.01)
                finally:
                    seen.attempts[number] += 1

    with ThreadPoolExecutor(len(cooks)) as threads:
        jobs = [threads.submit(work, number) for number in range(len(cooks))]
        try:
            yield seen
        finally:
            over.set()
        for job in jobs:
            job.result()
