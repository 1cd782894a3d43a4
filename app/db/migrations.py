"""The revisions in `alembic/versions`, without Alembic, which a web process does not need."""

import re
from functools import lru_cache

from app.core.config import ROOT
from app.db.errors import NOT_MIGRATED

_REVISION = re.compile(r"^revision\b[^=]*= ['\"](\w+)['\"]", re.MULTILINE)
_PARENT = re.compile(r"^down_revision\b[^=]*= ['\"](\w+)['\"]", re.MULTILINE)


@lru_cache
def _texts() -> tuple[str, ...]:
    return tuple(path.read_text() for path in (ROOT / "alembic" / "versions").glob("*.py"))


def known_revisions() -> set[str]:
    """All revisions of this version of the application."""
    return {revision for text in _texts() for revision in _REVISION.findall(text)}


def newest_revision() -> str | None:
    """The revision that no other one follows."""
    parents = {parent for text in _texts() for parent in _PARENT.findall(text)}
    return next(iter(known_revisions() - parents), None)


NEWER = (
    "The database is of a newer version of the application: install that, or restore the backup"
    " made before."
)


def revision_fault(current: str | None) -> str | None:
    """What to do about a database at the revision `current`; None if it fits this version."""
    newest = newest_revision()
    if current == newest:
        return None
    if current is None:
        return NOT_MIGRATED
    fault = f"The database is at revision {current}, this version needs {newest}"
    if current in known_revisions():
        return f"{fault}: run ./prestart.sh first."
    return f"{fault}. {NEWER}"
