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
from tests.strategies import EXPLORE, documents

RECIPES = f"{API}/recipes"


def post_raw(client: httpx2.Client, user: Account, body: bytes) -> httpx2.Response:
    headers = user.headers | {"Content-Type": "application/json"}
    return client.post(RECIPES, content=body, headers=headers)


@EXPLORE
@hypothesis.given(document=documents)
def test_a_document_goes_round(client: TestClient, user: Account, document: dict[str, Any]) -> None:
    posted = client.post(RECIPES, json=document, headers=user.headers)
    assert posted.status_code == 201, posted.text
    path = posted.headers["location"]
    read = client.get(path, headers=user.headers)
    assert read.content == posted.content
    put = client.put(
        path, json=read.json(), headers=user.headers | {"If-Match": read.headers["etag"]}
    )
    assert put.status_code == 200, put.text
    assert document_of(client.get(path, headers=user.headers).json()) == document_of(read.json())
    # An unlisted recipe has another address for others, by its key.
    is_public = posted.json()["visibility"] == "public"
    page = client.get(f"/recipes/{posted.json()['id']}")
    assert page.status_code == (200 if is_public else 404)


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
