"""HTTP itself: HEAD, Allow, slashes, media types, sizes, entity tags, and documentation offline."""

from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx2
import pytest
from fastapi.testclient import TestClient

from app.web.static_files import asset
from tests import server
from tests.factories import API, Account, create_recipe, sign_up
from tests.problems import assert_problem

RECIPES = f"{API}/recipes"
ME = f"{API}/auth/me"
MIB = 1024 * 1024

# All that GET answers; the recipe 1 and the user 1 are there.
READABLE = [
    *("/", "/recipes/1-pancakes", "/problems/not-found", asset("style.css"), asset("favicon.svg")),
    *("/recipes", "/robots.txt", "/sitemap.xml", "/sitemap-0.xml", "/feed.xml"),
    *("/livez", "/readyz", "/docs", "/redoc", f"{API}/openapi.json"),
    *(RECIPES, f"{RECIPES}/1", f"{RECIPES}/search?keyword=pan", f"{API}/users/1"),
]
OF_A_USER = [f"{RECIPES}/my-recipes", ME]
VOLATILE = {"x-request-id", "date"}


@pytest.fixture
def cook(client: TestClient, user: Account) -> Account:
    """The user 1, whose is the recipe 1."""
    recipe = create_recipe(client, user)
    assert (user.id, recipe["id"]) == (1, 1)
    return user


def lasting(headers: httpx2.Headers) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in VOLATILE}


# --- HEAD ----------------------------------------------------------------------------------------


def test_head_answers_as_get_without_a_body(
    client: TestClient, cook: Account, subtests: pytest.Subtests
) -> None:
    for path in [*READABLE, *OF_A_USER]:
        with subtests.test(path):
            # The client undoes a compression, and then the lengths are not to be compared.
            headers = {"Accept-Encoding": "identity"}
            headers |= cook.headers if path in OF_A_USER else {}
            get, head = (client.request(each, path, headers=headers) for each in ("GET", "HEAD"))
            assert get.status_code == head.status_code == 200
            assert head.content == b""
            assert lasting(head.headers) == lasting(get.headers)
            assert int(head.headers["content-length"]) == len(get.content)


def test_head_answers_errors_without_a_body(client: TestClient, subtests: pytest.Subtests) -> None:
    for path in (f"{RECIPES}/9", "/nothing", ME, f"{RECIPES}?limit=0"):
        with subtests.test(path):
            get, head = (client.request(method, path) for method in ("GET", "HEAD"))
            assert get.status_code == head.status_code
            assert head.content == b""
            assert head.headers["content-type"] == get.headers["content-type"]


# --- Allow ---------------------------------------------------------------------------------------


ALLOWED: dict[str, set[str]] = {
    RECIPES: {"GET", "HEAD", "POST"},
    f"{RECIPES}/1": {"GET", "HEAD", "PUT", "PATCH", "DELETE"},
    f"{API}/users": {"GET", "HEAD", "POST"},
    f"{API}/users/1": {"GET", "HEAD", "PATCH", "DELETE"},
    ME: {"GET", "HEAD", "PATCH", "DELETE"},
    f"{API}/auth/login": {"POST"},
    f"{API}/auth/signup": {"POST"},
    f"{API}/openapi.json": {"GET", "HEAD"},
    "/": {"GET", "HEAD"},
    "/recipes/1": {"GET", "HEAD"},
    "/docs": {"GET", "HEAD"},
    "/livez": {"GET", "HEAD"},
    "/readyz": {"GET", "HEAD"},
    "/static/style.css": {"GET", "HEAD"},
}


def test_a_method_that_is_not_known_is_told_which_are(
    client: TestClient, subtests: pytest.Subtests
) -> None:
    for path, allowed in ALLOWED.items():
        for method in sorted({"POST", "PUT", "PATCH", "DELETE", "GET", "BREW"} - allowed):
            with subtests.test(f"{method} {path}"):
                answer = client.request(method, path)
                assert_problem(answer, 405)
                assert set(answer.headers["allow"].split(", ")) == allowed


# --- Slashes -------------------------------------------------------------------------------------


def test_a_trailing_slash_makes_no_difference(
    client: TestClient, cook: Account, subtests: pytest.Subtests
) -> None:
    for path in [*READABLE, *OF_A_USER]:
        if "?" in path or path == "/":
            continue
        with subtests.test(path):
            headers = cook.headers if path in OF_A_USER else {}
            with_slash = client.get(f"{path}/", headers=headers, follow_redirects=False)
            without = client.get(path, headers=headers)
            assert with_slash.status_code == without.status_code == 200
            assert with_slash.content == without.content


