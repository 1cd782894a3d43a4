"""Recipes that are sent line by line, and what is told of each."""

import http.client
import json
from collections.abc import Iterable
from typing import Any

import httpx2

from benchmarks.demo.recipes import demo_recipes
from tests.factories import API, Account

IMPORT = f"{API}/recipes/import"
NDJSON = {"Content-Type": "application/x-ndjson"}


def line(number: int, **members: object) -> bytes:
    """One small recipe."""
    return json.dumps({"label": f"Soup {number}", **members}).encode() + b"\n"


def sample_lines(count: int) -> str:
    """Believable recipes, the same each time."""
    return "".join(json.dumps(each) + "\n" for each in demo_recipes(count, 3))


def told(text: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The items of an answer, and the totals behind them."""
    *items, totals = [json.loads(each) for each in text.splitlines()]
    return items, totals


def send(
    client: httpx2.Client, user: Account, body: bytes | Iterable[bytes], query: str = ""
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Import a stream and give what is told."""
    headers = {**user.headers, **NDJSON}
    answer = client.post(f"{IMPORT}?{query}", content=body, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-ndjson"
    return told(answer.text)


def begin(connection: http.client.HTTPConnection, user: Account) -> None:
    """Send the headers of an import."""
    connection.putrequest("POST", IMPORT)
    for name, value in {**user.headers, **NDJSON, "Transfer-Encoding": "chunked"}.items():
        connection.putheader(name, value)
    connection.endheaders()


def send_chunk(connection: http.client.HTTPConnection, data: bytes) -> None:
    """Send a part of its body; an empty one is its end."""
    connection.send(b"%x\r\n%s\r\n" % (len(data), data))
