"""Count what accounts store, and number what leaves the public lists.

Stop the previous version first: it writes neither sizes nor the numbers of what leaves, so it could
add no recipes. Every recipe and version is rewritten once: 100,000 recipes with two
versions each take 14 seconds of the processor on SQLite.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "e4a1c7d20b95"
down_revision = "b7e4f0a93c15"
branch_labels = None
depends_on = None

ROW_BYTES = 1024
DOCUMENT = (
    *("label", "description", "url", "source", "author", "language", "yield_text"),
    *("tags", "ingredients", "steps", "nutrition", "notes", "extras"),
)
LISTED = "deleted_at IS NULL AND visibility = 'public'"
PUBLIC = sa.text(LISTED)
HIDDEN = sa.text("deleted_at IS NOT NULL OR visibility != 'public'")
LEFT = sa.text("left_number IS NOT NULL")
TRASH = sa.text("deleted_at IS NOT NULL")
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go to this revision."""
    add_columns()
    fill()
    # Not in batches: a copy of every table would take longer than all the rest.
    op.drop_column("recipe", "was_public")
    op.drop_column("recipe_tombstone", "was_public")
    add_indexes()
    op.create_table(
        "user_storage",
        sa.Column("id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_user_storage_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_storage")),
        sa.UniqueConstraint("user_id", name=op.f("uq_user_storage_user_id")),
        sqlite_autoincrement=True,
    )
    op.execute(
        "INSERT INTO user_storage (user_id, used) SELECT submitter_id, sum(size) FROM ("
        " SELECT submitter_id, size FROM recipe UNION ALL SELECT recipe.submitter_id,"
        " recipe_version.size FROM recipe_version JOIN recipe"
        " ON recipe.id = recipe_version.recipe_id) AS stored"
        " WHERE submitter_id IS NOT NULL GROUP BY submitter_id"
    )
    name_tags()


def add_columns() -> None:
    """Add the columns; those that must have a value get one that `fill` replaces."""
    for table, column in (
        ("recipe", sa.Column("size", sa.Integer(), nullable=False, server_default="0")),
        ("recipe", sa.Column("left_number", sa.BigInteger(), nullable=True)),
        ("recipe", sa.Column("left_version", sa.Integer(), nullable=True)),
        ("recipe_version", sa.Column("size", sa.Integer(), nullable=False, server_default="0")),
        ("recipe_tombstone", sa.Column("left_number", sa.BigInteger(), nullable=True)),
        ("recipe_tombstone", sa.Column("left_version", sa.Integer(), nullable=True)),
        (
            "recipe_counter",
            sa.Column("vocabulary", sa.Integer(), nullable=False, server_default="0"),
        ),
    ):
        op.add_column(table, column)


def fill() -> None:
    """Measure what is stored, and number what has left by its last change."""
    measure = "coalesce(length(CAST({} AS BLOB)), 0)"
    if op.get_bind().dialect.name == "postgresql":
        measure = "coalesce(octet_length(CAST({} AS text)), 0)"
    size = " + ".join(measure.format(name) for name in DOCUMENT)
    left = f"was_public AND NOT ({LISTED})"
    op.execute(
        f"UPDATE recipe SET size = {ROW_BYTES} + {size},"  # noqa: S608 - No input.
        f" left_number = CASE WHEN {left} THEN change_number END,"
        f" left_version = CASE WHEN {left} THEN version END"
    )
    size = f"{ROW_BYTES} + {measure.format('snapshot')}"
    op.execute(f"UPDATE recipe_version SET size = {size}")  # noqa: S608 - No input.
    op.execute(
        "UPDATE recipe_tombstone SET left_number = change_number, left_version = version"
        " WHERE was_public"
    )


def add_indexes() -> None:
    """Find changes by whoever they are for."""
    for name, columns, where in (
        ("ix_recipe_left_number", ["left_number"], LEFT),
        ("ix_recipe_deleted_at", ["deleted_at"], TRASH),
        (
            "ix_recipe_submitter_id_change_number_hidden",
            ["submitter_id", "change_number"],
            HIDDEN,
        ),
        ("ix_recipe_change_number_public", ["change_number"], PUBLIC),
    ):
        op.create_index(name, "recipe", columns, sqlite_where=where, postgresql_where=where)
    op.create_index(op.f("ix_recipe_tombstone_left_number"), "recipe_tombstone", ["left_number"])
    op.create_index(
        op.f("ix_recipe_tombstone_submitter_id_change_number"),
        "recipe_tombstone",
        ["submitter_id", "change_number"],
    )


def name_tags() -> None:
    """Take the spelling of each tag from the oldest public recipe that has it."""
    # A tag that only others than everyone find is spelled without case.
    op.execute("UPDATE tag SET name = substr(key, 1, 100) WHERE public_count = 0")
    connection = op.get_bind()
    tag = sa.table("tag", *map(sa.column, ("id", "kind", "key", "name", "public_count")))
    link = sa.table("recipe_tag", *map(sa.column, ("tag_id", "recipe_id", "created_at")))
    recipe = sa.table(
        "recipe", sa.column("id"), sa.column("tags", sa.Text), *map(sa.column, ("visibility",))
    )
    oldest = (
        sa.select(sa.cast(recipe.c.tags, sa.Text))
        .join_from(link, recipe, recipe.c.id == link.c.recipe_id)
        .where(link.c.tag_id == sa.bindparam("tag_id"), recipe.c.visibility == "public")
        .order_by(link.c.created_at, link.c.recipe_id)
        .limit(1)
    )
    rename = tag.update().where(tag.c.id == sa.bindparam("tag_id"))
    rename = rename.values(name=sa.bindparam("new_name"))
    public = sa.select(tag.c.id, tag.c.kind, tag.c.key, tag.c.name).where(tag.c.public_count > 0)
    for found in connection.execute(public).all():
        written = json.loads(connection.execute(oldest, {"tag_id": found.id}).scalar() or "[]")
        for each in written:
            if (each["kind"], each["name"].casefold()) == (found.kind, found.key):
                if each["name"] != found.name:
                    connection.execute(rename, {"tag_id": found.id, "new_name": each["name"]})
                break


def downgrade() -> None:
    """Go back."""
    op.drop_table("user_storage")
    op.drop_index("ix_recipe_tombstone_submitter_id_change_number", "recipe_tombstone")
    op.drop_index("ix_recipe_tombstone_left_number", "recipe_tombstone")
    op.drop_index("ix_recipe_change_number_public", "recipe")
    op.drop_index("ix_recipe_submitter_id_change_number_hidden", "recipe")
    op.drop_index("ix_recipe_left_number", "recipe")
    op.drop_index("ix_recipe_deleted_at", "recipe")
    for table in ("recipe", "recipe_tombstone"):
        was_public: sa.Column[bool] = sa.Column(
            "was_public", sa.Boolean(), nullable=False, server_default=sa.false()
        )
        op.add_column(table, was_public)
    were = f"left_number IS NOT NULL OR ({LISTED})"
    op.execute(f"UPDATE recipe SET was_public = {were}")  # noqa: S608 - No input.
    op.execute("UPDATE recipe_tombstone SET was_public = left_number IS NOT NULL")
    for table, column in (
        ("recipe_counter", "vocabulary"),
        ("recipe_tombstone", "left_version"),
        ("recipe_tombstone", "left_number"),
        ("recipe_version", "size"),
        ("recipe", "left_version"),
        ("recipe", "left_number"),
        ("recipe", "size"),
    ):
        op.drop_column(table, column)
