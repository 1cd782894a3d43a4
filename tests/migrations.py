"""Our migrations, and revisions that a test adds to a copy of them."""

import shutil
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

from app.core.config import ROOT, Settings
from app.ops.first_data import RECIPES
from tests.databases import execute


class Scratch:
    """A copy of our migrations, to which a test can add a revision."""

    def __init__(self, folder: Path) -> None:
        shutil.copy(ROOT / "alembic.ini", folder)
        shutil.copytree(ROOT / "alembic", folder / "alembic")
        self.versions = folder / "alembic" / "versions"
        # Alembic reads its configuration from there, whatever the current folder is.
        self.variables = {"ALEMBIC_CONFIG": f"{folder}/alembic.ini", "PYTHONPATH": str(ROOT)}

    def add(self, *statements: str) -> None:
        """Add the revision `scratch` after our head."""
        body = "".join(f"    {statement}\n" for statement in statements)
        (self.versions / "scratch.py").write_text(
            "import time\nimport sqlalchemy as sa\nfrom alembic import op\n\n"
            f"revision, down_revision = 'scratch', {head()!r}\n\n"
            f"def upgrade() -> None:\n{body}"
        )


def head() -> str:
    """Return our head revision. Fail if there are several."""
    (found,) = ScriptDirectory.from_config(Config(ROOT / "alembic.ini")).get_heads()
    return found


def revision_in(database_url: str) -> str:
    ((found,),) = execute(database_url, "SELECT version_num FROM alembic_version")
    return str(found)


def assert_ready(settings: Settings) -> None:
    """Fail unless the database is at the head, with one superuser and each seed recipe once."""
    url = settings.database_url
    assert revision_in(url) == head()
    superusers = execute(url, 'SELECT email FROM "user" WHERE is_superuser')
    assert [row.email for row in superusers] == [settings.first_superuser]
    labels = [row.label for row in execute(url, "SELECT label FROM recipe")]
    assert sorted(labels) == sorted(recipe["label"] for recipe in RECIPES)