def test_a_query_may_follow_the_slash(client: TestClient, cook: Account) -> None:
    create_recipe(client, cook)
    assert len(client.get(f"{RECIPES}/?limit=1").json()["items"]) == 1


def test_a_body_survives_the_slash(client: TestClient, cook: Account) -> None:
    answer = client.post(
        f"{RECIPES}/", json={"label": "Toast"}, headers=cook.headers, follow_redirects=False
    )
    assert (answer.status_code, answer.json()["label"]) == (201, "Toast")
    path = f"{RECIPES}/{answer.json()['id']}/"
    assert client.put(path, json={"label": "New"}, headers=cook.headers).json()["label"] == "New"
    assert client.patch(path, json={"notes": "x"}, headers=cook.headers).is_success
    assert client.delete(path, headers=cook.headers).status_code == 204


# --- Media types ---------------------------------------------------------------------------------

WRITES = [
    ("POST", RECIPES),
    ("PUT", f"{RECIPES}/1"),
    ("PATCH", f"{RECIPES}/1"),
    ("POST", f"{API}/auth/signup"),
    ("PATCH", ME),
]
BODY = b'{"label": "Toast", "email": "a@example.com", "password": "seven wooden spoons"}'


def test_every_body_must_say_that_it_is_json(
    client: TestClient, cook: Account, subtests: pytest.Subtests
) -> None:
    for method, path in WRITES:
        with subtests.test(f"{method} {path}"):
            headers = cook.headers | {"Content-Type": "text/plain"}
            assert_problem(client.request(method, path, content=BODY, headers=headers), 415)


OTHER_TYPES = [None, "", "text/json", "application/xml", "application/x-www-form-urlencoded"]
OTHER_TYPES += ["multipart/form-data; boundary=x", "application/jsonp", "application", "x" * 500]


def test_another_media_type_is_refused(
    client: TestClient, cook: Account, subtests: pytest.Subtests
) -> None:
    for media_type in OTHER_TYPES:
        with subtests.test(str(media_type)[:20]):
            headers = cook.headers | ({} if media_type is None else {"Content-Type": media_type})
            assert_problem(client.post(RECIPES, content=BODY, headers=headers), 415)


@pytest.mark.parametrize(
    "media_type",
    ["application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"],
)
def test_a_body_that_says_so_is_read(client: TestClient, cook: Account, media_type: str) -> None:
    headers = cook.headers | {"Content-Type": media_type}
    answer = client.post(RECIPES, content=b'{"label": "Toast"}', headers=headers)
    assert answer.status_code == 201


def test_a_merge_patch_is_a_patch_alone(client: TestClient, cook: Account) -> None:
    merge = cook.headers | {"Content-Type": "application/merge-patch+json"}
    path = client.post(RECIPES, json={"label": "Toast"}, headers=cook.headers).headers["location"]
    body = b'{"label": "French toast"}'
    assert client.patch(path, content=body, headers=merge).json()["label"] == "French toast"
    assert_problem(client.put(path, content=body, headers=merge), 415)
    assert_problem(client.post(RECIPES, content=body, headers=merge), 415)
    for other in ("application/json-patch+json", "application/ld+json"):
        answer = client.patch(path, content=body, headers=merge | {"Content-Type": other})
        assert_problem(answer, 415)
        accepted = answer.headers["accept-patch"]
        assert accepted == "application/merge-patch+json, application/json"


def test_json_is_answered_as_json(client: TestClient, cook: Account) -> None:
    for path in (RECIPES, f"{RECIPES}/1", "/livez", "/readyz", f"{API}/openapi.json"):
        assert client.get(path).headers["content-type"] == "application/json"


# --- Sizes ---------------------------------------------------------------------------------------


def test_a_body_that_declares_to_be_too_large_is_refused(
    client: TestClient, subtests: pytest.Subtests
) -> None:
    headers = {"Content-Type": "application/json"}
    for method, path in [*WRITES, ("POST", f"{API}/auth/login")]:
        with subtests.test(f"{method} {path}"):
            answer = client.request(method, path, content=b" " * (MIB + 1), headers=headers)
            assert_problem(answer, 413)


def test_a_body_of_the_greatest_size_is_read(client: TestClient, user: Account) -> None:
    body = b'{"label": "Toast"}'.ljust(MIB)
    headers = user.headers | {"Content-Type": "application/json"}
    assert client.post(RECIPES, content=body, headers=headers).status_code == 201


