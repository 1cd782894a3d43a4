"""Tables of the search index, except its terms, which each database stores differently."""

from sqlalchemy import Column, Index, String, Table
from sqlalchemy.orm import Mapped

from app.db.base import Base
from app.db.types import binary_string

MAX_WORD = 64
"""Characters of a word. The size of index entries is limited."""


class SearchState(Base):
    """The version of the rules by which the index was built. Without a row it must be rebuilt."""

    normalisation: Mapped[int]


search_language = Table(
    "search_language",
    Base.metadata,
    Column("code", String(8), primary_key=True),
    sqlite_with_rowid=False,
)
"""The languages of recipes. A query matches the stems of each."""

search_word = Table(
    "search_word",
    Base.metadata,
    Column("word", binary_string(MAX_WORD), primary_key=True),
    # The reversed word, since a typo may be at its beginning.
    Column("reverse", binary_string(MAX_WORD), nullable=False),
    Index(None, "reverse"),
    sqlite_with_rowid=False,
)
"""The words of public recipes, for the correction of typos."""
