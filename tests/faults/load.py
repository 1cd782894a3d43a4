"""Clients that ask on while something goes wrong, and remember each answer."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx2

Ask = Callable[[httpx2.Client], httpx2.Response]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one request: a status, or the `error` of a connection."""

    began: float
    """`time.monotonic()`."""
    seconds: float
    status: int | None
    retry_after: str | None = None
    error: str | None = None

    @property
    def ended(self) -> float:
        """When it was there."""
        return self.began + self.seconds


@dataclass
class Load:
    """What a number of clients were answered so far."""

    answers: list[Answer] = field(default_factory=list)
    """In the order in which they came. Appending is atomic, so reading needs no lock."""

    @property
    def statuses(self) -> Counter[int | str | None]:
        """How often each status came; a failed connection counts by its error."""
        return Counter(each.error or each.status for each in self.answers)

    def since(self, moment: float) -> list[Answer]:
        """The answers to what was asked from `moment` on."""
        return [each for each in self.answers if each.began >= moment]

    def percentile(self, share: float) -> float:
        """Seconds within which that share (0 to 1) of the answers came."""
        ordered = sorted(each.seconds for each in self.answers)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


@contextmanager
def load(url: str, ask: Ask, clients: int = 4, pause: float = 0.0) -> Iterator[Load]:
    """Let `clients` at once `ask` again and again, with kept connections, until the block ends."""
    over = threading.Event()
    seen = Load()

    def work() -> None:
        with httpx2.Client(base_url=url, timeout=30) as client:
            while not over.is_set():
                seen.answers.append(answer_of(client, ask))
                over.wait(pause)

    threads = [threading.Thread(target=work) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        over.set()
        for thread in threads:
            thread.join()


def answer_of(client: httpx2.Client, ask: Ask) -> Answer:
    """Ask once."""
    began = time.monotonic()
    try:
        response = ask(client)
    except httpx2.TransportError as error:
        return Answer(began, time.monotonic() - began, None, error=repr(error))
    took = time.monotonic() - began
    return Answer(began, took, response.status_code, response.headers.get("retry-after"))
