"""Repositories: `crud.user`, `crud.recipe`, …, the only way to the data."""

from app.crud import recipe_version as versions
from app.crud import share_link
from app.crud.api_token import api_token
from app.crud.credentials import (
    check_viewer,
    find_account,
    find_account_of_token,
    still_valid,
)
from app.crud.listing.export import export_recipes
from app.crud.listing.recipes import list_recipes
from app.crud.listing.sitemap import sitemap_part, sitemap_parts
from app.crud.rate_limit import RateLimiter
from app.crud.recipe import recipe
from app.crud.recipe_batch import Batch, read_operations
from app.crud.recipe_change import changes_since
from app.crud.recipe_import import import_items
from app.crud.schema import database_size, find_outdated, load_schema_revision, schema_revision
from app.crud.tag import tag
from app.crud.user import user

__all__ = [
    "Batch",
    "RateLimiter",
    "api_token",
    "changes_since",
    "check_viewer",
    "database_size",
    "export_recipes",
    "find_account",
    "find_account_of_token",
    "find_outdated",
    "import_items",
    "list_recipes",
    "load_schema_revision",
    "read_operations",
    "recipe",
    "schema_revision",
    "share_link",
    "sitemap_part",
    "sitemap_parts",
    "still_valid",
    "tag",
    "user",
    "versions",
]