def test_a_chunked_body_is_refused_where_it_becomes_too_large(live_server: server.Server) -> None:
    def chunks(total: int) -> Iterator[bytes]:
        yield b'{"label": "Toast"'
        for _ in range(total // 1024):
            yield b" " * 1024
        yield b"}"

    with live_server.client() as client:
        headers = sign_up(client).headers | {"Content-Type": "application/json"}
        small = client.post(RECIPES, content=chunks(512 * 1024), headers=headers)
        assert small.status_code == 201
        assert "content-length" not in small.request.headers
        large = client.post(RECIPES, content=chunks(2 * MIB), headers=headers)
        assert_problem(large, 413)
        assert len(client.get(RECIPES).json()["items"]) == 1


# --- Request ids ---------------------------------------------------------------------------------


def test_every_answer_has_a_request_id(client: TestClient, cook: Account) -> None:
    recipe = client.get(f"{RECIPES}/1")
    answers = [
        *(client.get(path) for path in [*READABLE, "/nothing", "/recipes/1", f"{RECIPES}/9"]),
        client.get(f"{RECIPES}/1", headers={"If-None-Match": recipe.headers["etag"]}),
        client.post(RECIPES, content=b" " * (MIB + 1)),
        client.request("BREW", "/"),
        client.delete(f"{RECIPES}/1", headers=cook.headers),
    ]
    assert {answer.status_code for answer in answers} == {200, 204, 304, 404, 405, 413}
    assert all(answer.headers.get_list("x-request-id") for answer in answers)
    assert len({answer.headers["x-request-id"] for answer in answers}) == len(answers)


# --- Entity tags ---------------------------------------------------------------------------------

TAGGED = ["/", "/recipes/1-pancakes", RECIPES, f"{RECIPES}/1", f"{RECIPES}/search?keyword=pan"]
TAGGED += [f"{RECIPES}/my-recipes", ME, f"{API}/users/1"]


def test_what_one_has_is_not_sent_again(
    client: TestClient, cook: Account, subtests: pytest.Subtests
) -> None:
    for path in TAGGED:
        with subtests.test(path):
            etag = client.get(path, headers=cook.headers).headers["etag"]
            assert etag.startswith('"')
            for method in ("GET", "HEAD"):
                headers = cook.headers | {"If-None-Match": etag}
                answer = client.request(method, path, headers=headers)
                assert (answer.status_code, answer.content) == (304, b"")
                assert answer.headers["etag"] == etag


def test_if_none_match_is_a_list_compared_weakly(
    client: TestClient, cook: Account, subtests: pytest.Subtests
) -> None:
    etag = client.get(f"{RECIPES}/1").headers["etag"]
    has = ("W/{}", '"x", {}', '"x",W/{} , "y"', '"x",,{}, ', "*")
    has_not = ('"x"', "x", "", '"', '"a" "b"', "{}x")
    for template in [*has, *has_not]:
        with subtests.test(template):
            headers = {"If-None-Match": template.format(etag)}
            answer = client.get(f"{RECIPES}/1", headers=headers)
            assert answer.status_code == (304 if template in has else 200)


@pytest.mark.parametrize("path", ["/", "/recipes/1-pancakes", RECIPES, f"{RECIPES}/1"])
def test_a_change_is_sent(client: TestClient, cook: Account, path: str) -> None:
    etag = client.get(path).headers["etag"]
    body = {"description": "New."}
    assert client.patch(f"{RECIPES}/1", json=body, headers=cook.headers).is_success
    answer = client.get(path, headers={"If-None-Match": etag})
    assert answer.status_code == 200
    assert answer.headers["etag"] != etag


def test_a_link_to_the_next_page_has_its_own_tag(client: TestClient, cook: Account) -> None:
    create_recipe(client, cook)
    first = client.get(f"{RECIPES}?limit=1")
    second = client.get(first.links["next"]["url"])
    assert second.status_code == 200
    assert first.headers["etag"] != second.headers["etag"]


# --- The pages of the documentation --------------------------------------------------------------


class Assets(HTMLParser):
    """What a browser loads for a page, and the scripts within it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.urls: list[str] = []
        self.scripts = ""
        self._in_script = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_script = tag == "script"
        names = ("src", "href", "spec-url")
        self.urls += [value for name, value in attrs if name in names and value and tag != "a"]

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts += data


@pytest.mark.parametrize("page", ["/docs", "/redoc", "/docs/oauth2-redirect"])
def test_the_documentation_loads_nothing_of_others(client: TestClient, page: str) -> None:
    answer = client.get(page)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assets = Assets(answer.text)
    for url in assets.urls:
        assert "//" not in url
        loaded = client.get(urljoin(page, url))
        assert loaded.status_code == 200
        assert loaded.content
    assert "http:" not in assets.scripts
    assert "https:" not in assets.scripts


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
def test_the_documentation_shows_our_document(client: TestClient, page: str) -> None:
    text = client.get(page).text
    assert f"{API}/openapi.json" in text
    assert len(Assets(text).urls) >= 2
