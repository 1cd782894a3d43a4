"""Send imports of NDJSON, and parse their reports."""

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
    """Return a small recipe as a line."""
    return json.dumps({"label": f"Soup {number}", **members}).encode() + b"\n"


def sample_lines(count: int) -> str:
    """Return realistic recipes, the same ones each time."""
    return "".join(json.dumps(each) + "\n" for each in demo_recipes(count, 3))


def parse_report(text: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Split a report into its items and the totals after them."""
    *items, totals = [json.loads(each) for each in text.splitlines()]
    return items, totals


def send(
    client: httpx2.Client, user: Account, body: bytes | Iterable[bytes], query: str = ""
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Import a stream and return the items and the totals of the report."""
    headers = {**user.headers, **NDJSON}
    answer = client.post(f"{IMPORT}?{query}", content=body, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-ndjson"
    return parse_report(answer.text)


def begin(connection: http.client.HTTPConnection, user: Account) -> None:
    """Send the headers of an import."""
    connection.putrequest("POST", IMPORT)
    for name, value in {**user.headers, **NDJSON, "Transfer-Encoding": "chunked"}.items():
        connection.putheader(name, value)
    connection.endheaders()


def send_chunk(connection: http.client.HTTPConnection, data: bytes) -> None:
    """Send a chunk of the body; an empty one ends it."""
    connection.send(b"%x\r\n%s\r\n" % (len(data), data))
