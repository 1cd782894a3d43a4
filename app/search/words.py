"""Words, as the search index and its queries know them: folded, and stemmed.

Both databases hold what these functions make, so they find the same. A change of what they make
raises _RULES. prestart.sh then writes the index again, as it does for another stemmer.
"""

import re
import threading
import zlib
from collections.abc import Iterable
from functools import lru_cache
from importlib.metadata import version
from typing import Any, TypeVar

from app.core.text import fold
from app.models.search import MAX_WORD

T = TypeVar("T")

_RULES = 1


def normalisation(stemmer: str) -> int:
    """The number of these rules with a version of the stemmer."""
    return _RULES * 1_000_000 + zlib.crc32(stemmer.encode()) % 1_000_000


NORMALISATION = normalisation(version("snowballstemmer"))
"""It is kept with the index, so that prestart knows by which rules that was made."""
# What is folded of a word, and cached: letters may be folded to several, and marks to none.
_LONGEST = 4 * MAX_WORD
DEFAULT_LANGUAGE = "en"

# Languages that stem, by their BCP 47 code, with Snowball's name (https://snowballstem.org).
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

# Scripts that part words by nothing: each of their characters is a word.
_UNPARTED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003134f"
# A mark is a part of the letter before it, until it is folded away.
_WORD = re.compile(rf"(?:[a-z0-9]++|(?![{_UNPARTED}])[^\W_]|[\u0300-\u036f])++|[{_UNPARTED}]")
# Most text is ASCII, of which this makes words five times as quickly.
_ASCII = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}


def words_of(text: str) -> list[str]:
    """The words of `text` in their order, folded: "Crème brûlée" is creme, brulee."""
    if not text.isascii():
        found = _WORD.findall(text.casefold())
        return [word for each in found for word in _fold_word(each[:_LONGEST])]
    words = text.translate(_ASCII).split()
    if len(text) > MAX_WORD and words and max(map(len, words)) > MAX_WORD:
        return [word[:MAX_WORD] for word in words]
    return words


@lru_cache(1 << 14)
def _fold_word(word: str) -> tuple[str, ...]:
    """What folding makes of a word: ½ becomes two."""
    return tuple(each[:MAX_WORD] for each in _WORD.findall(fold(word)))


def language_of(tag: str | None) -> str:
    """The language whose stems a text in `tag` (BCP 47) has; English where there are none."""
    code = (tag or "").partition("-")[0].lower()
    return code if code in _ALGORITHMS else DEFAULT_LANGUAGE


@lru_cache(1 << 16)
def stem(word: str, language: str) -> str:
    """What `word` shares with its other forms: tomato, of tomatoes."""
    return str(_stemmer(_ALGORITHMS[language]).stemWord(word))


def stems(words: Iterable[str], languages: Iterable[str]) -> set[str]:
    """The stems of `words` in `languages` that are other words than themselves."""
    pairs = ((word, stem(word, language)) for language in languages for word in words)
    return {found for word, found in pairs if found and found != word}


class _Stemmers(threading.local):
    """The stemmers of a thread, by algorithm: each works on state of its own."""

    def __init__(self) -> None:
        self.made: dict[str, Any] = {}


_stemmers = _Stemmers()


def _stemmer(algorithm: str) -> Any:
    if algorithm not in _stemmers.made:
        # Imported at the first use, since it brings all its languages along.
        import snowballstemmer

        _stemmers.made[algorithm] = snowballstemmer.stemmer(algorithm)
    return _stemmers.made[algorithm]


def joined(parts: Iterable[str | None]) -> str:
    """`parts` that are there, as one text."""
    return " ".join(part for part in parts if part)


def unique(items: Iterable[T]) -> list[T]:
    """`items` in their order, each once."""
    return list(dict.fromkeys(items))
