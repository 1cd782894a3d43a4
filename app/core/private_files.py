"""Files for the server's user alone: how they are made, and why one cannot be used."""

import os
import pwd
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile

from app.core.errors import ForbiddenError

_OTHERS = 0o077


def make_private_folder(folder: Path) -> None:
    """Make a folder and the missing ones above it, with mode 0700 each."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)


def is_open_to_others(path: Path) -> bool:
    """Whether other users of this machine have any access to a file, if it exists."""
    try:
        return bool(path.stat().st_mode & _OTHERS)
    except OSError:
        return False


def take_from_others(path: Path) -> bool:
    """End the access of other users to a file; whether they had any. Only its owner can do it."""
    with suppress(OSError):
        if is_open_to_others(path):
            path.chmod(path.stat().st_mode & 0o7700)
            return True
    return False


def refuse_foreign_files(paths: Iterable[Path]) -> None:
    """Raise ForbiddenError if this is root, and one of `paths` belongs to another user.

    What root makes beside it would keep the server, which runs as that user, from its own data.
    """
    if os.geteuid() != 0:
        return
    for path in paths:
        owner = path.stat().st_uid if path.exists() else 0
        if owner:
            raise ForbiddenError(
                f"{path} belongs to another user, who could not use what root makes there:"
                f" run this as that user, `sudo -u {_sudo_name(owner)} …`."
            )


def _sudo_name(user_id: int) -> str:
    try:
        return pwd.getpwuid(user_id).pw_name
    except KeyError:
        return f"'#{user_id}'"


def access_fault(path: Path) -> str | None:
    """Why this process cannot write to a file or a folder, or None. It tries, and changes nothing.

    A path that does not exist yet is no fault if it can be made.
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
    """An error of the operating system as one line, which says whose a forbidden file is."""
    if error.filename is None:
        return error.strerror or str(error)
    fault = access_fault(Path(error.filename)) if isinstance(error, PermissionError) else None
    return fault or f"{error.filename}: {error.strerror}"
