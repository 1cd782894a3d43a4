"""Find what is hidden by its submitter, and by the time of preparation.

Safe while the previous version runs: it knows fewer indexes.
"""

import sqlalchemy as sa
from alembic import op

revision = "8c1d2e6f4a90"
down_revision = "5f0f1a0c7b11"
branch_labels = None
depends_on = None

PUBLIC = sa.text("deleted_at IS NULL AND visibility = 'public'")
HIDDEN = sa.text("deleted_at IS NULL AND visibility != 'public'")


def upgrade() -> None:
    """Go to this revision."""
    _index_public("created_at", "id", "total_minutes", "prep_minutes")
    with op.batch_alter_table("recipe", schema=None) as batch_op:
        batch_op.create_index(
            "ix_recipe_submitter_id_created_at_id_hidden",
            ["submitter_id", "created_at", "id"],
            sqlite_where=HIDDEN,
            postgresql_where=HIDDEN,
        )
    if op.get_bind().dialect.name == "postgresql":
        # Each connection says how much may wait: more where many recipes come at once.
        op.execute("ALTER INDEX ix_recipe_search_terms RESET (gin_pending_list_limit)")


def downgrade() -> None:
    """Go back."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER INDEX ix_recipe_search_terms SET (gin_pending_list_limit = 256)")
    with op.batch_alter_table("recipe", schema=None) as batch_op:
        batch_op.drop_index("ix_recipe_submitter_id_created_at_id_hidden")
    _index_public("created_at", "id", "total_minutes")


def _index_public(*columns: str) -> None:
    with op.batch_alter_table("recipe", schema=None) as batch_op:
        batch_op.drop_index("ix_recipe_created_at_id_public", if_exists=True)
        batch_op.create_index(
            "ix_recipe_created_at_id_public",
            list(columns),
            sqlite_where=PUBLIC,
            postgresql_where=PUBLIC,
        )
