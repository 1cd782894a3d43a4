"""Words that name one thing, such as aubergine and eggplant: a search for one finds the others.

The names are lines of a file: ours is synonyms.txt beside this module, and an instance may have
another in DATA_DIR.
"""

import logging
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple
from weakref import WeakKeyDictionary

from app.core.bounds import MAX_SYNONYM_LINES, MAX_SYNONYMS
from app.db.reader import Reader
from app.search.words import DEFAULT_LANGUAGE, language_of, stem, stems, words_of

FILE = "synonyms.txt"
"""The name of an instance's own file in DATA_DIR."""
MAX_WORDS = 4
"""Words of a name. A longer one is never found."""
_START = 3
"""Letters that a word and its stems share, so that few words are stemmed for a look-up."""

Name = tuple[str, ...]
logger = logging.getLogger("app.search")


class _Line(NamedTuple):
    """The names of one thing, and their language if it is known."""

    names: Sequence[Name]
    language: str | None

    @classmethod
    def of(cls, text: str) -> "_Line":
        """Read a line: `de: quark, topfen`, or names alone, as after a language without stems."""
        language, _, names = text.partition("#")[0].rpartition(":")
        words = [tuple(words_of(name)) for name in names.split(",")[:MAX_SYNONYMS]]
        language = language.strip().lower()
        is_known = bool(language) and language_of(language) == language
        return cls([each for each in words if each], language if is_known else None)

    def languages(self, stored: Sequence[str]) -> Sequence[str]:
        """Return the languages in which its words have forms: by default all that are stored."""
        return stored if self.language is None else (self.language,)


class Synonyms:
    """The names of some things."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._by_start: dict[tuple[Name, str], list[tuple[Name, _Line]]] = defaultdict(list)
        for line in map(_Line.of, lines):
            for name in line.names:
                self._by_start[_key(name)].append((name, line))

    def of(self, name: Name, stored: Sequence[str]) -> tuple[Name, ...] | None:
        """Return the other names of a thing, in all their forms; None if it is in no line.

        `stored` are the languages of recipes. Lines of others are left out, but English ones. The
        last word of `name` may be in any form: courgettes is courgette.
        """
        found: dict[Name, None] | None = None
        for known, line in self._by_start.get(_key(name), ()):
            languages = line.languages(stored)
            is_searched = line.language in (None, DEFAULT_LANGUAGE, *stored)
            if is_searched and _are_forms(known[-1], name[-1], languages):
                found = found or {}
                for other in line.names:
                    if other not in (known, name):
                        found |= dict.fromkeys(_forms(other, languages))
        return None if found is None else tuple(found)


def _key(name: Name) -> tuple[Name, str]:
    return name[:-1], name[-1][:_START]


def _are_forms(word: str, other: str, languages: Sequence[str]) -> bool:
    return word == other or any(stem(word, each) == stem(other, each) for each in languages)


def _forms(name: Name, languages: Sequence[str]) -> list[Name]:
    """Return the forms of a name. Phrases have no stems, so theirs are with and without s."""
    if len(name) > 1:
        return [name, (*name[:-1], name[-1] + "s")]
    return [name, *((form,) for form in sorted(stems(name, languages)))]


@cache
def _built_in() -> list[str]:
    return Path(__file__).with_name(FILE).read_text(encoding="utf-8").splitlines()


@cache
def built_in() -> Synonyms:
    """Return the synonyms that every instance has."""
    return Synonyms(_built_in())


_instances: WeakKeyDictionary[Reader, Synonyms] = WeakKeyDictionary()


def use_own(db: Reader, folder: Path) -> None:
    """Add the lines of the file in `folder`, if there is one, for searches of `db`."""
    try:
        lines = (folder / FILE).read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except FileNotFoundError:
        return
    except OSError as error:
        logger.warning("%s is not read: %s.", folder / FILE, error.strerror)
        return
    if len(lines) > MAX_SYNONYM_LINES:
        logger.warning("Only %d lines of %s are read.", MAX_SYNONYM_LINES, folder / FILE)
    _instances[db] = Synonyms([*_built_in(), *lines[:MAX_SYNONYM_LINES]])


def synonyms_for(db: Reader) -> Synonyms:
    """Return the synonyms for searches of `db`."""
    return _instances.get(db) or built_in()
