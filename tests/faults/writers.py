"""Writers that record what was acknowledged: exactly that must be stored.

Each writer alone writes its own recipes, one request after another. A write without an answer is
sent again with the same idempotency key until it is answered.
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
class AcknowledgedRecipe:
    """A recipe as the server acknowledged it."""

    documents: list[Document]
    """The document of each version; the last one is current."""
    in_trash: bool = False


@dataclass(frozen=True)
class Write:
    """A request, and a function that records its answer."""

    method: str
    path: str
    acknowledge: Acknowledge
    body: object = None
    key: str | None = None


class RecordingWriter:
    """A user who records each acknowledged write."""

    def __init__(self, account: Account, seed: int) -> None:
        self.account = account
        self.recipes: dict[int, AcknowledgedRecipe] = {}
        self.removed: dict[int, int] = {}
        """The permanently deleted recipes, with the last version of each."""
        self.keys: set[str] = set()
        """The idempotency keys that must be stored."""
        self.acknowledged = 0
        self.sent_again = 0
        self._chance = random.Random(seed)  # noqa: S311 - To write much, not to keep a secret.
        self._documents = demo_recipes(1_000_000, seed)
        self._unanswered: Write | None = None

    def step(self, client: httpx2.Client) -> None:
        """Send the next write, repeat one that had no answer, or sometimes read a recipe."""
        if self._unanswered is None and self.recipes and self._chance.random() < 0.2:
            self._read(client)
        else:
            self.settle(client)
            self._send(client, self._next())

    def settle(self, client: httpx2.Client) -> None:
        """Repeat the write that had no answer, if there is one."""
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
        # The first request, which had no answer, has deleted it.
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
            assert_shows(answer.json(), known)

    # --- What to write ---------------------------------------------------------------------------

    def _next(self) -> Write:
        writes = [self._create] * 5
        if live := [each for each, known in self.recipes.items() if not known.in_trash]:
            self._current = self._chance.choice(live)
            writes += [self._change] * 5 + [self._batch] * 2 + [self._restore_version]
            writes += [self._delete] * 2 + [self._delete_for_good]
        if trash := [each for each, known in self.recipes.items() if known.in_trash]:
            self._deleted = self._chance.choice(trash)
            writes += [self._undelete] * 2
        return self._chance.choice(writes)()

    def _new_key(self) -> str:
        return f"{self._chance.getrandbits(64):x}"

    def _changes(self) -> Document:
        # Each change has an effect, or it would make no version.
        note = f"{self._chance.getrandbits(64):x}"
        tags = self._chance.sample(TAGS, self._chance.randint(0, 3))
        return {"notes": note, "tags": tags, "servings": self._chance.randint(1, 12)}

    def _create(self) -> Write:
        body = next(self._documents)

        def acknowledge(answer: httpx2.Response) -> None:
            answered = answer.json()
            known = self.recipes[answered["id"]] = AcknowledgedRecipe([body])
            assert_shows(answered, known)

        return Write("POST", RECIPES, acknowledge, body, self._new_key())

    def _change(self) -> Write:
        changes = self._changes()
        known = self.recipes[self._current]
        return Write("PATCH", f"{RECIPES}/{self._current}", _record_change(known, changes), changes)

    def _restore_version(self) -> Write:
        known = self.recipes[self._current]
        version = self._chance.randint(1, len(known.documents))
        path = f"{RECIPES}/{self._current}/versions/{version}/restore"
        then = known.documents[version - 1]
        return Write("POST", path, _record_change(known, then), key=self._new_key())

    def _delete(self) -> Write:
        known = self.recipes[self._current]

        def acknowledge(_: httpx2.Response) -> None:
            known.documents.append(known.documents[-1])
            known.in_trash = True

        return Write("DELETE", f"{RECIPES}/{self._current}", acknowledge)

    def _undelete(self) -> Write:
        known = self.recipes[self._deleted]

        def acknowledge(answer: httpx2.Response) -> None:
            _record_change(known, {})(answer)
            known.in_trash = False

        path = f"{RECIPES}/{self._deleted}/restore"
        return Write("POST", path, acknowledge, key=self._new_key())

    def _delete_for_good(self) -> Write:
        removed = self._current

        def acknowledge(_: httpx2.Response) -> None:
            self.removed[removed] = len(self.recipes.pop(removed).documents) + 1

        return Write("DELETE", f"{RECIPES}/{removed}?permanent=true", acknowledge)

    def _batch(self) -> Write:
        changed, changes = self._current, self._changes()
        made = [next(self._documents) for _ in range(2)]
        patch = {"op": "patch", "id": changed, "recipe": changes}
        creates = [{"op": "create", "recipe": document} for document in made]

        def acknowledge(answer: httpx2.Response) -> None:
            results = answer.json()["results"]
            assert [each["status"] for each in results] == [201, 200, 201], answer.text
            for result, document in zip(results[::2], made, strict=True):
                self.recipes[result["id"]] = AcknowledgedRecipe([document])
            documents = self.recipes[changed].documents
            documents.append(documents[-1] | changes)

        body = {"operations": [creates[0], patch, creates[1]]}
        return Write("POST", BATCH, acknowledge, body, self._new_key())


def _record_change(known: AcknowledgedRecipe, changes: Document) -> Acknowledge:
    """Return a function that records a change and checks that the answer shows it."""

    def acknowledge(answer: httpx2.Response) -> None:
        known.documents.append(known.documents[-1] | changes)
        assert_shows(answer.json(), known)

    return acknowledge


def assert_shows(answered: dict[str, Any], known: AcknowledgedRecipe) -> None:
    """Assert that an answer shows the current version, each member as it was written."""
    assert answered["version"] == len(known.documents)
    assert document_of(answered) == known.documents[-1]


def create_writers(client: httpx2.Client, count: int, seed: int) -> list[RecordingWriter]:
    """Sign up writers; `seed` determines what they write."""
    return [RecordingWriter(sign_up(client), 1000 * seed + number) for number in range(count)]


def note(text: str) -> None:
    """Print a fact about the run, which pytest shows if the test fails."""
    print(text)  # noqa: T201 - pytest keeps it, and shows it with the failure.


# --- At once -------------------------------------------------------------------------------------


@dataclass
class Writing:
    """The state of the writers while they write."""

    failures: list[httpx2.TransportError] = field(default_factory=list)
    attempts: Counter[int] = field(default_factory=Counter)
    """The finished requests of each writer, successful or not."""

    def wait_for_all(self) -> None:
        """Wait until each request in flight has ended."""
        before, end = dict(self.attempts), time.monotonic() + ANSWER_SECONDS
        while any(self.attempts[writer] == count for writer, count in before.items()):
            assert time.monotonic() < end, "a request takes too long, or a writer has given up"
            time.sleep(0.005)


@contextmanager
def writing(url: str, writers: list[RecordingWriter]) -> Iterator[Writing]:
    """Run all writers at the same time until the block ends."""
    over = threading.Event()
    seen = Writing(attempts=Counter(dict.fromkeys(range(len(writers)), 0)))

    def work(number: int) -> None:
        with httpx2.Client(base_url=url, timeout=ANSWER_SECONDS) as client:
            while not over.is_set():
                try:
                    writers[number].step(client)
                except httpx2.TransportError as error:
                    seen.failures.append(error)
                    time.sleep(0.01)
                finally:
                    seen.attempts[number] += 1

    with ThreadPoolExecutor(len(writers)) as threads:
        jobs = [threads.submit(work, number) for number in range(len(writers))]
        try:
            yield seen
        finally:
            over.set()
        for job in jobs:
            job.result()
