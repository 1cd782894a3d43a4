"""The terms of a recipe: what the search index holds of it.

They are its words and their stems, and again those of the fields that decide the relevance, after
the prefix of the field, so that one look-up finds a word in a field on either database. No word
contains a `#`, so terms with a prefix are never taken for words.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain, islice
from typing import Any, NamedTuple

from app.core.bounds import MAX_DIFFERENT_WORDS
from app.models.search import MAX_WORD
from app.search.words import joined, language_of, stem, unique, words_of

FIELDS = {"label": "l#", "tags": "t#", "ingredients": "i#"}
"""The prefixes of fields, from the most relevant field to the least. All others are one tier."""
HIDDEN = "x#"
"""The prefix of all terms of a recipe that only its submitter finds, so that searches of everyone
else skip nothing."""
EVERY = "e#"
"""The term of every recipe."""

# PostgreSQL stores no position beyond these. Words there are in no phrase, on either database.
MAX_POSITION = 16_383
MAX_PLACES = 255
# A tsvector is smaller than 1 MiB:
# https://www.postgresql.org/docs/current/textsearch-limitations.html
MAX_BYTES = 900_000
_BYTES_OF_A_TERM = 2
"""What a term takes beside its text, for HIDDEN. Positions have the rest of the MiB."""


def owner_term(user_id: int) -> str:
    """Return the term of a user's hidden recipes."""
    return f"u#{user_id}"


def tag_term(tag_id: int) -> str:
    """Return the term of the recipes with a tag."""
    return f"g#{tag_id}"


class Terms(NamedTuple):
    """The terms of a recipe."""

    ordered: list[str | None]
    """Terms in the order of the text; None at the end of a line, which ends phrases."""
    others: list[str]
    """Terms without a position."""
    words: set[str]
    """The words alone, without stems and fields, which are candidates for corrections."""


def terms_of(recipe: Mapping[str, Any]) -> Terms:
    """Return the terms of a recipe, in the shape of its document.

    Words beyond the first MAX_DIFFERENT_WORDS have none: each takes time to stem and to store, for
    which other writers wait.
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
    """Return as many of `terms` as PostgreSQL can store: all, unless the recipe is very long."""
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
    """Remove the terms from `ordered` whose positions PostgreSQL does not store; return them."""
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
"""The members of a recipe that its terms are made of."""


def texts_of(recipe: Mapping[str, Any]) -> dict[str, Iterable[str]]:
    """Return the searched texts of a recipe: of each field of FIELDS, and the rest."""
    steps = recipe["steps"]
    rest = (recipe["description"], recipe["notes"], recipe["source"], recipe["author"])
    return {
        "label": (recipe["label"],),
        "tags": (tag["name"] for tag in recipe["tags"]),
        "ingredients": (
            joined((each["text"], each["food"])) if _adds_food(each) else each["text"]
            for each in recipe["ingredients"]
        ),
        "rest": chain(
            filter(None, rest),
            (joined((step["section"], step["name"], step["text"])) for step in steps),
            filter(None, unique(each["section"] for each in recipe["ingredients"])),
        ),
    }


def _adds_food(ingredient: Mapping[str, Any]) -> bool:
    """Return whether the food is not named in the line itself."""
    food = ingredient["food"]
    return bool(food) and food not in ingredient["text"]
