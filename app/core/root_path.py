"""The path of PUBLIC_URL, under which clients reach the application.

Inside the application, paths start at its own root. Links, headers, cookies and problem documents
sent to clients start with this path.
"""

from contextvars import ContextVar

root_path: ContextVar[str] = ContextVar("root_path", default="")
"""Such as `/recipes-app`. Empty if the site has its own host."""


def without_root(path: str) -> str:
    """Return the path inside the application. A proxy may already have removed the root."""
    root = root_path.get()
    return path.removeprefix(root) or "/" if f"{path}/".startswith(f"{root}/") else path
