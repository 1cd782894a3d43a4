"""Snippets of texts in which the words of a query are marked."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

from app.core.search import Clause, texts_of
from app.core.words import language_of, stem, words_of

AROUND = 60
"""Characters on either side of the first word that is marked."""
_TOKEN = re.compile(r"[^\W_]+")


class Wanted(NamedTuple):
    """The words that a query asks for, in all their forms."""

    forms: frozenset[str]
    prefixes: tuple[str, ...]

    def has(self, token: str, language: str) -> bool:
        """Whether a word of a text is one of them."""
        words = words_of(token)
        return any(
            word in self.forms
            or word.startswith(self.prefixes)
            or stem(word, language) in self.forms
            for word in words
        )


def wanted_by(clauses: Iterable[Clause], forms_of: Mapping[str, Sequence[str]]) -> Wanted:
    """What `clauses` ask for; `forms_of` gives the stems of each word."""
    asked = [clause for clause in clauses if not clause.is_excluded]
    words = {word for clause in asked for word in clause.words}
    forms = words | {form for word in words for form in forms_of.get(word, ())}
    return Wanted(frozenset(forms), tuple(each.words[0] for each in asked if each.is_prefix))


def highlights(recipe: Mapping[str, Any], wanted: Wanted) -> dict[str, str]:
    """By field of the search, the first snippet that has a word of the query, as HTML.

    What is no mark of ours is escaped.
    """
    language = language_of(recipe["language"])
    found: dict[str, str] = {}
    for field, texts in texts_of(recipe).items():
        snippets = (_snippet(text, wanted, language) for text in texts)
        if snippet := next(filter(None, snippets), None):
            found[field] = snippet
    return found


def _snippet(text: str, wanted: Wanted, language: str) -> str | None:
    spans = [each.span() for each in _TOKEN.finditer(text) if wanted.has(each[0], language)]
    if not spans:
        return None
    begin, end = _around(text, *spans[0])
    parts, last = ["…" if begin else ""], begin
    for start, stop in _within(spans, end):
        parts += [escape(text[last:start]), "<mark>", escape(text[start:stop]), "</mark>"]
        last = stop
    parts += [
        escape(text[last:end]) if last < end else "",
        "…" if max(end, last) < len(text) else "",
    ]
    return "".join(parts)


def _around(text: str, start: int, stop: int) -> tuple[int, int]:
    """Where a snippet begins and ends: at words, where there are spaces between them."""
    begin, end = max(0, start - AROUND), min(len(text), stop + AROUND)
    if begin:
        begin = text.find(" ", begin - 1, start) + 1 or begin
    if end < len(text) and (space := text.rfind(" ", stop, end + 1)) > 0:
        end = space
    return begin, end


def _within(spans: Iterable[tuple[int, int]], end: int) -> Iterator[tuple[int, int]]:
    return (span for span in spans if span[0] < end)
