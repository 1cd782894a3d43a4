"""Tags."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from app import crud
from app.api.deps import CurrentViewer, DbReader
from app.api.links import link_next
from app.api.problems import responses
from app.api.route import Route
from app.core.policy import Scope, Who, allow
from app.crud.base import PageOfRows
from app.schemas.page import Page
from app.schemas.tag import TagCount, TagQuery

router = APIRouter(
    prefix="/api/v1/tags", tags=["tags"], route_class=Route, responses=responses(422, 503)
)


@router.get("", response_model=Page[TagCount])
@allow(Who.ANYONE, Scope.READ)
async def list_tags(
    query: Annotated[TagQuery, Query()],
    viewer: CurrentViewer,
    db: DbReader,
    request: Request,
    response: Response,
) -> PageOfRows:
    """The tags of the recipes that you can find, in pages."""
    page = await crud.tag.list_found(db, query, viewer)
    link_next(request, response, page.next_cursor)
    return page
