"""Parts of a recipe as the exports of other applications hold them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from app.exchange.drafts import Draft, Drafts, Unreadable
from app.exchange.text.measures import decimal
from app.exchange.text.nutrients import nutrition_of
from app.exchange.text.values import given, line_of, minutes_of, number_of, texts_of

NO_RECIPE = "It is not what a recipe of this format is."
_EMPTY: tuple[Any, ...] = (None, "", [], {})


def mappings_of(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list of them."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def drafts_of(
    values: Iterable[tuple[str | None, Any]],
    is_recipe: Callable[[Any], bool],
    read: Callable[[Any], Draft],
) -> Drafts:
    """The recipes among values with the names of their files, and what is none."""
    for name, value in values:
        if isinstance(value, Unreadable):
            yield value
        elif is_recipe(value):
            yield read(value)
        else:
            yield Unreadable(name_of(value) or name, NO_RECIPE)


def name_of(value: Any) -> str | None:
    """What something is called that is no recipe, if it is called anything."""
    return line_of(value.get("name")) or None if isinstance(value, Mapping) else None


def unnamed(values: Iterable[Any]) -> Iterator[tuple[None, Any]]:
    """Values that have no files, for `drafts_of`."""
    return ((None, value) for value in values)


def tags(kind: str, names: Any) -> list[dict[str, str]]:
    """Tags of a list of names or of objects with names, which may hold commas."""
    return [{"kind": kind, "name": " ".join(name.split())} for name in texts_of(names)]


def rest(value: Mapping[str, Any], placed: Collection[str]) -> dict[str, Any]:
    """The members that have found no place, but for empty ones."""
    return {name: each for name, each in value.items() if name not in placed and each not in _EMPTY}


def minutes(value: Mapping[str, Any], extras: dict[str, Any], name: str) -> int | None:
    """A member that is a time, which goes to the extras where it cannot be read; 0 is no time."""
    found = minutes_of(value.get(name))
    if found is None and (said := line_of(value.get(name))):
        extras[name] = said
    return found or None


def ingredient(quantity: Any, unit: Any, food: Any, note: Any) -> dict[str, Any]:
    """An ingredient of its parts; there is no text if all of them are empty."""
    amount = number_of(quantity) or None
    unit, food, note = line_of(unit), line_of(food), line_of(note)
    text = " ".join(filter(None, (decimal(amount) if amount else "", unit, food)))
    text = ", ".join(filter(None, (text, note)))
    return given(text=text, quantity=amount, unit=unit, food=food, note=note)


def nutrition(value: Any, extras: dict[str, Any]) -> dict[str, Any]:
    """Nutrition from an object; what is not understood of it goes to the extras."""
    facts = rest(value, {"id", "recipe_id"}) if isinstance(value, Mapping) else {}
    if others := {name: each for name, each in facts.items() if not nutrition_of([(name, each)])}:
        extras["nutrition"] = others
    return nutrition_of(facts.items())


def markdown_note(title: Any, text: Any) -> str:
    """A note, which is Markdown, under its title."""
    bold = f"**{title}**" if (title := line_of(title)) else ""
    return "\n\n".join(filter(None, (bold, text.strip() if isinstance(text, str) else "")))
