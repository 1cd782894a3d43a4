"""The OpenAPI document: clients are generated from it, so it must be right and whole."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from fastapi.openapi.models import OpenAPI
from fastapi.testclient import TestClient

from app.main import create_app
from tests.factories import API, Account, create_recipe
from tests.processes import make_settings
from tests.web.browser import on_one_database

PROBLEM = "application/problem+json"
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
OPERATIONS = {
    *("GET /api/v1/recipes", "POST /api/v1/recipes"),
    *("GET /api/v1/recipes/search", "GET /api/v1/recipes/my-recipes"),
    *(f"{method} /api/v1/recipes/{{recipe_id}}" for method in ("GET", "PUT", "PATCH", "DELETE")),
    "POST /api/v1/recipes/{recipe_id}/restore",
    *(f"{method} /api/v1/recipes/{{recipe_id}}/share-link" for method in ("GET", "POST")),
    *("GET /api/v1/recipes/export", "POST /api/v1/recipes/import"),
    *("POST /api/v1/recipes/batch", "GET /api/v1/recipes/changes"),
    "GET /api/v1/recipes/{recipe_id}/versions",
    *(f"GET /api/v1/recipes/{{recipe_id}}/versions/{{version}}{below}" for below in ("", "/diff")),
    "POST /api/v1/recipes/{recipe_id}/versions/{version}/restore",
    "POST /api/v1/ingredients/parse",
    "GET /api/v1/tags",
    *("GET /api/v1/users", "POST /api/v1/users"),
    *(f"{method} /api/v1/users/{{user_id}}" for method in ("GET", "PATCH", "DELETE")),
    *("POST /api/v1/auth/signup", "POST /api/v1/auth/login", "POST /api/v1/auth/logout-everywhere"),
    *(f"{method} /api/v1/auth/me" for method in ("GET", "PATCH", "DELETE")),
    "GET /api/v1/auth/me/storage",
    *("GET /api/v1/auth/tokens", "POST /api/v1/auth/tokens"),
    "DELETE /api/v1/auth/tokens/{token_id}",
    *("GET /livez", "GET /readyz"),
}


@cache
def document() -> dict[str, Any]:
    """The document as it is served; it needs no database."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/recipes.db"
        # To write it may take long on a busy machine.
        app = create_app(make_settings(url, Path(folder), request_timeout_seconds=60.0))
        with TestClient(app) as client:
            served: dict[str, Any] = client.get(f"{API}/openapi.json").json()
            return served


