"""The recipes that an account of the tests has: one of each kind, and hard to set."""

from dataclasses import dataclass
from typing import Any

from tests.browser.site import Site
from tests.documents import WHOLE
from tests.factories import API, Account, create_recipe, share_key

LONG = "Donaudampfschifffahrtsgesellschaftskapitänskajütenschlüssel" * 2
HARD_TO_SET: dict[str, Any] = WHOLE | {
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
class Shelf:
    """The ids of the recipes, and the account that they belong to."""

    site: Site
    account: Account
    mine: int
    unlisted: int
    key: str
    """What opens `unlisted` for those who have its link."""
    trashed: int

    def change(self, **members: object) -> None:
        """Change `mine`, as somebody else with the account would."""
        path = f"{API}/recipes/{self.mine}"
        answer = self.site.api.patch(path, json=members, headers=self.account.headers)
        assert answer.status_code == 200, answer.text


def fill(site: Site) -> Shelf:
    """Make the account and its recipes."""
    account = site.account(first_name=LONG[:100], surname="Byron")
    mine = create_recipe(site.api, account, **HARD_TO_SET)["id"]
    unlisted = create_recipe(site.api, account, **HARD_TO_SET | {"visibility": "unlisted"})["id"]
    trashed = create_recipe(site.api, account, **HARD_TO_SET)["id"]
    gone = site.api.delete(f"{API}/recipes/{trashed}", headers=account.headers)
    assert gone.status_code == 204, gone.text
    key = share_key(site.api, account, unlisted)
    shelf = Shelf(site, account, mine, unlisted, key, trashed)
    shelf.change(servings=12, ingredients=["1 cup rice"])
    shelf.change(**{name: HARD_TO_SET[name] for name in ("servings", "ingredients")})
    return shelf
