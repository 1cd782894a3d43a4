"""Every operation of the OpenAPI document, with a request that it accepts."""

import re
import uuid
from collections import defaultdict
from collections.abc import Callable
from typing import Any, NamedTuple

import httpx2
import sqlalchemy

from app.db.base import Base
from tests.databases import connected
from tests.factories import API, PASSWORD, Account, create_recipe
from tests.problems import assert_problem


class Operation(NamedTuple):
    """An operation, and its description in the document."""

    name: str
    method: str
    path: str
    described: dict[str, Any]

    @property
    def success(self) -> int:
        """The status of a successful response."""
        return int(next(status for status in self.described["responses"] if status < "3"))

    @property
    def takes_credentials(self) -> bool:
        return "security" in self.described

    @property
    def body(self) -> dict[str, Any] | None:
        """The schema of the request body, if there is one."""
        return _schema(self.described.get("requestBody", {}))

    def answer(self, status: int) -> dict[str, Any] | None:
        """Return the schema of the response body with `status`, if there is one."""
        return _schema(self.described["responses"][str(status)])


def _schema(described: dict[str, Any]) -> dict[str, Any] | None:
    content = described.get("content", {})
    return next((each["schema"] for each in content.values()), None)


def openapi(client: httpx2.Client) -> dict[str, Any]:
    """Return the OpenAPI document."""
    document: dict[str, Any] = client.get(f"{API}/openapi.json").json()
    return document


def operations(client: httpx2.Client) -> list[Operation]:
    """Return all operations of the API."""
    return [
        Operation(described["operationId"], method.upper(), path, described)
        for path, item in openapi(client)["paths"].items()
        for method, described in item.items()
    ]


def examples(owner: Account) -> dict[str, dict[str, Any]]:
    """Return the arguments of an accepted request for each operation, without the path."""
    newcomer = {"email": f"cook-{uuid.uuid4().hex}@example.com", "password": PASSWORD}
    needed: dict[str, dict[str, Any]] = {
        "search_recipes": {"params": {"keyword": "pancakes"}},
        "create_recipe": {"json": {"label": "Toast"}},
        "replace_recipe": {"json": {"label": "Toast"}},
        "update_recipe": {"json": {"notes": "Burnt."}},
        "change_recipes": {
            "json": {"operations": [{"op": "create", "recipe": {"label": "Toast"}}]},
        },
        "export_recipes": {"params": {"format": "jsonld"}},
        "import_recipes": {"json": {"json_ld": {"@type": "Recipe", "name": "Toast"}}},
        "parse_ingredients": {"json": {"lines": ["1 ½ cups milk"]}},
        "create_user": {"json": newcomer},
        "update_user": {"json": {"first_name": "Ann"}},
        "sign_up": {"json": newcomer},
        "log_in": {"data": {"username": owner.email, "password": owner.password}},
        "update_me": {"json": {"first_name": "Ann"}},
        "delete_me": {"json": {"current_password": owner.password}},
        "create_token": {"json": {"name": "phone", "scopes": ["read"]}},
    }
    return defaultdict(dict, needed)


def path_to(client: httpx2.Client, operation: Operation, owner: Account) -> str:
    """Return a path of an operation, with objects of `owner`, which are new if possible."""

    def new_recipe() -> int:
        path = f"{API}/recipes/{create_recipe(client, owner)['id']}"
        # A request that restores something needs something to restore.
        if "{version}" in operation.path:
            answer = client.patch(path, json={"notes": "Burnt."}, headers=owner.headers)
            assert answer.status_code == 200, answer.text
        elif operation.name == "restore_recipe":
            assert client.delete(path, headers=owner.headers).status_code == 204
        return int(path.rpartition("/")[2])

    def new() -> int:
        """Create a member of the collection that the path begins with."""
        collection = operation.path.partition("/{")[0]
        (create,) = (
            each for each in operations(client) if (each.method, each.path) == ("POST", collection)
        )
        arguments = examples(owner)[create.name]
        answer = client.post(collection, headers=owner.headers, **arguments)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])

    make: dict[str, Callable[[], int]] = {
        "recipe_id": new_recipe,
        "version": lambda: 1,
        "user_id": lambda: owner.id,
    }
    names = re.findall(r"{(\w+)}", operation.path)
    return operation.path.format(**{name: make.get(name, new)() for name in names})


def assert_refused_everywhere(client: httpx2.Client, *headers: str | bytes) -> None:
    """Fail if any operation accepts these credentials, each a value of the Authorization header."""
    sent = [
        (b"Authorization", each.encode() if isinstance(each, str) else each) for each in headers
    ]
    for operation in operations(client):
        if operation.takes_credentials:
            # Public ones too: a client must learn that its token has ended. And credentials are
            # checked first, before the path and the missing body.
            path = re.sub(r"{\w+}", "1", operation.path)
            answer = client.request(operation.method, path, headers=sent)
            assert assert_problem(answer, 401)["errors"] == []


def stored(database_url: str) -> dict[str, Any]:
    """Return all rows of all tables, to compare before and after."""
    with connected(database_url) as connection:
        return {
            table.name: connection.execute(
                sqlalchemy.select(table).order_by(*table.primary_key)
            ).all()
            for table in Base.metadata.sorted_tables
        }
