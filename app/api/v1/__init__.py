"""Version 1 of the API. A new router is one more line here."""

from fastapi import APIRouter

from app.api.v1 import auth, batch, exports, imports, ingredients, recipes, tags, users, versions

routers: tuple[APIRouter, ...] = (
    # Their paths begin as those of one recipe do, and the first route that fits is taken.
    batch.router,
    imports.router,
    exports.router,
    recipes.router,
    versions.router,
    users.router,
    auth.router,
    ingredients.router,
    tags.router,
)