def operations() -> dict[str, dict[str, Any]]:
    """Each operation by its method and path."""
    return {
        f"{method.upper()} {path}": operation
        for path, item in document()["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for member in node.values():
            yield from references(member)
    elif isinstance(node, list):
        for member in node:
            yield from references(member)


def errors_of(operation: dict[str, Any]) -> dict[str, Any]:
    """The declared responses that are errors, by their status."""
    return {status: each for status, each in operation["responses"].items() if status >= "4"}


each_operation = pytest.mark.parametrize("name", sorted(OPERATIONS))


# --- The document --------------------------------------------------------------------------------


@on_one_database
def test_it_has_an_etag(client: TestClient) -> None:
    first = client.get(f"{API}/openapi.json")
    again = client.get(f"{API}/openapi.json", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(f"{API}/openapi.json").content == first.content


def test_it_is_openapi_3_1() -> None:
    assert re.fullmatch(r"3\.1\.\d+", document()["openapi"])
    OpenAPI.model_validate(document())


def test_it_has_every_operation() -> None:
    assert operations().keys() == OPERATIONS


def test_every_reference_leads_somewhere() -> None:
    for reference in references(document()):
        assert reference.startswith("#/")
        found = document()
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]


def test_every_schema_is_used() -> None:
    schemas = {f"#/components/schemas/{name}" for name in document()["components"]["schemas"]}
    assert schemas <= set(references(document()))


def test_operation_ids_are_unique() -> None:
    ids = [operation["operationId"] for operation in operations().values()]
    assert len(ids) == len(set(ids))


def test_nothing_of_the_framework_is_left() -> None:
    assert (
        not {"HTTPValidationError", "ValidationError"} & document()["components"]["schemas"].keys()
    )


def test_the_token_url_is_the_login() -> None:
    scheme = document()["components"]["securitySchemes"]["password"]
    url = scheme["flows"]["password"]["tokenUrl"]
    assert f"POST {url}" in operations()


# --- Each operation ------------------------------------------------------------------------------


@each_operation
def test_it_says_what_it_does(name: str) -> None:
    operation = operations()[name]
    assert operation["summary"]
    assert operation["description"]
    assert operation["tags"]


@each_operation
def test_its_errors_are_problem_documents(name: str) -> None:
    for status, response in errors_of(operations()[name]).items():
        assert re.fullmatch(r"[45]\d\d", status)
        assert response["description"]
        assert response["content"].keys() == {PROBLEM}
        assert response["content"][PROBLEM]["schema"] == {"$ref": "#/components/schemas/Problem"}


@each_operation
def test_it_declares_its_errors(name: str) -> None:
    operation = operations()[name]
    body = operation.get("requestBody", {}).get("content", {})
    expected = set() if name == "GET /livez" else {"503"}
    expected |= {"401"} if "security" in operation or name.endswith("/login") else set()
    expected |= {"404"} if "{" in name else set()
    expected |= {"400", "413", "415", "422"} if body else set()
    expected |= {"412"} if name.startswith("GET /api/") else set()
    expected |= {"413", "507"} if not name.startswith("GET ") else set()
    expected |= {"422"} if operation.get("parameters") else set()
    expected |= (
        {"412"} if any(p["name"] == "If-Match" for p in operation.get("parameters", ())) else set()
    )
    assert expected <= errors_of(operation).keys()


@pytest.mark.parametrize(
    ("name", "statuses"),
    [
        ("POST /api/v1/recipes", {"403", "409"}),
        ("PUT /api/v1/recipes/{recipe_id}", {"403", "412"}),
        ("PATCH /api/v1/recipes/{recipe_id}", {"403", "412"}),
        ("DELETE /api/v1/recipes/{recipe_id}", {"403", "412"}),
        ("GET /api/v1/users", {"403"}),
        ("POST /api/v1/users", {"403", "409"}),
        ("PATCH /api/v1/users/{user_id}", {"403", "409"}),
        ("DELETE /api/v1/users/{user_id}", {"403", "409"}),
        ("POST /api/v1/auth/signup", {"403", "409"}),
        ("PATCH /api/v1/auth/me", {"409"}),
        ("DELETE /api/v1/auth/me", {"409"}),
    ],
)
def test_it_declares_the_errors_of_its_rules(name: str, statuses: set[str]) -> None:
    assert statuses <= errors_of(operations()[name]).keys()


@each_operation
def test_it_declares_one_success(name: str) -> None:
    successes = [status for status in operations()[name]["responses"] if status < "3"]
    expected = {"POST /api/v1/auth/signup": "201", "POST /api/v1/auth/logout-everywhere": "204"}
    expected |= {"POST /api/v1/recipes/{recipe_id}/share-link": "201"}
    method, _, path = name.partition(" ")
    members = re.compile(rf"\w+ {re.escape(path)}/{{\w+}}")
    creates = method == "POST" and any(map(members.fullmatch, OPERATIONS))
    default = "204" if method == "DELETE" else "201" if creates else "200"
    assert successes == [expected.get(name, default)]


@each_operation
def test_its_parameters_are_described(name: str) -> None:
    for parameter in operations()[name].get("parameters", ()):
        assert parameter["in"] in ("path", "query", "header")
        assert parameter["schema"]
    declared = {p["name"] for p in operations()[name].get("parameters", ()) if p["in"] == "path"}
    assert declared == set(re.findall(r"{(\w+)}", name))


def test_a_patch_takes_both_media_types() -> None:
    content = operations()["PATCH /api/v1/recipes/{recipe_id}"]["requestBody"]["content"]
    assert content.keys() == {"application/json", "application/merge-patch+json"}


@pytest.mark.parametrize("name", ["PUT", "PATCH", "DELETE"])
def test_a_change_takes_if_match(name: str) -> None:
    parameters = operations()[f"{name} /api/v1/recipes/{{recipe_id}}"]["parameters"]
    assert ("If-Match", "header", False) in [
        (each["name"], each["in"], each.get("required", False)) for each in parameters
    ]


# --- The document and what is answered -----------------------------------------------------------


def test_a_recipe_has_the_members_that_its_schema_has(client: TestClient, user: Account) -> None:
    schemas = document()["components"]["schemas"]
    recipe = create_recipe(client, user, nutrition={"fat_g": 1}, tags=["a"], steps=["b"])
    summary = client.get(f"{API}/recipes").json()["items"][0]
    me = client.get(f"{API}/auth/me", headers=user.headers).json()
    problem = client.get(f"{API}/recipes/0").json()
    for name, answered in [
        ("RecipePublic", recipe),
        ("RecipeSummary", summary),
        ("Nutrition", recipe["nutrition"]),
        ("TagPublic", recipe["tags"][0]),
        ("Step", recipe["steps"][0]),
        ("UserMe", me),
        ("Problem", problem),
    ]:
        assert list(schemas[name]["properties"]) == list(answered)


@pytest.mark.parametrize(
    ("member", "bound"),
    [("label", 256), ("source", 256), ("author", 256), ("url", 2048), ("description", 4000)]
    + [("notes", 50_000)],
)
def test_the_bounds_of_text_are_told(member: str, bound: int) -> None:
    schema = document()["components"]["schemas"]["RecipeCreate"]["properties"][member]
    texts = [each for each in [schema, *schema.get("anyOf", ())] if each.get("type") == "string"]
    assert [text["maxLength"] for text in texts] == [bound]


@pytest.mark.parametrize(("member", "bound"), [("tags", 100), ("ingredients", 500), ("steps", 300)])
def test_the_bounds_of_lists_are_told(member: str, bound: int) -> None:
    schema = document()["components"]["schemas"]["RecipeCreate"]["properties"][member]
    assert schema["maxItems"] == bound


@pytest.mark.parametrize("member", ["tags", "ingredients", "steps"])
def test_a_plain_string_in_a_list_is_told(member: str) -> None:
    schema = document()["components"]["schemas"]["RecipeCreate"]["properties"][member]
    assert {"type": "string"} in [
        {"type": each.get("type")} for each in schema["items"].get("anyOf", ())
    ]


def test_servings_are_more_than_none() -> None:
    schema = document()["components"]["schemas"]["RecipeCreate"]["properties"]["servings"]
    number = next(each for each in schema["anyOf"] if each["type"] == "number")
    assert number["exclusiveMinimum"] == 0


def test_the_fields_of_a_list_are_members_of_the_recipe_none_of_which_must_be_there() -> None:
    schemas = document()["components"]["schemas"]
    items = schemas["RecipePage"]["properties"]["items"]["items"]["anyOf"]
    assert {"$ref": "#/components/schemas/RecipeParts"} in items
    assert schemas["RecipeParts"]["properties"] == schemas["RecipePublic"]["properties"]
    assert "required" not in schemas["RecipeParts"]


def test_an_export_as_json_ld_is_an_object_and_the_others_are_files() -> None:
    answer = operations()["GET /api/v1/recipes/export"]["responses"]["200"]
    types = {media: each["schema"]["type"] for media, each in answer["content"].items()}
    assert types.pop("application/ld+json") == "object"
    assert set(types.values()) == {"string"}


def test_the_form_of_an_import_has_a_file_and_nothing_else() -> None:
    content = operations()["POST /api/v1/recipes/import"]["requestBody"]["content"]
    schema = content["multipart/form-data"]["schema"]
    assert schema["properties"].keys() == {"file"}
    assert schema["additionalProperties"] is False
