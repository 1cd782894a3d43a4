"""Follow a guide of docs/ to the letter, in a copy of the repository."""

import re
import shutil
from pathlib import Path

from app.core.config import ROOT


def copy_repository(folder: Path) -> Path:
    """Copy what is needed to run the application and its tests, and return the copy."""
    copy = folder / "repository"
    for name in (".ci", "alembic", "app", "benchmarks", "docs", "scripts", "tests"):
        # With the bytecode, which stays valid, since the times of the files are copied too.
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("screenshots"))
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy(path, copy)
    return copy


def follow(page: str, folder: Path, *, back: bool = False) -> None:
    """Create and change the files as the page says, or undo it."""
    blocks = re.compile(
        r"`((?:app|tests)/[\w/]+\.py)`|^```(python|diff)\n(.*?)^```$", re.MULTILINE | re.DOTALL
    )
    path = None
    for named, kind, block in blocks.findall(page):
        if named:
            path = folder / named
        elif kind == "python":
            assert path is not None
            assert path.exists() == back
            path.unlink() if back else path.write_text(block)
        else:
            assert path is not None
            lines = block.splitlines(keepends=True)
            before = "".join(line[1:] or "\n" for line in lines if line[0] != "+")
            after = "".join(line[1:] or "\n" for line in lines if line[0] != "-")
            if back:
                before, after = after, before
            for old, new in zip(before.split("\n\n"), after.split("\n\n"), strict=True):
                text = path.read_text()
                assert text.count(old) == 1, f"{path} has no\n{old}"
                path.write_text(text.replace(old, new))
