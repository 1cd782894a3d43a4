"""Words that name one thing, such as aubergine and eggplant: a search for one finds the others.

The names are lines of a file: ours is synonyms.txt beside this module, and an instance may have one
of its own in DATA_DIR.
"""

import logging
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from weakref import WeakKeyDictionary

from app.core.bounds import MAX_SYNONYM_LINES, MAX_SYNONYMS
from app.db.reader import Reader
from app.search.words import stem, words_of

FILE = "synonyms.txt"
"""The name of an instance's own file in DATA_DIR."""
MAX_WORDS = 4
"""Words of a name. A longer one is never found."""
_START = 3
"""Letters that a word and its stems share, so that few words are stemmed for a look-up."""

Name = tuple[str, ...]
logger = logging.getLogger("app.search")


class Synonyms:
    """The names of some things."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._by_start: dict[tuple[Name, str], list[tuple[str, list[Name]]]] = defaultdict(list)
        for line in lines:
            text = line.partition("#")[0]
            names = [tuple(words_of(name)) for name in text.split(",")[:MAX_SYNONYMS]]
            names = [name for name in names if name]
            for name in names:
                others = [other for other in names if other != name]
                self._by_start[_key(name)].append((name[-1], others))

    def of(self, name: Name, languages: Sequence[str]) -> tuple[Name, ...] | None:
        """Return the other names of what `name` names; None if the file does not have it.

        The last word may be in any form: courgettes is courgette.
        """
        found = [
            others
            for last, others in self._by_start.get(_key(name), ())
            if _are_forms(last, name[-1], languages)
        ]
        if not found:
            return None
        return tuple(dict.fromkeys(other for others in found for other in others if other != name))


def _key(name: Name) -> tuple[Name, str]:
    return name[:-1], name[-1][:_START]


def _are_forms(word: str, other: str, languages: Sequence[str]) -> bool:
    return word == other or any(stem(word, each) == stem(other, each) for each in languages)


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
