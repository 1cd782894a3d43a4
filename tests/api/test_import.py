"""Import: one door for everything, told item by item, and safe to run again."""

import io
import json
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.crud.rate_limit import PAGES
from app.exchange.fetch import fetch_page
from tests.documents import WHOLE
from tests.factories import API, Account, create_recipe
from tests.problems import assert_invalid, assert_problem

IMPORT = f"{API}/recipes/import"
RECIPES = f"{API}/recipes"


def json_ld(name: str, *ingredients: str, **members: Any) -> dict[str, Any]:
    lines = list(ingredients) or [f"1 {name}"]
    return {"@type": "Recipe", "name": name, "recipeIngredient": lines, **members}


def bring(client: TestClient, user: Account, value: object, query: str = "") -> dict[str, Any]:
    """The report on JSON-LD that a user imports."""
    body = {"json_ld": value}
    answer = client.post(f"{IMPORT}?{query}", json=body, headers=user.headers)
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    assert len(report["items"]) == sum(totals(report).values())
    return report


def totals(report: dict[str, Any]) -> dict[str, int]:
    return {name: report[name] for name in ("created", "updated", "skipped", "failed")}


def statuses(report: dict[str, Any]) -> list[str]:
    return [item["status"] for item in report["items"]]


def stored(client: TestClient, user: Account) -> list[dict[str, Any]]:
    """All recipes of a user, the oldest first."""
    query = "submitter_id=me&limit=100&view=full&sort=created_at"
    answer = client.get(f"{RECIPES}?{query}", headers=user.headers)
    items: list[dict[str, Any]] = answer.json()["items"]
    return sorted(items, key=lambda recipe: recipe["id"])


def test_a_recipe_is_created_and_told(client: TestClient, user: Account) -> None:
    report = bring(client, user, json_ld("Toast", "2 slices of bread", cookTime="PT3M"))
    (recipe,) = stored(client, user)
    assert report == {
        "dry_run": False,
        "created": 1,
        "updated": 0,
        "skipped": 0,
        "failed": 0,
        "items": [
            {
                "index": 0,
                "name": "Toast",
                "status": "created",
                "id": recipe["id"],
                "problem": None,
            }
        ],
    }
    assert recipe["label"] == "Toast"
    assert recipe["cook_minutes"] == 3
    assert recipe["visibility"] == "public"
    assert recipe["submitter_id"] == user.id
    assert recipe["ingredients"][0]["text"] == "2 slices of bread"
    assert recipe["ingredients"][0]["quantity"] == 2
    found = client.get(RECIPES, params={"q": "toast"}).json()["items"]
    assert [item["id"] for item in found] == [recipe["id"]]


def test_running_it_again_changes_nothing(client: TestClient, user: Account) -> None:
    value = [json_ld("Toast"), json_ld("Soup", url="https://example.com/soup"), json_ld("Pie")]
    first = bring(client, user, value)
    before = stored(client, user)
    for on_duplicate in ("skip", "update"):
        again = bring(client, user, value, f"on_duplicate={on_duplicate}")
        assert statuses(again) == ["skipped"] * 3
        assert [item["id"] for item in again["items"]] == [item["id"] for item in first["items"]]
    assert stored(client, user) == before


def test_a_dry_run_tells_what_would_be(client: TestClient, user: Account) -> None:
    create_recipe(client, user, label="Toast", ingredients=["1 Toast"])
    before = stored(client, user)
    value = [json_ld("Toast", description="Hot."), json_ld("Soup"), json_ld("")]
    report = bring(client, user, value, "dry_run=true&on_duplicate=update")
    assert report["dry_run"]
    assert statuses(report) == ["updated", "created", "failed"]
    assert [item["id"] for item in report["items"]] == [before[0]["id"], None, None]
    assert report["items"][1]["recipe"]["ingredients"][0]["text"] == "1 Soup"
    assert report["items"][0]["recipe"]["description"] == "Hot."
    assert "recipe" not in report["items"][2]
    assert stored(client, user) == before


# --- What is there already -----------------------------------------------------------------------


def test_what_is_there_is_skipped_updated_or_copied(client: TestClient, user: Account) -> None:
    mine = create_recipe(
        client, user, label="Toast", ingredients=["1 Toast"], visibility="private", notes="Mine."
    )
    value = json_ld("TOAST!", "1  toast", description="New.")
    assert statuses(bring(client, user, value)) == ["skipped"]
    assert stored(client, user) == [mine]

    updated = bring(client, user, value, "on_duplicate=update")
    assert (statuses(updated), updated["items"][0]["id"]) == (["updated"], mine["id"])
    (recipe,) = stored(client, user)
    assert (recipe["description"], recipe["version"]) == ("New.", 2)
    # Nobody has said that it should be seen by others.
    assert recipe["visibility"] == "private"
    versions = client.get(f"{RECIPES}/{mine['id']}/versions", headers=user.headers).json()
    assert [each["version"] for each in versions["items"]] == [2, 1]

    copied = bring(client, user, value, "on_duplicate=copy")
    assert statuses(copied) == ["created"]
    assert len(stored(client, user)) == 2


