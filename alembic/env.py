"""Migrations: locked, each in one transaction, the same on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from sqlalchemy import Connection, Engine, text
from sqlalchemy.types import TypeDecorator, TypeEngine

import app.models  # noqa: F401 - importing the models fills the metadata
from alembic import context
from app.core.config import Settings
from app.db.base import Base
from app.db.locks import migration_lock
from app.db.session import make_engine


def render_item(kind: str, item: Any, _: object) -> str | Literal[False]:
    """Write a type of ours as the plain type below it: a migration must not change with our code."""
    if kind == "type" and isinstance(item, TypeDecorator):
        plain: TypeEngine[Any] = item.impl_instance
        return f"sa.{plain!r}"
    return False


def configure(connection: Connection | None, **options: Any) -> None:
    """Tell Alembic about our tables."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection is not None and connection.dialect.name == "sqlite",
        render_item=render_item,
        compare_type=True,
        transaction_per_migration=True,
        transactional_ddl=True,
        **options,
    )


@contextmanager
def unguarded(connection: Connection) -> Iterator[None]:
    """Rebuild SQLite's tables without its foreign keys, and check them afterwards.

    Dropping the old copy of a table would otherwise delete the rows that refer to it.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.driver_connection
    assert driver is not None
    # On the driver itself: within a transaction, and SQLAlchemy would begin one, it has no effect.
    driver.execute("PRAGMA foreign_keys=OFF")
    yield
    broken = driver.execute("PRAGMA foreign_key_check").fetchall()
    driver.execute("PRAGMA foreign_keys=ON")
    if broken:
        raise RuntimeError(f"The migration left {len(broken)} rows with broken foreign keys.")


def migrate(engine: Engine) -> None:
    """Run the migrations while no other process does."""
    with engine.connect() as connection, unguarded(connection):
        if connection.dialect.name == "postgresql":
            # A migration waits for a busy table a moment only, since others wait behind it, but
            # may itself take as long as it needs.
            connection.execute(text("SET lock_timeout = '5s'"))
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text("SET idle_in_transaction_session_timeout = 0"))
            connection.commit()
        configure(connection)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


settings = Settings()
if context.is_offline_mode():
    configure(None, url=settings.database_url, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    with migration_lock(settings):
        engine = make_engine(settings)
        try:
            migrate(engine)
        finally:
            engine.dispose()
