"""Keep versions, changes and idempotency keys.

Stop the previous version first: it does not number its changes, so it could add no recipes. What is
there counts as changed in the order of the ids; the versions before today's were not kept.
"""

import sqlalchemy as sa
from alembic import op

revision = "1dccc51041f1"
down_revision = "d8c4a8521247"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "recipe_counter",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipe_counter")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "recipe_tombstone",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recipe_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("submitter_id", sa.BigInteger(), nullable=True),
        sa.Column("was_public", sa.Boolean(), nullable=False),
        sa.Column("change_number", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipe_tombstone")),
        sa.UniqueConstraint("recipe_id", name=op.f("uq_recipe_tombstone_recipe_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("recipe_tombstone", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_recipe_tombstone_change_number"), ["change_number"], unique=False
        )

    op.create_table(
        "idempotency_key",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "key",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("recipe_id", sa.BigInteger(), nullable=True),
        sa.Column("recipe_version", sa.Integer(), nullable=True),
        sa.Column("results", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("fk_idempotency_key_user_id_user"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_key")),
        sa.UniqueConstraint("user_id", "key", name=op.f("uq_idempotency_key_user_id_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("idempotency_key", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_idempotency_key_expires_at"), ["expires_at"], unique=False
        )

    op.create_table(
        "recipe_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "recipe_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("label", sa.String(length=256), nullable=False),
        sa.Column("visibility", sa.String(length=16), nullable=False),
        sa.Column("snapshot", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["recipe_id"],
            ["recipe.id"],
            name=op.f("fk_recipe_version_recipe_id_recipe"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipe_version")),
        sa.UniqueConstraint(
            "recipe_id", "version", name=op.f("uq_recipe_version_recipe_id_version")
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("recipe", schema=None) as batch_op:
        batch_op.add_column(sa.Column("changed_by", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("change_number", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("was_public", sa.Boolean(), nullable=True))

    recipe = sa.table(
        "recipe",
        *(sa.column(name) for name in ("id", "submitter_id", "visibility")),
        *(sa.column(name) for name in ("changed_by", "change_number", "was_public")),
    )
    op.execute(
        recipe.update().values(
            changed_by=recipe.c.submitter_id,
            change_number=recipe.c.id,
            was_public=recipe.c.visibility == "public",
        )
    )
    last = sa.select(sa.func.coalesce(sa.func.max(recipe.c.id), 0)).scalar_subquery()
    counter = sa.table("recipe_counter", sa.column("value"))
    op.execute(counter.insert().values(value=last))

    with op.batch_alter_table("recipe", schema=None) as batch_op:
        batch_op.alter_column("change_number", existing_type=sa.BigInteger(), nullable=False)
        batch_op.alter_column("was_public", existing_type=sa.Boolean(), nullable=False)
        batch_op.create_index(
            batch_op.f("ix_recipe_change_number"), ["change_number"], unique=False
        )


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("recipe", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recipe_change_number"))
        batch_op.drop_column("was_public")
        batch_op.drop_column("change_number")
        batch_op.drop_column("changed_by")

    op.drop_table("recipe_version")
    with op.batch_alter_table("idempotency_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_idempotency_key_expires_at"))

    op.drop_table("idempotency_key")
    with op.batch_alter_table("recipe_tombstone", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recipe_tombstone_change_number"))

    op.drop_table("recipe_tombstone")
    op.drop_table("recipe_counter")
