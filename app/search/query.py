"""From the text of a query to expressions of the search index.

A query is parsed into clauses; the unfinished last word is completed with words of public recipes;
and the clauses become an expression for each tier of relevance: the best field that holds all the
words, which are the label, then the tags, then the ingredients, else the whole recipe. A tier is an
expression that excludes the tiers before it, and within a tier the newest come first. No
score of an engine takes part: it would differ between the databases and move as recipes are added.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from sqlalchemy import bindparam, select

from app.core.policy import ANONYMOUS, Viewer
from app.db.reader import CompiledQuery, Reader
from app.models.search import search_word
from app.search.fulltext import Expression, all_of, any_of, phrase, term
from app.search.terms import EVERY, FIELDS, HIDDEN, owner_term, tag_term
from app.search.words import stems, unique, words_of

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

    @property
    def is_phrase(self) -> bool:
        """Whether its words must follow each other."""
        return len(self.words) > 1


_CLAUSE = re.compile(r'(?<!\S)(-?)"([^"]*)"?|(\S+)')


def parse_query(query: str) -> list[Clause]:
    """Parse a query: `red curry`, `"red curry"`, `-shrimp`. Every text is a valid query.

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
    if last and len(last.typed) >= MIN_PREFIX and not query[-1:].isspace():
        clauses[-1] = last._replace(is_prefix=True)
    return unique(clauses)[:MAX_CLAUSES]


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
        return self._replace(clauses=clauses)

    def tiers(self, viewer: Viewer) -> list[Expression]:
        """Return an expression for each tier, the most relevant first, as `viewer` may find it."""
        # The tier after those of the fields has the words anywhere.
        tiers = range(len(FIELDS) + 1) if self.required else [len(FIELDS)]
        return [_visible(viewer, partial(self._tier, tier)) for tier in tiers]

    def whole(self, viewer: Viewer) -> Expression:
        """Return one expression for all tiers."""
        return _visible(viewer, lambda prefix: self._filtered(prefix, self._words(prefix)))

    def _tier(self, number: int, prefix: str) -> Expression:
        fields = list(FIELDS.values())
        before = [all_of(self._words(prefix + each)) for each in fields[:number] if self.required]
        field = "".join(fields[number : number + 1])
        return self._filtered(prefix, self._words(prefix + field), before)

    def _words(self, prefix: str) -> list[Expression]:
        return [self._clause(prefix, each) for each in self.required]

    def _filtered(
        self, prefix: str, words: Sequence[Expression], before: Sequence[Expression] = ()
    ) -> Expression:
        """Return what matches `words` and all that is required, but nothing excluded or before."""
        required = [*words]
        for food in self.ingredients:
            required += [self._food(prefix, [word]) for word in words_of(food)]
        required += [any_of([term(prefix + tag_term(each)) for each in ids]) for ids in self.tags]
        excluded = [*before]
        excluded += [self._clause(prefix, each) for each in self.clauses if each.is_excluded]
        for food in self.not_ingredients:
            excluded += [self._food(prefix, words_of(food))] if words_of(food) else []
        excluded += [term(prefix + tag_term(each)) for each in self.not_tags]
        found = all_of(required or [term(prefix + EVERY)])
        return found.without(any_of(excluded)) if excluded else found

    def _food(self, prefix: str, words: Sequence[str]) -> Expression:
        return self._clause(prefix + _INGREDIENTS, Clause(tuple(words)))

    def _clause(self, prefix: str, clause: Clause) -> Expression:
        """Return a phrase, or a word in any of its forms."""
        if clause.is_phrase:
            return phrase([prefix + word for word in clause.words])
        word = clause.words[0]
        forms = [word, *sorted(stems((word,), self.languages))]
        alternatives = [term(prefix + form) for form in forms]
        # Words of hidden recipes are in no vocabulary, so there the prefix is searched.
        if clause.is_prefix and (clause.completions is None or prefix.startswith(HIDDEN)):
            alternatives[0] = term(prefix + word, is_prefix=True)
        elif clause.is_prefix:
            alternatives += [term(prefix + each) for each in clause.completions or ()]
        return any_of(alternatives)


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