def test_a_page_is_known_by_its_url(client: TestClient, user: Account) -> None:
    url = "https://www.example.com/soup/?utm_source=mail"
    mine = create_recipe(client, user, label="Soup", url=url)
    value = json_ld("Quite another soup", url="http://example.com/soup")
    assert bring(client, user, value)["items"][0]["id"] == mine["id"]
    assert statuses(bring(client, user, value, "on_duplicate=update")) == ["updated"]
    assert [recipe["label"] for recipe in stored(client, user)] == ["Quite another soup"]


@pytest.mark.parametrize(
    ("url", "again"),
    [
        ("https://example.com/r/cake", "https://example.com/r/cake?srsltid=AfmB"),
        ("https://example.com/r/cake?igshid=x", "https://example.com/r/cake"),
        ("https://example.com/r/cr%C3%AApe", "https://example.com/r/crêpe"),
        ("https://example.com/p?b=2&a=1", "http://example.com:80/p?a=1&b=2&gclid=1#recipe"),
    ],
)
def test_a_page_is_known_by_its_url_in_any_spelling(
    client: TestClient, user: Account, url: str, again: str
) -> None:
    assert statuses(bring(client, user, json_ld("Soup", url=url))) == ["created"]
    assert statuses(bring(client, user, json_ld("Another soup", url=again))) == ["skipped"]
    assert len(client.get(RECIPES, params={"url": again}).json()["items"]) == 1


def test_recipes_of_one_page_are_all_there(client: TestClient, user: Account) -> None:
    url = "https://example.com/three"
    value = [json_ld(name, url=url) for name in ("Soup", "Bread", "Butter")]
    assert statuses(bring(client, user, value)) == ["created"] * 3
    for on_duplicate in ("skip", "update"):
        again = bring(client, user, value[::-1], f"on_duplicate={on_duplicate}")
        assert statuses(again) == ["skipped"] * 3
    labels = [recipe["label"] for recipe in stored(client, user)]
    assert labels == ["Soup", "Bread", "Butter"]


def test_what_comes_twice_is_there_once(client: TestClient, user: Account) -> None:
    report = bring(
        client, user, {"@graph": [json_ld("Soup"), json_ld("Pie"), json_ld("soup", "1 Soup")]}
    )
    assert statuses(report) == ["created", "created", "skipped"]
    assert report["items"][2]["id"] == report["items"][0]["id"]


def test_of_others_and_in_the_trash_is_not_there(
    client: TestClient, user: Account, other_user: Account
) -> None:
    value = json_ld("Soup", url="https://example.com/soup")
    bring(client, other_user, value)
    first = bring(client, user, value)
    assert statuses(first) == ["created"]
    client.delete(f"{RECIPES}/{first['items'][0]['id']}", headers=user.headers)
    assert statuses(bring(client, user, value)) == ["created"]


# --- What goes wrong -----------------------------------------------------------------------------


def test_one_that_fails_does_not_stop_the_others(client: TestClient, user: Account) -> None:
    many = [f"{number} g of this" for number in range(501)]
    value = [json_ld("Soup"), json_ld(""), json_ld("Stock", *many), json_ld("Pie")]
    report = bring(client, user, value)
    assert statuses(report) == ["created", "failed", "failed", "created"]
    nameless, long = (item["problem"] for item in report["items"][1:3])
    assert (nameless["status"], nameless["type"]) == (422, "/problems/invalid-input")
    assert nameless["detail"] == "The recipe has no name."
    assert [each["pointer"] for each in long["errors"]] == ["/ingredients"]
    assert report["items"][2]["name"] == "Stock"


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, [""]),
        ({"url": "https://example.com", "text": "Soup"}, [""]),
        ({"html": "<p>", "text": "Soup"}, [""]),
        ({"url": "ftp://example.com/soup"}, ["/url"]),
        ({"html": ""}, ["/html"]),
        ({"text": 5}, ["/text"]),
    ],
)
def test_a_request_has_one_source(
    client: TestClient, user: Account, body: dict[str, Any], pointers: list[str]
) -> None:
    answer = client.post(IMPORT, json=body, headers=user.headers)
    assert_problem(answer, 422)
    assert [each["pointer"] for each in answer.json()["errors"]] == pointers


