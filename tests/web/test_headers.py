"""The headers of pages: caching, security and compression."""

import re
from collections.abc import Iterator

import httpx2
import pytest
from fastapi.testclient import TestClient

from app.core.config import Settings
from app.main import create_app
from app.web.static_files import FOLDER, asset
from tests.documents import WHOLE
from tests.factories import API, PASSWORD, Account, create_recipe, create_user
from tests.web.browser import BROWSER, Page, on_one_database, page, path_of

pytestmark = on_one_database

# --- The score of an observatory -----------------------------------------------------------------

HALF_A_YEAR = 15_768_000


@pytest.fixture
def production(settings: Settings) -> Iterator[TestClient]:
    """A browser that came by HTTPS, as to a server that others can reach."""
    changes = {
        "environment": "production",
        "jwt_secret": "x" * 32,
        "allowed_hosts": ("recipes.example.com",),
    }
    app = create_app(Settings.model_validate(dict(settings) | changes))
    with TestClient(app, base_url="https://recipes.example.com") as client:
        yield client


def policy_of(answer: httpx2.Response) -> dict[str, str]:
    """The directives of the Content-Security-Policy."""
    (header,) = answer.headers.get_list("content-security-policy")
    parts = [part.strip().partition(" ") for part in header.split(";")]
    assert len({name for name, _, _ in parts}) == len(parts)
    return {name: value for name, _, value in parts}


def score(answer: httpx2.Response) -> int:
    """What the HTTP Observatory of Mozilla gives: from 100, what is missing less, then its extras.

    https://developer.mozilla.org/en-US/observatory/docs/tests_and_scoring
    """
    headers, policy = answer.headers, policy_of(answer)
    base, extra = 100, 0
    base -= 0 if headers.get("x-content-type-options") == "nosniff" else 5
    ages = re.findall(r"^max-age=(\d+)", headers.get("strict-transport-security", ""))
    base -= 0 if ages and int(ages[0]) >= HALF_A_YEAR else 20
    base -= 50 if headers.get("access-control-allow-origin") == "*" else 0
    safe = not re.search("unsafe|data:|https?:|[*]", " ".join(policy.values()))
    base -= 0 if safe else 20
    extra += 10 if safe and policy.get("default-src") == "'none'" else 0
    extra += 5 if policy.get("frame-ancestors") == "'none'" else 0
    private = ("no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin")
    extra += 5 if headers.get("referrer-policy") in private else 0
    extra += 10 if headers.get("cross-origin-resource-policy") == "same-origin" else 0
    cookies = headers.get_list("set-cookie")
    for cookie in cookies:
        attributes = {each.strip().lower() for each in cookie.split(";")[1:]}
        base -= 0 if "secure" in attributes else 20
        base -= 0 if "httponly" in attributes else 30
        base -= 0 if attributes & {"samesite=lax", "samesite=strict"} else 20
    extra += 5 if cookies else 0
    # What is loaded from here needs no digest of its content.
    sources = re.findall('<script[^>]* src="([^"]*)"', answer.text)
    base -= 0 if all(re.match("/[^/]", source) for source in sources) else 5
    return base + (extra if base >= 90 else 0)


def test_every_page_has_a_full_score(production: TestClient, subtests: pytest.Subtests) -> None:
    user = create_user(production)
    recipe = create_recipe(production, user, **WHOLE | {"visibility": "public"})
    path = path_of(recipe, "creme-brulee-a-lorange")
    visited = ["/", "/recipes", "/recipes?q=creme", "/login", "/signup", path, f"{path}/cook"]
    visited += [f"{path}/history", "/problems/not-found", "/nowhere"]
    own = ["/", "/recipes?submitter_id=me", path, f"{path}/history", "/recipes/new"]
    own += [f"{path}/edit", "/import", "/export", "/trash", "/logout"]

    def check(paths: list[str]) -> None:
        for each in paths:
            with subtests.test(each):
                answer = production.get(each, headers=BROWSER, follow_redirects=False)
                assert answer.status_code == (404 if each == "/nowhere" else 200)
                Page(answer)
                assert score(answer) >= 100 + 30
                for cookie in answer.headers.get_list("set-cookie"):
                    assert cookie.startswith("__Host-")

    check(visited)
    form = page(production, "/login").form("/login")
    typed = form.fields | {"email": user.email, "password": PASSWORD}
    answer = production.post("/login", data=typed, headers=BROWSER, follow_redirects=False)
    assert answer.status_code == 303
    (cookie,) = [
        each for each in answer.headers.get_list("set-cookie") if each.startswith("__Host-session=")
    ]
    for attribute in ("Secure", "HttpOnly", "SameSite=lax", "Path=/"):
        assert f"; {attribute}" in cookie
    assert "domain" not in cookie.lower()
    assert score(answer) >= 100
    check(own)


