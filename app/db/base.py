"""The base of all models: table names, keys and naming conventions."""

import re
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Integer, MetaData, Table
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from app.db.types import UtcDateTime, utc_now

# SQLite generates keys only for the type INTEGER, which holds 64 bits there.
BigKey = BigInteger().with_variant(Integer(), "sqlite")

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The base of all models: `class RecipeImage(Base)` is the table `recipe_image` with an id."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = {datetime: UtcDateTime()}

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, sort_order=-1)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # Without AUTOINCREMENT, SQLite gives the id of a deleted last row to the next one, and with
        # it every link and token of the old one.
        assert isinstance(cls.__table__, Table)
        cls.__table__.dialect_options["sqlite"]["autoincrement"] = True

    @declared_attr.directive
    @classmethod
    def __tablename__(cls) -> str:
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


def _when_created(context: DefaultExecutionContext) -> datetime:
    assert context.current_parameters is not None
    made: datetime = context.current_parameters["created_at"]
    return made


class Versioned:
    """Mixin: when a row was created and updated, and a version that prevents lost updates."""

    created_at: Mapped[datetime] = mapped_column(default=utc_now, sort_order=90)
    updated_at: Mapped[datetime] = mapped_column(
        default=_when_created, onupdate=utc_now, sort_order=91
    )
    version: Mapped[int] = mapped_column(default=1, sort_order=92)

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}
