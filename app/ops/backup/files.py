"""Files that appear under their name only when they are complete."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

from app.core.errors import ConflictError
from app.core.private_files import make_private_folder

_PREFIX = ".recipes-"
_FORGOTTEN_SECONDS = 24 * 60 * 60


@contextmanager
def working_folder(parent: Path) -> Iterator[Path]:
    """Create a private folder (mode 0700) for unfinished files, on the disk of `parent`."""
    make_private_folder(parent)
    _remove_forgotten(parent)
    with TemporaryDirectory(prefix=_PREFIX, dir=parent) as folder:
        yield Path(folder)


def _remove_forgotten(parent: Path) -> None:
    """Remove the folders that killed processes left: no running command takes a day."""
    for path in parent.glob(f"{_PREFIX}*"):
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
