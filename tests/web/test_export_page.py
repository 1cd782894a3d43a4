"""The export page: the same file as from the API."""

import json

import httpx2
import pytest
from fastapi.testclient import TestClient

from app.exchange.writing.exporters import EXPORTERS
from tests.factories import API, Account, create_recipe
from tests.web.browser import BROWSER, assert_harmless, enter, leave, on_one_database, page, send

ATTACK = """</script><script>alert(1)</script>"><img src=x onerror=alert(1)> javascript:alert(1)"""


def labels(answer: httpx2.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [json.loads(line)["label"] for line in answer.text.splitlines()]


def test_the_form_gives_what_its_reader_may_find(
    client: TestClient, user: Account, other_user: Account
) -> None:
    for owner, name in ((user, "Mine"), (other_user, "Theirs")):
        for visibility in ("public", "unlisted", "private"):
            create_recipe(client, owner, label=f"{name} {visibility}", visibility=visibility)
    gone = create_recipe(client, user, label="Gone")
    client.delete(f"{API}/recipes/{gone['id']}", headers=user.headers)
    soup = create_recipe(client, user, label="Soup", tags=["quick"], total_minutes=20)
    anonymous = send(client, page(client, "/export"), "/export/file")
    assert labels(anonymous) == ["Mine public", "Theirs public", "Soup"]
    enter(client, user)
    form = page(client, "/export")
    mine = send(client, form, "/export/file")
    assert labels(mine) == ["Mine public", "Mine unlisted", "Mine private", "Soup"]
    assert mine.headers["cache-control"] == "private, no-store"
    everything = send(client, form, "/export/file", submitter_id="")
    assert labels(everything) == [
        "Mine public",
        "Mine unlisted",
        "Mine private",
        "Theirs public",
        "Soup",
    ]
    assert labels(send(client, form, "/export/file", q="private")) == ["Mine private"]
    assert labels(send(client, form, "/export/file", tag="quick")) == [soup["label"]]
    # The filters of a list come along.
    narrowed = page(client, "/export?max_total_minutes=30&utm_source=x")
    assert labels(send(client, narrowed, "/export/file")) == ["Soup"]
    assert client.get("/export/file", headers=BROWSER | {"Range": "bytes=0-1"}).status_code == 200


@on_one_database
@pytest.mark.parametrize("name", EXPORTERS)
def test_each_file_is_that_of_the_api(client: TestClient, user: Account, name: str) -> None:
    create_recipe(client, user, label="Soup", visibility="private")
    by_api = client.get(f"{API}/recipes/export?format={name}", headers=user.headers)
    enter(client, user)
    answer = client.get(f"/export/file?format={name}", headers=BROWSER)
    assert answer.content == by_api.content
    told = "content-type", "content-disposition"
    assert [answer.headers[each] for each in told] == [by_api.headers[each] for each in told]
    head = client.head(f"/export/file?format={name}", headers=BROWSER)
    assert (head.status_code, head.content) == (200, b"")
    assert [head.headers[each] for each in told] == [by_api.headers[each] for each in told]


@on_one_database
def test_ones_own_recipes_need_a_session(client: TestClient, user: Account) -> None:
    answer = client.get("/export/file?submitter_id=me", headers=BROWSER, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=/export/file")
    # A token of the API is no session.
    leave(client)
    create_recipe(client, user, visibility="private")
    assert labels(client.get("/export/file", headers=BROWSER | user.headers)) == []


@on_one_database
@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"format": "exe"}, "format"),
        ({"tag": "x" * 200}, "tag"),
        ({"q": "x" * 2000}, "q"),
        ({"max_total_minutes": "soon"}, "q"),
    ],
)
def test_errors_are_shown_at_their_field(
    client: TestClient, user: Account, fields: dict[str, str], field: str
) -> None:
    enter(client, user)
    answer = client.get("/export/file", params={"submitter_id": "", **fields}, headers=BROWSER)
    assert answer.status_code == 422
    shown = page(client, str(answer.request.url.raw_path.decode()), 422)
    wrong = [each for _, each in shown.elements if each.get("aria-invalid") == "true"]
    assert [each["name"] for each in wrong] == [field]
    assert shown.form("/export/file").fields["submitter_id"] == ""


@on_one_database
def test_the_page_is_harmless(client: TestClient, user: Account) -> None:
    for session in (False, True):
        if session:
            enter(client, user)
        fields = ("q", "tag", "source", "submitter_id", "ingredient", "format")
        answer = client.get("/export", params=dict.fromkeys(fields, ATTACK), headers=BROWSER)
        shown = page(client, answer.request.url.raw_path.decode())
        assert_harmless(shown)
        assert shown.form("/export/file").fields["q"] == ATTACK
        assert "NDJSON" in shown.text
