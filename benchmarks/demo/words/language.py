"""The format of the words of a language, and its parser.

Each list begins with the most frequent. A food is `name:measure` with marks, or
`one/several:measure`; the measure is a key of the language's `measures`. The marks name who does
not eat it: `!` vegetarians, `~` vegans, `^` people who avoid gluten. A dish is `name:category` with
the same marks, a cuisine `tag:words`.
"""

from dataclasses import dataclass
from typing import NamedTuple

MARKS = "!~^"


class Word(NamedTuple):
    """An entry of a list."""

    name: str
    several: str
    kind: str
    """The measure of a food, the category of a dish, the words for a cuisine."""
    marks: str


def split(words: str) -> list[str]:
    """Split a list at its commas."""
    return [" ".join(word.split()) for word in words.split(",")]


def read(words: str) -> list[Word]:
    """Parse a list of words with kinds and marks."""
    entries = []
    for word in split(words):
        name, _, kind = word.partition(":")
        one, _, several = name.partition("/")
        bare = kind.rstrip(MARKS)
        entries.append(Word(one, several or one, bare, kind.removeprefix(bare)))
    return entries


@dataclass(frozen=True)
class Course:
    """The words of savoury dishes, or of sweet ones: a cake has no garlic."""

    mains: str
    """Foods that give a dish its name."""
    others: str
    manners: str
    """Adjectives of a dish: roasted, for guests."""
    dishes: str
    sections: str
    yields: str
    steps: tuple[str, ...]
    """In the order of cooking, with {n} for the minutes."""


@dataclass(frozen=True)
class Language:
    """The words of one language and how they are put together.

    Sentences and labels name a food as {food} (one), {foods} (several) or {of} (made of it), and a
    second food as {food2}, {foods2} and {of2}.
    """

    code: str
    share: int
    """The percentage of recipes in this language."""
    measures: dict[str, str]
    notes: dict[str, str]
    """Notes that follow a food, by its measure."""
    labels: tuple[str, ...]
    """The most common first."""
    labels_with_cuisine: tuple[str, ...]
    labels_with_place: tuple[str, ...]
    variety: str
    """A food of a {place}."""
    descriptions: tuple[str, ...]
    remarks: tuple[str, ...]
    """Second sentences of descriptions."""
    notices: tuple[str, ...]
    """Notes of whole recipes, in Markdown."""
    openers: tuple[str, ...]
    closers: tuple[str, ...]
    cuisines: str
    diets: dict[str, str]
    """The names of diets, by the marks of what they avoid."""
    methods: str
    tools: str
    keywords: str
    savoury: Course
    sweet: Course
    elides: bool = False
    """Whether `de` loses its vowel before another."""
