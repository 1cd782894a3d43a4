"""robots.txt, the sitemap and the feed."""

import re
from collections.abc import Iterator
from datetime import datetime
from xml.etree import ElementTree

import httpx2
import pytest
from fastapi.testclient import TestClient

from app.web.pages.sitemap_and_feed import LATEST
from tests.databases import execute
from tests.factories import API, Account, create_recipe
from tests.problems import assert_problem
from tests.web.browser import enter, on_one_database, page, path_of

SITE = "http://testserver"
MACHINES = ["/robots.txt", "/sitemap.xml", "/feed.xml"]
NAMES = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "a": "http://www.w3.org/2005/Atom",
}


def read(client: TestClient, path: str, media_type: str = "application/xml") -> ElementTree.Element:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == f"{media_type}; charset=utf-8"
    return parsed(answer)


def parsed(answer: httpx2.Response) -> ElementTree.Element:
    return ElementTree.fromstring(answer.content)  # noqa: S314 - It is ours, and must be XML.


def locations(client: TestClient, path: str = "/sitemap.xml") -> list[str]:
    return [each.text or "" for each in read(client, path).iterfind(".//s:loc", NAMES)]


def feed(client: TestClient) -> ElementTree.Element:
    return read(client, "/feed.xml", "application/atom+xml")


def entries(client: TestClient) -> list[dict[str, str]]:
    return [
        {each.tag.partition("}")[2]: "".join(each.itertext()).strip() for each in entry}
        for entry in feed(client).iterfind("a:entry", NAMES)
    ]


# --- Who sees what -------------------------------------------------------------------------------


def test_sitemap_and_feed_list_only_what_anyone_may_find(
    client: TestClient, user: Account, superuser: Account
) -> None:
    shown = create_recipe(client, user, label="Shown")
    create_recipe(client, user, label="Hidden", visibility="unlisted")
    create_recipe(client, user, label="Hidden", visibility="private")
    trashed = create_recipe(client, user, label="Hidden")
    assert client.delete(f"{API}/recipes/{trashed['id']}", headers=user.headers).is_success

    def told() -> Iterator[httpx2.Response]:
        for path in MACHINES:
            yield client.get(path)
            for account in (user, superuser):
                yield client.get(path, headers=account.headers)
                enter(client, account)
                yield client.get(path)
                client.cookies.clear()

    answers = [*told()]
    assert len({answer.content for answer in answers}) == len(MACHINES)
    assert all("hidden" not in answer.text.lower() for answer in answers)
    assert not any("set-cookie" in answer.headers for answer in answers)
    assert locations(client) == [SITE + path_of(shown, "shown")]
    assert [entry["title"] for entry in entries(client)] == ["Shown"]


def test_machines_see_each_change_at_once(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, label="First")
    path = f"{API}/recipes/{recipe['id']}"
    for change, told in [
        ({"label": "Second"}, ["second"]),
        ({"visibility": "unlisted"}, []),
        ({"visibility": "public"}, ["second"]),
    ]:
        changed = client.patch(path, json=change, headers=user.headers).json()
        assert locations(client) == [SITE + path_of(recipe, each) for each in told]
        times = read(client, "/sitemap.xml").iterfind(".//s:lastmod", NAMES)
        assert [each.text for each in times] == [changed["updated_at"][:19] + "+00:00"] * len(told)
        assert len(entries(client)) == len(told)
    assert client.delete(path, headers=user.headers).is_success
    assert (locations(client), entries(client)) == ([], [])


# --- The sitemap ---------------------------------------------------------------------------------


def skip_to(database_url: str, recipe_id: int) -> None:
    """Let the next recipe have this id."""
    statement = "UPDATE sqlite_sequence SET seq = :last WHERE name = 'recipe'"
    if database_url.startswith("postgresql"):
        statement = "SELECT setval('recipe_id_seq', :last)"
    execute(database_url, statement, last=recipe_id - 1)


def test_a_long_sitemap_comes_in_parts(
    client: TestClient, user: Account, database_url: str
) -> None:
    for number, new in enumerate([1, 9_999, 10_000, 10_001, 30_001, 40_001, 9_990_000], 1):
        if new > 1:
            skip_to(database_url, new)
        visibility = "public" if number % 2 else "private"
        assert (
            create_recipe(client, user, label=f"Soup {number}", visibility=visibility)["id"] == new
        )
    parts = {0: ["1-soup-1", "10000-soup-3"], 3: ["30001-soup-5"], 998: ["9990000-soup-7"]}
    assert locations(client) == [f"{SITE}/sitemap-{number}.xml" for number in parts]
    for number, names in parts.items():
        listed = locations(client, f"/sitemap-{number}.xml")
        assert listed == [f"{SITE}/recipes/{name}" for name in names]
    # What is private alone in its part is not told to be there either.
    for number in (1, 2, 4, 997, 999):
        assert_problem(client.get(f"/sitemap-{number}.xml"), 404)


