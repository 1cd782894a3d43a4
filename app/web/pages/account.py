"""Sign up, sign in, sign out."""

from app.web.visit import Pages

pages = Pages()
