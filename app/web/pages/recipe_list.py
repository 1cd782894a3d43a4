"""The list of recipes, with search and filters."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup
from pydantic import ValidationError
from starlette.responses import Response

from app import crud
from app.core.errors import Fault, InvalidError
from app.core.policy import FOUND_BY_ANYONE
from app.crud.base import PageOfRows
from app.crud.listing.facets import MINUTES
from app.db.reader import Row
from app.schemas.faults import faults_of
from app.schemas.page import RecipeQuery
from app.web.list_filters import TIMES, Filters, Link
from app.web.pages.recipe import path_of
from app.web.structured_data import item_list_json_ld
from app.web.template_filters import full_name
from app.web.visit import Pages, Visit, by_field

pages = Pages()

SMALL_SITE = 2000
"""Up to this number of recipes, matches are counted exactly: about 15 ms."""
SAMPLE = 100
MOST_TAGS, MOST_TIMES = 8, 4
SORTS = (
    ("created_at", "Oldest"),
    ("-updated_at", "Last changed"),
    ("updated_at", "Changed longest ago"),
    ("label", "A to Z"),
    ("-label", "Z to A"),
    ("total_minutes", "Quickest"),
)


class Overview(NamedTuple):
    """How many recipes match, and their counts by tag and time."""

    total: int
    facets: Mapping[str, Any]
    is_exact: bool = True


@pages.get("/recipes", does="list_recipes")
async def list_recipes(visit: Visit) -> Response:
    """Show a page of recipes and the search form."""
    filters = Filters.read(visit.request.query_params)
    if filters.are_mine:
        visit.admit("read_my_recipes")
    cursor = visit.query("cursor")
    searches = bool(filters.values("q"))
    try:
        query = filters.query(cursor=cursor or None, highlight=searches)
        found = await crud.list_recipes(visit.db, query, visit.viewer)
    except ValidationError as error:
        return _page(visit, filters, 422, errors=_errors(faults_of(error)))
    except InvalidError as error:
        return _page(visit, filters, 422, errors=_errors(error.faults))
    chips = filters.chips(query, await _submitter(visit, query))
    overview = None if cursor else await _overview(visit, query, found)
    return _page(
        visit,
        filters,
        recipes=_shown(found),
        chips=chips,
        heading=_heading(filters, chips),
        total=overview and _total(overview),
        times=_times(filters, query, overview) if overview else [],
        tags=_tags(filters, overview) if overview else [],
        corrected=[
            (word, other, Filters([("q", other)]).path())
            for word, other in (found.corrected or {}).items()
        ],
        following=found.next_cursor and filters.path(cursor=found.next_cursor),
        json_ld=_item_list(visit, found.items),
    )


def _page(visit: Visit, filters: Filters, status: int = 200, **context: Any) -> Response:
    is_first = not visit.query("cursor")
    first_sorts = [("", "Newest")]
    if filters.values("q"):
        first_sorts = [("", "Best match"), ("-created_at", "Newest")]
    empty: dict[str, Any] = {
        **dict.fromkeys(("recipes", "chips", "times", "tags", "corrected"), ()),
        **dict.fromkeys(("total", "following", "json_ld")),
        "errors": {},
        "heading": _heading(filters, []),
    }
    return visit.page(
        "recipes.html",
        status,
        **empty | context,
        filters=filters,
        sorts=[*first_sorts, *SORTS],
        begins=is_first,
        # Searches are endless, and search engines find each recipe by its own page.
        index=status == 200 and is_first and not filters.pairs,
        unfiltered=filters.minus(*filters.narrowing).path(),
    )


def _heading(filters: Filters, chips: Sequence[Link]) -> str:
    if filters.are_mine:
        return "My recipes"
    if words := filters.text("q"):
        return f"Recipes with “{words}”"
    if len(chips) == 1 and filters.values("tag"):
        return chips[0].text
    return "Recipes" if filters.narrowing else "All recipes"


def _errors(faults: Iterable[Fault]) -> dict[str, list[str]]:
    minutes = ["must be a whole number of minutes, such as 30"]
    return {name: minutes if name in TIMES else texts for name, texts in by_field(faults).items()}


# --- Results -------------------------------------------------------------------------------------


def _shown(found: PageOfRows) -> list[tuple[Row, dict[str, Markup]]]:
    """Pair each recipe with the snippets that show why it was found."""
    recipes = [row.parsed() for row in found.items]
    marked = [_marked(each) for each in found.highlights or [{}] * len(recipes)]
    for recipe, marks in zip(recipes, marked, strict=True):
        # A long label is shown in full, not only the part around a match.
        if "label" in marks and marks["label"].striptags() != " ".join(recipe["label"].split()):
            del marks["label"]
    return list(zip(recipes, marked, strict=True))


def _marked(snippets: Mapping[str, str]) -> dict[str, Markup]:
    escaped = snippets.items()  # app.search.highlight escapes all but the marks.
    return {field: Markup(html) for field, html in escaped}  # noqa: S704 - It is escaped.


async def _submitter(visit: Visit, query: RecipeQuery) -> str:
    if not isinstance(query.submitter_id, int):
        return ""
    user = await crud.user.profile(visit.db, query.submitter_id, visit.viewer)
    return (user and full_name(user)) or "a user without a name"


def _item_list(visit: Visit, rows: Iterable[Row]) -> Markup:
    public = [row for row in rows if row["visibility"] in FOUND_BY_ANYONE]
    return item_list_json_ld([(visit.base_url + path_of(row), row["label"]) for row in public])


# --- Filters to add ------------------------------------------------------------------------------


async def _overview(visit: Visit, query: RecipeQuery, found: PageOfRows) -> Overview:
    """Count the matches, by tag and time too.

    Counting takes time that grows with the number of recipes, and every visitor would wait for it.
    So on a large site the first hundred matches stand for all.
    """
    if found.next_cursor is None:
        return _counted(found.items)
    # Ids are never reused, so there are at most as many recipes as the highest id.
    if max(row["id"] for row in found.items) <= SMALL_SITE:
        all_counts = {"limit": 1, "count": True, "facets": "tag,total_minutes", "highlight": False}
        query = query.model_copy(update=all_counts)
        counted = await crud.list_recipes(visit.db, query, visit.viewer)
        return Overview(counted.total or 0, counted.facets or {})
    query = query.model_copy(update={"limit": SAMPLE, "highlight": False})
    sample = await crud.list_recipes(visit.db, query, visit.viewer)
    return _counted(sample.items)._replace(is_exact=sample.next_cursor is None)


def _counted(rows: Sequence[Row]) -> Overview:
    recipes = [row.parsed() for row in rows]
    tags = Counter((tag["kind"], tag["name"]) for each in recipes for tag in each["tags"])
    times = [each["total_minutes"] for each in recipes if each["total_minutes"] is not None]
    return Overview(
        len(recipes),
        {
            "tag": [
                {"kind": kind, "name": name, "count": count}
                for (kind, name), count in sorted(tags.items(), key=lambda item: (-item[1], item))
            ],
            "total_minutes": [
                {"max": most, "count": sum(time <= most for time in times)} for most in MINUTES
            ],
        },
    )


def _total(overview: Overview) -> str:
    recipes = f"{overview.total:,} recipe{'' if overview.total == 1 else 's'}"
    return recipes if overview.is_exact else f"More than {recipes}"


def _times(filters: Filters, query: RecipeQuery, overview: Overview) -> list[Link]:
    facet = overview.facets["total_minutes"]
    links = filters.times(facet, overview.total, query.max_total_minutes)
    return _with_counts(links[:MOST_TIMES], overview)


def _tags(filters: Filters, overview: Overview) -> list[Link]:
    links = filters.tags(overview.facets["tag"], overview.total)
    return _with_counts(links[:MOST_TAGS], overview)


def _with_counts(links: list[Link], overview: Overview) -> list[Link]:
    return links if overview.is_exact else [link._replace(recipes=None) for link in links]
