"""Make the search index and the index of tags.

Safe while the previous version runs, which writes to neither: after its end, run ./prestart.sh
again or `recipes reindex`. The tables are filled by prestart.sh, not here, since what they hold
changes with the rules for words.
"""

import sqlalchemy as sa
from alembic import op

revision = "5f0f1a0c7b11"
down_revision = "1dccc51041f1"
branch_labels = None
depends_on = None

PUBLIC = sa.text("deleted_at IS NULL AND visibility = 'public'")
SEARCH = {
    "sqlite": (
        # Terms hold no ASCII but letters, digits and #, so this parts them where we did.
        "CREATE VIRTUAL TABLE recipe_search USING fts5"
        "(ordered, others, tokenize=\"ascii tokenchars '#'\", columnsize=0)",
    ),
    "postgresql": (
        # Rows stay whole, since a common term is found by reading rows from the newest on.
        "CREATE TABLE recipe_search ("
        " rowid bigint CONSTRAINT pk_recipe_search PRIMARY KEY"
        " CONSTRAINT fk_recipe_search_rowid_recipe REFERENCES recipe ON DELETE CASCADE,"
        " terms tsvector NOT NULL) WITH (toast_tuple_target = 8160)",
        "ALTER TABLE recipe_search ALTER COLUMN terms SET STATISTICS 1000",
        # What waits to be sorted in is read by every search, so little may wait.
        "CREATE INDEX ix_recipe_search_terms ON recipe_search USING gin (terms)"
        " WITH (gin_pending_list_limit = 256)",
    ),
}


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "search_state",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("normalisation", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_state")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "search_language",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_search_language")),
        sqlite_with_rowid=False,
    )
    word = sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql")
    op.create_table(
        "search_word",
        sa.Column("word", word, nullable=False),
        sa.Column("reverse", word, nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_search_word")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("search_word", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_search_word_reverse"), ["reverse"], unique=False)

    op.create_table(
        "tag",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column(
            "key",
            sa.String(length=300).with_variant(sa.String(length=300, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("public_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag")),
        sa.UniqueConstraint("kind", "key", name=op.f("uq_tag_kind_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("tag", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tag_key_id"), ["key", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_tag_public_count_id"), ["public_count", "id"], unique=False
        )

    op.create_table(
        "recipe_tag",
        sa.Column(
            "recipe_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("tag_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["recipe_id"],
            ["recipe.id"],
            name=op.f("fk_recipe_tag_recipe_id_recipe"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tag_id"], ["tag.id"], name=op.f("fk_recipe_tag_tag_id_tag"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("recipe_id", "tag_id", name=op.f("pk_recipe_tag")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("recipe_tag", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_recipe_tag_tag_id_created_at_recipe_id"),
            ["tag_id", "created_at", "recipe_id"],
            unique=False,
        )
    with op.batch_alter_table("recipe", schema=None) as batch_op:
        batch_op.drop_index("ix_recipe_created_at_id_public", if_exists=True)
        batch_op.create_index(
            "ix_recipe_created_at_id_public",
            ["created_at", "id", "total_minutes"],
            sqlite_where=PUBLIC,
            postgresql_where=PUBLIC,
        )
    for statement in SEARCH[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    """Go back."""
    op.drop_table("recipe_search")
    with op.batch_alter_table("recipe", schema=None) as batch_op:
        batch_op.drop_index("ix_recipe_created_at_id_public")
        batch_op.create_index(
            "ix_recipe_created_at_id_public",
            ["created_at", "id"],
            sqlite_where=PUBLIC,
            postgresql_where=PUBLIC,
        )
    op.drop_table("recipe_tag")
    op.drop_table("tag")
    op.drop_table("search_word")
    op.drop_table("search_language")
    op.drop_table("search_state")
