"""Open unlisted recipes by a key, and find the public recipes of a submitter.

The previous version keeps running, but opens unlisted recipes by their id alone, and gives no key
to a recipe that it makes unlisted: its page then offers to make a link.
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "f3b8d65a1c42"
down_revision = "e4a1c7d20b95"
branch_labels = None
depends_on = None

CHUNK = 1000
BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PUBLIC = sa.text("deleted_at IS NULL AND visibility = 'public'")
BY_SUBMITTER = "ix_recipe_submitter_id_created_at_id_public"


def upgrade() -> None:
    """Go to this revision."""
    share_link = op.create_table(
        "share_link",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("recipe_id", BIG_KEY, nullable=False),
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.ForeignKeyConstraint(
            ["recipe_id"],
            ["recipe.id"],
            name=op.f("fk_share_link_recipe_id_recipe"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_link")),
        sa.UniqueConstraint("recipe_id", name=op.f("uq_share_link_recipe_id")),
        sqlite_autoincrement=True,
    )
    _give_keys(share_link)
    with op.batch_alter_table("recipe", schema=None) as batch_op:
        batch_op.create_index(
            BY_SUBMITTER,
            ["submitter_id", "created_at", "id"],
            unique=False,
            sqlite_where=PUBLIC,
            postgresql_where=PUBLIC,
        )


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("recipe", schema=None) as batch_op:
        batch_op.drop_index(BY_SUBMITTER, sqlite_where=PUBLIC, postgresql_where=PUBLIC)
    op.drop_table("share_link")


def _give_keys(share_link: sa.Table) -> None:
    """Give a key to every unlisted recipe, in chunks."""
    recipe = sa.table("recipe", sa.column("id", BIG_KEY), sa.column("visibility", sa.String))
    unlisted = sa.select(recipe.c.id).where(recipe.c.visibility == "unlisted")
    connection = op.get_bind()
    after = 0
    while True:
        page = unlisted.where(recipe.c.id > after).order_by(recipe.c.id).limit(CHUNK)
        ids = connection.scalars(page).all()
        if not ids:
            return
        rows = [{"recipe_id": each, "key": secrets.token_urlsafe(16)} for each in ids]
        connection.execute(share_link.insert(), rows)
        after = ids[-1]
