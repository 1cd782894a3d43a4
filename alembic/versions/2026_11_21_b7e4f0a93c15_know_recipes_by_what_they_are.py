"""Know recipes by what they are made of.

Stop the previous version first: it writes no fingerprint, so it could add no recipes.
"""

import hashlib
import json
import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "b7e4f0a93c15"
down_revision = "8c1d2e6f4a90"
branch_labels = None
depends_on = None

AT_ONCE = 1000
# As it was when this was written, since a migration must not change with the code.
NO_LETTERS = re.compile(r"[^\w½¼¾⅓⅔/.,-]+")


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("recipe", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "fingerprint",
                sa.String(length=32).with_variant(
                    sa.String(length=32, collation="C"), "postgresql"
                ),
                nullable=True,
            )
        )
    fill()
    with op.batch_alter_table("recipe", schema=None) as batch_op:
        batch_op.alter_column("fingerprint", existing_type=sa.String(length=32), nullable=False)
        batch_op.create_index(
            batch_op.f("ix_recipe_submitter_id_fingerprint"),
            ["submitter_id", "fingerprint"],
            unique=False,
        )


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("recipe", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recipe_submitter_id_fingerprint"))
        batch_op.drop_column("fingerprint")


def fill() -> None:
    """Give each recipe its fingerprint, some at a time: they may be too many for the memory."""
    recipe = sa.table(
        "recipe",
        sa.column("id", sa.BigInteger),
        sa.column("label", sa.String),
        sa.column("ingredients", sa.Text),
        sa.column("fingerprint", sa.String),
    )
    connection = op.get_bind()
    text = sa.cast(recipe.c.ingredients, sa.Text).label("ingredients")
    after = 0
    while True:
        page = sa.select(recipe.c.id, recipe.c.label, text).where(recipe.c.id > after)
        rows = connection.execute(page.order_by(recipe.c.id).limit(AT_ONCE)).all()
        if not rows:
            return
        values = [
            {"row_id": row.id, "value": fingerprint(row.label, json.loads(row.ingredients))}
            for row in rows
        ]
        change = recipe.update().where(recipe.c.id == sa.bindparam("row_id"))
        connection.execute(change.values(fingerprint=sa.bindparam("value")), values)
        after = rows[-1].id


def fingerprint(label: str, ingredients: list[dict[str, object]]) -> str:
    """The key of a label and of the texts of the ingredients."""
    texts = [label, *(str(each["text"]) for each in ingredients)]
    lines = [NO_LETTERS.sub(" ", fold(text)).strip() for text in texts]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]


def fold(text: str) -> str:
    """Without case and marks."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in decomposed if not unicodedata.combining(each)).casefold()
