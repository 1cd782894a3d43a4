"""The pages: rendered on the server, complete without JavaScript.

A page is an async function of a `Visit` in a module of `pages/`. It calls the same crud as the API.
"""

from app.web import static_files
from app.web.pages import routes as page_routes
from app.web.pages.errors import error_page

__all__ = ["error_page", "routes"]

routes = [*page_routes, *static_files.routes]
