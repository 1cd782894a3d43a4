"""Migrations: locked, each in one transaction, the same on SQLite and on PostgreSQL."""

import io
import logging
import re
import sys
from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate import comparators
from alembic.autogenerate.api import AutogenContext
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import CheckConstraint, Connection, Engine, Table, event, make_url, text
from sqlalchemy.sql.elements import conv
from sqlalchemy.types import TypeDecorator, TypeEngine

import app.models  # noqa: F401 - importing the models fills the metadata
from app.core.config import get_settings
from app.core.errors import ForbiddenError
from app.core.private_files import refuse_foreign_files
from app.db.base import Base
from app.db.engine import make_engine
from app.db.locks import migration_lock
from app.observability.logging import configure_logging

COPY_PREFIX = "_alembic_tmp_"

logger = logging.getLogger("alembic.env")


def render_item(kind: str, item: Any, context: AutogenContext) -> str | Literal[False]:
    """Write types that both databases have. A migration must not change with our types.

    What is removed comes back in the downgrade as the database describes it, such as DATETIME.
    """
    if kind != "type":
        return False
    if isinstance(item, TypeDecorator):
        plain: TypeEngine[Any] = item.impl_instance
        return f"sa.{plain!r}"
    if not type(item).__name__.isupper():
        return False
    if isinstance(item, sa.DateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, sa.Integer) and context.dialect.name == "sqlite":
        # Its INTEGER holds 64 bits, and keys are 64 bits wide on PostgreSQL.
        return "sa.BigInteger().with_variant(sa.Integer(), 'sqlite')"
    return f"sa.{item.as_generic()!r}"


def include_name(name: str | None, kind: str, _: object) -> bool:
    """Ignore the tables of the search index, which each database has its own way."""
    return kind != "table" or not re.match("recipe_search(_|$)", name or "")