@on_one_database
def test_a_part_that_names_nothing_is_not_there(client: TestClient, user: Account) -> None:
    create_recipe(client, user)
    assert len(locations(client, "/sitemap-0.xml")) == 1
    for number in ("1", "00", "-1", "x", "", str(2**63 // 10_000), "9" * 5000):
        assert_problem(client.get(f"/sitemap-{number}.xml"), 404)


# --- The feed ------------------------------------------------------------------------------------

HOSTILE = [
    "</title></feed><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "]]> <![CDATA[ &lt; &amp; &nbsp; <!--",
    "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>&y;",
    "two\nlines\tand \u2028 \ufdd0 \U0001fffe \U0010ffff 🍮",
]


def test_a_feed_has_the_latest(client: TestClient, user: Account) -> None:
    for number in range(LATEST + 2):
        create_recipe(client, user, label=f"Soup {number}", author="Zoë" if number % 2 else None)
    latest = range(LATEST + 1, 1, -1)
    found = entries(client)
    assert [entry["title"] for entry in found] == [f"Soup {number}" for number in latest]
    assert {entry["author"] for entry in found} == {"Zoë", "Recipes"}
    updated = [datetime.fromisoformat(entry["updated"]) for entry in found]
    told = feed(client).findtext("a:updated", "", NAMES)
    assert datetime.fromisoformat(told) == max(updated)


@on_one_database
def test_an_entry_keeps_its_id_and_leads_to_the_page(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, label="Crème brûlée", language="fr")
    (before,) = entries(client)
    body = {"label": "砂糖 & <x>"}
    client.patch(f"{API}/recipes/{recipe['id']}", json=body, headers=user.headers)
    (after,) = entries(client)
    assert after["id"] == before["id"] == f"{SITE}/recipes/{recipe['id']}"
    assert after["published"] == before["published"]
    assert after["updated"] > before["updated"]
    (entry,) = feed(client).iterfind("a:entry", NAMES)
    assert entry.get("{http://www.w3.org/XML/1998/namespace}lang") == "fr"
    link = entry.find("a:link", NAMES)
    assert link is not None
    page(client, link.get("href", ""))


@on_one_database
def test_a_feed_of_nothing_is_a_feed(client: TestClient) -> None:
    empty = feed(client)
    assert [empty.findtext(f"a:{name}", "", NAMES) for name in ("title", "id", "updated")] == [
        "Recipes",
        f"{SITE}/feed.xml",
        "1970-01-01T00:00:00+00:00",
    ]
    assert locations(client) == []


@on_one_database
@pytest.mark.parametrize("text", HOSTILE)
def test_what_people_write_is_text_in_the_feed(
    client: TestClient, user: Account, text: str
) -> None:
    tags = [{"name": text}]
    label = f"Soup {text}"
    create_recipe(client, user, label=label, description=text, author=text, tags=tags)
    (entry,) = entries(client)
    assert (entry["title"], entry["summary"], entry["author"]) == (label, text, text)
    (category,) = feed(client).iterfind(".//a:category", NAMES)
    # An attribute has no line ends: a reader of XML takes each white space for a blank.
    assert " ".join((category.get("term") or "").split()) == " ".join(text.split())
    assert len(locations(client)) == 1


@on_one_database
def test_what_xml_cannot_hold_is_left_out(client: TestClient, user: Account) -> None:
    create_recipe(client, user, label="So\ufffeu\uffffp")
    assert [entry["title"] for entry in entries(client)] == ["Soup"]


# --- robots.txt ----------------------------------------------------------------------------------


def may_crawl(robots: str, path: str) -> bool:
    """Whether no rule begins as the path does (RFC 9309 section 2.2.2); `*` is anything."""
    rules = [line.removeprefix("Disallow: ") for line in robots.split("\n") if ": /" in line]
    assert len(rules) > 5
    return not any(re.match(re.escape(rule).replace(r"\*", ".*"), path) for rule in rules)


@on_one_database
def test_crawlers_read_recipes_and_nothing_that_is_for_people(client: TestClient) -> None:
    answer = client.get("/robots.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert f"\nSitemap: {SITE}/sitemap.xml\n" in answer.text
    assert answer.text.startswith("User-agent: *\n")
    shown = ["/", "/recipes", "/recipes/1-soup", "/recipes/1-new-import", "/static/style.css?v=1"]
    shown += ["/sitemap.xml", "/sitemap-3.xml", "/feed.xml", "/recipes/2-login"]
    assert [path for path in shown if not may_crawl(answer.text, path)] == []
    closed = [f"{API}/recipes", "/recipes?q=soup", "/recipes?cursor=x", "/recipes/new", "/login"]
    closed += ["/signup", "/logout", "/import", "/export?x", "/trash", "/recipes/1-soup/edit"]
    closed += ["/recipes/1-soup/history", "/recipes/1/history/2"]
    assert [path for path in closed if may_crawl(answer.text, path)] == []


# --- All of them ---------------------------------------------------------------------------------


@on_one_database
@pytest.mark.parametrize("path", [*MACHINES, "/sitemap-0.xml"])
def test_what_a_machine_has_is_not_sent_again(client: TestClient, user: Account, path: str) -> None:
    for number in range(20):
        create_recipe(client, user, label=f"Soup {number}")
    plain, packed = (
        client.get(path, headers={"Accept-Encoding": encoding}) for encoding in ("identity", "gzip")
    )
    assert plain.content == packed.content
    for answer, encoding in ((plain, "identity"), (packed, "gzip")):
        headers = {"Accept-Encoding": encoding}
        assert answer.headers.get("vary") == "Accept-Encoding"
        assert answer.headers["cache-control"] == "no-cache"
        head = client.head(path, headers=headers)
        assert head.headers["content-length"] == answer.headers["content-length"]
        assert (head.status_code, head.content) == (200, b"")
        known = {"If-None-Match": answer.headers["etag"]}
        assert client.get(path, headers=headers | known).status_code == 304
    if path != "/robots.txt":
        assert packed.headers["content-encoding"] == "gzip"
        assert int(packed.headers["content-length"]) < len(plain.content) / 2
        assert packed.headers["etag"] != plain.headers["etag"]


@on_one_database
def test_a_host_is_text_too(client: TestClient, user: Account) -> None:
    create_recipe(client, user)
    for path in ("/sitemap.xml", "/feed.xml"):
        answer = client.get(path, headers={"Host": 'x"><script>&y'})
        parsed(answer)
        assert "<script" not in answer.text
