"""The pages that people read: rendered here, complete without JavaScript.

A page is a function of a `Visit` in a module of `pages/`, which calls the same crud as the API.
"""

from app.web import static_files
from app.web.pages import routes as page_routes
from app.web.rendering import error_page

__all__ = ["error_page", "routes"]

routes = [*page_routes, *static_files.routes]