def configure(connection: Connection | None, **options: Any) -> None:
    """Tell Alembic about our tables."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection is not None and connection.dialect.name == "sqlite",
        render_item=render_item,
        process_revision_directives=warn_of_losses,
        include_name=include_name,
        compare_type=True,
        transaction_per_migration=True,
        transactional_ddl=True,
        **options,
    )


@comparators.dispatch_for("table")
def compare_checks(
    context: AutogenContext,
    changes: ops.ModifyTableOps,
    schema: str | None,
    name: str,
    stored: Table | None,
    wanted: Table | None,
) -> None:
    """Find CHECK constraints that were added, removed or, on SQLite, changed.

    PostgreSQL writes conditions in its own way, so there only their names are compared.
    """
    if stored is None or wanted is None or context.inspector is None:
        return
    by_text = context.dialect.name == "sqlite"
    before = {
        str(each["name"]): each["sqltext"] for each in context.inspector.get_check_constraints(name)
    }
    after = {
        str(each.name): str(each.sqltext)
        for each in wanted.constraints
        if isinstance(each, CheckConstraint)
    }
    for check in sorted(before.keys() | after.keys()):
        old, new = before.get(check), after.get(check)
        if old == new or (old and new and not by_text):
            continue
        if old:
            create = ops.CreateCheckConstraintOp(conv(check), name, old)
            drop = ops.DropConstraintOp(conv(check), name, type_="check", _reverse=create)
            changes.ops.append(drop)
        if new:
            changes.ops.append(ops.CreateCheckConstraintOp(conv(check), name, new))


def warn_of_losses(_: object, __: object, directives: list[Any]) -> None:
    """Log what autogenerate cannot know: a rename, and what a new column is in existing rows."""
    for directive in directives:
        for table in directive.upgrade_ops.ops if directive.upgrade_ops else ():
            changes = getattr(table, "ops", ())
            added = [each.column for each in changes if isinstance(each, ops.AddColumnOp)]
            if added and any(isinstance(each, ops.DropColumnOp) for each in changes):
                logger.warning(
                    "%s loses a column and gets another: if that is a rename, use"
                    " alter_column(…, new_column_name=…), or its values are lost.",
                    table.table_name,
                )
            for column in added:
                if not column.nullable and column.server_default is None:
                    logger.warning(
                        "%s.%s is NOT NULL without a server_default: the migration fails on a"
                        " table that has rows. Add it as nullable, fill it, then alter it.",
                        table.table_name,
                        column.name,
                    )


@event.listens_for(Table, "before_create")
def keep_the_key(table: Table, connection: Connection, **_: object) -> None:
    """Never reuse an id on SQLite, in a table that is rebuilt or comes back either."""
    name = table.name.removeprefix(COPY_PREFIX)
    if [column.name for column in table.primary_key] == ["id"]:
        table.dialect_options["sqlite"]["autoincrement"] = True
    if name != table.name:
        table.primary_key.name = f"pk_{name}"


@event.listens_for(Table, "after_create")
def keep_the_sequence(table: Table, connection: Connection, **_: object) -> None:
    """Go on counting where the old table was: the ids of deleted rows must not come again."""
    name = table.name.removeprefix(COPY_PREFIX)
    if name != table.name:
        sequence = (
            "INSERT INTO sqlite_sequence SELECT :copy, seq FROM sqlite_sequence WHERE name = :name"
        )
        connection.execute(text(sequence), {"copy": table.name, "name": name})


def finish(ctx: MigrationContext, **_: object) -> None:
    """End a migration of an SQLite database, before it commits."""
    if ctx.dialect.name == "sqlite" and ctx.connection is not None:
        check_foreign_keys(ctx.connection)
        make_narrow_indexes_last(ctx.connection)


def check_foreign_keys(connection: Connection) -> None:
    """Fail a migration that leaves rows which refer to nothing."""
    broken = connection.execute(text("PRAGMA foreign_key_check")).all()
    if broken:
        raise RuntimeError(f"The migration leaves {len(broken)} rows with broken foreign keys.")


def make_narrow_indexes_last(connection: Connection) -> None:
    """Make the indexes of the public recipes again where others have been made since.

    Of two indexes that fit SQLite takes the one made last, and a table that is rebuilt gets its
    indexes in any order.
    """
    made = text(
        "SELECT name, sql FROM sqlite_master"
        " WHERE type = 'index' AND tbl_name = 'recipe' ORDER BY rowid"
    )
    indexes = connection.execute(made).all()
    narrow = [index for index in indexes if index.name.endswith("_public")]
    if indexes[len(indexes) - len(narrow) :] != narrow:
        for name, sql in narrow:
            connection.execute(text(f"DROP INDEX {name}"))
            connection.execute(text(sql))


def prepare(connection: Connection) -> None:
    """Set up the connection, before any transaction."""
    if connection.dialect.name == "sqlite":
        # SQLite alters a table by copying it and dropping the old one, which would delete the rows
        # of other tables that refer to it. On the driver itself, since within a transaction, and
        # SQLAlchemy would begin one, it has no effect.
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA foreign_keys=OFF")
        return
    # Wait briefly for a busy table, since others queue for it too. The migration itself may take as
    # long as it needs.
    connection.execute(text("SET lock_timeout = '5s'"))
    connection.execute(text("SET statement_timeout = 0"))
    connection.execute(text("SET idle_in_transaction_session_timeout = 0"))
    connection.commit()


def migrate(engine: Engine) -> None:
    """Run the migrations while no other process does."""
    with engine.connect() as connection:
        prepare(connection)
        run(connection)
        connection.commit()


def run(connection: Connection) -> None:
    """Run the migrations on a connection that is set up."""
    configure(connection, on_version_apply=finish)
    with context.begin_transaction():
        context.run_migrations()


settings = get_settings()
if "connection" in context.config.attributes:
    # In the transaction of a restore, which holds the lock.
    run(context.config.attributes["connection"])
elif context.is_offline_mode():
    configure_logging(settings)
    # Print the whole or nothing.
    script = io.StringIO()
    backend = make_url(settings.database_url).get_backend_name()
    configure(None, dialect_name=backend, literal_binds=True, output_buffer=script)
    try:
        with context.begin_transaction():
            context.run_migrations()
    except Exception as error:
        raise CommandError(
            f"These migrations need the database, so they cannot be written as SQL: {error}"
        ) from None
    sys.stdout.write(script.getvalue())
else:
    configure_logging(settings)
    try:
        refuse_foreign_files(settings.files)
    except ForbiddenError as refused:
        raise CommandError(str(refused)) from None  # Which Alembic prints as one line.
    with migration_lock(settings):
        engine = make_engine(settings)
        try:
            migrate(engine)
        finally:
            engine.dispose()
