"""Rules for every page: harmless whatever people write, well formed, small, sent once."""

import gzip
import re
from collections import Counter
from itertools import pairwise
from urllib.parse import urlsplit

import httpx2
import pytest
from fastapi.testclient import TestClient

from tests.documents import WHOLE
from tests.factories import API, Account, create_recipe, create_user
from tests.problems import assert_problem
from tests.web.browser import BROWSER, Page, assert_harmless, on_one_database, page, path_of

FIRST_LOAD = 14 * 1024

# --- Hostile text --------------------------------------------------------------------------------

ATTACKS = [
    "<script>alert(1)</script>",
    "</title></style></textarea><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '" autofocus onfocus="alert(1)',
    "<svg/onload=alert(1)>",
    "<!--",
    "]]> <a href=javascript:alert(1)>x</a>",
    "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#60;",
    "{{ 7 * 7 }}{% include 'base.html' %}",
]


@on_one_database
@pytest.mark.parametrize("attack", ATTACKS)
def test_what_people_write_is_text_on_the_page(client: TestClient, attack: str) -> None:
    author = create_user(client, first_name=attack, surname=attack)
    recipe = create_recipe(
        client,
        author,
        label=f"label {attack}",
        description=f"description {attack}",
        source=f"source {attack}",
        author=f"author {attack}",
        yield_text=f"yield {attack}",
        notes=f"notes {attack}",
        servings=2,
        tags=[{"kind": "cuisine", "name": f"tag {attack}"}, {"name": f"keyword {attack}"}],
        ingredients=[{"text": f"ingredient {attack}", "section": f"part {attack}"}],
        steps=[{"text": f"step {attack}", "section": f"stage {attack}", "name": f"name {attack}"}],
        nutrition={"serving_size": f"size {attack}", "calories": 1},
        extras={attack: attack},
    )
    home = page(client, "/")
    assert_harmless(home)
    short = client.get(f"/recipes/{recipe['id']}", follow_redirects=False)
    whole = page(client, short.headers["location"])
    assert_harmless(whole)
    seen = " ".join(attack.split())
    for shown, names in (
        (home, "label description tag source"),
        (whole, "label description source author yield tag keyword ingredient part step"),
        (whole, "stage name size"),
    ):
        for name in names.split():
            assert f"{name} {seen}" in shown.text
    assert f"by {seen} {seen}" in whole.text


@on_one_database
@pytest.mark.parametrize("rest", ['"onmouseover="alert(1)', "'><script>alert(1)</script>", "<b>"])
def test_a_url_is_refused_or_only_a_link(client: TestClient, user: Account, rest: str) -> None:
    url = f"https://example.com/{rest}"
    answer = client.post(f"{API}/recipes", json={"label": "x", "url": url}, headers=user.headers)
    if answer.status_code != 201:
        assert_problem(answer, 422)
        return
    for path in ("/", path_of(answer.json(), "x")):
        shown = page(client, path)
        assert_harmless(shown)
        assert {link for link in shown.links if link.startswith("https:")} == {url}


@on_one_database
@pytest.mark.parametrize("scheme", ["javascript", "data", "vbscript", "file", "ftp"])
def test_a_link_is_to_the_web(client: TestClient, user: Account, scheme: str) -> None:
    for url in (
        f"{scheme}:alert(1)",
        f"{scheme}://example.com/%0aalert(1)",
        f"\t{scheme}:alert(1)",
    ):
        answer = client.post(
            f"{API}/recipes", json={"label": "x", "url": url}, headers=user.headers
        )
        assert_problem(answer, 422)


# --- What every page is --------------------------------------------------------------------------


@pytest.fixture(params=["home", "recipe", "error"])
def any_page(request: pytest.FixtureRequest, client: TestClient, user: Account) -> str:
    """The path of a page of each kind."""
    recipe = create_recipe(client, user, **WHOLE | {"visibility": "public"})
    paths = {"home": "/", "recipe": path_of(recipe, "creme-brulee-a-lorange"), "error": "/nowhere"}
    path: str = paths[request.param]
    return path


def get(client: TestClient, path: str, **headers: str) -> httpx2.Response:
    return client.get(path, headers=BROWSER | headers)


@on_one_database
def test_a_page_is_well_formed(client: TestClient, any_page: str) -> None:
    shown = Page(get(client, any_page))
    count = Counter(tag for tag, _ in shown.elements)
    assert [count[tag] for tag in ("html", "title", "h1", "main")] == [1, 1, 1, 1]
    assert shown.all("html")[0]["lang"] == "en"
    ids = [attributes["id"] for _, attributes in shown.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    levels = [int(tag[1]) for tag, _ in shown.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for link in shown.links:
        assert not link.startswith("#") or link[1:] in ids


@on_one_database
def test_a_page_is_harmless_and_runs_no_script_but_ours(client: TestClient, any_page: str) -> None:
    answer = get(client, any_page)
    assert_harmless(Page(answer))
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src 'self';" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "referrer-policy" in answer.headers


@on_one_database
def test_a_page_and_its_style_fit_the_first_flight(client: TestClient, any_page: str) -> None:
    answer = get(client, any_page)
    (style,) = [link["href"] for link in Page(answer).all("link") if link["rel"] == "stylesheet"]
    sent = len(gzip.compress(answer.content)) + len(gzip.compress(client.get(style).content))
    assert sent < FIRST_LOAD


@on_one_database
def test_what_a_page_loads_is_there_and_kept(client: TestClient, any_page: str) -> None:
    shown = Page(get(client, any_page))
    for link in [link for link in shown.all("link") if link["rel"] in ("icon", "stylesheet")]:
        answer = client.get(link["href"])
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        again = client.get(link["href"], headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304
        # Without its version it may change, so it is asked for again.
        assert "immutable" not in client.get(urlsplit(link["href"]).path).headers["cache-control"]


@on_one_database
def test_head_is_get_without_the_body(client: TestClient, any_page: str) -> None:
    got, head = get(client, any_page), client.head(any_page, headers=BROWSER)
    assert head.status_code == got.status_code
    assert head.content == b""
    for name in ("content-type", "content-length", "etag", "content-security-policy"):
        assert head.headers.get(name) == got.headers.get(name)


@on_one_database
def test_a_trailing_slash_does_not_matter(client: TestClient, any_page: str) -> None:
    with_slash = client.get(f"{any_page.rstrip('/')}/", headers=BROWSER, follow_redirects=False)
    assert with_slash.status_code == get(client, any_page).status_code


@pytest.mark.parametrize("any_page", ["home", "recipe"], indirect=True)
def test_a_page_is_sent_again_only_after_a_change(
    client: TestClient, user: Account, any_page: str
) -> None:
    first = get(client, any_page)
    etag = first.headers["etag"]
    assert not etag.startswith("W/")
    for sent in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = get(client, any_page, **{"If-None-Match": sent})
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == etag
    (item,) = client.get(f"{API}/recipes").json()["items"]
    change = client.patch(
        f"{API}/recipes/{item['id']}", json={"servings": 40}, headers=user.headers
    )
    assert change.status_code == 200
    after = get(client, any_page, **{"If-None-Match": etag})
    assert after.status_code == 200
    assert after.headers["etag"] != etag
    assert "40" in Page(after).text
