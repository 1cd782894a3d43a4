"""Backups and restores of a server that goes on, and those that end half-way."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from app.core.config import Settings
from app.main import create_app
from tests.client import Client
from tests.databases import Databases, execute
from tests.documents import WHOLE
from tests.factories import API, Account, create_user
from tests.faults.load import Load, load
from tests.ops.backup.contents import Everything, data
from tests.ops.backup.programs import with_programs
from tests.ops.cli.commands import Recipes
from tests.processes import COMMAND_SECONDS, Done, kill, make_settings, run, started
from tests.server import run_sh

RECIPES = f"{API}/recipes"
SEEDED = 1_500


@pytest.fixture(autouse=True)
def _programs(monkeypatch: pytest.MonkeyPatch) -> None:
    with_programs(monkeypatch)


@pytest.fixture
def seeded(settings: Settings) -> Account:
    """Somebody with recipes, in a database that takes a moment to copy."""
    with Client(create_app(settings)) as client:
        account = create_user(client, "admin@example.com")
    execute(settings.database_url, 'UPDATE "user" SET is_superuser = true')
    in_this_process = Recipes(settings)
    # Indexed as after prestart.sh, so that a restore has no reason to do it.
    for arguments in (("seed", "--count", str(SEEDED)), ("reindex",)):
        done = in_this_process(*arguments)
        assert done.status == 0, done
    return account


def recipes(settings: Settings, *arguments: str) -> Done:
    done = run(settings, "recipes", *arguments)
    assert done.returncode == 0, done.stdout
    return done


class AcknowledgedWrites:
    """Recipes that were acknowledged, and when."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._numbers = iter(range(1_000_000))
        self._turn = threading.Lock()
        self.acknowledged: list[tuple[float, int, str]] = []

    def write(self, client: httpx2.Client) -> httpx2.Response:
        with self._turn:
            label = f"Ledger {next(self._numbers)}"
        body = WHOLE | {"label": label, "visibility": "public"}
        answer = client.post(RECIPES, json=body, headers=self._account.headers)
        if answer.status_code == 201:
            self.acknowledged.append((time.monotonic(), answer.json()["id"], label))
        return answer

    def wait_for_more(self) -> None:
        """Return when some more have been acknowledged."""
        wanted, end = len(self.acknowledged) + 10, time.monotonic() + COMMAND_SECONDS
        while len(self.acknowledged) < wanted:
            assert time.monotonic() < end
            time.sleep(0.01)

    def until(self, moment: float) -> set[tuple[int, str]]:
        return {(row_id, label) for at, row_id, label in self.acknowledged if at <= moment}


def stored(database_url: str) -> set[tuple[int, str]]:
    found = execute(database_url, "SELECT id, label FROM recipe WHERE label LIKE 'Ledger %'")
    return {(row.id, row.label) for row in found}


def assert_whole(database_url: str) -> None:
    """Nothing is half: each recipe has its document, its index rows and its number."""
    broken = execute(
        database_url,
        "SELECT id FROM recipe WHERE label LIKE 'Ledger %' AND (notes IS NULL"
        " OR id NOT IN (SELECT rowid FROM recipe_search)"
        " OR id NOT IN (SELECT recipe_id FROM recipe_tag))",
    )
    assert broken == []
    ((counted, numbered),) = execute(
        database_url, "SELECT value, (SELECT max(change_number) FROM recipe) FROM recipe_counter"
    )
    assert counted >= numbered


@pytest.fixture
def elsewhere(databases: Databases, tmp_path: Path) -> Iterator[Settings]:
    """Another database, to look into backups."""
    url = databases.create(migrated=False)
    yield make_settings(url, tmp_path / "elsewhere")
    databases.drop(url)


def in_backup(path: Path, elsewhere: Settings) -> set[tuple[int, str]]:
    recipes(elsewhere, "restore", str(path), "--yes", "--no-undo")
    assert_whole(elsewhere.database_url)
    return stored(elsewhere.database_url)


def test_a_backup_holds_all_that_was_acknowledged_before_it_began(
    settings: Settings, seeded: Account, elsewhere: Settings, tmp_path: Path
) -> None:
    writes = AcknowledgedWrites(seeded)
    backups = [tmp_path / f"{number}.zip" for number in range(3)]
    began = []
    with run_sh(settings, tmp_path, workers=2) as server, load(server.url, writes.write) as seen:
        for path in backups:
            writes.wait_for_more()
            began.append(time.monotonic())
            recipes(settings, "backup", str(path))
        ended = time.monotonic()
    # The writers went on all the time.
    assert seen.statuses.keys() == {201}
    for path, moment in zip(backups, began, strict=True):
        found = in_backup(path, elsewhere)
        assert writes.until(moment)
        assert writes.until(moment) <= found <= writes.until(ended)


