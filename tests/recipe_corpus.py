"""A few recipes of two users, for tests of lists and filters."""

import zlib
from collections.abc import Iterator, Sequence
from typing import Any

import httpx2
from fastapi.testclient import TestClient

from app.core.text import fold
from tests.factories import API, Account, create_recipe

RECIPES = f"{API}/recipes"
SORTS = [
    *("-created_at", "created_at", "-updated_at", "updated_at"),
    *("label", "-label", "total_minutes"),
]


def _tag(kind: str, name: str) -> dict[str, str]:
    return {"kind": kind, "name": name}


# Oldest first. The keys are the names that tables of test cases use.
MINE: dict[str, dict[str, Any]] = {
    "soup": {
        "label": "Tomato soup",
        "ingredients": ["1 kg tomatoes", "1 onion", "basil"],
        "tags": ["soup", _tag("cuisine", "Italian")],
        "prep_minutes": 10,
        "total_minutes": 30,
        "source": "Nonna & Co",
        "url": "https://example.com/soup",
    },
    "stew": {
        "label": "Tomato soup",
        "ingredients": ["2 tomatoes", "300 g beef"],
        "tags": ["Soup", _tag("category", "Stew")],
        "prep_minutes": 30,
        "total_minutes": 90,
        "source": "NONNA & CO",
    },
    "pasta": {
        "label": "Pasta al pomodoro",
        "ingredients": ["300 g pasta", "1 tin of tomatoes", "basil"],
        "tags": [_tag("cuisine", "italian"), _tag("diet", "Vegan")],
        "prep_minutes": 5,
        "total_minutes": 15,
    },
    "bread": {
        "label": "Bread",
        "ingredients": ["500 g flour", "1 cup milk"],
        "prep_minutes": 20,
    },
    "kuchen": {
        "label": "Apfelkuchen",
        "language": "de",
        "ingredients": ["500 g Äpfel", "Mehl", "Zucker"],
        "tags": [_tag("category", "Dessert"), "foo:bar"],
        "total_minutes": 60,
    },
    "brulee": {
        "label": "Crème brûlée",
        "language": "fr",
        "ingredients": ["6 jaunes d'œufs", "50 cl de crème", "sucre"],
        "tags": [_tag("category", "dessert"), "cuisine:Italian"],
        "prep_minutes": 0,
        "cook_minutes": 60,
    },
    "secret": {
        "label": "Secret soup",
        "ingredients": ["tomatoes", "coconut milk"],
        "tags": ["soup", _tag("cuisine", "Thai")],
        "prep_minutes": 1,
        "total_minutes": 5,
        "visibility": "private",
    },
}
THEIRS: dict[str, dict[str, Any]] = {
    "curry": {
        "label": "Red curry",
        "ingredients": ["400 g chicken breast", "red curry paste", "coconut milk"],
        "tags": [_tag("cuisine", "Thai"), "spicy"],
        "prep_minutes": 15,
        "total_minutes": 30,
    },
    "sea": {
        "label": "Red curry",
        "ingredients": ["300 g shrimp", "red curry paste", "coconut milk"],
        "tags": [_tag("cuisine", "Thai"), "Thai"],
        "total_minutes": 30,
    },
}
ALL = "soup stew pasta bread kuchen brulee secret curry sea"


class RecipeCorpus:
    """The stored recipes, and the lists that the owner of most of them reads."""

    def __init__(self, client: TestClient, owner: Account, other: Account) -> None:
        self.client = client
        self.owner = owner
        recipes = {name: create_recipe(client, owner, **each) for name, each in MINE.items()}
        recipes |= {name: create_recipe(client, other, **each) for name, each in THEIRS.items()}
        self.created = {name: recipe["created_at"] for name, recipe in recipes.items()}
        self.names = {recipe["id"]: name for name, recipe in recipes.items()}
        # Copies of the soup that the owner must not find: another user's, and one in the trash.
        for visibility in ("private", "unlisted"):
            create_recipe(client, other, **MINE["soup"] | {"visibility": visibility})
        self.delete(create_recipe(client, owner, **MINE["soup"])["id"], "")
        path = f"{RECIPES}/{recipes['soup']['id']}"
        changed = client.patch(path, json={"notes": "Better warm."}, headers=owner.headers)
        assert changed.status_code == 200, changed.text

    def get(self, query: str) -> httpx2.Response:
        for name, created in self.created.items():
            query = query.replace(f"@{name}", created)
        return self.client.get(f"{RECIPES}?{query}", headers=self.owner.headers)

    def page(self, query: str) -> dict[str, Any]:
        answer = self.get(query)
        assert answer.status_code == 200, answer.text
        page: dict[str, Any] = answer.json()
        return page

    def delete(self, recipe_id: int, query: str) -> None:
        path = f"{RECIPES}/{recipe_id}{query}"
        assert self.client.delete(path, headers=self.owner.headers).status_code == 204

    def pages(self, query: str) -> Iterator[list[dict[str, Any]]]:
        """Yield the items of each page."""
        page = self.page(query)
        for _ in range(100):
            yield page["items"]
            if page["next_cursor"] is None:
                return
            page = self.page(f"{query}&cursor={page['next_cursor']}")
        raise AssertionError("The list has no end.")

    def names_of(self, items: Sequence[dict[str, Any]]) -> list[str]:
        return [self.names[item["id"]] for item in items]


def all_sorts_of(query: str) -> list[str]:
    return [*SORTS, "relevance"] if "q=" in query else SORTS


def sorts_of(query: str) -> list[str]:
    """Return three sorts that depend on the query, so that many queries cover every sort."""
    sorts = all_sorts_of(query)
    start = zlib.crc32(query.encode())
    return [sorts[(start + step) % len(sorts)] for step in (0, 1, 4)]


def in_order(items: Sequence[dict[str, Any]], sort: str) -> list[dict[str, Any]]:
    """Sort items by key, then id. Items without a key are last."""
    member = sort.removeprefix("-")

    def key(item: dict[str, Any]) -> Any:
        value = item[member]
        return (fold(value) if member == "label" else value), item["id"]

    with_key = [item for item in items if item[member] is not None]
    without = [item for item in items if item[member] is None]
    with_key.sort(key=key, reverse=sort.startswith("-"))
    return with_key + sorted(without, key=lambda item: item["id"])
