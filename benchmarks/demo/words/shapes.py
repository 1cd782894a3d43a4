"""How the words of a language are written down, and read.

Each list begins with the most frequent. A food is `name:measure` with marks, or
`one/several:measure`; the measure is a key of the language's `measures`, the marks say who does not
eat it: `!` vegetarians, `~` vegans, `^` those who avoid gluten. A dish is `name:category` with the
same marks, a cuisine `tag:words`.
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
    """The entries of a list, parted by commas and any white space."""
    return [" ".join(word.split()) for word in words.split(",")]


def read(words: str) -> list[Word]:
    """The entries of a list with kinds and marks."""
    entries = []
    for word in split(words):
        name, _, kind = word.partition(":")
        one, _, several = name.partition("/")
        bare = kind.rstrip(MARKS)
        entries.append(Word(one, several or one, bare, kind.removeprefix(bare)))
    return entries


@dataclass(frozen=True)
class Kitchen:
    """What is cooked together: nobody wants garlic in a cake."""

    mains: str
    """Foods that give a dish its name."""
    others: str
    manners: str
    """What is said of a dish: roasted, for guests."""
    dishes: str
    sections: str
    yields: str
    steps: tuple[str, ...]
    """In the order in which they may come, with {n} where minutes belong."""


@dataclass(frozen=True)
class Language:
    """The words of one language and how they are put together.

    Sentences and labels name a food as {food}, {foods} or {of}, where it is one, several or what
    something is made of, and a second as {food2}, {foods2}, {of2}.
    """

    code: str
    share: int
    """How many of a hundred recipes are written in it."""
    measures: dict[str, str]
    notes: dict[str, str]
    """What is said behind a food, by its measure."""
    labels: tuple[str, ...]
    """Beginning with the plainest."""
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
    savoury: Kitchen
    sweet: Kitchen
    elides: bool = False
    """Whether `de` loses its vowel before another."""
