"""A sort, a filter or a view that a model does not have is a clear error, as early as can be."""

from typing import get_args

import pytest
from pydantic import BaseModel

from app import crud
from app.core.config import Settings
from app.crud.base import CRUDBase
from app.crud.paging.list_query import Filter, How, ListQuery, Strategy
from app.crud.recipe import CRUDRecipe
from app.crud.recipe_filters import QUERY_FILTERS
from app.models.tag import Tag
from app.schemas.page import RecipeQuery
from app.schemas.recipe import RecipeInDB, RecipeSummary
from app.schemas.tag import TagQuery
from tests.reader import open_reader


class Colourful(BaseModel):
    id: int
    colour: str


class CRUDColourful(CRUDBase[Tag, BaseModel, BaseModel]):
    pass


class CRUDSortedByTag(CRUDRecipe):
    sorts = {"tag": Tag.public_count}


def test_a_class_that_names_what_its_model_does_not_have_cannot_be_used() -> None:
    with pytest.raises(LookupError, match="CRUDColourful has no column for Colourful named 'col"):
        CRUDColourful(Tag, Colourful)
    with pytest.raises(LookupError, match="no column to sort by named 'public_count'"):
        CRUDSortedByTag(crud.recipe.model, RecipeInDB)


WRONG = {
    "no sort named 'colour'. It has id, created_at": ListQuery(
        view=RecipeSummary, sort="-colour", limit=1
    ),
    "no filter named 'colour'. It has live": ListQuery(
        view=RecipeSummary, sort="label", limit=1, filters={"colour": "red"}
    ),
    "no column for Colourful named 'colour'. It has": ListQuery(
        view=Colourful, sort="label", limit=1
    ),
    "This filter has no way to walk the index": ListQuery(
        view=RecipeSummary,
        sort="label",
        limit=1,
        strategy=Strategy(How.WALK_FILTER_INDEX, "live"),
    ),
}


def test_a_query_that_names_what_its_model_does_not_have_says_so(settings: Settings) -> None:
    with open_reader(settings) as read:
        for message, query in WRONG.items():
            with pytest.raises(LookupError, match=message):
                read.run(crud.recipe.page(read.reader, query))
        with pytest.raises(LookupError, match="no column for Colourful named 'colour'"):
            read.run(crud.recipe.get(read.reader, 1, view=Colourful))


def test_the_sorts_of_the_api_are_those_of_the_models() -> None:
    for model, repository in ((RecipeQuery, crud.recipe), (TagQuery, crud.tag)):
        annotation = model.model_fields["sort"].annotation
        names = {
            name
            for each in (annotation, *get_args(annotation))
            for name in get_args(each)
            if isinstance(name, str)
        }
        assert names
        assert {name.removeprefix("-") for name in names} - {"relevance"} <= set(repository.sorts)


def test_each_member_of_a_query_is_a_filter_or_has_another_meaning() -> None:
    searches = {"q", "tag", "any_tag", "not_tag", "ingredient", "not_ingredient"}
    pages = {"limit", "cursor", "count", "sort", "view", "fields", "highlight", "facets"}
    filters = {each.name for each in QUERY_FILTERS}
    assert filters | searches | pages | {"deleted"} == RecipeQuery.model_fields.keys()
    assert all(isinstance(each, Filter) for each in crud.recipe.filters.values())
