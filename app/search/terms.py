"""What the search index holds of a recipe, and what a query asks of it.

The terms of a recipe are its words and their stems, and once more those of the fields that decide
the rank, behind the field's letter. So what has a word in a field is found in one step, whatever
the database. No word has a `#`, so that a term with one is never taken for a word.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain, islice
from typing import Any, NamedTuple

from app.core.bounds import MAX_DIFFERENT_WORDS
from app.models.search import MAX_WORD
from app.search.words import joined, language_of, stem, unique, words_of

FIELDS = {"label": "l#", "tags": "t#", "ingredients": "i#"}
"""From the field where a word tells most to the one where it tells least, with what stands before
its terms. Words of other fields tell no more than that they are there."""
# Beyond these PostgreSQL knows no positions, so there words are in no phrase, in either database.
MAX_POSITION = 16_383
MAX_PLACES = 255
# A tsvector has less than 1 MiB: https://www.postgresql.org/docs/current/textsearch-limitations.html
MAX_BYTES = 900_000
_BYTES_OF_A_TERM = 2
"""What a term takes beside its text, for the mark of what is hidden; places have the rest."""
MAX_CLAUSES = 32
# One letter begins too many words to mean one of them.
MIN_PREFIX = 2


class Terms(NamedTuple):
    """The terms of a recipe: those in the order of the text, None where a line ends, and others."""

    ordered: list[str | None]
    others: list[str]
    words: set[str]
    """Of the text, without stems and fields: what a query may have been meant to say."""


def terms_of(recipe: Mapping[str, Any]) -> Terms:
    """What the index holds of a recipe, in the shape of its document.

    Of words beyond the first MAX_DIFFERENT_WORDS it holds nothing: to stem and to store each takes
    some time, in which others wait for the lock.
    """
    language = language_of(recipe["language"])
    everything: list[str | None] = []
    by_field: list[str | None] = []
    bounds: dict[str, slice] = {}
    for field, texts in texts_of(recipe).items():
        begin = len(everything)
        for line in "\n".join(texts).split("\n"):
            everything += words_of(line)
            everything.append(None)
        if field in FIELDS:
            bounds[field] = slice(begin, len(everything))
    words = set(islice(dict.fromkeys(filter(None, everything)), MAX_DIFFERENT_WORDS))
    if len(words) == MAX_DIFFERENT_WORDS:
        everything = [word if word in words else None for word in everything]
    stem_of = {word: stem(word, language) for word in words}
    stem_of = {word: found for word, found in stem_of.items() if found and found != word}
    others = set(stem_of.values())
    for field, within in bounds.items():
        prefix, of_field = FIELDS[field], everything[within]
        by_field += [word and prefix + word for word in of_field]
        others.update([prefix + stem_of[word] for word in of_field if word in stem_of])
    ordered = everything + by_field
    if len(ordered) > MAX_PLACES:
        others |= _without_place(ordered)
    return _within_bytes(Terms(ordered, sorted(others), words))


def _within_bytes(terms: Terms) -> Terms:
    """What of `terms` PostgreSQL can hold, and so both do: all, but of very long recipes."""
    ordered, others, words = terms
    if (len(ordered) + len(others)) * 4 * (MAX_WORD + _BYTES_OF_A_TERM) < MAX_BYTES // 2:
        return terms
    if 4 * (sum(len(term) for term in ordered if term) + sum(map(len, others))) < MAX_BYTES // 2:
        return terms
    kept: set[str] = set()
    left = MAX_BYTES
    for term in dict.fromkeys(filter(None, chain(ordered, others))):
        left -= len(term.encode()) + _BYTES_OF_A_TERM
        if left < 0:
            break
        kept.add(term)
    ordered = [each if each in kept else None for each in ordered]
    return Terms(ordered, sorted(kept & set(others)), words & kept)


def _without_place(ordered: list[str | None]) -> set[str]:
    """Take out of `ordered` what is in no phrase for its place."""
    others = {term for term in ordered[MAX_POSITION:] if term}
    del ordered[MAX_POSITION:]
    counts: Counter[str] = Counter()
    for place, term in enumerate(ordered):
        if term:
            counts[term] += 1
            if counts[term] > MAX_PLACES:
                others.add(term)
                ordered[place] = None
    return others


TEXTS = (
    *("label", "description", "notes", "source", "author", "language"),
    *("tags", "ingredients", "steps"),
)
"""The members of a recipe that `texts_of` and `language_of` look at."""


def texts_of(recipe: Mapping[str, Any]) -> dict[str, Iterable[str]]:
    """What is searched of a recipe: the fields of FIELDS, and the rest."""
    steps = recipe["steps"]
    rest = (recipe["description"], recipe["notes"], recipe["source"], recipe["author"])
    return {
        "label": (recipe["label"],),
        "tags": (tag["name"] for tag in recipe["tags"]),
        "ingredients": (
            joined((each["text"], each["food"])) if _is_elsewhere(each) else each["text"]
            for each in recipe["ingredients"]
        ),
        "rest": chain(
            filter(None, rest),
            (joined((step["section"], step["name"], step["text"])) for step in steps),
            filter(None, unique(each["section"] for each in recipe["ingredients"])),
        ),
    }


def _is_elsewhere(ingredient: Mapping[str, Any]) -> bool:
    """Whether the food is named otherwise than in the line."""
    food = ingredient["food"]
    return bool(food) and food not in ingredient["text"]


class Clause(NamedTuple):
    """A word of a query, or several that must follow each other."""

    words: tuple[str, ...]
    typed: str = ""
    """The word as it was typed."""
    is_excluded: bool = False
    is_prefix: bool = False
    completions: tuple[str, ...] | None = None
    """The words of public recipes that begin so; None where they are too many to be named."""

    @property
    def is_phrase(self) -> bool:
        """Whether its words must follow each other."""
        return len(self.words) > 1


_CLAUSE = re.compile(r'(?<!\S)(-?)"([^"]*)"?|(\S+)')


def parse_query(query: str) -> list[Clause]:
    """What a query asks for: `red curry`, `"red curry"`, `-shrimp`; nothing in it is an error.

    The last word may be unfinished. At most MAX_CLAUSES count.
    """
    clauses: list[Clause] = []
    for minus, quoted, bare in _CLAUSE.findall(query):
        is_excluded = bool(minus) or (bare.startswith("-") and len(bare) > 1)
        words = tuple(words_of(quoted or bare))
        if quoted or is_excluded:
            clauses += [Clause(words, "", is_excluded)] if words else []
        else:
            clauses += [Clause((word,), word) for word in words]
    last = clauses[-1] if clauses else None
    if last and last.typed and len(last.typed) >= MIN_PREFIX and not query[-1:].isspace():
        clauses[-1] = last._replace(is_prefix=True)
    return unique(clauses)[:MAX_CLAUSES]
