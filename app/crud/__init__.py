"""The only door to the data: `crud.user`, `crud.recipe`. All SQL of the application is in here."""

from app.crud.api_token import api_token
from app.crud.rate_limit import RateLimiter
from app.crud.recipe import recipe
from app.crud.schema import schema_revision
from app.crud.user import user

__all__ = ["RateLimiter", "api_token", "recipe", "schema_revision", "user"]
