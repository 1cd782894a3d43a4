"""Create user and recipe.

Safe while the previous version runs: there is none.
"""

import sqlalchemy as sa
from alembic import op

revision = "db407088c7b8"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "user",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column(
            "email_key",
            sa.String(length=320).with_variant(sa.String(length=320, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("first_name", sa.String(length=100), nullable=True),
        sa.Column("surname", sa.String(length=100), nullable=True),
        sa.Column("hashed_password", sa.String(length=255), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_superuser", sa.Boolean(), nullable=False),
        sa.Column("token_version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("email_key", name=op.f("uq_user_email_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_user_created_at_id"), ["created_at", "id"], unique=False
        )

    op.create_table(
        "recipe",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("label", sa.String(length=256), nullable=False),
        sa.Column(
            "label_key",
            sa.String(length=512).with_variant(sa.String(length=512, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("url", sa.String(length=2048), nullable=True),
        sa.Column(
            "url_key",
            sa.String(length=512).with_variant(sa.String(length=512, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("source", sa.String(length=256), nullable=True),
        sa.Column(
            "source_key",
            sa.String(length=512).with_variant(sa.String(length=512, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("author", sa.String(length=256), nullable=True),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("prep_minutes", sa.Integer(), nullable=True),
        sa.Column("cook_minutes", sa.Integer(), nullable=True),
        sa.Column("total_minutes", sa.Integer(), nullable=True),
        sa.Column("servings", sa.Float(precision=53), nullable=True),
        sa.Column("yield_text", sa.String(length=256), nullable=True),
        sa.Column("tags", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("ingredients", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("steps", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("nutrition", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("visibility", sa.String(length=16), nullable=False),
        sa.Column("extras", sa.JSON(none_as_null=True), nullable=False),
        sa.Column(
            "submitter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "visibility IN ('public', 'unlisted', 'private')", name=op.f("ck_recipe_visibility")
        ),
        sa.CheckConstraint("servings > 0", name=op.f("ck_recipe_servings")),
        sa.ForeignKeyConstraint(
            ["submitter_id"],
            ["user.id"],
            name=op.f("fk_recipe_submitter_id_user"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipe")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("recipe", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_recipe_created_at_id"),
            ["created_at", "id"],
            unique=False,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "ix_recipe_created_at_id_public",
            ["created_at", "id"],
            unique=False,
            sqlite_where=sa.text("deleted_at IS NULL AND visibility = 'public'"),
            postgresql_where=sa.text("deleted_at IS NULL AND visibility = 'public'"),
        )
        batch_op.create_index(
            batch_op.f("ix_recipe_label_key_id"),
            ["label_key", "id"],
            unique=False,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "ix_recipe_label_key_id_public",
            ["label_key", "id"],
            unique=False,
            sqlite_where=sa.text("deleted_at IS NULL AND visibility = 'public'"),
            postgresql_where=sa.text("deleted_at IS NULL AND visibility = 'public'"),
        )
        batch_op.create_index(
            batch_op.f("ix_recipe_source_key_created_at_id"),
            ["source_key", "created_at", "id"],
            unique=False,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_recipe_submitter_id_created_at_id"),
            ["submitter_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_recipe_total_minutes_id"),
            ["total_minutes", "id"],
            unique=False,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "ix_recipe_total_minutes_id_public",
            ["total_minutes", "id"],
            unique=False,
            sqlite_where=sa.text("deleted_at IS NULL AND visibility = 'public'"),
            postgresql_where=sa.text("deleted_at IS NULL AND visibility = 'public'"),
        )
        batch_op.create_index(
            batch_op.f("ix_recipe_updated_at_id"),
            ["updated_at", "id"],
            unique=False,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "ix_recipe_updated_at_id_public",
            ["updated_at", "id"],
            unique=False,
            sqlite_where=sa.text("deleted_at IS NULL AND visibility = 'public'"),
            postgresql_where=sa.text("deleted_at IS NULL AND visibility = 'public'"),
        )
        batch_op.create_index(batch_op.f("ix_recipe_url_key"), ["url_key"], unique=False)


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("recipe", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recipe_url_key"))
        batch_op.drop_index(
            "ix_recipe_updated_at_id_public",
            sqlite_where=sa.text("deleted_at IS NULL AND visibility = 'public'"),
            postgresql_where=sa.text("deleted_at IS NULL AND visibility = 'public'"),
        )
        batch_op.drop_index(
            batch_op.f("ix_recipe_updated_at_id"),
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_recipe_total_minutes_id_public",
            sqlite_where=sa.text("deleted_at IS NULL AND visibility = 'public'"),
            postgresql_where=sa.text("deleted_at IS NULL AND visibility = 'public'"),
        )
        batch_op.drop_index(
            batch_op.f("ix_recipe_total_minutes_id"),
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_recipe_submitter_id_created_at_id"))
        batch_op.drop_index(
            batch_op.f("ix_recipe_source_key_created_at_id"),
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_recipe_label_key_id_public",
            sqlite_where=sa.text("deleted_at IS NULL AND visibility = 'public'"),
            postgresql_where=sa.text("deleted_at IS NULL AND visibility = 'public'"),
        )
        batch_op.drop_index(
            batch_op.f("ix_recipe_label_key_id"),
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_recipe_created_at_id_public",
            sqlite_where=sa.text("deleted_at IS NULL AND visibility = 'public'"),
            postgresql_where=sa.text("deleted_at IS NULL AND visibility = 'public'"),
        )
        batch_op.drop_index(
            batch_op.f("ix_recipe_created_at_id"),
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )

    op.drop_table("recipe")
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_created_at_id"))

    op.drop_table("user")
