"""Properties that hold for all documents, and for all that is none."""

import json
from typing import Any

import httpx2
import hypothesis
from fastapi.testclient import TestClient
from hypothesis import strategies as st

from tests.documents import DEFAULTS, document_of
from tests.factories import API, Account
from tests.problems import assert_problem

RECIPES = f"{API}/recipes"


def post_raw(client: httpx2.Client, user: Account, body: bytes) -> httpx2.Response:
    headers = user.headers | {"Content-Type": "application/json"}
    return client.post(RECIPES, content=body, headers=headers)


EXPLORE = hypothesis.settings(
    max_examples=40,
    deadline=None,  # Nothing here is about speed.
    derandomize=True,  # A change is judged by the same examples as the one before.
    database=None,
    suppress_health_check=[
        hypothesis.HealthCheck.function_scoped_fixture,  # All examples share a database.
        hypothesis.HealthCheck.too_slow,
    ],
)

# All characters but those that the schema refuses; half a surrogate pair is none.
characters = st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t")
texts = st.text(characters, min_size=1, max_size=40).filter(lambda text: not text.isspace())
numbers = st.integers(0, 10**9) | st.floats(0, 10**9, allow_nan=False)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4)
)
maybe = st.none() | texts
minutes = st.none() | st.integers(0, 10_000)
lines = st.fixed_dictionaries(
    {"text": texts},
    optional={
        "section": maybe,
        "quantity": st.none() | numbers,
        "quantity_max": st.none() | numbers,
        "unit": maybe,
        "food": maybe,
        "note": maybe,
        "optional": st.booleans(),
    },
)
steps = st.fixed_dictionaries(
    {"text": texts}, optional={"section": maybe, "name": maybe, "minutes": minutes}
)
tags = st.fixed_dictionaries(
    {"kind": st.sampled_from(["keyword", "cuisine", "diet"]), "name": texts}
)
documents = st.fixed_dictionaries(
    {"label": texts},
    optional={
        "description": maybe,
        "source": maybe,
        "author": maybe,
        "yield_text": maybe,
        "notes": maybe,
        "url": st.sampled_from(
            [None, "https://example.com/ä?q=%C3%A4&x=1#y", "http://[::1]:8080/"]
        ),
        "language": st.sampled_from([None, "en", "zh-Hant-TW", "sr-Latn"]),
        "servings": st.none() | numbers.filter(lambda number: number > 0),
        "prep_minutes": minutes,
        "cook_minutes": minutes,
        "total_minutes": minutes,
        "tags": st.lists(tags | texts, max_size=4),
        "ingredients": st.lists(lines | texts, max_size=4),
        "steps": st.lists(steps | texts, max_size=4),
        "nutrition": st.none() | st.fixed_dictionaries({}, optional={"fat_g": numbers}),
        "extras": st.dictionaries(texts, values, max_size=4),
        "visibility": st.sampled_from(["public", "unlisted"]),
    },
)


@EXPLORE
@hypothesis.given(document=documents)
def test_a_document_goes_round(client: TestClient, user: Account, document: dict[str, Any]) -> None:
    posted = client.post(RECIPES, json=document, headers=user.headers)
    assert posted.status_code == 201, posted.text
    path = posted.headers["location"]
    read = client.get(path)
    assert read.content == posted.content
    put = client.put(
        path, json=read.json(), headers=user.headers | {"If-Match": read.headers["etag"]}
    )
    assert put.status_code == 200, put.text
    assert document_of(client.get(path).json()) == document_of(read.json())
    assert client.get(f"/recipes/{posted.json()['id']}").status_code == 200


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
)
members = st.sampled_from(["label", *DEFAULTS])


@EXPLORE
@hypothesis.given(body=anything | st.dictionaries(members, anything))
def test_anything_is_accepted_or_refused(client: TestClient, user: Account, body: object) -> None:
    answer = post_raw(client, user, json.dumps(body).encode("utf-8", "surrogatepass"))
    if answer.status_code == 201:
        assert client.get(answer.headers["location"]).content == answer.content
    else:
        assert_problem(answer, 400, 422)


@EXPLORE
@hypothesis.given(body=st.binary(max_size=200))
def test_any_bytes_are_accepted_or_refused(client: TestClient, user: Account, body: bytes) -> None:
    assert_problem(post_raw(client, user, body), 400, 422)
