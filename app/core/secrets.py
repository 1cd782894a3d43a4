"""Secrets: those that we make ourselves, and those that everybody knows."""

import os
import re
import secrets
from contextlib import suppress
from pathlib import Path

from app.core.private_files import make_private_folder

# In tutorials and on jwt.io: copied, they sign tokens for whoever reads the same page.
_PUBLISHED = {
    "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
    "a-string-secret-at-least-256-bits-long",
}
# What examples of configuration hold until somebody puts a secret there.
_TO_BE_REPLACED = re.compile(
    r"change(?:[-_ ]?(?:me|this|in[-_ ]prod)|it)|replace[-_ ]?(?:me|this|it|with)|placeholder"
    r"|your[-_ ]?(?:[a-z0-9]{1,20}+[-_ ]){0,5}(?:jwt|super)?(?:secret|key)|django-insecure"
)


def is_known_to_all(secret: str) -> bool:
    """Whether this is a published secret, or what an example has in the place of one."""
    folded = secret.strip().casefold()
    return folded in _PUBLISHED or _TO_BE_REPLACED.search(folded) is not None


def kept_secret(path: Path) -> str:
    """A random secret in a file (mode 0600), made at the first call."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        make_private_folder(path.parent)
    # Several processes may start at once: each writes a file of its own, the first link wins,
    # and no reader ever sees a half-written secret.
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return path.read_text().strip()
