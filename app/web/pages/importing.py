"""Bring recipes in."""

from app.web.visit import Pages

pages = Pages()
