"""${message}.

Safe while the previous version runs: say here why, or what to do first.

Before you commit, read what was generated and delete this paragraph. A rename comes out as a drop
and an add, which loses the values: use alter_column(…, new_column_name=…). A NOT NULL column needs
a server_default, or its values before it is altered. docs/add-a-member.md has examples.
"""

import sqlalchemy as sa
${imports if imports else ""}
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    """Go to this revision."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Go back."""
    ${downgrades if downgrades else "pass"}
