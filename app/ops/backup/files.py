"""The files of backups: complete or absent, their names, the newest, and the removal of old ones.

The server imports this to report the age of the last backup, so it imports nothing heavy.
"""

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import NamedTuple

from app.core.config import Settings
from app.core.errors import ConflictError
from app.core.private_files import make_private_folder
from app.ops.backup import archive

_WORKING_PREFIX = ".recipes-"
_FORGOTTEN_SECONDS = 24 * 60 * 60
"""No running command takes a day."""
PREFIX = "recipes-"
UNDO_PREFIX = "before-restore-"
_TIME = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(rf"{PREFIX}(\d{{8}}T\d{{6}}Z)\.zip")
_CLOCK_ERROR = timedelta(days=1)
"""The tolerated difference between the clocks of machines that write to one folder."""


@contextmanager
def working_folder(parent: Path) -> Iterator[Path]:
    """Create a private folder (mode 0700) for unfinished files, on the disk of `parent`."""
    make_private_folder(parent)
    _remove_forgotten(parent)
    with TemporaryDirectory(prefix=_WORKING_PREFIX, dir=parent) as folder:
        yield Path(folder)


def _remove_forgotten(parent: Path) -> None:
    """Remove the folders that killed processes left."""
    for path in parent.glob(f"{_WORKING_PREFIX}*"):
        if path.stat().st_mtime < time.time() - _FORGOTTEN_SECONDS:
            rmtree(path, ignore_errors=True)


def refuse_to_replace(path: Path, force: bool) -> None:
    """Raise ConflictError if the file exists, unless `force` is true."""
    if path.exists() and not force:
        raise ConflictError(f"{path} already exists: --force replaces it.")


def put(file: Path, path: Path) -> None:
    """Rename the complete `file` to `path`, durably: a power cut afterwards loses nothing."""
    file.chmod(0o600)
    sync(file)
    file.replace(path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Flush a file or a folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# --- The default folder --------------------------------------------------------------------------


class Cleanup(NamedTuple):
    """The outcome of `keep_newest`."""

    removed: list[Path]
    unknown: list[Path]
    """Archives with other names, which are neither counted nor removed."""
    from_the_future: list[Path]
    """Backups dated later than now, probably by a wrong clock; neither counted nor removed."""


def folder_of(settings: Settings) -> Path:
    """Return the default folder for backups."""
    return settings.data_dir / "backups"


def default_file(settings: Settings, prefix: str = PREFIX) -> Path:
    """Return the path for a backup created now."""
    return folder_of(settings) / f"{prefix}{datetime.now(UTC):{_TIME}}.zip"


def keep_newest(settings: Settings, count: int, written: Path) -> Cleanup:
    """Remove old backups from the default folder, and keep `count` including `written`.

    Only a file whose name is dated in the past is removed: after a clock was set back, good
    backups seem to be of the future.
    """
    done = Cleanup([], [], [])
    past = []
    for path in sorted(folder_of(settings).glob("*.zip")):
        made_at = _made_at(path)
        if path == written or path.name.startswith(UNDO_PREFIX):
            continue
        if made_at is None:
            done.unknown.append(path)
        elif made_at > datetime.now(UTC) + _CLOCK_ERROR:
            done.from_the_future.append(path)
        else:
            past.append(path)  # The names sort as their times do.
    for path in past[: max(0, len(past) - (count - 1))]:
        path.unlink()
        done.removed.append(path)
    return done


def _made_at(path: Path) -> datetime | None:
    """Return the date in the name of a backup, or None for another name."""
    name = _NAME.fullmatch(path.name)
    try:
        return datetime.strptime(name[1], _TIME).replace(tzinfo=UTC) if name else None
    except ValueError:  # Such as the 31st of February.
        return None


def last_backup(settings: Settings) -> datetime | None:
    """Return when the newest complete backup in the default folder was written, or None.

    Only the end of a file is read, so this is fast; `verify` reads all of it.
    """
    now = datetime.now(UTC)
    times = {}
    for path in folder_of(settings).glob(f"{PREFIX}*.zip"):
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        if _made_at(path) is not None and written <= now + _CLOCK_ERROR:
            times[path] = written
    newest_first = sorted(times, key=lambda path: times[path], reverse=True)
    return next((times[path] for path in newest_first if archive.is_sealed(path)), None)
