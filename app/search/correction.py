"""Corrections of words that match nothing: similar words of public recipes, or compounds."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, bindparam, func, select

from app.core.policy import ANONYMOUS, Viewer
from app.db.reader import CompiledQuery, Reader
from app.models.search import search_word
from app.search.fulltext import Matches, search_table, term
from app.search.query import Clause, SearchQuery, word_anywhere

MAX_WORDS = 8
"""Words of a query that are corrected."""
MIN_LENGTH = 4
"""Shorter words resemble too many others."""
_LONG = 7
"""Words of this length may have two mistakes, shorter ones only one."""
_COMPOUNDING = {"da", "de", "et", "fi", "hu", "nb", "nl", "nn", "no", "sv"}
"""Languages that write compounds as one word."""
_FIRST_PART = 3
"""Letters of the first part of a compound, at least."""
_MOST_CANDIDATES = 10_000
_POPULAR = 1000
_NOTHING = term("##")


def _candidates() -> CompiledQuery:
    """Return words with the length and first letter of a given one that begin or end like it."""
    word, reverse = search_word.c.word, search_word.c.reverse
    parts = [
        select(word)
        .where(
            column >= bindparam(f"{name}_from"),
            column < bindparam(f"{name}_to"),
            # No index has it, so the narrower range is searched.
            func.substr(word, 1, 1) == bindparam("first"),
            func.length(word).between(bindparam("shortest"), bindparam("longest")),
        )
        .limit(_MOST_CANDIDATES)
        for name, column in (("begin", word), ("end", reverse))
    ]
    rows = [select(part.subquery().c.word) for part in parts]
    return CompiledQuery(rows[0].union(rows[1]), heavy=True)


def _usage() -> CompiledQuery:
    """Count the recipes that match each of MAX_WORDS expressions, up to `most`."""
    counts = []
    for number in range(MAX_WORDS):
        some = select(search_table.c.rowid).where(Matches(f"match_{number}"))
        some = some.limit(bindparam("most", type_=BigInteger()))
        counts.append(
            select(func.count()).select_from(some.subquery()).scalar_subquery().label(f"n{number}")
        )
    return CompiledQuery(select(*counts), heavy=True)


_CANDIDATES = _candidates()
_COMPOUNDS = CompiledQuery(
    select(search_word.c.word)
    .where(
        search_word.c.reverse >= bindparam("end_from"),
        search_word.c.reverse < bindparam("end_to"),
        func.length(search_word.c.word) >= bindparam("shortest"),
    )
    .order_by(search_word.c.reverse)
    .limit(100),
    heavy=True,
)
_USAGE = _usage()


async def corrections(db: Reader, search: SearchQuery, viewer: Viewer) -> dict[str, str]:
    """Return a correction for each word that matches nothing, if there is one."""
    words = [each for each in search.required if len(each.typed) >= MIN_LENGTH]
    words = words[:MAX_WORDS]
    if not words:
        return {}
    used = await _used(db, words, viewer, search.languages, 1)
    corrected = {}
    for clause, count in zip(words, used, strict=True):
        if count:
            continue
        other = await _nearest(db, clause.typed, search.languages)
        other = other or await _compound(db, clause.typed, search.languages)
        if other:
            corrected[clause.typed] = other
    return corrected


async def _used(
    db: Reader, words: Sequence[Clause], viewer: Viewer, languages: Sequence[str], most: int
) -> list[int]:
    """Count the recipes with each word, up to `most`."""
    expressions = [word_anywhere(each, viewer, languages) for each in words]
    expressions += [_NOTHING] * (MAX_WORDS - len(words))
    values: dict[str, Any] = {
        f"match_{number}": each.text(db.dialect) for number, each in enumerate(expressions)
    }
    row = await db.first(_USAGE, {**values, "most": most})
    assert row is not None
    return [int(row[f"n{number}"]) for number in range(len(words))]


async def _nearest(db: Reader, word: str, languages: Sequence[str]) -> str | None:
    # Imported here because few requests need it.
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import extract

    mistakes = 2 if len(word) >= _LONG else 1
    # With so few mistakes the beginning or the end is nearly always right.
    part = max(1, len(word) // 3)
    begin, end = word[:part], word[::-1][:part]
    rows = await db.all(
        _CANDIDATES,
        {
            "begin_from": begin,
            "begin_to": begin + chr(0x10FFFF),
            "first": word[0],
            "end_from": end,
            "end_to": end + chr(0x10FFFF),
            "shortest": len(word) - mistakes,
            "longest": len(word) + mistakes,
        },
    )
    candidates = sorted(row["word"] for row in rows)
    nearest = extract(word, candidates, scorer=OSA.distance, score_cutoff=mistakes, limit=MAX_WORDS)
    distances = {other: int(distance) for other, distance, _ in nearest}
    return await _most_used(db, distances, languages)


async def _compound(db: Reader, word: str, languages: Sequence[str]) -> str | None:
    """Return the compound that ends with `word` and that most recipes have, else None."""
    if len(word) <= MIN_LENGTH or _COMPOUNDING.isdisjoint(languages):
        return None
    end = word[::-1]
    shortest = len(word) + _FIRST_PART
    values = {"end_from": end, "end_to": end + chr(0x10FFFF), "shortest": shortest}
    found = [row["word"] for row in await db.all(_COMPOUNDS, values)]
    found.sort(key=lambda other: (len(other), other))
    return await _most_used(db, dict.fromkeys(found[:MAX_WORDS], 0), languages)


async def _most_used(
    db: Reader, distances: Mapping[str, int], languages: Sequence[str]
) -> str | None:
    """Return the nearest of some words, of several the one that most public recipes have."""
    if not distances:
        return None
    found = [Clause((other,), other) for other in distances]
    # Words that no public recipe has any more may still be stored, but must not be suggested.
    used = await _used(db, found, ANONYMOUS, languages, _POPULAR)
    ranked = sorted(
        (distance, -count, other)
        for (other, distance), count in zip(distances.items(), used, strict=True)
        if count
    )
    return ranked[0][2] if ranked else None
