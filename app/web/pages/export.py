"""Take recipes out."""

from app.web.visit import Pages

pages = Pages()