@pytest.mark.parametrize(
    ("status", "media_type", "body"),
    [
        (400, "application/json", b"{"),
        (400, "application/json", b'{"text": "\xff'),
        (415, "image/png", b"\x89PNG"),
        (415, "", b"Soup"),
        (422, "application/json", b'{"a": 1}'),
        (422, "application/octet-stream", b""),
        (422, "application/octet-stream", b"\x89PNG\r\n"),
        (422, "application/zip", b"PK\x03\x04 and nothing else"),
        (422, "application/gzip", b"\x1f\x8b and nothing else"),
        (422, "text/html", b"<html><p>Nothing to eat."),
        (422, "text/plain", b"Nothing to eat."),
        (422, "text/csv", b"a,b\n1,2\n"),
        (422, "multipart/form-data; boundary=x", b"--x--\r\n"),
        (422, "application/json", b"[" * 100_000),
    ],
)
def test_what_holds_no_recipe_is_refused(
    client: TestClient, user: Account, status: int, media_type: str, body: bytes
) -> None:
    headers = {**user.headers, "Content-Type": media_type}
    answer = client.post(IMPORT, content=body, headers=headers)
    assert_problem(answer, status if body[:2] != b"[[" else answer.status_code)
    assert answer.status_code in {status, 400}


def test_a_file_has_its_bounds(client: TestClient, user: Account) -> None:
    headers = {**user.headers, "Content-Type": "application/json"}
    declared = {**headers, "Content-Length": str(100 * 2**20)}
    assert_problem(client.post(IMPORT, content=b"", headers=declared), 413)
    pieces = (b" " * 2**20 for _ in range(65))
    assert_problem(client.post(IMPORT, content=pieces, headers=headers), 413)
    large = b"[" + b" " * (33 * 2**20) + b"]"
    answer = client.post(IMPORT, content=large, headers={**headers, "Content-Type": "text/plain"})
    assert_problem(answer, 422)
    assert "32 MiB" in answer.json()["detail"]


def test_unknown_options_are_refused(client: TestClient, user: Account) -> None:
    for query in ("dry=1", "on_duplicate=replace", "dry_run=maybe"):
        answer = client.post(f"{IMPORT}?{query}", json=json_ld("Soup"), headers=user.headers)
        assert_invalid(answer, query.partition("=")[0])


# --- Files ---------------------------------------------------------------------------------------

PAGE = f"""<!doctype html><html lang="en"><title>Soup</title>
<script type="application/ld+json">{json.dumps(json_ld("Page soup"))}</script>"""
CSV = "title,ingredients,directions\nTable soup,1 leek,Cook it.\n"
PASTED = "Pasted soup\n\nIngredients\n1 leek\n2 potatoes\n\nMethod\nCook them.\n"
OURS = {"label": "Our soup", "visibility": "private"}


