"""Snippets of texts in which the words of a query are marked."""

import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from itertools import chain, islice
from typing import Any, NamedTuple

from app.search.query import SearchQuery
from app.search.words import language_of, stem, stems, texts_of, words_of

AROUND = 60
"""Characters on each side of the first marked word."""
_TOKEN = re.compile(r"[^\W_]+")


class Wanted(NamedTuple):
    """The words to mark, in all their forms."""

    forms: frozenset[str]
    prefixes: tuple[str, ...]

    def has(self, token: str, language: str) -> bool:
        """Return whether a word of a text is one of them."""
        words = words_of(token)
        return any(
            word in self.forms
            or word.startswith(self.prefixes)
            or stem(word, language) in self.forms
            for word in words
        )


def wanted_by(search: SearchQuery) -> Wanted:
    """Return the words that a query requires."""
    names = chain.from_iterable((each.words, *each.synonyms) for each in search.required)
    words = set(chain.from_iterable(names))
    prefixes = tuple(each.words[0] for each in search.required if each.is_prefix)
    return Wanted(frozenset(words | stems(words, search.languages)), prefixes)


def highlights(recipe: Mapping[str, Any], wanted: Wanted, most_words: int) -> dict[str, str]:
    """Return the first snippet of each field that has a word of the query, as HTML.

    Only the first `most_words` of the recipe are searched, since stemming a word takes some
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
    """Yield the words of some texts in order, each with its text."""
    return ((text, token) for text in texts for token in _TOKEN.finditer(text))


def _snippet(text: str, first: tuple[int, int], wanted: Wanted, language: str) -> str:
    """Return the part of `text` around its `first` wanted word, with all wanted words marked."""
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
    """Return the begin and end of a snippet: at a space if there is one nearby."""
    begin, end = max(0, start - AROUND), min(len(text), stop + AROUND)
    if begin:
        begin = text.find(" ", begin - 1, start) + 1 or begin
    if end < len(text) and (space := text.rfind(" ", stop, end + 1)) > 0:
        end = space
    return begin, end
