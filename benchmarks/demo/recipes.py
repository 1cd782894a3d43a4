"""Realistic recipes in any number, to try out and measure large collections.

Foods, words, tags and sources are distributed as in real collections: a few are very common, most
are rare, and new ones keep coming. Many values are equal, so that sorted lists have ties.
"""

# ruff: noqa: RUF001 - A recipe is typeset, with true apostrophes.

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from random import Random
from typing import Any

from benchmarks.demo.words import FIRST_NAMES, LANGUAGES, PLACES, SOURCES, place
from benchmarks.demo.words.language import split
from benchmarks.demo.words.pools import (
    MINUTES,
    Food,
    Part,
    Pool,
    Pools,
    capitalised,
    foods_of,
    step,
    tag,
)

Chance = Callable[[], float]
"""The next random number from 0 to 1."""

_SAVOURY, _SWEET = 68, 32
_DIETS = {"": 60, "!": 20, "!~": 8, "^": 12}
"""The marks of the avoided foods, with the percentage of recipes."""
_VISIBILITY = {"public": 97, "private": 2, "unlisted": 1}
_TOTALS = (30, 45, 60, 20, 40, 90, 15, 25, 50, 120, 35, 10, 75, 5, 180, 240, 480)
_PREPARATIONS = (15, 10, 20, 30, 5)
_SERVINGS = (4, 2, 6, None, 8, 1, 12, 3, 10, 5)
_NUTRIENTS = {
    "calories": 900,
    "carbohydrate_g": 90,
    "cholesterol_mg": 120,
    "fat_g": 50,
    "fiber_g": 15,
    "protein_g": 45,
    "saturated_fat_g": 20,
    "sodium_mg": 1500,
    "sugar_g": 40,
    "trans_fat_g": 1,
    "unsaturated_fat_g": 30,
}
"""The most that a serving has of each."""


def demo_recipes(count: int, random_seed: int) -> Iterator[dict[str, Any]]:
    """Yield documents, complete as those of `RecipeCreate`, and the same for the same seed.

    Recipes share their parts, so a caller must not change them.
    """
    random = Random(random_seed)  # noqa: S311 - It is no secret.
    kinds = _kinds()
    for number in range(1, count + 1):
        yield _recipe(random, kinds.draw(random.random()), number)


@cache
def _kinds() -> Pool[Pools]:
    """Return the pools, weighted by their shares of all recipes."""
    shares = {
        Pools(language, course, foods, avoided): language.share * share * diet_share
        for language in LANGUAGES
        for course, share in ((language.savoury, _SAVOURY), (language.sweet, _SWEET))
        for foods in [foods_of(language, course)]
        for avoided, diet_share in _DIETS.items()
    }
    return Pool(shares, shares.values())


def _make_times() -> Pool[tuple[int | None, int | None, int | None]]:
    """Return minutes of preparation, cooking and in total. Many people give only the total."""
    times: dict[tuple[int | None, int | None, int | None], float] = {(None, None, None): 0.2}
    for rank, total in enumerate(_TOTALS, 2):
        times[None, None, total] = 0.4 / rank
        for place_in_list, preparing in enumerate(_PREPARATIONS, 2):
            if preparing < total:
                times[preparing, total - preparing, total] = 0.4 / rank / place_in_list
    return Pool(times, times.values())


def _make_nutrition(random: Random) -> Part:
    portion = random.random()
    return {"serving_size": None} | {
        name: round(most * portion * random.uniform(0.5, 1)) if random.random() < 0.8 else None
        for name, most in _NUTRIENTS.items()
    }


_TIMES = _make_times()
_NUTRITION = Pool(_make_nutrition(Random(number)) for number in range(500))  # noqa: S311 - No secret.
_PLATES = Pool(_SERVINGS)
_SITES = Pool(
    (name, name.lower().replace(" ", "-").replace("’", "") + ".example.com")
    for name in split(SOURCES)
)
_AUTHORS = Pool(f"{name} {place(number)}" for number in range(40) for name in split(FIRST_NAMES))
_VISIBILITIES = Pool(_VISIBILITY, _VISIBILITY.values())


# --- Drawing -------------------------------------------------------------------------------------


