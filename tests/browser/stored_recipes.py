"""Recipes of one account in each state, with texts that are hard to lay out."""

from dataclasses import dataclass
from typing import Any

from tests.browser.site import Site
from tests.documents import WHOLE
from tests.factories import API, Account, create_recipe, share_key

LONG = "Donaudampfschifffahrtsgesellschaftskapitänskajütenschlüssel" * 2
HARD_TO_LAY_OUT: dict[str, Any] = WHOLE | {
    "label": f"مرق {LONG}",
    "description": f"{LONG} {LONG}",
    "notes": f"## {LONG}\n\n| {LONG} | b |\n|---|---|\n| c | d |\n\n`{LONG}`\n\n> {LONG}",
    "source": LONG,
    "tags": [{"kind": "cuisine", "name": LONG[:100]}, {"name": LONG[:99]}],
    "ingredients": [{"text": f"1 cup {LONG}", "section": LONG}, {"text": "½ cup ميرمية"}],
    "steps": [{"text": LONG, "section": LONG, "name": LONG, "minutes": 5}, {"text": "Serve."}],
    "visibility": "private",
}


@dataclass(frozen=True)
class StoredRecipes:
    """The ids of the recipes, and their owner."""

    site: Site
    account: Account
    mine: int
    unlisted: int
    key: str
    """The key of the share link of `unlisted`."""
    trashed: int

    def change(self, **members: object) -> None:
        """Change `mine`, as another device of its owner would."""
        path = f"{API}/recipes/{self.mine}"
        answer = self.site.api.patch(path, json=members, headers=self.account.headers)
        assert answer.status_code == 200, answer.text


def store_recipes(site: Site) -> StoredRecipes:
    """Create the account and its recipes."""
    account = site.account(first_name=LONG[:100], surname="Byron")
    mine = create_recipe(site.api, account, **HARD_TO_LAY_OUT)["id"]
    unlisted = create_recipe(site.api, account, **HARD_TO_LAY_OUT | {"visibility": "unlisted"})[
        "id"
    ]
    trashed = create_recipe(site.api, account, **HARD_TO_LAY_OUT)["id"]
    gone = site.api.delete(f"{API}/recipes/{trashed}", headers=account.headers)
    assert gone.status_code == 204, gone.text
    key = share_key(site.api, account, unlisted)
    stored = StoredRecipes(site, account, mine, unlisted, key, trashed)
    stored.change(servings=12, ingredients=["1 cup rice"])
    stored.change(**{name: HARD_TO_LAY_OUT[name] for name in ("servings", "ingredients")})
    return stored
