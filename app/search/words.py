"""The words of a text, folded and stemmed, and the terms of a recipe, which the search index holds.

The terms of a recipe are its words and their stems, and again those of the fields that decide the
relevance, after the prefix of the field, so that one look-up finds a word in a field on either
database. No word contains a `#`, so terms with a prefix are never taken for words.

Both databases store what these functions return, so they find the same. If a change makes them or
`url_key` return something else, raise _RULES: prestart.sh then rebuilds the index and recomputes
these keys, as it does for another version of the stemmer.
"""

import re
import threading
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.metadata import version
from itertools import chain, groupby, islice
from typing import Any, NamedTuple, TypeVar

from app.core.bounds import MAX_DIFFERENT_WORDS
from app.core.text import fold
from app.models.search import MAX_WORD

T = TypeVar("T")

_RULES = 2


def normalisation(stemmer: str) -> int:
    """Return the number of these rules with a version of the stemmer."""
    return _RULES * 1_000_000 + zlib.crc32(stemmer.encode()) % 1_000_000


NORMALISATION = normalisation(version("snowballstemmer"))
"""Stored with the index, so that prestart knows the rules that made it."""
# Characters of a word that are folded, and cached: a letter may fold to several, a mark to none.
_LONGEST = 4 * MAX_WORD
DEFAULT_LANGUAGE = "en"

# Languages with a stemmer, by their BCP 47 code, with Snowball's name (https://snowballstem.org).
_ALGORITHMS = {
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hu": "hungarian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "tr": "turkish",
}

# Scripts that do not separate words: each of their characters is a word.
_UNPARTED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003134f"
# Letters that NFKD does not decompose, although people type them without their stroke or ligature.
_LETTERS = str.maketrans(
    {
        "œ": "oe",
        "æ": "ae",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ħ": "h",
        "\u0131": "i",
        "ł": "l",
        "þ": "th",
    }
)
# A mark belongs to the letter before it until it is folded away.
_WORD = re.compile(rf"(?:[a-z0-9]++|(?![{_UNPARTED}])[^\W_]|[\u0300-\u036f])++|[{_UNPARTED}]")
_ONE_UNPARTED = re.compile(f"[{_UNPARTED}]")
_PART = re.compile(rf"[\w\u0300-\u036f{_UNPARTED}]++")
# Most text is ASCII, and this is five times as fast for it.
_ASCII = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}


def words_of(text: str) -> list[str]:
    """Return the words of `text` in order, folded: "Crème brûlée" is creme, brulee."""
    if not text.isascii():
        found = _WORD.findall(text.casefold())
        return [word for each in found for word in _fold_word(each[:_LONGEST])]
    words = text.translate(_ASCII).split()
    if len(text) > MAX_WORD and words and max(map(len, words)) > MAX_WORD:
        return [word[:MAX_WORD] for word in words]
    return words


def parts_of(text: str) -> list[str]:
    """Return the parts of `text` that punctuation and blanks separate, as they are written."""
    return _PART.findall(text)


def phrases_of(part: str) -> list[tuple[str, ...]]:
    """Return the words of a part. Characters of scripts without spaces are one phrase.

    "味噌soup" is (味, 噌), (soup,).
    """
    if part.isascii():
        return [(word,) for word in words_of(part)]
    found: list[tuple[str, ...]] = []
    for is_unparted, group in groupby(words_of(part), key=_is_unparted):
        words = tuple(group)
        found += [words] if is_unparted else [(word,) for word in words]
    return found


def _is_unparted(word: str) -> bool:
    return _ONE_UNPARTED.match(word) is not None


@lru_cache(1 << 14)
def _fold_word(word: str) -> tuple[str, ...]:
    """Fold a word, which may become several: ½ is 1 and 2."""
    return tuple(each[:MAX_WORD] for each in _WORD.findall(fold(word).translate(_LETTERS)))


def language_of(tag: str | None) -> str:
    """Return the language to stem a text in `tag` (BCP 47) by, English if it has no stemmer."""
    code = (tag or "").partition("-")[0].lower()
    return code if code in _ALGORITHMS else DEFAULT_LANGUAGE


@lru_cache(1 << 16)
def stem(word: str, language: str) -> str:
    """Return the stem of `word`: tomato for tomatoes."""
    return str(_stemmer(_ALGORITHMS[language]).stemWord(word))


def stems(words: Iterable[str], languages: Iterable[str]) -> set[str]:
    """Return the stems of `words` in `languages` that differ from the words."""
    pairs = ((word, stem(word, language)) for language in languages for word in words)
    return {found for word, found in pairs if found and found != word}


class _Stemmers(threading.local):
    """The stemmers of a thread, by algorithm: they are not thread-safe."""

    def __init__(self) -> None:
        self.made: dict[str, Any] = {}


_stemmers = _Stemmers()


def _stemmer(algorithm: str) -> Any:
    if algorithm not in _stemmers.made:
        # Imported at the first use because it imports all its languages.
        import snowballstemmer

        _stemmers.made[algorithm] = snowballstemmer.stemmer(algorithm)
    return _stemmers.made[algorithm]


def joined(parts: Iterable[str | None]) -> str:
    """Join the parts that are not empty."""
    return " ".join(part for part in parts if part)


def unique(items: Iterable[T]) -> list[T]:
    """Return the items in order, without duplicates."""
    return list(dict.fromkeys(items))


# --- Terms --------------------------------------------------------------------------------------

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
