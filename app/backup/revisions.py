"""The revisions of the schema that this version knows."""

import os

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from app.core.config import ROOT
from app.core.errors import InvalidError


def _config() -> Config:
    # As Alembic's own command finds it.
    return Config(os.environ.get("ALEMBIC_CONFIG", ROOT / "alembic.ini"))


def newest() -> str:
    """The revision that this version works with."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def require_known(revision: str | None, whose: str) -> None:
    """Raise InvalidError where a database is at a revision that this version does not know."""
    known = {each.revision for each in ScriptDirectory.from_config(_config()).walk_revisions()}
    if revision not in known:
        raise InvalidError(
            f"{whose} is at revision {revision}, which this version does not know:"
            f" its newest is {newest()}."
        )


def upgrade(connection: Connection) -> None:
    """Migrate in the transaction of `connection`, under the lock of whoever holds it."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
