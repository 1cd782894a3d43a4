"""What machines read of the site: robots.txt, sitemap.xml, feed.xml."""

from starlette.routing import Route

routes: list[Route] = []
