"""The newest revision, without importing Alembic, which a web process does not need."""

import re

from app.core.config import ROOT

_REVISION = re.compile(r"^revision\b[^=]*= ['\"](\w+)['\"]", re.MULTILINE)
_PARENT = re.compile(r"^down_revision\b[^=]*= ['\"](\w+)['\"]", re.MULTILINE)


def newest_revision() -> str | None:
    """The revision in `alembic/versions` that no other one follows."""
    texts = [path.read_text() for path in (ROOT / "alembic" / "versions").glob("*.py")]
    parents = {parent for text in texts for parent in _PARENT.findall(text)}
    heads = [head for text in texts for head in _REVISION.findall(text) if head not in parents]
    return heads[0] if heads else None
