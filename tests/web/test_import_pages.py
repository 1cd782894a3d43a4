"""The import page: three inputs, a preview and a report."""

import json
from typing import Any, cast

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.crud.rate_limit import PAGES
from tests.api import test_import
from tests.api.test_import import CSV, OUR_ZIP, PASTED, json_ld, stored
from tests.client import Client
from tests.factories import API, Account, create_recipe
from tests.web.browser import (
    BROWSER,
    Page,
    assert_harmless,
    enter,
    leave,
    on_one_database,
    page,
    send,
)

pages = test_import.pages

ATTACK = """</script><script>alert(1)</script>"><img src=x onerror=alert(1)> javascript:alert(1)"""


def bring(client: TestClient, do: str = "preview", **fields: str) -> Page:
    """What is shown when the form was filled in and one of its buttons pressed."""
    return Page(send(client, page(client, "/import"), "/import", do=do, **fields))


def upload(client: TestClient, *files: tuple[str, bytes], **fields: str) -> Page:
    values = {**page(client, "/import").form("/import").fields, **fields}
    sent = [("file", file) for file in files]
    return Page(client.post("/import", data=values, files=sent, headers=BROWSER))


def errors(shown: Page) -> list[str]:
    """The fields that something is wrong with."""
    return [
        attributes["name"]
        for _, attributes in shown.elements
        if attributes.get("aria-invalid") == "true"
    ]


def test_a_text_is_looked_at_and_brought_in(client: TestClient, user: Account) -> None:
    enter(client, user)
    shown = bring(client, text=PASTED, url="https://example.com/soup")
    assert shown.titles == ["New (1)"]
    assert "Pasted soup" in shown.text
    assert "2 ingredients" in shown.text
    assert "Cook them." in shown.text
    assert stored(client, user) == []
    done = send(client, shown, "/import", do="import")
    assert done.status_code == 303
    (recipe,) = stored(client, user)
    assert (recipe["label"], recipe["url"]) == ("Pasted soup", "https://example.com/soup")
    assert done.headers["location"] == f"/recipes/{recipe['id']}-pasted-soup"
    assert "Imported." in page(client, done.headers["location"]).text


def test_each_recipe_is_reported_and_a_failure_stops_no_other(
    client: TestClient, user: Account
) -> None:
    mine = create_recipe(
        client, user, label="Pie", ingredients=["1 Pie"], visibility="private", notes="Mine."
    )
    create_recipe(client, user, label="Toast", ingredients=["1 Toast"])
    many = [f"{number} g of this" for number in range(501)]
    text = json.dumps(
        [
            json_ld("Soup", description="Hot."),
            json_ld("Stock", *many),
            json_ld(""),
            json_ld("Pie", description="New."),
            json_ld("Toast"),
            json_ld("soup", "1 Soup"),
        ]
    )
    enter(client, user)
    shown = bring(client, text=text, on_duplicate="update")
    assert shown.titles == [
        "Cannot be imported (2)",
        "New (1)",
        "Would update yours (1)",
        "There already (2)",
    ]
    assert "ingredients: List should have at most 500 items" in shown.text
    assert "The recipe has no name." in shown.text
    assert "Hot." in shown.text
    done = Page(send(client, shown, "/import", do="import"))
    assert "1 new, 1 updated, 0 there already, 0 failed" in done.text
    soup = stored(client, user)[-1]
    assert {f"/recipes/{soup['id']}-soup", f"/recipes/{mine['id']}-pie"} <= set(done.links)
    changed = client.get(f"{API}/recipes/{mine['id']}", headers=user.headers).json()
    # Nobody has said that it should be seen by others.
    assert (changed["description"], changed["visibility"]) == ("New.", "private")
    again = bring(client, "import", text=text)
    assert "0 new, 0 updated, 4 there already, 2 failed" in again.text
    assert len(stored(client, user)) == 3


def test_several_files_are_brought_in(client: TestClient, user: Account) -> None:
    enter(client, user)
    files = ("soup.csv", CSV.encode()), ("cat.png", b"\x89PNG\r\n"), ("ours.zip", OUR_ZIP)
    shown = upload(client, *files)
    assert shown.titles == ["Cannot be imported (1)", "New (2)"]
    assert "cat.png" in shown.text
    assert stored(client, user) == []
    upload(client, *files, do="import")
    recipes = stored(client, user)
    assert [recipe["label"] for recipe in recipes] == ["Table soup", "Our soup"]
    assert recipes[1]["visibility"] == "private"


def test_a_page_is_fetched_once(client: TestClient, user: Account, pages: str) -> None:
    enter(client, user)
    shown = bring(client, url=f"{pages}/soup")
    assert "Page soup" in shown.text
    del cast(FastAPI, client.app).state.fetch_page
    assert send(client, shown, "/import", do="import").status_code == 303
    assert [recipe["url"] for recipe in stored(client, user)] == [f"{pages}/soup"]


