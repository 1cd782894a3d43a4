"""What clients see while the database is not itself: all that is asked for, at once."""

import contextlib
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2

from tests.faults.load import Answer, Load, load
from tests.server import Server

RECIPES = "/api/v1/recipes"


@dataclass(frozen=True)
class Traffic:
    """What readers, writers, and visitors of the pages were answered."""

    reads: Load
    writes: Load
    pages: Load
    stored: list[int]
    """The ids that were acknowledged."""

    @property
    def all(self) -> tuple[Load, ...]:
        """Each kind."""
        return self.reads, self.writes, self.pages


@contextlib.contextmanager
def traffic(server: Server, token: str, clients: int = 2) -> Iterator[Traffic]:
    """Read, write and visit without a pause worth the name."""
    stored: list[int] = []
    headers = {"Authorization": f"Bearer {token}"}

    def read(client: httpx2.Client) -> httpx2.Response:
        return client.get(f"{RECIPES}?limit=5")

    def write(client: httpx2.Client) -> httpx2.Response:
        response = client.post(RECIPES, json={"label": "Soup"}, headers=headers)
        if response.status_code == 201:
            stored.append(response.json()["id"])
        return response

    def visit(client: httpx2.Client) -> httpx2.Response:
        return client.get("/recipes?q=soup", headers={"Accept": "text/html"})

    with (
        load(server.url, read, clients, pause=0.02) as reads,
        load(server.url, write, clients, pause=0.02) as writes,
        load(server.url, visit, clients, pause=0.02) as pages,
    ):
        yield Traffic(reads, writes, pages, stored)


@contextlib.contextmanager
def probes(server: Server) -> Iterator[Load]:
    """Ask whether the process lives, five times a second."""
    with load(server.url, lambda client: client.get("/livez"), 1, pause=0.2) as seen:
        yield seen


def refusals(seen: Load) -> list[Answer]:
    """The answers that were no success. Each must be an honest one: 503, and when to come again."""
    refused = [each for each in seen.answers if each.status not in (200, 201)]
    for each in refused:
        assert each.status == 503, each
        assert each.retry_after is not None, each
        assert int(each.retry_after) >= 1, each
    return refused


def first_success(seen: Load, after: float) -> float:
    """How long after a moment the first success came."""
    return (
        min(each.ended for each in seen.answers if each.status in (200, 201) and each.ended > after)
        - after
    )


def longest(seen: Load) -> float:
    """The longest that anybody waited."""
    return max(each.seconds for each in seen.answers)


def until(is_so: Callable[[], bool], seconds: float = 10) -> None:
    """Return when it is so."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        threading.Event().wait(0.05)


def command(name: str, *arguments: str | Path) -> None:
    """Run a tool of the system."""
    subprocess.run(["/usr/bin/env", name, *arguments], check=True, stderr=subprocess.DEVNULL)
