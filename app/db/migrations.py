"""The revisions in `alembic/versions`, without Alembic, which a web process does not need."""

import ast
from functools import lru_cache
from typing import Any

from app.core.config import ROOT
from app.db.errors import NOT_MIGRATED

NEWER = (
    "The database is of a newer version of the application: install that, or restore the backup"
    " made before."
)


@lru_cache
def parents_by_revision() -> dict[str, set[str]]:
    """Return the revisions of this version of the application, each with those it follows."""
    found = {}
    for path in (ROOT / "alembic" / "versions").glob("*.py"):
        constants = _constants(path.read_text())
        parents = constants.get("down_revision") or ()
        found[constants["revision"]] = {parents} if isinstance(parents, str) else {*parents}
    return found


def _constants(source: str) -> dict[str, Any]:
    """Return the revision identifiers that a migration assigns, of which a merge has a tuple."""
    constants = {}
    for node in ast.parse(source).body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                pass
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                pass
            case _:
                continue
        if name in ("revision", "down_revision"):
            constants[name] = ast.literal_eval(value)
    return constants


def newest_revision() -> str | None:
    """Return the head. Raises RuntimeError if there are several."""
    known = parents_by_revision()
    heads = sorted(known.keys() - set().union(*known.values()))
    if len(heads) > 1:
        raise RuntimeError(f"Several migrations are heads: {heads}. Run `alembic merge heads`.")
    return heads[0] if heads else None


def revision_fault(current: str | None) -> str | None:
    """Return what to do about a database at the revision `current`; None if it fits."""
    newest = newest_revision()
    if current == newest:
        return None
    if current is None:
        return NOT_MIGRATED
    fault = f"The database is at revision {current}, this version needs {newest}"
    if current in parents_by_revision():
        return f"{fault}: run ./prestart.sh first."
    return f"{fault}. {NEWER}"
