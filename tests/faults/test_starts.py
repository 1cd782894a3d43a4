"""Starts of several servers at once, and after one that was killed in the middle of it."""

import time
from pathlib import Path

from app.core.config import Settings
from tests.databases import execute, table_names
from tests.migrations import Scratch, assert_ready, revision_in
from tests.processes import ALEMBIC, COMMAND_SECONDS, kill, run, run_at_once, started

PRESTART = "./prestart.sh"


def test_eight_starts_at_once_on_an_empty_database(empty_settings: Settings) -> None:
    done = run_at_once(8, empty_settings, PRESTART)
    assert [each.returncode for each in done] == [0] * 8, "\n".join(each.stdout for each in done)
    assert_ready(empty_settings)


def test_eight_upgrades_at_once_on_an_empty_database(
    empty_settings: Settings, scratch: Scratch
) -> None:
    # The second migration sleeps, so all eight meet: those that come later find the first done,
    # and must not begin the second while it runs.
    scratch.add(
        "op.create_table('once', sa.Column('id', sa.Integer, primary_key=True))",
        "op.execute('INSERT INTO once VALUES (1)')",
        "time.sleep(2)",
    )
    done = run_at_once(8, empty_settings, *ALEMBIC, "upgrade", "head", variables=scratch.variables)
    assert [each.returncode for each in done] == [0] * 8, "\n".join(each.stdout for each in done)
    assert revision_in(empty_settings.database_url) == "scratch"
    assert len(execute(empty_settings.database_url, "SELECT id FROM once")) == 1


def test_after_a_kill_in_the_middle_of_a_migration(
    empty_settings: Settings, scratch: Scratch, tmp_path: Path
) -> None:
    half_way = tmp_path / "half-way"
    create = "op.create_table('half', sa.Column('id', sa.Integer, primary_key=True))"
    scratch.add(create, f"open({str(half_way)!r}, 'w').close()", f"time.sleep({COMMAND_SECONDS})")
    with started(empty_settings, PRESTART, variables=scratch.variables) as process:
        while not half_way.exists():
            assert process.poll() is None, process.communicate()[0]
            time.sleep(0.01)
        kill(process)
        process.communicate()
    assert "half" not in table_names(empty_settings.database_url)

    scratch.add(create)
    done = run(empty_settings, PRESTART, variables=scratch.variables)
    assert done.returncode == 0, done.stdout
    assert revision_in(empty_settings.database_url) == "scratch"
    assert "half" in table_names(empty_settings.database_url)
