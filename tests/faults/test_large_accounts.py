"""An account with 20,000 recipes is deleted while others write."""

import contextlib
import time
from itertools import islice
from pathlib import Path

from app import crud
from app.core.config import Settings
from app.db.transactions import make_transactions
from benchmarks.demo.recipes import demo_recipes
from tests import server
from tests.databases import execute
from tests.factories import API, sign_up
from tests.faults.load import load

MANY, PRIVATE_EACH = 20_000, 5
CHUNK = 2_000
SECONDS = 600


def add_recipes(settings: Settings, owner_id: int) -> None:
    documents = (
        {**each, "visibility": "public" if number % PRIVATE_EACH else "private"}
        for number, each in enumerate(demo_recipes(MANY, 1))
    )
    with contextlib.closing(make_transactions(settings)) as transactions:
        while some := list(islice(documents, CHUNK)):
            transactions.run_now(crud.recipe.add_many, some, submitter_id=owner_id)


def test_others_write_while_a_large_account_goes(settings: Settings, tmp_path: Path) -> None:
    with server.run_sh(settings, tmp_path, workers=2) as running, running.client() as client:
        ann, bob = sign_up(client), sign_up(client)
        add_recipes(settings, ann.id)
        recipe = {"label": "Of bob"}
        with load(
            running.url,
            lambda each: each.post(f"{API}/recipes", json=recipe, headers=bob.headers),
            clients=2,
            pause=0.05,
        ) as seen:
            answer = client.delete(f"{API}/auth/me", headers=ann.headers)
            assert answer.status_code == 204
            assert client.get(f"{API}/auth/me", headers=ann.headers).status_code == 401
            end = time.monotonic() + SECONDS
            while execute(settings.database_url, 'SELECT 1 FROM "user" WHERE id = :id', id=ann.id):
                assert time.monotonic() < end
                time.sleep(0.5)
        assert set(seen.statuses) == {201}, seen.statuses
        url = settings.database_url
        owned = "SELECT count(*) FROM recipe WHERE submitter_id IS NULL AND visibility = :kind"
        for kind, count in {"public": MANY - MANY // PRIVATE_EACH, "private": 0}.items():
            assert execute(url, owned, kind=kind)[0][0] == count
