"""What sample recipes are drawn from: the words, put together as far as that is alike for many."""

# ruff: noqa: RUF001 - A recipe is typeset, with true apostrophes.

from bisect import bisect
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import accumulate, product
from typing import Any, Generic, NamedTuple, TypeVar

from app.cooking.ingredients import parse
from benchmarks.demo.words.shapes import Kitchen, Language, Word, read, split

T = TypeVar("T")
Part = dict[str, Any]
"""An ingredient, a step, a tag or nutrition; one may be in many recipes."""

MINUTES = (5, 10, 15, 20, 25, 30, 40, 45, 60)
"""How long a step takes."""
_ELIDING = ("a", "e", "i", "o", "u", "é", "œ", "hu")
_ANY_FOOD = "rice"


class Pool(Generic[T]):
    """Things to draw from: by Zipf's law, the first the most often, or by weights of their own."""

    def __init__(self, things: Iterable[T], weights: Iterable[float] = ()) -> None:
        self.things = list(things)
        # Begun at two, or the first of each list would be in a third of all recipes.
        given = list(weights) or [1 / rank for rank in range(2, len(self.things) + 2)]
        self.sums = list(accumulate(given))
        self.total, self.last = self.sums[-1], len(self.things) - 1

    def draw(self, chance: float) -> T:
        """The thing that a random number from 0 to 1 stands for."""
        return self.things[bisect(self.sums, chance * self.total, 0, self.last)]


class Food(NamedTuple):
    """A food, and the lines that it is in."""

    word: Word
    of: str
    lines: list[Part]
    varieties: list[Part]
    """Lines that have {place} in their text and food."""


class Pools:
    """What recipes of one language and kitchen are made of, without the foods that some avoid."""

    def __init__(
        self, language: Language, kitchen: Kitchen, foods: list[list[Food]], avoided: str
    ) -> None:
        def suits(word: Word) -> bool:
            return not set(avoided) & set(word.marks)

        mains, others = ([food for food in each if suits(food.word)] for each in foods)
        self.language = language
        self.diet = [tag("diet", language.diets[avoided])] if avoided else []
        self.mains = Pool(mains)
        # What gives one dish its name is in others as well, but less often than salt.
        ranked = [*enumerate(others, 2), *enumerate(mains, 8)]
        self.foods = Pool([food for _, food in ranked], [1 / rank for rank, _ in ranked])
        self.dishes = Pool(
            (dish.name, tag("category", dish.kind)) for dish in filter(suits, read(kitchen.dishes))
        )
        self.cuisines = Pool(
            (cuisine.kind, tag("cuisine", cuisine.name)) for cuisine in read(language.cuisines)
        )
        self.methods = Pool(tag("method", name) for name in split(language.methods))
        self.tools = Pool(tag("tool", name) for name in split(language.tools))
        self.keywords = Pool(tag("keyword", name) for name in split(language.keywords))
        self.manners = Pool(split(kitchen.manners))
        self.sections = Pool(split(kitchen.sections))
        self.yields = Pool(split(kitchen.yields))
        # The plain ones above all, since people call a dish what others call it.
        weights = [1 / rank**2 for rank in range(1, len(language.labels) + 1)]
        self.labels = Pool(language.labels, weights)
        self.labels_with_cuisine = Pool(language.labels_with_cuisine)
        self.labels_with_place = Pool(language.labels_with_place)
        self.descriptions = Pool(language.descriptions)
        self.remarks = Pool(language.remarks)
        self.notices = Pool(language.notices)
        self.openers = Pool(language.openers)
        self.steps = [
            [
                step(text.format(n=minutes), minutes if "{n}" in text else None)
                for minutes in MINUTES
            ]
            for text in kitchen.steps
        ]
        self.closers = Pool(step(text) for text in language.closers)


def foods_of(language: Language, kitchen: Kitchen) -> list[list[Food]]:
    """The main foods of a kitchen, and the others."""
    lists = read(kitchen.mains), read(kitchen.others)
    return [[_food(language, word) for word in words] for words in lists]


def tag(kind: str, name: str) -> Part:
    """A tag as it is in a document."""
    return {"kind": kind, "name": name}


def step(text: str, minutes: int | None = None) -> Part:
    """A step as it is in a document."""
    return {"text": text, "section": None, "name": None, "minutes": minutes}


def capitalised(text: str) -> str:
    """`text` with a capital."""
    return text[0].upper() + text[1:]


def _food(language: Language, word: Word) -> Food:
    variety = language.variety.format(place="{place}", foods=word.several)
    return Food(
        word,
        _join("de", word.several, language),
        list(_lines(language, word.kind, word.several)),
        list(_lines(language, word.kind, variety)),
    )


def _lines(language: Language, measure: str, food: str) -> Iterator[Part]:
    notes = split(language.notes[measure]) if measure in language.notes else []
    for amount, behind in product(
        split(language.measures[measure]), ["", *(f", {note}" for note in notes)]
    ):
        name = food if amount else capitalised(food)
        # All foods stand in a line alike, so it is enough to have understood one.
        understood = _understood(_join(amount, _ANY_FOOD, language) + behind)
        yield {**understood, "text": _join(amount, name, language) + behind, "food": name}


@cache
def _understood(line: str) -> Part:
    return parse(line)


def _join(before: str, food: str, language: Language) -> str:
    if language.elides and before.endswith("de") and food.startswith(_ELIDING):
        return f"{before[:-1]}’{food}"
    return f"{before} {food}".strip()
