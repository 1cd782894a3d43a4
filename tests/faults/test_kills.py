"""`kill -9` of the whole server as it writes: what was acknowledged is there, nothing is half."""

import random
import time
from pathlib import Path

from app.core.config import Settings
from tests import server
from tests.faults.ledger import Cook, hire, note, writing
from tests.faults.stored import assert_kept
from tests.processes import kill

COOKS = 6
CHECKED_EVERY = 5


def test_kills_of_the_server_lose_and_double_nothing(
    settings: Settings, tmp_path: Path, in_full: bool
) -> None:
    kills = 100 if in_full else 10
    seed = random.SystemRandom().getrandbits(16)
    note(f"seed {seed}")
    chance = random.Random(seed)  # noqa: S311 - To kill at any moment, not to keep a secret.
    cooks: list[Cook] = []
    for number in range(kills + 1):
        with server.gunicorn(settings, tmp_path, workers=2) as running:
            with running.client() as client:
                cooks = cooks or hire(client, COOKS, seed)
                for cook in cooks:
                    cook.settle(client)
            if number % CHECKED_EVERY == 0:
                assert_kept(settings.database_url, cooks)
            if number < kills:
                with writing(running.url, cooks) as seen:
                    seen.wait_for_all()
                    time.sleep(chance.uniform(0.1, 0.6))
                    assert seen.failures == []
                    kill(running.process)
                running.process.wait()
    # Each kill met requests on their way, and some of those had had their effect.
    sent_again = sum(cook.sent_again for cook in cooks)
    acknowledged = sum(cook.acknowledged for cook in cooks)
    note(f"{acknowledged} writes acknowledged, {sent_again} sent again")
    assert sent_again > kills
    assert acknowledged > kills