def test_a_restore_under_load_loses_nothing(
    settings: Settings, seeded: Account, elsewhere: Settings, tmp_path: Path
) -> None:
    """What was acknowledged is in the backup that is made before, or it came after."""
    path, writes = tmp_path / "backup.zip", AcknowledgedWrites(seeded)
    with run_sh(settings, tmp_path, workers=2) as server:
        with server.client() as client:
            kept = writes.write(client).json()["id"]
        recipes(settings, "backup", str(path))
        with (
            load(server.url, writes.write, 2) as writing,
            load(server.url, lambda client: client.get(f"{RECIPES}/{kept}"), 2) as reading,
        ):
            writes.wait_for_more()
            recipes(settings, "restore", str(path), "--yes")
            restored = time.monotonic()
            writes.wait_for_more()
        with server.client() as client:
            assert client.get(f"{RECIPES}/{kept}").json()["label"] == "Ledger 0"
    assert_only(writing, {201, 503})
    assert_only(reading, {200, 503})
    assert writing.since(restored)[-1].status == 201
    now = stored(settings.database_url)
    assert_whole(settings.database_url)
    (undo,) = (settings.data_dir / "backups").iterdir()
    before = in_backup(undo, elsewhere)
    acknowledged = writes.until(time.monotonic())
    assert acknowledged <= now | before
    # No id was given twice, and nothing of before is there but what was in the backup.
    assert now & before == {(kept, "Ledger 0")}
    assert len({row_id for row_id, _ in now | before}) == len(now | before)


def assert_only(seen: Load, statuses: set[int]) -> None:
    assert seen.statuses.keys() <= statuses, seen.statuses
    assert all(each.retry_after for each in seen.answers if each.status == 503)


# The moments are seconds after the backup of what was there is complete, which is when it counts.
MOMENTS = [None, 0.0, 0.05, 0.1, 0.2, 0.35, 0.5]


def test_a_restore_that_is_killed_leaves_the_old_or_the_new(
    settings: Settings, seeded: Account, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    path, other = tmp_path / "new.zip", tmp_path / "old.zip"
    recipes(settings, "backup", str(path))
    new = data(settings.database_url)
    execute(settings.database_url, "UPDATE recipe SET notes = 'old'")
    execute(settings.database_url, "DELETE FROM recipe_tag WHERE recipe_id % 3 = 0")
    recipes(settings, "backup", str(other))
    old = data(settings.database_url)
    assert old != new
    for moment in MOMENTS:
        with subtests.test(moment=moment):
            found = killed_at(moment, settings, path)
            assert found in (old, new)
            if found == new:
                recipes(settings, "restore", str(other), "--yes", "--no-undo")
                assert data(settings.database_url) == old
    # What was left behind is in nobody's way.
    recipes(settings, "restore", str(path), "--yes")
    assert data(settings.database_url) == new
    if settings.is_sqlite:
        assert execute(settings.database_url, "PRAGMA integrity_check") == [("ok",)]


def killed_at(moment: float | None, settings: Settings, path: Path) -> Everything:
    folder = settings.data_dir / "backups"
    before = set(folder.glob("before-*"))
    with started(settings, "recipes", "restore", str(path), "--yes") as process:
        end = time.monotonic() + COMMAND_SECONDS
        # Without a moment it is killed before the one that counts.
        while moment is not None and set(folder.glob("before-*")) == before:
            assert time.monotonic() < end
            assert process.poll() is None, process.communicate()
            time.sleep(0.005)
        time.sleep(1.5 if moment is None else moment)
        kill(process)
        process.wait()
    return data(settings.database_url)


@pytest.mark.parametrize("blocks", [64, 600])
def test_a_full_disk_leaves_no_half_backup(
    blocks: int, settings: Settings, seeded: Account, tmp_path: Path
) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "old.zip").write_text("precious")
    limited = f'ulimit -f {blocks}; exec recipes backup "$@"'
    for arguments in ([str(folder / "new.zip")], [str(folder / "old.zip"), "--force"]):
        done = run(settings, "/bin/sh", "-c", limited, "sh", *arguments)
        assert done.returncode == 1, done.stdout
        assert done.stdout.count("\n") == 1, done.stdout
        assert done.stdout.startswith("recipes: ")
        assert [path.name for path in folder.iterdir()] == ["old.zip"]
        assert (folder / "old.zip").read_text() == "precious"


@pytest.mark.parametrize("blocks", [64, 600])
def test_a_full_disk_leaves_the_data_as_they_were(
    blocks: int, settings: Settings, seeded: Account, tmp_path: Path
) -> None:
    path = tmp_path / "backup.zip"
    recipes(settings, "backup", str(path))
    execute(settings.database_url, "DELETE FROM recipe WHERE id % 3 = 0")
    before = data(settings.database_url)
    limited = f'ulimit -f {blocks}; exec recipes restore "$@"'
    done = run(settings, "/bin/sh", "-c", limited, "sh", str(path), "--yes")
    assert done.returncode == 1, done.stdout
    assert done.stdout.count("\n") == 1, done.stdout
    assert data(settings.database_url) == before
