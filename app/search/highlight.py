"""Snippets of texts in which the words of a query are marked."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import islice
from typing import Any, NamedTuple

from app.search.terms import Clause, texts_of
from app.search.words import language_of, stem, words_of

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


def highlights(recipe: Mapping[str, Any], wanted: Wanted, most_words: int) -> dict[str, str]:
    """By field of the search, the first snippet that has a word of the query, as HTML.

    Only the first `most_words` of the recipe are looked at: to find the stem of a word takes some
    microseconds. Everything but the marks is escaped.
    """
    language = language_of(recipe["language"])
    found: dict[str, str] = {}
    for field, texts in texts_of(recipe).items():
        for text, token in islice(_tokens(texts), most_words):
            most_words -= 1
            if wanted.has(token[0], language):
                found[field] = _snippet(text, token.span(), wanted, language)
                break
    return found


def _tokens(texts: Iterable[str]) -> Iterator[tuple[str, re.Match[str]]]:
    """The words of some texts in their order, with the text that each is in."""
    return ((text, token) for text in texts for token in _TOKEN.finditer(text))


def _snippet(text: str, first: tuple[int, int], wanted: Wanted, language: str) -> str:
    """A piece of `text` around its `first` word that is wanted, with the others in it."""
    begin, end = _around(text, *first)
    spans = [first]
    for token in _TOKEN.finditer(text, first[1]):
        if token.start() >= end:
            break
        if wanted.has(token[0], language):
            spans.append(token.span())
    parts, last = ["…" if begin else ""], begin
    for start, stop in spans:
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
