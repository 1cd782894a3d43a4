"""Error pages, and the explanations of problem types."""

import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.requests import Request
from starlette.routing import Route

from app.api.problems import BY_SLUG, KINDS
from app.core.bounds import MAX_BODY
from app.core.config import Settings
from app.core.errors import ForbiddenError, TooManyRequestsError, UnauthenticatedError
from app.main import create_app
from tests.problems import assert_problem
from tests.web.browser import BROWSER, Page, assert_harmless, on_one_database, page

LOST = ["/nowhere", "/recipes/1", "/recipes/0", "/recipes/-1", "/recipes/soup", "/recipes/01-soup"]
LOST += [
    f"/recipes/{10**20}",
    f"/recipes/{2**63}-x",
    "/recipes/1%00",
    "/recipes/%ff",
    "/recipes/1/2",
]
LOST += ["/problems/none", "/static/none.css", "/static/../base.html", "/static/%2e%2e/pages.py"]


def test_a_browser_gets_a_page_for_what_is_not_there(
    client: TestClient, subtests: pytest.Subtests
) -> None:
    for path in LOST:
        with subtests.test(path):
            shown = page(client, path, 404)
            assert "404" in shown.text
            assert "/" in shown.links


@on_one_database
@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/problem+json"])
def test_a_program_gets_a_problem_document(client: TestClient, accept: str) -> None:
    assert_problem(client.get("/recipes/1", headers={"Accept": accept}), 404)


@on_one_database
def test_an_error_page_names_the_request_and_not_its_path(client: TestClient) -> None:
    headers = BROWSER | {"X-Request-ID": "abc-123"}
    answer = client.get("/%3Cscript%3Ealert(1)%3C/script%3E", headers=headers)
    assert answer.headers["x-request-id"] == "abc-123"
    assert "abc-123" in Page(answer).text
    assert "alert" not in answer.text


@on_one_database
@pytest.mark.parametrize("path", ["/", "/recipes/1-soup", "/problems/not-found"])
def test_a_page_is_only_to_be_read(client: TestClient, path: str) -> None:
    answer = client.post(path, headers=BROWSER)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"
    assert "cannot be used like that" in Page(answer).text


# --- A way on ------------------------------------------------------------------------------------


def raising(app: FastAPI, error: Exception) -> None:
    """Let `/broken` fail so."""

    async def broken(request: Request) -> None:
        raise error

    app.router.routes.insert(0, Route("/broken", broken))


@on_one_database
def test_who_is_lost_may_search(client: TestClient) -> None:
    search = page(client, "/nowhere", 404).form("/recipes")
    assert (search.method, list(search.fields)) == ("GET", ["q"])
    assert page(client, "/recipes?q=soup").status == 200


@on_one_database
@pytest.mark.parametrize("error", [UnauthenticatedError("Who?"), ForbiddenError("Not yours.")])
def test_who_may_not_may_sign_in(app: FastAPI, client: TestClient, error: Exception) -> None:
    raising(app, error)
    answer = client.get("/broken", headers=BROWSER)
    assert answer.status_code in (401, 403)
    shown = Page(answer)
    assert "/login" in shown.links
    assert str(error) in shown.text


@on_one_database
@pytest.mark.parametrize(("seconds", "told"), [(30, "30 seconds"), (600, "10 minutes")])
def test_a_rate_limit_page_says_how_long_to_wait(
    app: FastAPI, client: TestClient, seconds: int, told: str
) -> None:
    raising(app, TooManyRequestsError("Too many failed log-ins.", "login", 10, 600, seconds))
    answer = client.get("/broken", headers=BROWSER)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, str(seconds))
    text = Page(answer).text
    assert "Too many failed log-ins." in text
    assert f"Wait {told}, then try again" in text


@on_one_database
def test_an_internal_error_page_hides_the_cause(app: FastAPI, client: TestClient) -> None:
    raising(app, RuntimeError("the secret of the cellar"))
    answer = client.get("/broken", headers=BROWSER | {"X-Request-ID": "abc-123"})
    assert answer.status_code == 500
    shown = Page(answer)
    assert "cellar" not in answer.text
    assert "abc-123" in shown.text
    assert "try again" in shown.text


@on_one_database
def test_a_too_large_form_gets_an_error_page(client: TestClient) -> None:
    body = b"q=" + b"x" * MAX_BODY
    answer = client.post("/login", content=body, headers=BROWSER)
    assert answer.status_code == 413
    Page(answer)


def test_without_its_database_a_page_says_so(empty_settings: Settings) -> None:
    with TestClient(create_app(empty_settings), raise_server_exceptions=False) as client:
        for path in ("/", "/recipes", "/recipes/1-soup"):
            answer = client.get(path, headers=BROWSER)
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) > 0
            shown = Page(answer)
            assert re.search("Wait [0-9]+ seconds, then try again", shown.text)
            # What else needs the database is not offered.
            assert "/recipes" not in [form.action for form in shown.forms]
        for path in ("/", "/sitemap.xml", "/feed.xml"):
            assert_problem(client.get(path), 503)


@on_one_database
def test_every_error_page_is_ours_and_whole(app: FastAPI, subtests: pytest.Subtests) -> None:
    hostile = '"><script>alert(1)</script>'
    for status, kind in KINDS.items():
        with subtests.test(str(status)):
            answer = app.state.error_page(status, kind.title, hostile, "abc-123", {})
            assert answer.status_code == status
            html = answer.body.decode()
            assert "<script" not in html
            assert f"<h1>{kind.title}</h1>" in html
            assert 'href="/"' in html


# --- The types of problems -----------------------------------------------------------------------


@on_one_database
def test_each_type_of_problem_has_a_page(client: TestClient) -> None:
    assert len(BY_SLUG) > 10
    for slug, kind in BY_SLUG.items():
        shown = page(client, f"/problems/{slug}")
        assert_harmless(shown)
        assert kind.title in shown.text
        assert kind.meaning in shown.text
        assert str(kind.status) in shown.text
    document = assert_problem(client.get("/recipes/1"), 404)
    assert page(client, document["type"]).status == 200
