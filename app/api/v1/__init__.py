"""Version 1 of the API. A new router is one more line here."""

from fastapi import APIRouter

from app.api.v1 import auth, batch, exports, imports, ingredients, recipes, tags, users, versions

routers: tuple[APIRouter, ...] = (
    recipes.router,
    versions.router,
    batch.router,
    users.router,
    auth.router,
    ingredients.router,
    tags.router,
    imports.router,
    exports.router,
)
"""In the order of their traffic, since routes are matched one after the other."""
