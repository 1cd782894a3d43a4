"""The filters of a list of recipes, as a form, as words and as links."""

import csv
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, get_args
from urllib.parse import quote, urlencode

from starlette.datastructures import QueryParams

from app.exchange.text.times import duration
from app.schemas.document import TagKind
from app.schemas.page import MAX_CHOICES, RecipeQuery

PATH = "/recipes"
WORDS = {
    "q": "“{}”",
    "ingredient": "With {}",
    "not_ingredient": "Without {}",
    "tag": "{}",
    "any_tag": "One of: {}",
    "not_tag": "Not {}",
    "max_total_minutes": "At most {}",
    "min_total_minutes": "At least {}",
    "max_prep_minutes": "At most {} of preparation",
    "source": "From {}",
    "submitter_id": "By {}",
    "sort": "",
}
"""The query parameters of the page, and how each reads as a chip. The sort has no chip."""
SEVERAL = {"ingredient", "not_ingredient", "tag", "any_tag", "not_tag"}
TIMES = {"max_total_minutes", "min_total_minutes", "max_prep_minutes"}

Pair = tuple[str, str]


class Link(NamedTuple):
    """A link to another list, with its number of recipes if that is known."""

    text: str
    path: str
    recipes: int | None = None


class Filters:
    """The requested filters: pairs of a parameter and a value, which is never empty."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        self.pairs = tuple(dict.fromkeys(pairs))

    @classmethod
    def read(cls, params: QueryParams) -> "Filters":
        """Read a query. Unknown parameters are ignored, since other sites add theirs to links."""
        pairs: list[Pair] = []
        for name in WORDS:
            texts = [text for each in params.getlist(name) if (text := each.strip())]
            if name in SEVERAL:
                pairs += [(name, value) for text in texts for value in _split(text)]
            elif texts:
                pairs.append((name, texts[-1]))
        # Relevance is the default of a search, and means nothing without one.
        return cls([each for each in pairs if each != ("sort", "relevance")])

    def values(self, name: str) -> list[str]:
        """Return the values of a parameter."""
        return [value for each, value in self.pairs if each == name]

    def text(self, name: str) -> str:
        """Return the text for the form field of a parameter."""
        values = self.values(name)
        return ", ".join(map(_quoted, values)) if name in SEVERAL else "".join(values)

    @property
    def are_mine(self) -> bool:
        """Whether the list is of the viewer's own recipes."""
        return ("submitter_id", "me") in self.pairs

    @property
    def narrowing(self) -> list[Pair]:
        """The filters that can be removed. "My recipes" is its own list, not a filter."""
        return [each for each in self.pairs if each[0] != "sort" and each != ("submitter_id", "me")]

    def query(self, **options: Any) -> RecipeQuery:
        """Return the query of the API. Raise ValidationError if it is invalid."""
        # Each name once, since a link may repeat a name thousands of times.
        filters = {
            name: self.values(name) if name in SEVERAL else value
            for name, value in dict(self.pairs).items()
        }
        return RecipeQuery.model_validate(filters | options)

    # --- Links -----------------------------------------------------------------------------------

    def path(self, **more: str) -> str:
        """Return the path and query of the list."""
        pairs = [
            (name, _quoted(value) if name in SEVERAL else value)
            for name, value in (*self.pairs, *more.items())
        ]
        return f"{PATH}?{urlencode(pairs, safe=':', quote_via=quote)}" if pairs else PATH

    def plus(self, name: str, value: str) -> "Filters":
        """Return these filters with one more, which replaces another if only one is allowed."""
        kept = [each for each in self.pairs if name in SEVERAL or each[0] != name]
        return Filters([*kept, (name, value)])

    def minus(self, *pairs: Pair) -> "Filters":
        """Return the filters without these."""
        removed = set(pairs)
        return Filters([each for each in self.pairs if each not in removed])

    def chips(self, query: RecipeQuery, submitter: str) -> list[Link]:
        """Return each filter in words, with the link to the list without it."""
        return [
            Link(
                WORDS[name].format(_read(name, value, query, submitter)),
                self.minus((name, value)).path(),
            )
            for name, value in self.narrowing
        ]

    def tags(self, facet: Sequence[Mapping[str, Any]], total: int) -> list[Link]:
        """Return links for the tags that would narrow the list, most frequent first."""
        known = {value.casefold() for value in self.values("tag")}
        links = [
            Link(each["name"], self.plus("tag", tag).path(), each["count"])
            for each in facet
            if each["count"] < total
            and (tag := name_of(each)).casefold() not in known
            and each["name"].casefold() not in known
        ]
        return links if len(self.values("tag")) < MAX_CHOICES else []

    def times(self, facet: Sequence[Mapping[str, int]], total: int, now: int | None) -> list[Link]:
        """Return links for the times that would narrow the list, shortest first."""
        links, last = [], 0
        for each in facet:
            minutes, count = each["max"], each["count"]
            if last < count < total and (now is None or minutes < now):
                path = self.plus("max_total_minutes", str(minutes)).path()
                links.append(Link(duration(minutes), path, count))
            last = count
        return links


def name_of(tag: Mapping[str, Any]) -> str:
    """Return the value of the tag parameter: `kind:name`."""
    return f"{tag['kind']}:{tag['name']}"


def tag_path(tag: Mapping[str, Any]) -> str:
    """Return the path of the list of recipes with a tag."""
    return Filters([("tag", name_of(tag))]).path()


def _read(name: str, value: str, query: RecipeQuery, submitter: str) -> str:
    if name in TIMES:
        return duration(getattr(query, name))
    if name == "submitter_id":
        return submitter
    kind, _, rest = value.partition(":")
    return rest if name.endswith("tag") and rest and kind in get_args(TagKind) else value


def _split(text: str) -> list[str]:
    """Split at commas, except within quotes, like a line of CSV."""
    try:
        (parts,) = csv.reader([" ".join(text.split())], skipinitialspace=True)
    except csv.Error:  # Too long, which validation reports.
        parts = [text]
    return [part.strip() for part in parts if part.strip()]


def _quoted(value: str) -> str:
    escaped = value.replace('"', '""')
    return f'"{escaped}"' if "," in value or '"' in value else value
