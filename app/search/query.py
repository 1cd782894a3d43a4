"""From what is asked for to expressions of the search index.

Relevance is the best field that holds all the words: the label, then the tags, then the
ingredients, else the whole recipe; each such tier is an expression of its own, without those
before it. Within a tier the newest come first. No score of an engine takes part, because it would
differ between the databases and move when other recipes come.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from app.core.policy import ANONYMOUS, Viewer
from app.search.fulltext import Expression, all_of, any_of, phrase, term
from app.search.index import EVERY, HIDDEN, owner_term, tag_term
from app.search.terms import FIELDS, Clause
from app.search.words import stems, words_of

_INGREDIENTS = FIELDS["ingredients"]


class Sought(NamedTuple):
    """What the index is asked for: the clauses of a query, foods in or out, ids of tags."""

    clauses: Sequence[Clause] = ()
    ingredients: Sequence[str] = ()
    not_ingredients: Sequence[str] = ()
    tags: Sequence[Sequence[int]] = ()
    """Of each group one has to be there."""
    not_tags: Sequence[int] = ()
    languages: Sequence[str] = ()
    """Those in whose stems a word is meant."""

    @property
    def words(self) -> list[Clause]:
        """The words and phrases that have to be there."""
        return [clause for clause in self.clauses if not clause.is_excluded]

    def corrected(self, words: Mapping[str, str]) -> "Sought":
        """Return the query with these words replaced by others."""
        clauses = [
            Clause((words[each.typed],), each.typed) if each.typed in words else each
            for each in self.clauses
        ]
        return self._replace(clauses=clauses)

    def tiers(self, viewer: Viewer) -> list[Expression]:
        """From the most relevant to the least, as far as `viewer` may find it."""
        # Behind those of the fields comes the one of what has the words anywhere.
        tiers = range(len(FIELDS) + 1) if self.words else [len(FIELDS)]
        return [_visible(viewer, partial(self._tier, tier)) for tier in tiers]

    def whole(self, viewer: Viewer) -> Expression:
        """All tiers as one."""
        return _visible(viewer, lambda space: self._filtered(space, self._in(space)))

    def _tier(self, at: int, space: str) -> Expression:
        fields = list(FIELDS.values())
        before = [all_of(self._in(space + field)) for field in fields[:at]] if self.words else []
        return self._filtered(space, self._in(space + "".join(fields[at : at + 1])), before)

    def _in(self, prefix: str) -> list[Expression]:
        return [_clause(prefix, each, self.languages) for each in self.words]

    def _filtered(
        self, space: str, here: Sequence[Expression], before: Sequence[Expression] = ()
    ) -> Expression:
        within = [*here]
        for food in self.ingredients:
            within += [self._food(space + _INGREDIENTS, [word]) for word in words_of(food)]
        within += [any_of([term(space + tag_term(each)) for each in ids]) for ids in self.tags]
        without = list(before)
        excluded = [each for each in self.clauses if each.is_excluded]
        without += [_clause(space, each, self.languages) for each in excluded]
        for food in self.not_ingredients:
            without += [self._food(space + _INGREDIENTS, words_of(food))] if words_of(food) else []
        without += [term(space + tag_term(each)) for each in self.not_tags]
        found = all_of(within or [term(space + EVERY)])
        return found.without(any_of(without)) if without else found

    def _food(self, prefix: str, words: Sequence[str]) -> Expression:
        """One word in any of its forms, or several that follow each other."""
        return _clause(prefix, Clause(tuple(words)), self.languages)


def word_anywhere(clause: Clause, viewer: Viewer, languages: Sequence[str]) -> Expression:
    """Whether there is a word at all, for `viewer`."""
    return Sought((clause,), languages=languages).whole(viewer)


def _clause(prefix: str, clause: Clause, languages: Sequence[str]) -> Expression:
    if clause.is_phrase:
        return phrase([prefix + word for word in clause.words])
    word = clause.words[0]
    forms = [word, *sorted(stems((word,), languages))]
    alternatives = [term(prefix + form) for form in forms]
    if clause.is_prefix and (clause.completions is None or prefix.startswith(HIDDEN)):
        alternatives[0] = term(prefix + word, is_prefix=True)
    elif clause.is_prefix:
        alternatives += [term(prefix + each) for each in clause.completions or ()]
    return any_of(alternatives)


def _visible(viewer: Viewer, expression: Callable[[str], Expression]) -> Expression:
    """What everybody finds, and of what is hidden what `viewer` finds."""
    public = expression("")
    if viewer == ANONYMOUS:
        return public
    hidden = expression(HIDDEN)
    return public | (hidden if viewer.is_superuser else hidden & term(owner_term(viewer.id)))
