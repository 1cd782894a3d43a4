"""The trash: the list, restoring, and deleting permanently."""

import pytest
from fastapi.testclient import TestClient

from app.core.config import Settings
from app.main import create_app
from tests.factories import API, Account, create_recipe, create_user
from tests.web.browser import (
    BROWSER,
    Page,
    assert_harmless,
    enter,
    on_one_database,
    page,
    path_of,
    send,
)

ATTACK = """</script><script>alert(1)</script>"><img src=x onerror=alert(1)> javascript:alert(1)"""


def throw_away(client: TestClient, user: Account, **members: object) -> dict[str, object]:
    recipe = create_recipe(client, user, **members)
    answer = client.delete(f"{API}/recipes/{recipe['id']}", headers=user.headers)
    assert answer.status_code == 204
    return recipe


def about(recipe: dict[str, object], does: str) -> str:
    return f"/recipes/{recipe['id']}/{does}"


def test_the_trash_is_ones_own(client: TestClient, user: Account, other_user: Account) -> None:
    throw_away(client, other_user, label="Theirs")
    create_recipe(client, user, label="Not thrown away")
    for number in range(21):
        throw_away(client, user, label=f"Mine {number}")
    asked = client.get("/trash", headers=BROWSER, follow_redirects=False)
    assert asked.headers["location"] == "/login?next=/trash"
    enter(client, user)
    newest = page(client, "/trash")
    assert_harmless(newest)
    assert newest.titles == [f"Mine {number}" for number in range(20, 0, -1)]
    assert "stays until you remove it" in newest.text
    (older,) = [link for link in newest.links if "cursor=" in link]
    rest = page(client, older)
    assert rest.titles == ["Mine 0"]
    assert "/trash" in rest.links
    page(client, "/trash?cursor=nonsense", 422)
    enter(client, create_user(client))
    assert "Nothing is in the trash." in page(client, "/trash").text


@on_one_database
def test_what_is_in_the_trash_is_restored(client: TestClient, user: Account) -> None:
    recipe = throw_away(client, user, label=f"Cake {ATTACK}")
    enter(client, user)
    shown = page(client, "/trash")
    assert_harmless(shown)
    answer = send(client, shown, about(recipe, "restore"))
    assert (answer.status_code, answer.headers["location"][:10]) == (303, "/recipes/1")
    assert "It is back." in page(client, answer.headers["location"]).text
    assert "Nothing is in the trash." in page(client, "/trash").text
    # Once more is as good as once.
    assert send(client, shown, about(recipe, "restore")).status_code == 303


def test_what_is_removed_for_good_is_asked_for_first(client: TestClient, user: Account) -> None:
    recipe = throw_away(client, user, label=f"Cake {ATTACK}")
    enter(client, user)
    assert about(recipe, "remove") in page(client, "/trash").links
    asked = page(client, about(recipe, "remove"))
    assert_harmless(asked)
    assert f"Cake {ATTACK}" in asked.text
    answer = send(client, asked, about(recipe, "remove"))
    assert answer.headers["location"] == "/trash"
    assert "Removed for good." in page(client, "/trash").text
    page(client, about(recipe, "remove"), 404)
    assert Page(send(client, asked, about(recipe, "remove"))).status == 404
    answer = client.post(f"{API}/recipes/{recipe['id']}/restore", headers=user.headers)
    assert answer.status_code == 404


@on_one_database
def test_only_what_is_in_ones_trash_is_removed(
    client: TestClient, user: Account, other_user: Account
) -> None:
    recipe = throw_away(client, user)
    enter(client, user)
    asked = page(client, about(recipe, "remove"))
    # It was restored in another tab since the question was asked.
    client.post(f"{API}/recipes/{recipe['id']}/restore", headers=user.headers)
    page(client, about(recipe, "remove"), 404)
    assert Page(send(client, asked, about(recipe, "remove"))).status == 412
    page(client, path_of(recipe))
    theirs = throw_away(client, other_user)
    page(client, about(theirs, "remove"), 404)


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    days = getattr(request, "param", None)
    return settings.model_copy(update={"trash_days": days})


@on_one_database
@pytest.mark.parametrize(
    ("settings", "told"), [(1, "after a day"), (30, "after 30 days")], indirect=["settings"]
)
def test_the_trash_says_how_long_things_stay(settings: Settings, told: str) -> None:
    with TestClient(create_app(settings)) as client:
        user = create_user(client)
        throw_away(client, user)
        enter(client, user)
        shown = page(client, "/trash")
    assert f"removed for good {told}" in shown.text
    assert "Stays until" in shown.text
    assert len(shown.all("time")) == 2
