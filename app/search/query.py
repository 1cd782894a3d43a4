"""From the text of a query to expressions of the search index.

A query is parsed into clauses; the unfinished last word is completed with words of public recipes;
and the clauses become an expression for each tier of relevance: the best field that holds all the
words, which are the label, then the tags, then the ingredients, else the whole recipe. A tier is an
expression that excludes the tiers before it, and within a tier the newest come first. No
score of an engine takes part: it would differ between the databases and move as recipes are added.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import NamedTuple

from sqlalchemy import bindparam, select

from app.core.bounds import MAX_SYNONYM_TERMS
from app.core.policy import ANONYMOUS, Viewer
from app.db.reader import CompiledQuery, Reader
from app.models.search import search_word
from app.search.common_words import common_words
from app.search.fulltext import Expression, all_of, any_of, phrase, term
from app.search.synonyms import MAX_WORDS, Name, Synonyms, built_in
from app.search.words import (
    EVERY,
    FIELDS,
    HIDDEN,
    owner_term,
    parts_of,
    phrases_of,
    stems,
    tag_term,
    unique,
    words_of,
)

MAX_CLAUSES = 32
MIN_PREFIX = 2
"""Letters of an unfinished word. One letter begins too many words to mean one of them."""
MAX_COMPLETIONS = 50
"""Words that an unfinished one is completed with: databases look for few terms side by side and
stop at a full page. With more, the index is searched for the prefix: databases then collect all
that matches before they give the first, which is quicker only if every word is rare."""

_INGREDIENTS = FIELDS["ingredients"]


# --- Parsing -------------------------------------------------------------------------------------


class Clause(NamedTuple):
    """A word of a query, or several words that must follow each other."""

    words: tuple[str, ...]
    typed: str = ""
    """The word as it was typed, folded; empty for phrases and exclusions."""
    is_excluded: bool = False
    is_prefix: bool = False
    completions: tuple[str, ...] | None = None
    """The words of public recipes that begin with the word; None if there are too many."""
    synonyms: tuple[Name, ...] = ()
    """Names that are found as well."""

    @property
    def is_phrase(self) -> bool:
        """Whether its words must follow each other."""
        return len(self.words) > 1


_CLAUSE = re.compile(r'(?<!\S)(-?)"([^"]*)"?|(\S+)')


def parse_query(query: str, languages: Sequence[str] = ()) -> list[Clause]:
    """Parse a query: `red curry`, `"red curry"`, `-shrimp`. Every text is a valid query.

    The last word may be unfinished. Common words of `languages` are left out if other words are
    required. At most MAX_CLAUSES count.
    """
    ignored = common_words(tuple(languages))
    clauses: list[Clause] = []
    common: set[Clause] = set()
    found = _CLAUSE.findall(query)
    in_dashes = _between_dashes([bare for _, _, bare in found])
    for number, (minus, quoted, bare) in enumerate(found):
        begins_with_dash = bare.startswith("-") and len(bare) > 1
        is_excluded = bool(minus) or (begins_with_dash and number not in in_dashes)
        if quoted or is_excluded:
            words = tuple(words_of(quoted or bare))
            clauses += [Clause(words, "", is_excluded)] if words else []
            continue
        for part in parts_of(bare):
            of_part = _clauses_of_part(part)
            clauses += of_part
            if part.casefold() in ignored:
                common.update(of_part)
    last = clauses[-1] if clauses else None
    if not all(each.is_excluded or each in common for each in clauses):
        clauses = [each for each in clauses if each not in common]
    is_unfinished = bool(clauses) and clauses[-1] is last and not query[-1:].isspace()
    if is_unfinished and len(clauses[-1].typed) >= MIN_PREFIX:
        clauses[-1] = clauses[-1]._replace(is_prefix=True)
    return unique(clauses)[:MAX_CLAUSES]


def _clauses_of(text: str) -> list[Clause]:
    return [clause for part in parts_of(text) for clause in _clauses_of_part(part)]


def _clauses_of_part(part: str) -> list[Clause]:
    return [Clause(words, words[0] if len(words) == 1 else "") for words in phrases_of(part)]


def _between_dashes(texts: Sequence[str]) -> set[int]:
    """Return the numbers of texts whose first dash has a closing one: "-n-", "-no bake-"."""
    found: set[int] = set()
    opening: int | None = None
    for number, text in enumerate(texts):
        if text.startswith("-"):
            opening = number
        if opening is not None and text.endswith("-") and len(text) > 1:
            found.add(opening)
            opening = None
    return found


def widen(clauses: Sequence[Clause], synonyms: Synonyms, languages: Sequence[str]) -> list[Clause]:
    """Return the clauses with their synonyms, MAX_SYNONYM_TERMS at most.

    Each word of a name gets them all, since (spring or scallion) and (onion or scallion) is spring
    and onion, or scallion.
    """
    widened = list(clauses)
    left, begin = MAX_SYNONYM_TERMS, 0
    while begin < len(widened) and left > 0:
        end, found = _longest_name(widened, begin, synonyms, languages)
        found = found[:left]
        for number in range(begin, end) if found else ():
            widened[number] = widened[number]._replace(synonyms=found)
        left -= len(found)
        begin = end
    return widened


def _longest_name(
    clauses: Sequence[Clause], begin: int, synonyms: Synonyms, languages: Sequence[str]
) -> tuple[int, tuple[Name, ...]]:
    """Return the end of the longest name that begins at a clause, and its synonyms."""
    words: list[str] = []
    end: int = begin + 1
    found: tuple[Name, ...] = ()
    for number, clause in enumerate(clauses[begin : begin + MAX_WORDS], begin + 1):
        if not clause.typed:
            break
        words.append(clause.words[0])
        others = synonyms.of(tuple(words), languages)
        if others is not None:
            end, found = number, others
    return end, found


_COMPLETIONS = CompiledQuery(
    select(search_word.c.word)
    .where(search_word.c.word >= bindparam("begin"), search_word.c.word < bindparam("end"))
    .limit(MAX_COMPLETIONS + 1)
)


async def complete(db: Reader, clauses: Sequence[Clause]) -> list[Clause]:
    """Return the clauses, the unfinished one with its completions."""
    return [await _complete(db, each) if each.is_prefix else each for each in clauses]


async def _complete(db: Reader, clause: Clause) -> Clause:
    (word,) = clause.words
    rows = await db.all(_COMPLETIONS, {"begin": word, "end": word + chr(0x10FFFF)})
    words = tuple(sorted(row["word"] for row in rows if row["word"] != word))
    return clause if len(rows) > MAX_COMPLETIONS else clause._replace(completions=words)


# --- Expressions ---------------------------------------------------------------------------------


class SearchQuery(NamedTuple):
    """What the index is searched for: clauses, foods and tags, required or excluded."""

    clauses: Sequence[Clause] = ()
    ingredients: Sequence[str] = ()
    not_ingredients: Sequence[str] = ()
    tags: Sequence[Sequence[int]] = ()
    """Groups of ids; one of each group is required."""
    not_tags: Sequence[int] = ()
    languages: Sequence[str] = ()
    """The languages in which words are stemmed."""
    synonyms: Synonyms = built_in()

    @property
    def required(self) -> list[Clause]:
        """The words and phrases that must match."""
        return [clause for clause in self.clauses if not clause.is_excluded]

    def corrected(self, words: Mapping[str, str]) -> "SearchQuery":
        """Return the query with these words replaced by others."""
        clauses = [
            Clause((words[each.typed],), each.typed) if each.typed in words else each
            for each in self.clauses
        ]
        return self._replace(clauses=widen(clauses, self.synonyms, self.languages))

    def tiers(self, viewer: Viewer) -> list[Expression]:
        """Return an expression for each tier, the most relevant first, as `viewer` may find it."""
        # The tier after those of the fields has the words anywhere.
        tiers = range(len(FIELDS) + 1) if self.required else [len(FIELDS)]
        words = cache(self._words)  # A tier excludes those before it, with the same words.
        return [_visible(viewer, partial(self._tier, words, tier)) for tier in tiers]

    def whole(self, viewer: Viewer) -> Expression:
        """Return one expression for all tiers."""
        return _visible(viewer, lambda prefix: self._filtered(prefix, self._words(prefix)))

    def _tier(
        self, words: Callable[[str], Sequence[Expression]], number: int, prefix: str
    ) -> Expression:
        fields = list(FIELDS.values())
        before = [all_of(words(prefix + each)) for each in fields[:number] if self.required]
        field = "".join(fields[number : number + 1])
        return self._filtered(prefix, words(prefix + field), before)

    def _words(self, prefix: str) -> list[Expression]:
        return [self._clause(prefix, each) for each in self.required]

    def _filtered(
        self, prefix: str, words: Sequence[Expression], before: Sequence[Expression] = ()
    ) -> Expression:
        """Return what matches `words` and all that is required, but nothing excluded or before."""
        required = [*words]
        foods = prefix + _INGREDIENTS
        for food in self.ingredients:
            clauses = widen(_clauses_of(food), self.synonyms, self.languages)
            required += [self._clause(foods, each) for each in clauses]
        required += [any_of([term(prefix + tag_term(each)) for each in ids]) for ids in self.tags]
        excluded = [*before]
        excluded += [self._clause(prefix, each) for each in self.clauses if each.is_excluded]
        for food in self.not_ingredients:
            if name := tuple(words_of(food)):
                others = self.synonyms.of(name, self.languages) or ()
                excluded.append(self._clause(foods, Clause(name, synonyms=others)))
        excluded += [term(prefix + tag_term(each)) for each in self.not_tags]
        found = all_of(required or [term(prefix + EVERY)])
        return found.without(any_of(excluded)) if excluded else found

    def _clause(self, prefix: str, clause: Clause) -> Expression:
        """Return a phrase, or a word in any of its forms, or their synonyms."""
        alternatives = [
            phrase([prefix + word for word in name]) if len(name) > 1 else term(prefix + name[0])
            for name in clause.synonyms
        ]
        if clause.is_phrase:
            return any_of([phrase([prefix + word for word in clause.words]), *alternatives])
        word = clause.words[0]
        forms = [term(prefix + form) for form in (word, *sorted(stems((word,), self.languages)))]
        # Words of hidden recipes are in no vocabulary, so there the prefix is searched.
        if clause.is_prefix and (clause.completions is None or prefix.startswith(HIDDEN)):
            forms[0] = term(prefix + word, is_prefix=True)
        elif clause.is_prefix:
            forms += [term(prefix + each) for each in clause.completions or ()]
        return any_of([*forms, *alternatives])


def word_anywhere(clause: Clause, viewer: Viewer, languages: Sequence[str]) -> Expression:
    """Return the expression of a word in any field, as `viewer` may find it."""
    return SearchQuery((clause,), languages=languages).whole(viewer)


def _visible(viewer: Viewer, expression: Callable[[str], Expression]) -> Expression:
    """Return what is public, or hidden and the viewer's; `expression` takes a prefix of terms."""
    public = expression("")
    if viewer == ANONYMOUS:
        return public
    hidden = expression(HIDDEN)
    return public | (hidden if viewer.is_superuser else hidden & term(owner_term(viewer.id)))
