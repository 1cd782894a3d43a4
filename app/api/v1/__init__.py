"""Version 1 of the API. A new router is one more line here."""

from fastapi import APIRouter

from app.api.v1 import auth, recipes, users

routers: tuple[APIRouter, ...] = (recipes.router, users.router, auth.router)
"""In the order of their traffic, since routes are matched one after the other."""
