"""What a recipe was before."""

from app.web.visit import Pages

pages = Pages()
