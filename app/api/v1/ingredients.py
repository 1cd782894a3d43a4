"""Ingredients."""

from fastapi import APIRouter

from app.api.problems import responses
from app.api.route import Route
from app.cooking.ingredients import parse_lines
from app.core.policy import Scope, Who, allow
from app.core.threads import compute
from app.schemas.document import Ingredient, LinesToParse, ParsedIngredients

router = APIRouter(
    prefix="/api/v1/ingredients",
    tags=["ingredients"],
    route_class=Route,
    responses=responses(400, 415, 422, 503),
)


@router.post("/parse", response_model=ParsedIngredients)
@allow(Who.ANYONE, Scope.READ)
async def parse_ingredients(data: LinesToParse) -> ParsedIngredients:
    """Read quantities, units, foods and notes from lines as people write them. Stores nothing."""
    return await compute(_parse, data.lines)


def _parse(lines: list[str]) -> ParsedIngredients:
    return ParsedIngredients(ingredients=[Ingredient(**each) for each in parse_lines(lines)])
