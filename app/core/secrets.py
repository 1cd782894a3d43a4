"""Generate secrets, and recognise published ones."""

import os
import re
import secrets
from contextlib import suppress
from pathlib import Path

from app.core.private_files import make_private_folder

# From tutorials and jwt.io.
_PUBLISHED = {
    "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
    "a-string-secret-at-least-256-bits-long",
}
# Placeholders of example configurations.
_TO_BE_REPLACED = re.compile(
    r"change(?:[-_ ]?(?:me|this|in[-_ ]prod)|it)|replace[-_ ]?(?:me|this|it|with)|placeholder"
    r"|your[-_ ]?(?:[a-z0-9]{1,20}+[-_ ]){0,5}(?:jwt|super)?(?:secret|key)|django-insecure"
)


def is_published(secret: str) -> bool:
    """Return whether this is a published secret or a placeholder."""
    folded = secret.strip().casefold()
    return folded in _PUBLISHED or _TO_BE_REPLACED.search(folded) is not None


def kept_secret(path: Path) -> str:
    """Return the secret in a file (mode 0600), which the first call generates."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        make_private_folder(path.parent)
    # If several processes start at once, the first link wins, and no one reads half a secret.
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return path.read_text().strip()
