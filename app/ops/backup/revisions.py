"""The revisions of the schema that this version knows."""

import os

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import to_tuple
from sqlalchemy import Connection

from app.core.config import ROOT
from app.core.errors import InvalidError


def _config() -> Config:
    # As Alembic's own command finds it.
    return Config(os.environ.get("ALEMBIC_CONFIG", ROOT / "alembic.ini"))


def newest() -> str:
    """The revision that this version works with."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def known() -> set[str]:
    """All revisions of this version."""
    return {each.revision for each in ScriptDirectory.from_config(_config()).walk_revisions()}


def following(current: str | None) -> str | None:
    """The revision that a migration from `current` reaches first."""
    for each in ScriptDirectory.from_config(_config()).walk_revisions():
        if current in to_tuple(each.down_revision, default=(None,)):
            return each.revision
    return None


def require_known(revision: str | None, whose: str) -> None:
    """Raise InvalidError where a database is at a revision that this version does not know."""
    if revision not in known():
        raise InvalidError(
            f"{whose} is at revision {revision}, which this version does not know:"
            f" its newest is {newest()}."
        )


def upgrade(connection: Connection) -> None:
    """Migrate in the transaction of `connection`, under the lock of whoever holds it."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def upgrade_to_head() -> None:
    """Migrate the database of the settings, under its lock."""
    command.upgrade(_config(), "head")
