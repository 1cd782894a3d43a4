"""What the search index keeps beside its terms, which each database keeps in its own way."""

from sqlalchemy import Column, Index, String, Table
from sqlalchemy.orm import Mapped

from app.db.base import Base
from app.db.types import binary_string

MAX_WORD = 64
"""Characters of a word. Nobody types more of it, and an index bounds its entries."""


class SearchState(Base):
    """By which rules the index was made, in one row; without it the index is to be made anew."""

    normalisation: Mapped[int]


search_language = Table(
    "search_language",
    Base.metadata,
    Column("code", String(8), primary_key=True),
    sqlite_with_rowid=False,
)
"""The languages that recipes are written in, whose stems a query may mean."""

search_word = Table(
    "search_word",
    Base.metadata,
    Column("word", binary_string(MAX_WORD), primary_key=True),
    # The word from its end, since a mistake may stand at its beginning.
    Column("reverse", binary_string(MAX_WORD), nullable=False),
    Index(None, "reverse"),
    sqlite_with_rowid=False,
)
"""The words of public recipes, for the correction of those that nobody uses."""
