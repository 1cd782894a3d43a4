"""The path below which clients find the application: the path of PUBLIC_URL.

Inside the application all paths begin at its own root. What leaves it for a client (links, headers,
cookies, problem documents) begins with this.
"""

from contextvars import ContextVar

root_path: ContextVar[str] = ContextVar("root_path", default="")
"""Such as `/recipes-app`; empty for a site that has its host for itself."""


def without_root(path: str) -> str:
    """The path inside the application; unchanged if a proxy has removed the root already."""
    root = root_path.get()
    return path.removeprefix(root) or "/" if f"{path}/".startswith(f"{root}/") else path
