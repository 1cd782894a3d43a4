"""Alembic revisions: which ones this version knows, and upgrading to the newest."""

import os

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import to_tuple
from sqlalchemy import Connection

from app.core.config import ROOT
from app.core.errors import InvalidError


def _config() -> Config:
    # Found as the `alembic` command finds it.
    return Config(os.environ.get("ALEMBIC_CONFIG", ROOT / "alembic.ini"))


def newest() -> str:
    """Return the head revision."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def known() -> set[str]:
    """Return all revisions of this version."""
    return {each.revision for each in ScriptDirectory.from_config(_config()).walk_revisions()}


def following(current: str | None) -> str | None:
    """Return the revision that follows `current`."""
    for each in ScriptDirectory.from_config(_config()).walk_revisions():
        if current in to_tuple(each.down_revision, default=(None,)):
            return each.revision
    return None


def require_known(revision: str | None, whose: str) -> None:
    """Raise InvalidError if a database is at a revision that this version does not know."""
    if revision not in known():
        raise InvalidError(
            f"{whose} is at revision {revision}, which this version does not know:"
            f" its newest is {newest()}."
        )


def upgrade(connection: Connection) -> None:
    """Migrate in the transaction of `connection`. The caller holds the migration lock."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def upgrade_to_head() -> None:
    """Migrate the database of the settings, under the migration lock."""
    command.upgrade(_config(), "head")
