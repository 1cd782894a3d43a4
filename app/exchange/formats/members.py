"""Members of recipes in the JSON exports of other applications."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from app.cooking.quantities import decimal
from app.exchange.drafts import Draft, Drafts, Unreadable
from app.exchange.text.numbers import number_of
from app.exchange.text.nutrients import nutrition_of
from app.exchange.text.times import minutes_of
from app.exchange.text.values import line_of, non_empty, texts_of

NO_RECIPE = "It is not a recipe of this format."
_EMPTY: tuple[Any, ...] = (None, "", [], {})


def mappings_of(value: Any) -> list[Mapping[str, Any]]:
    """Return the objects in a list; an empty list for any other value."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def is_object(value: Any) -> bool:
    """Return whether a value is an object: enough if the name of its file shows the format."""
    return isinstance(value, dict)


def drafts_of(
    values: Iterable[tuple[str | None, Any]],
    is_recipe: Callable[[Any], bool],
    read: Callable[[Any], Draft],
) -> Drafts:
    """Read each value that is a recipe; each has the name of its file or None."""
    for name, value in values:
        if isinstance(value, Unreadable):
            yield value
        elif is_recipe(value):
            yield read(value)
        else:
            yield Unreadable(name or name_of(value), NO_RECIPE)


def name_of(value: Any) -> str | None:
    """Return the name of a value that is not a recipe, if it has one."""
    if not isinstance(value, Mapping):
        return None
    return line_of(value.get("name")) or line_of(value.get("title")) or None


def unnamed(values: Iterable[Any]) -> Iterator[tuple[None, Any]]:
    """Pair values that have no file names with None, for `drafts_of`."""
    return ((None, value) for value in values)


def tags(kind: str, names: Any) -> list[dict[str, str]]:
    """Return tags from a list of names or of objects with names, which may contain commas."""
    return [{"kind": kind, "name": " ".join(name.split())} for name in texts_of(names)]


def rest(value: Mapping[str, Any], placed: Collection[str]) -> dict[str, Any]:
    """Return the non-empty members other than those in `placed`."""
    return {name: each for name, each in value.items() if name not in placed and each not in _EMPTY}


def minutes(value: Mapping[str, Any], extras: dict[str, Any], name: str) -> int | None:
    """Return a member in minutes. If it is no time, put it into `extras`; 0 is no time."""
    found = minutes_of(value.get(name))
    if found is None and (text := line_of(value.get(name))):
        extras[name] = text
    return found or None


def ingredient(quantity: Any, unit: Any, food: Any, note: Any) -> dict[str, Any]:
    """Compose an ingredient; it has no text if all parts are empty."""
    amount = number_of(quantity) or None
    unit, food, note = line_of(unit), line_of(food), line_of(note)
    text = " ".join(filter(None, (decimal(amount) if amount else "", unit, food)))
    text = ", ".join(filter(None, (text, note)))
    return non_empty(text=text, quantity=amount, unit=unit, food=food, note=note)


def nutrition(value: Any, extras: dict[str, Any]) -> dict[str, Any]:
    """Return Nutrition from an object; put its unknown nutrients into `extras`."""
    facts = rest(value, {"id", "recipe_id"}) if isinstance(value, Mapping) else {}
    if others := {name: each for name, each in facts.items() if not nutrition_of([(name, each)])}:
        extras["nutrition"] = others
    return nutrition_of(facts.items())


def markdown_note(title: Any, text: Any) -> str:
    """Return a Markdown note under its title in bold."""
    bold = f"**{title}**" if (title := line_of(title)) else ""
    return "\n\n".join(filter(None, (bold, text.strip() if isinstance(text, str) else "")))


def written(amount: str, unit: str, food: str, note: str = "") -> dict[str, Any]:
    """Compose an ingredient from texts, of which the amount may be a range or a fraction."""
    amount, unit, food, note = map(line_of, (amount, unit, food, note))
    text = ", ".join(filter(None, (" ".join(filter(None, (amount, unit, food))), note)))
    return non_empty(text=text, food=food, note=note)
