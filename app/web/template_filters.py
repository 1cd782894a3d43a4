"""Jinja filters: pure functions that format recipe data for people."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import urlencode

from app.cooking.quantities import decimal, exact, write
from app.core.slugs import slug
from app.exchange.text.times import duration, iso_duration
from app.web.list_filters import tag_path

# Not strftime, which follows the locale of the process and takes ten times as long.
_MONTHS = ["January", "February", "March", "April", "May", "June"]
_MONTHS += ["July", "August", "September", "October", "November", "December"]

# Browsers read a backslash as a slash, so it also ends the user info and the host.
_WEB_URL = re.compile(r"https?://(?:[^/\\?#]*@)?(?:www\.)?(\[[^]]*\]|[^/\\?#:@\s]+)", re.IGNORECASE)

# The order of a printed nutrition label. Other members follow.
_NUTRITION_ORDER = (
    "calories",
    "fat_g",
    "saturated_fat_g",
    "unsaturated_fat_g",
    "trans_fat_g",
    "cholesterol_mg",
    "carbohydrate_g",
    "sugar_g",
    "fiber_g",
    "protein_g",
    "sodium_mg",
)
_UNITS = {"g": "g", "mg": "mg", "mcg": "µg", "kcal": "kcal", "kj": "kJ"}


class Section(NamedTuple):
    """A run of ingredients or steps under one heading; `start` is the first one's number."""

    name: str | None
    start: int
    members: list[Mapping[str, Any]]


def number(x: float) -> str:
    """Write a quantity as cooks do: 1.5 is "1 ½", 2.0 is "2", 0.15 is "0.15"."""
    return write(exact(x))


def date(when: datetime) -> str:
    """Write a day that no one reads as month-first: "5 March 2026"."""
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


def iso_date(when: datetime) -> str:
    """Write a day for machines: "2026-03-05"."""
    return when.isoformat()[:10]


def site(url: str | None) -> str | None:
    """Return the host of an http or https URL, or None for what must not be a link."""
    match = _WEB_URL.match(url or "")
    return match[1].lower() if match else None


def full_name(user: Mapping[str, Any]) -> str | None:
    """Return the name of an account, if it has one."""
    return " ".join(filter(None, (user["first_name"], user["surname"]))) or None


def sections(members: Iterable[Mapping[str, Any]]) -> list[Section]:
    """Group ingredients or steps by runs of the same section."""
    result: list[Section] = []
    start = 1
    for name, run in groupby(members, key=lambda member: member.get("section")):
        result.append(Section(name, start, list(run)))
        start += len(result[-1].members)
    return result


def nutrition_facts(nutrition: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the values with name and unit, in label order: ("Saturated fat", "3.5 g")."""
    given = {key: x for key, x in nutrition.items() if isinstance(x, (int, float))}
    facts = []
    for key in dict.fromkeys([*filter(given.__contains__, _NUTRITION_ORDER), *given]):
        name, _, unit = ("calories", "", "kcal") if key == "calories" else key.rpartition("_")
        name, unit = (name, _UNITS[unit]) if unit in _UNITS else (key, "")
        value = decimal(round(given[key], 2))
        facts.append((name.replace("_", " ").capitalize(), f"{value} {unit}".strip()))
    return facts


def with_query(path: str, **parameters: str) -> str:
    """Return `path` with those parameters that have a value."""
    query = urlencode({name: value for name, value in parameters.items() if value})
    return f"{path}?{query}" if query else path


FILTERS = {
    "date": date,
    "duration": duration,
    "full_name": full_name,
    "iso_date": iso_date,
    "iso_duration": iso_duration,
    "number": number,
    "nutrition_facts": nutrition_facts,
    "plain": decimal,
    "sections": sections,
    "site": site,
    "slug": slug,
    "tag_path": tag_path,
    "with_query": with_query,
}
