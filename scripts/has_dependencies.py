"""Exit with 0 if this Python has what the server needs, in versions that pyproject.toml allows.

It imports the standard library alone.
"""

import os
import re
import sys
from importlib.metadata import version
from pathlib import Path


def has_dependencies() -> bool:
    """Check the main dependencies, and the driver that DATABASE_URL needs."""
    import tomllib  # Python 3.10 has none, and is too old.

    pyproject = Path(__file__).parent.with_name("pyproject.toml")
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    requirements = project["dependencies"]
    if os.environ.get("DATABASE_URL", "").startswith("postgresql"):
        requirements += project["optional-dependencies"]["postgres"]
    for requirement in requirements:
        name, low, high = re.findall(r"^[\w-]+|(?<=>=)[\d.]+|(?<=,<)[\d.]+", requirement)
        if not _numbers(low) <= _numbers(version(name)) < _numbers(high):
            return False
    return True


def _numbers(text: str) -> tuple[int, ...]:
    """Make versions comparable: "0.54.0" is (0, 54, 0)."""
    return tuple(map(int, re.findall(r"\d+", text)))


if __name__ == "__main__":
    try:
        sys.exit(not has_dependencies())
    except ImportError:  # PackageNotFoundError included.
        sys.exit(1)