def test_what_is_no_page_is_guarded_too(production: TestClient) -> None:
    create_recipe(production, create_user(production))
    paths = ["/robots.txt", "/sitemap.xml", "/feed.xml", asset("style.css"), asset("card.png")]
    for path in [*paths, "/recipes/1", f"{API}/recipes", "/livez"]:
        assert score(production.get(path, follow_redirects=False)) >= 100 + 30


# --- Compression ---------------------------------------------------------------------------------


@pytest.fixture
def path(client: TestClient, user: Account) -> str:
    """Of the page of a recipe."""
    recipe = create_recipe(client, user, **WHOLE | {"visibility": "public"})
    return path_of(recipe, "creme-brulee-a-lorange")


TAKES_GZIP = ["gzip", "gzip, deflate, br", "br;q=1, gzip;q=0.5", "GZIP", "*", "deflate,gzip ; q=1"]
TAKES_GZIP += ["identity;q=0, gzip;q=0.001", "*;q=0, gzip"]
TAKES_NO_GZIP = ["identity", "", "br", "gzip;q=0", "gzip; q=0.000, br", "xgzip", "*;q=0"]
TAKES_NO_GZIP += ["br, gzipx", "gzip;q=0, *", "gzip;q", ",;,=" * 50]


def test_a_page_is_compressed_for_those_who_take_it(
    client: TestClient, path: str, subtests: pytest.Subtests
) -> None:
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    for encoding in [*TAKES_GZIP, *TAKES_NO_GZIP]:
        with subtests.test(encoding):
            answer = client.get(path, headers={"Accept-Encoding": encoding})
            takes = encoding in TAKES_GZIP
            assert answer.headers.get("content-encoding") == ("gzip" if takes else None)
            assert (answer.headers["etag"] != plain.headers["etag"]) == takes
            assert answer.content == plain.content
            assert answer.headers["vary"] == "Accept-Encoding, Cookie"
            length = int(answer.headers["content-length"])
            assert length < len(plain.content) / 2 if takes else length == len(plain.content)


def test_each_encoding_is_known_by_its_own_tag(client: TestClient, path: str) -> None:
    for url in (path, "/", "/problems/not-found", asset("style.css")):
        tags = {
            encoding: client.get(url, headers={"Accept-Encoding": encoding}).headers["etag"]
            for encoding in ("identity", "gzip")
        }
        for encoding in tags:
            for known, tag in tags.items():
                headers = {"Accept-Encoding": encoding, "If-None-Match": tag}
                answer = client.get(url, headers=headers)
                assert answer.status_code == (304 if known == encoding else 200)
                assert "Accept-Encoding" in answer.headers["vary"]


def test_what_holds_a_secret_is_not_compressed(client: TestClient, path: str) -> None:
    """Its length would tell of it, to those who make the browser ask (BREACH)."""
    for url in ("/login", "/signup"):
        answer = client.get(url, headers=BROWSER | {"Accept-Encoding": "gzip"})
        assert "csrf_token" in Page(answer).form(url).fields
        assert "content-encoding" not in answer.headers
        assert answer.headers["cache-control"] == "private, no-cache"
        assert answer.headers["vary"] == "Cookie"


@pytest.mark.parametrize("name", sorted(file.name for file in FOLDER.iterdir()))
def test_a_static_file_is_small_and_kept_for_ever(client: TestClient, name: str) -> None:
    content = (FOLDER / name).read_bytes()
    answer = client.get(asset(name), headers={"Accept-Encoding": "gzip"})
    assert answer.content == content
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    is_text = not name.endswith(".png")
    assert ("charset=utf-8" in answer.headers["content-type"]) == name.endswith((".css", ".js"))
    if is_text and len(content) > 500:
        assert answer.headers["content-encoding"] == "gzip"
        assert int(answer.headers["content-length"]) < len(content)
