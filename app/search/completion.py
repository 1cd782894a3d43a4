"""The words that an unfinished one may become."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select

from app.db.reader import CompiledQuery, Reader
from app.models.search import search_word
from app.search.terms import Clause

MOST = 50
"""So many are looked for one by one. Of more the databases gather all that match before they give
the first, which is the better way only where every word is rare."""

_BEGIN_SO = CompiledQuery(
    select(search_word.c.word)
    .where(search_word.c.word >= bindparam("begin"), search_word.c.word < bindparam("end"))
    .limit(MOST + 1)
)


async def completed(db: Reader, clauses: Sequence[Clause]) -> list[Clause]:
    """The clauses, of which the unfinished one knows what it may become."""
    return [await _completed(db, each) if each.is_prefix else each for each in clauses]


async def _completed(db: Reader, clause: Clause) -> Clause:
    (word,) = clause.words
    rows = await db.all(_BEGIN_SO, {"begin": word, "end": word + chr(0x10FFFF)})
    words = tuple(sorted(row["word"] for row in rows if row["word"] != word))
    return clause if len(rows) > MOST else clause._replace(completions=words)
