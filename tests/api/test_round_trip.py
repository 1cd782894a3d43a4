"""What goes in comes out, byte for byte, whichever way it goes."""

import json
import re
from fractions import Fraction
from typing import Any

import httpx2
import hypothesis
from fastapi.testclient import TestClient
from hypothesis import strategies as st

from app.cooking.quantities import exact, number
from tests.documents import document_of
from tests.factories import API, Account, create_recipe
from tests.strategies import EXPLORE, documents

RECIPES = f"{API}/recipes"

AT_LEISURE = hypothesis.settings(EXPLORE, max_examples=25)


def put(client: TestClient, user: Account, path: str, body: object) -> httpx2.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = user.headers | {"Content-Type": "application/json"}
    answer = client.put(path, content=content, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


def unversioned(body: bytes) -> bytes:
    """A recipe's bytes without its last two members, when and which version it is."""
    rest, found = re.subn(rb',"updated_at":"[^"]{27}","version":[0-9]+}$', b"}", body)
    assert found == 1
    return rest


@AT_LEISURE
@hypothesis.given(document=documents, other=documents)
def test_a_document_survives_byte_for_byte(
    client: TestClient, user: Account, document: dict[str, Any], other: dict[str, Any]
) -> None:
    posted = client.post(RECIPES, json=document, headers=user.headers)
    assert posted.status_code == 201, posted.text
    path = posted.headers["location"]
    first = client.get(path, headers=user.headers)
    assert first.content == posted.content

    # What GET gave changes nothing.
    assert put(client, user, path, first.content).content == first.content
    assert client.get(path, headers=user.headers).content == first.content

    # The document comes back, after another one has been there.
    written = document_of(first.json())
    put(client, user, path, other)
    put(client, user, path, written)
    assert unversioned(client.get(path, headers=user.headers).content) == unversioned(first.content)

    # And so does the version.
    put(client, user, path, {"label": "Between"})
    kept = client.get(f"{path}/versions/1", headers=user.headers).json()["recipe"]
    assert json.dumps(kept) == json.dumps(written)
    assert client.post(f"{path}/versions/1/restore", headers=user.headers).status_code == 200
    assert unversioned(client.get(path, headers=user.headers).content) == unversioned(first.content)


def test_a_restore_from_the_trash_keeps_every_byte(client: TestClient, user: Account) -> None:
    recipe = create_recipe(client, user, extras={"b": 1.0, "a": [1e300, -0.0, True, 1]})
    path = f"{RECIPES}/{recipe['id']}"
    before = client.get(path).content
    client.delete(path, headers=user.headers)
    client.post(f"{path}/restore", headers=user.headers)
    assert unversioned(client.get(path).content) == unversioned(before)


# --- Scaling -------------------------------------------------------------------------------------

amounts = st.fractions(0, 500_000, max_denominator=1000)
LINES = ("2-3 cups flour", "1 ½ tsp salt", "⅓ cup oil", "200 g sugar", "salt to taste", "1 egg")


def quantities_of(recipe: dict[str, Any]) -> list[tuple[Fraction | None, Fraction | None]]:
    return [
        (
            None if each["quantity"] is None else exact(each["quantity"]),
            None if each["quantity_max"] is None else exact(each["quantity_max"]),
        )
        for each in recipe["ingredients"]
    ]


@AT_LEISURE
@hypothesis.given(
    values=st.lists(amounts, max_size=3), stored=st.integers(1, 1000), wanted=st.integers(1, 1000)
)
def test_scaling_and_scaling_back_is_the_identity(
    client: TestClient, user: Account, values: list[Fraction], stored: int, wanted: int
) -> None:
    given = [
        {"text": "flour", "quantity": number(value), "quantity_max": number(2 * value)}
        for value in values
    ]
    recipe = create_recipe(client, user, servings=stored, ingredients=[*LINES, *given])
    path = f"{RECIPES}/{recipe['id']}"
    answer = client.get(f"{path}?servings={wanted}")
    assert answer.status_code == 200, answer.text
    scaled = answer.json()
    factor = Fraction(wanted, stored)
    assert scaled["servings"] == wanted
    for value, (low, high) in zip(values, quantities_of(scaled)[len(LINES) :], strict=True):
        assert (low, high) == (exact(number(value * factor)), exact(number(2 * value * factor)))

    put(client, user, path, document_of(scaled))
    back = client.get(f"{path}?servings={stored}").json()
    assert back["servings"] == stored
    expected = [
        (Fraction(2), Fraction(3)),
        (Fraction(3, 2), None),
        (Fraction(1, 3), None),
        (Fraction(200), None),
        (None, None),
        (Fraction(1), None),
        *((value, 2 * value) for value in values),
    ]
    assert quantities_of(back) == expected
