"""What was thrown away, and comes back."""

from app.web.visit import Pages

pages = Pages()