def _recipe(random: Random, pools: Pools, number: int) -> dict[str, Any]:
    chance = random.random
    main, second = pools.mains.draw(chance()), pools.mains.draw(chance())
    if main is second:
        second = pools.mains.items[main is pools.mains.items[0]]
    dish, category = pools.dishes.draw(chance())
    phrase, cuisine = pools.cuisines.draw(chance())
    # Each order of magnitude is equally likely, so that new names keep coming.
    where = place(int(PLACES ** chance()) - 1) if chance() < 0.35 else None
    is_of_cuisine = chance() < 0.25
    labels = pools.labels
    if where or is_of_cuisine:
        labels = pools.labels_with_place if where else pools.labels_with_cuisine
    words = {
        "food": main.word.name,
        "foods": main.word.several,
        "of": main.of,
        "food2": second.word.name,
        "foods2": second.word.several,
        "of2": second.of,
        "dish": dish,
        "manner": pools.manners.draw(chance()),
        "cuisine": phrase,
        "place": where,
    }
    description = None
    if chance() < 0.85:
        description = capitalised(pools.descriptions.draw(chance()).format_map(words))
        if chance() < 0.5:
            description += f" {pools.remarks.draw(chance())}"
    source, url = _origin(chance, number)
    preparing, cooking, total = _TIMES.draw(chance())
    tags = [category, *pools.diet]
    if is_of_cuisine:
        tags.append(cuisine)
    return {
        "label": capitalised(labels.draw(chance()).format_map(words)),
        "description": description,
        "url": url,
        "source": source,
        "author": _AUTHORS.draw(chance()) if chance() < 0.35 else None,
        "language": pools.language.code if chance() < 0.94 else None,
        "prep_minutes": preparing,
        "cook_minutes": cooking,
        "total_minutes": total,
        "servings": _PLATES.draw(chance()),
        "yield_text": pools.yields.draw(chance()) if chance() < 0.12 else None,
        "tags": tags + _more_tags(chance, pools, where),
        "ingredients": _ingredients(random, pools, main, second, where),
        "steps": _steps(chance, pools, words),
        "nutrition": _NUTRITION.draw(chance()) if chance() < 0.2 else None,
        "notes": pools.notices.draw(chance()) if chance() < 0.15 else None,
        "visibility": _VISIBILITIES.draw(chance()),
        "extras": {},
    }


def _origin(chance: Chance, number: int) -> tuple[str | None, str | None]:
    """Return the source and the URL."""
    if chance() >= 0.6:
        return None, None
    name, domain = _SITES.draw(chance())
    if chance() < 0.1:
        # Most sites have few recipes.
        where = place(int(PLACES ** chance()) - 1)
        name, domain = f"{where} Kitchen", f"{where.lower()}.example.org"
    return name, f"https://{domain}/recipes/{number}" if chance() < 0.85 else None


def _more_tags(chance: Chance, pools: Pools, where: str | None) -> list[Part]:
    first, second = pools.keywords.draw(chance()), pools.keywords.draw(chance())
    tags = [first]
    if second is not first and chance() < 0.5:
        tags.append(second)
    if chance() < 0.3:
        tags.append(pools.methods.draw(chance()))
    elif chance() < 0.3:
        tags.append(pools.tools.draw(chance()))
    elif where and chance() < 0.5:
        tags.append(tag("keyword", where))
    return tags


def _ingredients(
    random: Random, pools: Pools, main: Food, second: Food, where: str | None
) -> list[Part]:
    chance = random.random
    count = int(5 + 10 * chance())
    chosen = {food.word.several: food.lines for food in (main, second)}
    while len(chosen) < 5:
        foods = random.choices(pools.foods.items, cum_weights=pools.foods.sums, k=count + 6)
        chosen |= {food.word.several: food.lines for food in foods}
    ingredients = [lines[int(chance() * len(lines))] for lines in [*chosen.values()][:count]]
    if where:
        line = main.varieties[int(chance() * len(main.varieties))]
        text, food = line["text"].format(place=where), line["food"].format(place=where)
        ingredients[0] = {**line, "text": text, "food": food}
    if chance() < 0.12:
        _divide(ingredients, pools.sections.draw(chance()))
    return ingredients


def _steps(chance: Chance, pools: Pools, words: Mapping[str, Any]) -> list[Part]:
    middle = sorted({int(chance() * len(pools.steps)) for _ in range(int(1 + 5 * chance()))})
    steps = [step(pools.openers.draw(chance()).format_map(words))]
    steps += [pools.steps[number][int(chance() * len(MINUTES))] for number in middle]
    steps.append(pools.closers.draw(chance()))
    if chance() < 0.1:
        _divide(steps, pools.sections.draw(chance()))
    return steps


def _divide(parts: list[Part], section: str) -> None:
    """Put the second half of the parts into a section."""
    middle = len(parts) // 2
    parts[middle:] = [{**part, "section": section} for part in parts[middle:]]
