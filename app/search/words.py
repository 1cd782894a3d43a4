"""The words of a text, folded and stemmed, as the search index and its queries have them.

Both databases store what these functions return, so they find the same. If a change makes them or
`url_key` return something else, raise _RULES: prestart.sh then rebuilds the index and recomputes
these keys, as it does for another version of the stemmer.
"""

import re
import threading
import zlib
from collections.abc import Iterable
from functools import lru_cache
from importlib.metadata import version
from itertools import groupby
from typing import Any, TypeVar

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
