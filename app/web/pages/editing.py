"""Write a recipe, change it, throw it away."""

from app.web.visit import Pages

pages = Pages()
