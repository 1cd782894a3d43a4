"""API4:2023 Unrestricted Resource Consumption: all that comes in, and all that is asked for, ends.

The size of bodies is tested in tests/api/test_http.py, their depth in test_hostile_input.py, the
number of tokens in test_api_tokens.py, guessed passwords in test_throttling.py.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from fastapi.testclient import TestClient

from tests.factories import Account
from tests.operations import Operation, examples, openapi, operations, path_to
from tests.problems import assert_invalid
from tests.web.browser import on_one_database

pytestmark = on_one_database

BOUND_OF = {"string": "maxLength", "array": "maxItems", "integer": "maximum", "number": "maximum"}


def alternatives(schema: dict[str, Any], document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What a value may be by its schema, without references."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    among = schema.get("anyOf") or schema.get("oneOf")
    for each in among or ():
        yield from alternatives(each, document)
    if among is None:
        yield schema


def unbounded(schema: dict[str, Any], document: dict[str, Any], place: str) -> Iterator[str]:
    """The places of all that may be as large as one likes."""
    for each in alternatives(schema, document):
        known = {"enum", "const"} & each.keys() or each.get("format") == "date-time"
        if not known and BOUND_OF.get(each["type"], "type") not in each:
            yield place
        if "items" in each:
            yield from unbounded(each["items"], document, f"{place}/0")
        for name, member in each.get("properties", {}).items():
            yield from unbounded(member, document, f"{place}/{name}")


class Input(NamedTuple):
    """A parameter or a member of a body, and the argument of a request that holds it."""

    argument: str
    name: str
    schema: dict[str, Any]

    @property
    def place(self) -> str:
        """How a fault names it."""
        return self.name if self.argument == "params" else f"/{self.name}"


def inputs(operation: Operation, document: dict[str, Any]) -> Iterator[Input]:
    """What an operation takes, but for its path, and headers, which the server bounds."""
    for each in operation.described.get("parameters", ()):
        if each["in"] == "query":
            yield Input("params", each["name"], each["schema"])
    for schema in alternatives(operation.body, document) if operation.body else ():
        argument = "data" if operation.name == "log_in" else "json"
        for name, member in schema["properties"].items():
            yield Input(argument, name, member)


def test_every_input_is_bounded(client: TestClient, subtests: pytest.Subtests) -> None:
    document = openapi(client)
    for operation in operations(client):
        for given in inputs(operation, document):
            with subtests.test(f"{operation.name}: {given.place}"):
                assert list(unbounded(given.schema, document, given.place)) == []


def test_every_list_is_bounded(client: TestClient, subtests: pytest.Subtests) -> None:
    document = openapi(client)
    lists = 0
    for operation in operations(client):
        schema = operation.answer(operation.success) or {}
        members = next(alternatives(schema, document)).get("properties", {})
        # A batch has as many results as operations.
        if {"items", "results"} & members.keys() and operation.method == "GET":
            lists += 1
            with subtests.test(operation.name):
                sizes = [
                    given.schema["maximum"]
                    for given in inputs(operation, document)
                    if given.name in ("limit", "max_results")
                ]
                assert sizes == [1000 if operation.name == "list_changes" else 100]
    assert lists >= 5


def beyond(schema: dict[str, Any]) -> Any:
    """A value that is larger by one than its schema allows."""
    match schema:
        case {"maxLength": int(length)}:
            return "x" * (length + 1)
        case {"maxItems": int(length)}:
            return schema["items"].get("enum", ["x"])[:1] * (length + 1)
        case {"maximum": maximum}:
            return int(maximum) + 1
        case _:
            return None


def test_one_beyond_each_bound_is_refused(
    client: TestClient, user: Account, superuser: Account, subtests: pytest.Subtests
) -> None:
    document = openapi(client)
    tried = 0
    for operation in operations(client):
        path = path_to(client, operation, user)
        for given in inputs(operation, document):
            for value in map(beyond, alternatives(given.schema, document)):
                if value is None:
                    continue
                tried += 1
                request = examples(user)[operation.name] | {"headers": superuser.headers}
                request[given.argument] = request.get(given.argument, {}) | {given.name: value}
                with subtests.test(f"{operation.name}: {given.place}"):
                    answer = client.request(operation.method, path, **request)
                    assert_invalid(answer, given.place)
    assert tried > 60
