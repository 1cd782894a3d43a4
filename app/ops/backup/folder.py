"""The folder for backups: how its files are named, which is the newest, and which are removed.

Light enough for the server, which measures how old the last backup is.
"""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from app.core.config import Settings
from app.ops.backup import archive

PREFIX = "recipes-"
UNDO_PREFIX = "before-restore-"
_TIME = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(rf"{PREFIX}(\d{{8}}T\d{{6}}Z)\.zip")
_CLOCK_ERROR = timedelta(days=1)
"""By how much the clocks of two machines that write to one folder may differ."""


class Cleanup(NamedTuple):
    """What became of the files in the folder for backups."""

    removed: list[Path]
    unknown: list[Path]
    """Archives whose names are not ours; they are neither counted nor removed."""
    from_the_future: list[Path]
    """Backups whose names are later than now, which a wrong clock explains; treated likewise."""


def folder_of(settings: Settings) -> Path:
    """Where backups go by default."""
    return settings.data_dir / "backups"


def default_file(settings: Settings, prefix: str = PREFIX) -> Path:
    """The name of a backup that is made now."""
    return folder_of(settings) / f"{prefix}{datetime.now(UTC):{_TIME}}.zip"


def keep_newest(settings: Settings, count: int, written: Path) -> Cleanup:
    """Remove old backups from the default folder, so that `count` are left with `written`.

    A file is removed only if its name says that it is a backup of the past: with a clock that was
    set back the good ones seem to be of the future, and are worth more than the room they take.
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
    """When a backup was made by its name; None if the name is not one that we give."""
    name = _NAME.fullmatch(path.name)
    try:
        return datetime.strptime(name[1], _TIME).replace(tzinfo=UTC) if name else None
    except ValueError:  # Such as the 31st of February.
        return None


def last_backup(settings: Settings) -> datetime | None:
    """When the newest good backup in the default folder was written; None if there is none.

    Only the end of a file is read, so it is quick; `verify` reads all of it.
    """
    now = datetime.now(UTC)
    times = {}
    for path in folder_of(settings).glob(f"{PREFIX}*.zip"):
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        if _made_at(path) is not None and written <= now + _CLOCK_ERROR:
            times[path] = written
    newest_first = sorted(times, key=lambda path: times[path], reverse=True)
    return next((times[path] for path in newest_first if archive.is_sealed(path)), None)
