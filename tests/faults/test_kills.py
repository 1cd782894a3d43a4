"""`kill -9` of the whole server as it writes: what was acknowledged is there, nothing is half."""

import random
import time
from pathlib import Path

from app.core.config import Settings
from tests import server
from tests.faults.stored import assert_kept
from tests.faults.writers import RecordingWriter, create_writers, note, writing
from tests.processes import kill

WRITERS = 6
CHECKED_EVERY = 5


def test_kills_of_the_server_lose_and_double_nothing(
    settings: Settings, tmp_path: Path, in_full: bool
) -> None:
    kills = 100 if in_full else 10
    seed = random.SystemRandom().getrandbits(16)
    note(f"seed {seed}")
    chance = random.Random(seed)  # noqa: S311 - To kill at any moment, not to keep a secret.
    writers: list[RecordingWriter] = []
    for number in range(kills + 1):
        with server.gunicorn(settings, tmp_path, workers=2) as running:
            with running.client() as client:
                writers = writers or create_writers(client, WRITERS, seed)
                for writer in writers:
                    writer.settle(client)
            if number % CHECKED_EVERY == 0:
                assert_kept(settings.database_url, writers)
            if number < kills:
                with writing(running.url, writers) as seen:
                    seen.wait_for_all()
                    time.sleep(chance.uniform(0.1, 0.6))
                    assert seen.failures == []
                    kill(running.process)
                running.process.wait()
    # Each kill met requests on their way, and some of those had had their effect.
    sent_again = sum(writer.sent_again for writer in writers)
    acknowledged = sum(writer.acknowledged for writer in writers)
    note(f"{acknowledged} writes acknowledged, {sent_again} sent again")
    assert sent_again > kills
    assert acknowledged > kills