def zipped(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


OUR_ZIP = zipped(
    **{
        "recipes.ndjson": json.dumps(OURS),
        "manifest.json": '{"format": "recipe-api", "version": 1}',
    }
)


@pytest.mark.parametrize(
    ("media_type", "content", "label"),
    [
        ("application/json", json.dumps(json_ld("LD soup")).encode(), "LD soup"),
        ("application/json", json.dumps(OURS).encode(), "Our soup"),
        ("application/ld+json", json.dumps([json_ld("LD soup")]).encode(), "LD soup"),
        ("text/html", PAGE.encode(), "Page soup"),
        ("text/csv", CSV.encode(), "Table soup"),
        ("text/plain", PASTED.encode(), "Pasted soup"),
        ("text/plain; charset=utf-16", PASTED.encode("utf-16"), "Pasted soup"),
        ("application/zip", OUR_ZIP, "Our soup"),
        # The format is found out, whatever the type says.
        ("application/octet-stream", PAGE.encode(), "Page soup"),
        ("text/plain", json.dumps(OURS).encode(), "Our soup"),
    ],
)
def test_a_file_is_a_body_or_a_field_of_a_form(
    client: TestClient, user: Account, media_type: str, content: bytes, label: str
) -> None:
    headers = {**user.headers, "Content-Type": media_type}
    report = client.post(IMPORT, content=content, headers=headers).json()
    assert [(item["name"], item["status"]) for item in report["items"]] == [(label, "created")]
    files = {"file": ("recipes", content, media_type)}
    report = client.post(IMPORT, files=files, headers=user.headers).json()
    assert [(item["name"], item["status"]) for item in report["items"]] == [(label, "skipped")]


def test_html_and_text_come_in_json_too(client: TestClient, user: Account) -> None:
    url = "https://example.com/soup"
    for body in ({"html": PAGE, "url": url}, {"text": PASTED}):
        answer = client.post(IMPORT, json=body, headers=user.headers)
        assert statuses(answer.json()) == ["created"], answer.text
    recipes = stored(client, user)
    assert [recipe["label"] for recipe in recipes] == ["Page soup", "Pasted soup"]
    assert recipes[0]["url"] == url


# --- Pages that are fetched ----------------------------------------------------------------------


@pytest.fixture
def pages(app: FastAPI) -> Iterator[str]:
    """A server on this machine, which the application may fetch from in this test alone."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = {"/soup": PAGE, "/data.json": json.dumps(json_ld("LD soup")), "/none": "<p>"}
            body = found.get(self.path, "").encode()
            self.send_response(200 if body else 404)
            kind = "application/json" if self.path.endswith(".json") else "text/html"
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    async def resolve(host: str) -> list[IPv4Address]:
        return [IPv4Address("127.0.0.1")]

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_port
        app.state.fetch_page = partial(
            fetch_page, resolve=resolve, is_allowed=lambda _: True, ports={port}
        )
        yield f"http://pages.example.com:{port}"
        server.shutdown()


def test_a_page_is_fetched(client: TestClient, user: Account, pages: str) -> None:
    for path, label in (("/soup", "Page soup"), ("/data.json", "LD soup")):
        answer = client.post(IMPORT, json={"url": f"{pages}{path}"}, headers=user.headers)
        assert answer.status_code == 200, answer.text
        assert [item["name"] for item in answer.json()["items"]] == [label]
    recipes = stored(client, user)
    assert recipes[0]["url"] == f"{pages}/soup"
    for path in ("/none", "/missing"):
        answer = client.post(IMPORT, json={"url": f"{pages}{path}"}, headers=user.headers)
        assert_problem(answer, 422)


def test_what_is_not_public_is_not_fetched(client: TestClient, user: Account) -> None:
    for host in ("127.0.0.1", "169.254.169.254", "[::1]", "10.0.0.1", "2130706433"):
        answer = client.post(IMPORT, json={"url": f"http://{host}/"}, headers=user.headers)
        assert_invalid(answer, "/url")


# --- There and back ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ndjson", "zip"])
def test_what_is_exported_and_imported_is_the_same(
    client: TestClient, user: Account, other_user: Account, name: str
) -> None:
    for visibility in ("public", "unlisted", "private"):
        create_recipe(client, user, **WHOLE | {"visibility": visibility})
    create_recipe(client, user, label="Twin", url="https://example.com/")
    create_recipe(client, user, label="Twin", url="https://example.com/")
    create_recipe(client, user, label="Triplet", url="https://example.com/")
    query = f"{RECIPES}/export?format={name}&submitter_id=me"
    exported = client.get(query, headers=user.headers).content
    kind = {"ndjson": "application/x-ndjson", "zip": "application/zip"}[name]
    for expected in ("created", "skipped"):
        headers = {**other_user.headers, "Content-Type": kind}
        answer = client.post(IMPORT, content=exported, headers=headers)
        assert answer.status_code == 200
        told = answer.text.splitlines()[-1] if name == "ndjson" else answer.text
        assert json.loads(told)[expected] == 6
    assert client.get(query, headers=other_user.headers).content == exported


def test_pages_are_fetched_so_often_a_minute(
    client: TestClient, user: Account, other_user: Account
) -> None:
    body = {"url": "http://127.0.0.1/"}
    for _ in range(PAGES.amount):
        assert_problem(client.post(IMPORT, json=body, headers=user.headers), 422)
    assert_problem(client.post(IMPORT, json=body, headers=user.headers), 429)
    assert_problem(client.post(IMPORT, json=body, headers=other_user.headers), 422)
    assert bring(client, user, json_ld("Soup"))["created"] == 1


@pytest.mark.parametrize("odd", ["\\ud800", "\\u0000", "\\uffff", "\\ud83d\\ude00", "\\u202e"])
def test_odd_characters_are_no_fault_of_ours(client: TestClient, user: Account, odd: str) -> None:
    recipe = json.dumps(json_ld("Soup ODD", "1 ODD leek", url="https://example.com/ODD"))
    page = f'<script type="application/ld+json">{recipe}</script>'
    bodies = [
        f'{{"json_ld": {recipe}}}',
        f'{{"json_ld": {json.dumps(recipe)}}}',
        f'{{"html": {json.dumps(page)}}}',
        json.dumps({"text": PASTED + "ODD"}),
        json.dumps(OURS | {"notes": "ODD"}),
        recipe,
    ]
    for body in bodies:
        headers = {**user.headers, "Content-Type": "application/json"}
        content = body.replace("ODD", odd)
        answer = client.post(IMPORT, content=content, headers=headers)
        assert answer.status_code in (200, 400, 422), answer.text
