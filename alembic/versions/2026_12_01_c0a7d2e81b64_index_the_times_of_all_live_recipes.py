"""Index the times of all live recipes.

SQLite 3.51 prefers the narrower of two indexes that fit, so the index of the public recipes
must not be the wider one. Safe while the previous version runs: only an index changes.
"""

import sqlalchemy as sa
from alembic import op

revision = "c0a7d2e81b64"
down_revision = "f3b8d65a1c42"
branch_labels = None
depends_on = None

LIVE = sa.text("deleted_at IS NULL")


def upgrade() -> None:
    """Go to this revision."""
    _index_live("created_at", "id", "total_minutes", "prep_minutes")


def downgrade() -> None:
    """Go back."""
    _index_live("created_at", "id")


def _index_live(*columns: str) -> None:
    op.drop_index("ix_recipe_created_at_id", "recipe")
    op.create_index(
        "ix_recipe_created_at_id",
        "recipe",
        list(columns),
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )
