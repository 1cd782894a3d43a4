"""API8:2023 Security Misconfiguration: nothing is on that is not meant to be.

Headers are tested in tests/api/test_security_headers.py, CORS in test_cors.py, hosts in
test_hosts.py, traces in test_problems.py, settings of production in tests/core/test_config.py.
"""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.factories import API, Account, create_recipe
from tests.operations import examples, operations, path_to
from tests.problems import assert_problem
from tests.web.browser import BROWSER, on_one_database

pytestmark = on_one_database

RECIPES = f"{API}/recipes"
PAGES = ["/", "/recipes/1", "/problems/not-found", "/docs", "/docs/oauth2-redirect", "/redoc"]
PAGES += [f"{API}/openapi.json", "/nowhere"]


def test_nothing_is_debugged(app: FastAPI) -> None:
    assert app.debug is False


OVERRIDES = ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method"]


@pytest.mark.parametrize("name", OVERRIDES)
def test_no_header_and_no_parameter_is_another_method(
    client: TestClient, user: Account, name: str
) -> None:
    recipe = create_recipe(client, user)
    path = f"{RECIPES}/{recipe['id']}"
    override = user.headers | {name: "DELETE"}
    assert client.get(path, headers=override).json() == recipe
    assert_problem(client.post(path, json={}, headers=override), 405)
    assert_problem(client.post(f"{path}?{name}=DELETE", headers=user.headers), 405)
    assert_problem(client.get(f"{path}?{name}=DELETE", headers=user.headers), 422)
    form = {"_method": "DELETE", name: "DELETE"}
    assert_problem(client.post(path, data=form, headers=user.headers), 405)
    assert client.get(path).json() == recipe


def test_no_answer_sets_a_cookie_or_believes_who_asks_what_we_are_called(
    client: TestClient, user: Account, superuser: Account, subtests: pytest.Subtests
) -> None:
    create_recipe(client, user)
    evil = "attacker.example"
    lies = {"X-Forwarded-Host": evil, "Forwarded": f"host={evil}"}
    lies |= {"X-Forwarded-Server": evil, "Referer": f"https://{evil}/"}
    # A page and a link to share name their own address, of a host that ALLOWED_HOSTS names; other
    # data names none.
    asked = [("GET", path, BROWSER) for path in PAGES]
    for operation in operations(client):
        path = path_to(client, operation, user)
        known: list[dict[str, str]] = [{}, superuser.headers]
        host = {} if operation.path.endswith("/share-link") else {"Host": evil}
        asked += [(operation.method, path, who | host) for who in known]
    for method, path, headers in asked:
        with subtests.test(f"{method} {path}"):
            answer = client.request(method, path, headers=headers | lies, follow_redirects=False)
            assert "set-cookie" not in answer.headers
            assert evil not in answer.text
            assert evil not in str(answer.headers)


def test_a_link_and_a_location_are_paths(client: TestClient, user: Account) -> None:
    lies = user.headers | {"Host": "attacker.example", "X-Forwarded-Prefix": "//attacker.example"}
    for _ in range(2):
        made = client.post(RECIPES, headers=lies, **examples(user)["create_recipe"])
        assert made.headers["location"] == f"{RECIPES}/{made.json()['id']}"
    link = client.get(f"{RECIPES}?limit=1", headers=lies).links["next"]["url"]
    assert link.startswith(f"{RECIPES}?")


# What is left lying around elsewhere, or shown by a framework that was told to.
STRAYS = [
    *("/.env", "/.git/config", "/.git/HEAD", "/pyproject.toml", "/Dockerfile", "/compose.yaml"),
    *("/recipes.db", "/data/recipes.db", "/data/jwt-secret", "/data/first-superuser-password"),
    *("/openapi.json", "/docs.json", "/api", "/api/v1", "/api/v1/docs", "/swagger.json"),
    *("/admin", "/debug", "/console", "/metrics", "/status", "/server-status", "/actuator/env"),
    *("/static", "/static/", "/static/%2e%2e/pages.py", "/templates/base.html"),
    *("/docs/assets", "/docs/assets/", "/docs/assets/%2e%2e/__init__.py"),
]


def test_nothing_else_is_served(client: TestClient, subtests: pytest.Subtests) -> None:
    for path in STRAYS:
        with subtests.test(path):
            assert_problem(client.get(path), 404)
