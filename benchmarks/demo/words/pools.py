"""The parts that demo recipes are drawn from, built from the words."""

# ruff: noqa: RUF001 - A recipe is typeset, with true apostrophes.

from bisect import bisect
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import accumulate, product
from typing import Any, Generic, NamedTuple, TypeVar

from app.cooking.ingredients import parse
from benchmarks.demo.words.language import Course, Language, Word, read, split

T = TypeVar("T")
Part = dict[str, Any]
"""An ingredient, a step, a tag or nutrition; one may be in many recipes."""

MINUTES = (5, 10, 15, 20, 25, 30, 40, 45, 60)
"""How long a step takes."""
_ELIDING = ("a", "e", "i", "o", "u", "é", "œ", "hu")
_ANY_FOOD = "rice"


class Pool(Generic[T]):
    """A weighted choice. The default weights follow Zipf's law: the first item is most frequent."""

    def __init__(self, items: Iterable[T], weights: Iterable[float] = ()) -> None:
        self.items = list(items)
        # From rank two, or the first of each list would be in a third of all recipes.
        given = list(weights) or [1 / rank for rank in range(2, len(self.items) + 2)]
        self.sums = list(accumulate(given))
        self.total, self.last = self.sums[-1], len(self.items) - 1

    def draw(self, chance: float) -> T:
        """Return the item for a random number from 0 to 1."""
        return self.items[bisect(self.sums, chance * self.total, 0, self.last)]


class Food(NamedTuple):
    """A food, and its ingredient lines."""

    word: Word
    of: str
    lines: list[Part]
    varieties: list[Part]
    """Lines that have {place} in their text and food."""


class Pools:
    """The parts of recipes of one language and course, without the foods that a diet avoids."""

    def __init__(
        self, language: Language, course: Course, foods: list[list[Food]], avoided: str
    ) -> None:
        def suits(word: Word) -> bool:
            return not set(avoided) & set(word.marks)

        mains, others = ([food for food in each if suits(food.word)] for each in foods)
        self.language = language
        self.diet = [tag("diet", language.diets[avoided])] if avoided else []
        self.mains = Pool(mains)
        # A main food is also an ingredient of other dishes, but less often than salt.
        ranked = [*enumerate(others, 2), *enumerate(mains, 8)]
        self.foods = Pool([food for _, food in ranked], [1 / rank for rank, _ in ranked])
        self.dishes = Pool(
            (dish.name, tag("category", dish.kind)) for dish in filter(suits, read(course.dishes))
        )
        self.cuisines = Pool(
            (cuisine.kind, tag("cuisine", cuisine.name)) for cuisine in read(language.cuisines)
        )
        self.methods = Pool(tag("method", name) for name in split(language.methods))
        self.tools = Pool(tag("tool", name) for name in split(language.tools))
        self.keywords = Pool(tag("keyword", name) for name in split(language.keywords))
        self.manners = Pool(split(course.manners))
        self.sections = Pool(split(course.sections))
        self.yields = Pool(split(course.yields))
        # Plain labels are by far the most common.
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
            for text in course.steps
        ]
        self.closers = Pool(step(text) for text in language.closers)


def foods_of(language: Language, course: Course) -> list[list[Food]]:
    """Return the main foods of a course, and the others."""
    lists = read(course.mains), read(course.others)
    return [[_food(language, word) for word in words] for words in lists]


def tag(kind: str, name: str) -> Part:
    """Return a tag as in a document."""
    return {"kind": kind, "name": name}


def step(text: str, minutes: int | None = None) -> Part:
    """Return a step as in a document."""
    return {"text": text, "section": None, "name": None, "minutes": minutes}


def capitalised(text: str) -> str:
    """Return `text` with a capital first letter."""
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
    for amount, note in product(
        split(language.measures[measure]), ["", *(f", {each}" for each in notes)]
    ):
        name = food if amount else capitalised(food)
        # All foods have the same place in a line, so it is enough to parse one.
        parsed = _parse(_join(amount, _ANY_FOOD, language) + note)
        yield {**parsed, "text": _join(amount, name, language) + note, "food": name}


_parse = cache(parse)


def _join(before: str, food: str, language: Language) -> str:
    if language.elides and before.endswith("de") and food.startswith(_ELIDING):
        return f"{before[:-1]}’{food}"
    return f"{before} {food}".strip()
