"""A client that follows the feed of changes."""

from typing import Any

import httpx2

from tests.factories import API, Account

RECIPES = f"{API}/recipes"
CHANGES = f"{RECIPES}/changes"

Item = dict[str, Any]


def get_changes(
    client: httpx2.Client, viewer: Account | None = None, **params: int
) -> dict[str, Any]:
    """Return a page of the changes that `viewer` sees."""
    headers = viewer.headers if viewer else None
    answer = client.get(CHANGES, params=params, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert found.keys() == {"items", "next_since"}
    return found


class Replica:
    """The recipes of a client that follows the changes as `viewer`."""

    def __init__(self, client: httpx2.Client, viewer: Account | None = None) -> None:
        self._client = client
        self._viewer = viewer
        self._since = 0
        self.recipes: dict[int, dict[str, Any]] = {}

    def sync(self, limit: int = 100) -> list[Item]:
        """Apply all changes since the last call and return them."""
        seen: list[Item] = []
        while True:
            page = get_changes(self._client, self._viewer, since=self._since, limit=limit)
            assert len(page["items"]) <= limit
            if not page["items"]:
                assert page["next_since"] == self._since
                return seen
            assert page["next_since"] > self._since
            self._since = page["next_since"]
            seen += page["items"]
            for item in page["items"]:
                self._apply(item)

    def _apply(self, item: Item) -> None:
        assert item.keys() == {"id", "version", "deleted", "recipe"}
        if item["deleted"]:
            assert item["recipe"] is None
            self.recipes.pop(item["id"], None)
        else:
            assert (item["recipe"]["id"], item["recipe"]["version"]) == (
                item["id"],
                item["version"],
            )
            self.recipes[item["id"]] = item["recipe"]
