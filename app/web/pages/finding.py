"""The list of recipes, and the search."""

from app.web.visit import Pages

pages = Pages()
