"""A file that is no good backup of this database is refused in one line, and nothing changes."""

import sqlite3
import struct
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.core.config import Settings
from tests.documents import WHOLE
from tests.factories import Account, create_recipe
from tests.migrations import head
from tests.ops.backup.contents import Everything, everything, forge, manifest_of, member_of, seal
from tests.ops.cli.commands import Done, Recipes

PLACES = 60


@pytest.fixture
def backup(recipes: Recipes, client: TestClient, user: Account, tmp_path: Path) -> Path:
    create_recipe(client, user, **WHOLE)
    path = tmp_path / "good.zip"
    assert recipes("backup", str(path)).status == 0
    create_recipe(client, user, label="Later")
    return path


@pytest.fixture
def refuses(
    recipes: Recipes, backup: Path, database_url: str, settings: Settings
) -> Iterator[Callable[[Path], Done]]:
    """Return a function that fails unless a restore is refused and changes nothing."""
    before: Everything = everything(database_url)

    def refuse(path: Path) -> Done:
        done = recipes("restore", str(path), "--yes")
        assert (done.status, done.out) == (1, "")
        assert done.err.count("\n") == 1, done.err
        assert done.err.startswith("recipes: ")
        return done

    yield refuse
    assert everything(database_url) == before
    # There is neither a backup of the current data nor an unfinished file.
    assert not (settings.data_dir / "backups").exists()
    assert not [*settings.data_dir.glob(".recipes-*")]


def test_a_changed_bit_anywhere(
    backup: Path, refuses: Callable[[Path], Done], tmp_path: Path
) -> None:
    good, broken = backup.read_bytes(), tmp_path / "broken.zip"
    # Evenly distributed, and each byte of the directory and the digest at the end.
    places = {*range(0, len(good), len(good) // PLACES), *range(len(good) - 75, len(good), 5)}
    for place in sorted(places):
        changed = bytearray(good)
        changed[place] ^= 1 << place % 8
        broken.write_bytes(changed)
        assert "is damaged" in refuses(broken).err, place


def test_a_file_that_ends_too_early_or_too_late(
    backup: Path, refuses: Callable[[Path], Done], tmp_path: Path
) -> None:
    good, broken = backup.read_bytes(), tmp_path / "broken.zip"
    lengths = [0, 1, 30, 71, 72, *range(100, len(good), len(good) // PLACES), len(good) - 1]
    for length in lengths:
        broken.write_bytes(good[:length])
        assert "is damaged" in refuses(broken).err, length
    broken.write_bytes(good + b"\0")
    assert "is damaged" in refuses(broken).err


def test_another_file(refuses: Callable[[Path], Done], tmp_path: Path) -> None:
    text, other = tmp_path / "text", tmp_path / "other.zip"
    text.write_text("Dear diary" * 100)
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("recipes.ndjson", "{}")
        archive.comment = b"0" * 71
    for path in (text, other, seal(other)):
        assert "is not a backup of this application" in refuses(path).err
    assert "No such file" in refuses(tmp_path / "none").err
    assert "Is a directory" in refuses(tmp_path).err


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"tables": 1}, id="a list that is none"),
        pytest.param({"surprise": 1}, id="an unknown member"),
        pytest.param({"bytes": 3}, id="another size"),
        pytest.param({"sha256": "0" * 64}, id="another digest"),
        pytest.param({"format": 0}, id="an unknown format"),
        pytest.param({"kind": "oracle"}, id="an unknown kind"),
    ],
)
def test_an_invalid_manifest(
    changes: dict[str, object], backup: Path, refuses: Callable[[Path], Done], tmp_path: Path
) -> None:
    forged = forge(tmp_path / "forged.zip", backup, changes)
    assert "is not a backup of this application, or is damaged" in refuses(forged).err


def test_a_backup_of_a_newer_version(
    backup: Path, refuses: Callable[[Path], Done], tmp_path: Path
) -> None:
    newer = forge(tmp_path / "format.zip", backup, {"format": 2})
    assert "has format 2 of a newer version; this version reads 1" in refuses(newer).err
    newer = forge(tmp_path / "revision.zip", backup, {"revision": "f00d"})
    error = refuses(newer).err
    assert "is at revision f00d, which this version does not know" in error
    assert head() in error


def test_a_backup_of_the_other_database(
    backup: Path, refuses: Callable[[Path], Done], settings: Settings, tmp_path: Path
) -> None:
    other = {"sqlite": "postgresql", "postgresql": "sqlite"}[manifest_of(backup)["kind"]]
    members = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
    forged = forge(tmp_path / "forged.zip", backup, {"kind": other})
    path = tmp_path / "other.zip"
    with zipfile.ZipFile(path, "w") as archive, zipfile.ZipFile(forged) as source:
        archive.writestr(members[other], member_of(backup)[1])
        archive.writestr("manifest.json", source.read("manifest.json"))
        archive.comment = b"0" * 71
    names = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
    assert f"is a backup of {names[other]}, but DATABASE_URL names" in refuses(seal(path)).err


def test_a_member_that_is_no_database(
    backup: Path, refuses: Callable[[Path], Done], tmp_path: Path
) -> None:
    content = bytearray(member_of(backup)[1])
    cases = {
        "nothing": b"",
        "zeros": bytes(50_000_000),
        "another": b"SQLite format 3\0" + bytes(range(256)) * 100,
        "half": bytes(content[: len(content) // 2]),
    }
    for name, body in cases.items():
        assert refuses(forge(tmp_path / f"{name}.zip", backup, {}, body)).err


def test_missing_rows(backup: Path, refuses: Callable[[Path], Done], tmp_path: Path) -> None:
    tables = manifest_of(backup)["tables"]
    forged = forge(tmp_path / "forged.zip", backup, {"tables": tables | {"recipe": 2}})
    assert "does not match its manifest" in refuses(forged).err
    forged = forge(tmp_path / "table.zip", backup, {"tables": tables | {"feast": 0}})
    assert "does not match its manifest" in refuses(forged).err


def test_a_backup_larger_than_the_free_space(
    backup: Path, refuses: Callable[[Path], Done], tmp_path: Path
) -> None:
    path, huge = tmp_path / "bomb.zip", 10**15
    forge(path, backup, {"bytes": huge})
    with zipfile.ZipFile(path, "a") as archive:
        # A second directory at the end, whose entry of the first member is wrong.
        archive.filelist[0].file_size = huge
        archive.writestr("padding", "")
        archive.filelist.pop()
    assert "are free on the disk of" in refuses(seal(path)).err


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_broken_foreign_key(
    backup: Path, refuses: Callable[[Path], Done], tmp_path: Path
) -> None:
    file = tmp_path / "copy.db"
    file.write_bytes(member_of(backup)[1])
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE recipe SET submitter_id = 4711")
        connection.commit()
    forged = forge(tmp_path / "keys.zip", backup, {}, file.read_bytes())
    assert "is damaged: recipe 1 refers to no row of user" in refuses(forged).err
    content = bytearray(member_of(backup)[1])
    (size,) = struct.unpack(">H", content[16:18])
    content[size * 3 : size * 3 + 100] = bytes(100)
    forged = forge(tmp_path / "page.zip", backup, {}, bytes(content))
    assert "is damaged" in refuses(forged).err
