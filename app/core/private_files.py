"""Files that only the server's user can read, and diagnosis of access errors."""

import os
import pwd
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile

from app.core.errors import ForbiddenError

_OTHERS = 0o077


def file_exists(path: Path) -> bool:
    """Return whether a file exists. Raises PermissionError if its folder may not be entered.

    From Python 3.14 on `Path.exists()` returns False instead, as if the file were missing.
    """
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def make_private_folder(folder: Path) -> None:
    """Create a folder and its missing parents, each with mode 0700."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)


def is_open_to_others(path: Path) -> bool:
    """Return whether other users of this machine have any access to a file."""
    try:
        return bool(path.stat().st_mode & _OTHERS)
    except OSError:
        return False


def take_from_others(path: Path) -> bool:
    """Remove the access of other users to a file, and return whether they had any."""
    with suppress(OSError):
        if is_open_to_others(path):
            path.chmod(path.stat().st_mode & 0o7700)
            return True
    return False


def refuse_foreign_files(paths: Iterable[Path]) -> None:
    """Raise ForbiddenError if we are root and one of `paths` belongs to another user.

    The server runs as that user, and could not use files that root creates there.
    """
    if os.geteuid() != 0:
        return
    for path in paths:
        owner = path.stat().st_uid if file_exists(path) else 0
        if owner:
            raise ForbiddenError(
                f"{path} belongs to another user, who could not use files created by root:"
                f" run this as that user, `sudo -u {_sudo_name(owner)} …`."
            )


def _sudo_name(user_id: int) -> str:
    try:
        return pwd.getpwuid(user_id).pw_name
    except KeyError:
        return f"'#{user_id}'"


def access_fault(path: Path) -> str | None:
    """Return why this process cannot write to a file or a folder, or None.

    It tries, and changes nothing. A missing path is fine if it can be created.
    """
    try:
        if path.is_dir():
            with TemporaryFile(dir=path):
                return None
        with path.open("r+b"):
            return None
    except FileNotFoundError:
        return access_fault(path.parent)
    except OSError as error:
        reason = error.strerror
    with suppress(OSError, KeyError):
        reason = f"{reason}, it belongs to {pwd.getpwuid(path.stat().st_uid).pw_name}"
    with suppress(KeyError):
        return f"{path}: {reason} and this is the user {pwd.getpwuid(os.geteuid()).pw_name}"
    return f"{path}: {reason}"


def os_fault(error: OSError) -> str:
    """Describe an OSError in one line, with the owner of a forbidden file."""
    if error.filename is None:
        return error.strerror or str(error)
    fault = access_fault(Path(error.filename)) if isinstance(error, PermissionError) else None
    return fault or f"{error.filename}: {error.strerror}"