@on_one_database
@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "url"),
        ({"url": "http://127.0.0.1/"}, "url"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "javascript:alert(1)", "text": PASTED}, "url"),
        ({"text": "Nothing to eat."}, "text"),
        ({"text": "[" * 100_000}, "text"),
        ({"text": PASTED, "on_duplicate": "replace"}, "on_duplicate"),
    ],
)
def test_errors_are_shown_at_their_field(
    client: TestClient, user: Account, fields: dict[str, str], field: str
) -> None:
    enter(client, user)
    for do in ("preview", "import"):
        shown = bring(client, do, **fields)
        assert (shown.status, errors(shown)) == (422, [field])
        kept = shown.form("/import").fields
        assert kept["url"] == fields.get("url", "")
        assert kept["text"] == fields.get("text", "").strip()
        assert_harmless(shown)
    assert stored(client, user) == []


@on_one_database
def test_a_file_comes_by_itself_and_holds_recipes(client: TestClient, user: Account) -> None:
    enter(client, user)
    shown = upload(client, ("soup.csv", CSV.encode()), text=PASTED)
    assert (shown.status, errors(shown)) == (422, ["file"])
    assert shown.form("/import").fields["text"] == PASTED.strip()
    for content in (b"\x89PNG\r\n", b"PK\x03\x04 and nothing else", b"a,b\n1,2\n"):
        shown = upload(client, ("soup", content))
        assert (shown.status, errors(shown)) == (422, ["file"])


@on_one_database
def test_what_is_too_large_to_carry_is_sent_again(client: TestClient, user: Account) -> None:
    lines = [json.dumps({"label": f"Soup {n}", "extras": {"a": "é" * 100_000}}) for n in range(15)]
    enter(client, user)
    shown = upload(client, ("recipes.ndjson", "\n".join(lines).encode()), on_duplicate="copy")
    assert shown.titles == ["New (15)"]
    assert "too many to be carried on" in shown.text
    form = shown.form("/import").fields
    assert "documents" not in form
    assert form["on_duplicate"] == "copy"
    shown = upload(client, ("recipes.ndjson", "\n".join(lines).encode()), do="import")
    assert "15 new" in shown.text


@on_one_database
def test_of_very_many_the_first_are_named(client: TestClient, user: Account) -> None:
    lines = "\n".join(json.dumps({"label": f"Soup {n}"}) for n in range(300))
    enter(client, user)
    shown = bring(client, text=lines)
    assert shown.titles == ["New (300)"]
    assert "and 200 more" in shown.text
    assert "300 new" in Page(send(client, shown, "/import", do="import")).text


def test_what_was_typed_outlives_the_session(client: TestClient, user: Account) -> None:
    enter(client, user)
    form = page(client, "/import")
    leave(client)
    assert client.get("/import", follow_redirects=False).status_code == 303
    shown = Page(send(client, form, "/import", do="import", text=PASTED))
    assert (shown.status, shown.form("/import").fields["text"]) == (403, PASTED.strip())
    assert "/login?next=/import" in shown.links
    enter(client, user)
    shown = Page(send(client, shown, "/import", do="import"))
    assert (shown.status, shown.form("/import").fields["text"]) == (403, PASTED.strip())
    assert stored(client, user) == []
    assert send(client, shown, "/import", do="import").status_code == 303
    assert len(stored(client, user)) == 1
    leave(client)
    large = send(client, form, "/import", text="x" * 2**21)
    assert large.headers["location"].startswith("/login?next=")


@on_one_database
def test_too_many_fetches_are_shown_at_the_field(client: Client, user: Account) -> None:
    limiter = cast(FastAPI, client.app).state.rate_limiter
    for _ in range(PAGES.amount):
        client.run(limiter.hit(PAGES, "testclient", str(user.id)))
    enter(client, user)
    answer = send(client, page(client, "/import"), "/import", url="https://example.com/soup")
    assert answer.headers["retry-after"].isdecimal()
    shown = Page(answer)
    assert (shown.status, errors(shown)) == (429, ["url"])
    assert shown.form("/import").fields["url"] == "https://example.com/soup"


@on_one_database
@pytest.mark.parametrize("text", [ATTACK, f"\ud800 {ATTACK}"])
def test_the_pages_are_harmless(client: TestClient, user: Account, text: str) -> None:
    theirs: dict[str, Any] = json_ld(text, text, recipeInstructions=[text], description=text)
    ours = {"label": "Soup"}, {"label": text, text: text}
    enter(client, user)
    for given in ([theirs, json_ld(text, *["x"] * 501)], ours):
        shown = bring(client, text=json.dumps(given))
        assert [title.partition(" (")[0] for title in shown.titles] == [
            "Cannot be imported",
            "New",
        ]
        assert "javascript:alert(1)" in shown.text
        assert_harmless(shown)
        done = bring(client, "import", text=json.dumps(given))
        assert "javascript:alert(1)" in done.text
        assert_harmless(done)
    assert_harmless(bring(client, text=ATTACK, url=ATTACK))
    assert_harmless(upload(client, (f"{ATTACK}.csv", b"x"), ("b", CSV.encode())))
