"""The pages that people read: rendered here, complete without JavaScript."""

from app.web.pages import routes
from app.web.rendering import error_page

__all__ = ["error_page", "routes"]
