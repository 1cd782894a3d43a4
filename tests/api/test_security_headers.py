"""What every answer tells browsers and caches."""

import re
from collections.abc import Iterator

import httpx2
import pytest
from fastapi.testclient import TestClient

from app.core.config import Settings
from app.main import create_app
from app.web.static_files import asset
from tests.factories import API, PASSWORD, Account, create_recipe
from tests.web.browser import BROWSER, enter, on_one_database

pytestmark = on_one_database

RECIPES = f"{API}/recipes"
DATA = "default-src 'none'; frame-ancestors 'none'"
ONCE = [
    *("x-content-type-options", "content-security-policy", "referrer-policy"),
    *("cross-origin-opener-policy", "cross-origin-resource-policy", "cache-control"),
]
PAGES = ["/", "/recipes/1-pancakes", "/problems/not-found"]
DOCUMENTATION = ["/docs", "/redoc", "/docs/oauth2-redirect"]


@pytest.fixture
def cook(client: TestClient, user: Account) -> Account:
    """The user whose is the recipe 1."""
    assert create_recipe(client, user)["id"] == 1
    return user


def every_operation(client: TestClient) -> Iterator[tuple[str, str]]:
    """The method and a path of each operation."""
    paths = client.get(f"{API}/openapi.json").json()["paths"]
    for path, operations in paths.items():
        for method in operations:
            yield method.upper(), path.partition("{")[0] + "1" if "{" in path else path


def assert_safe(answer: httpx2.Response) -> None:
    for name in ONCE:
        assert len(answer.headers.get_list(name)) == 1, name
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "strict-transport-security" not in answer.headers
    assert "server" not in answer.headers


def test_every_operation_answers_with_data_that_no_browser_runs(
    client: TestClient, cook: Account, subtests: pytest.Subtests
) -> None:
    operations = list(every_operation(client))
    assert len(operations) > 20
    asked: list[tuple[str, str, dict[str, str]]]
    asked = [(method, path, {}) for method, path in operations]
    # Not with the other methods, some of which would end the token.
    asked += [(method, path, cook.headers) for method, path in operations if method == "GET"]
    seen = set()
    for method, path, headers in asked:
        with subtests.test(f"{method} {path} {bool(headers)}"):
            answer = client.request(method, path, headers=headers)
            seen.add(answer.status_code)
            assert_safe(answer)
            assert answer.headers["content-security-policy"] == DATA
            assert answer.headers["referrer-policy"] == "no-referrer"
    assert seen >= {200, 401, 403, 422}


def test_pages_have_a_policy_of_their_own(
    client: TestClient, cook: Account, subtests: pytest.Subtests
) -> None:
    for path in [*PAGES, *DOCUMENTATION, "/nothing"]:
        with subtests.test(path):
            answer = client.get(path, headers=BROWSER)
            assert_safe(answer)
            policy = answer.headers["content-security-policy"]
            assert policy != DATA
            scripts = "script-src 'self' 'unsafe-inline'" in policy
            # The documentation's own start in the page; ours are files, or data that nobody runs.
            starts = re.search(
                r'<script(?! src="/static/| type="application/ld\+json")', answer.text
            )
            assert scripts == (starts is not None) == (path in DOCUMENTATION)


def test_files_and_redirects_and_refusals_are_safe_too(
    client: TestClient, cook: Account, subtests: pytest.Subtests
) -> None:
    for path in (asset("style.css"), "/static/favicon.svg", "/static/nothing", "/recipes/1"):
        with subtests.test(path):
            assert_safe(client.get(path, follow_redirects=False))
    assert_safe(client.request("BREW", "/"))
    assert_safe(client.post(RECIPES, content=b" " * (1024 * 1024 + 1)))
    assert_safe(client.head(f"{RECIPES}/1"))


# --- Caches --------------------------------------------------------------------------------------


def caching(answer: httpx2.Response) -> tuple[str, str | None]:
    return answer.headers["cache-control"], answer.headers.get("vary")


def test_a_copy_is_asked_for_again_and_is_for_one(
    client: TestClient, cook: Account, subtests: pytest.Subtests
) -> None:
    paths = [RECIPES, f"{RECIPES}/1", f"{RECIPES}/999", f"{API}/auth/me", "/livez"]
    paths += DOCUMENTATION
    for path in paths:
        with subtests.test(path):
            # One recipe has several representations.
            vary = "Accept, Authorization" if path.endswith("/recipes/1") else "Authorization"
            assert caching(client.get(path)) == ("no-cache", vary)
            mine = client.get(path, headers=cook.headers)
            assert caching(mine) == ("private, no-cache", vary)


def test_a_page_is_kept_for_a_browser_and_looks_at_no_token(
    client: TestClient, cook: Account, subtests: pytest.Subtests
) -> None:
    for path in PAGES:
        with subtests.test(path):
            answers = [client.get(path), client.get(path, headers=cook.headers)]
            for answer in answers:
                assert caching(answer) == ("no-cache", "Accept-Encoding, Cookie")
            assert answers[0].content == answers[1].content
    enter(client, cook)
    for path in PAGES[:2]:
        assert caching(client.get(path)) == ("private, no-cache", "Cookie")


def test_a_redirect_of_today_is_not_kept(client: TestClient, cook: Account) -> None:
    answer = client.get("/recipes/1-old-name", follow_redirects=False)
    assert answer.status_code == 301
    assert "no-cache" in answer.headers["cache-control"]


def test_what_one_has_is_told_with_how_it_may_be_kept(
    client: TestClient, cook: Account, subtests: pytest.Subtests
) -> None:
    for path in (RECIPES, f"{RECIPES}/1", "/", asset("style.css")):
        for headers in ({}, cook.headers):
            with subtests.test(f"{path} {bool(headers)}"):
                whole = client.get(path, headers=headers)
                tag = {"If-None-Match": whole.headers["etag"]}
                answer = client.get(path, headers=headers | tag)
                assert answer.status_code == 304
                assert caching(answer) == caching(whole)


def test_who_says_otherwise_is_not_contradicted(client: TestClient, user: Account) -> None:
    form = {"username": user.email, "password": PASSWORD}
    assert caching(client.post(f"{API}/auth/login", data=form)) == ("no-store", None)
    kept = client.get(asset("style.css"), headers=user.headers)
    assert caching(kept) == ("public, max-age=31536000, immutable", "Accept-Encoding")


# --- HTTPS ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "scheme", "told"),
    [
        ("production", "https", ["max-age=31536000"]),
        ("production", "http", []),
        ("development", "https", []),
    ],
)
def test_who_came_by_https_stays_with_it(
    settings: Settings, environment: str, scheme: str, told: list[str]
) -> None:
    changes = {"environment": environment, "jwt_secret": "x" * 32}
    app = create_app(Settings.model_validate(dict(settings) | changes))
    with TestClient(app, base_url=f"{scheme}://localhost") as client:
        for path in ("/livez", "/", RECIPES, "/nothing"):
            answer = client.get(path, headers={"X-Forwarded-Proto": "https"})
            assert answer.headers.get_list("strict-transport-security") == told
