"""The examples of the README answer as it says, on a fresh installation."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.core.config import ROOT
from app.core.security import hash_now
from app.ops.first_data import seed
from app.schemas.user import UserCreateByAdmin
from tests.factories import PASSWORD

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
README = (ROOT / "README.md").read_text(encoding="utf-8")
ROOMS = "|".join(
    ["app", "tests", "scripts", "benchmarks", "alembic", "docs"]
    + sorted(path.parent.name for path in (ROOT / "app").glob("*/__init__.py"))
)
EXAMPLES = re.findall(r"```sh\n(curl .*?)```\n+```json\n(.*?)```", README, re.DOTALL)


@pytest.fixture
def fresh(client: TestClient) -> TestClient:
    """A client of a server with the first data."""
    superuser = UserCreateByAdmin(email="admin@example.com", password=PASSWORD)
    state = client.app.state  # type: ignore[attr-defined] # TestClient knows any ASGI app.
    state.transactions.run_now(seed, superuser, hash_now(PASSWORD))
    return client


def assert_shows(shown: Any, answer: Any) -> None:
    """Members may be left out of what is shown, and the ends of lists."""
    if isinstance(shown, dict):
        for name, value in shown.items():
            assert_shows(value, answer[name])
    elif isinstance(shown, list):
        for value, each in zip(shown, answer[: len(shown)], strict=True):
            assert_shows(value, each)
    else:
        assert shown == answer


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == README.count("\ncurl ")


@pytest.mark.parametrize(
    ("command", "shown"), EXAMPLES, ids=[command.split()[1] for command, _ in EXAMPLES]
)
def test_an_example_answers_as_shown(fresh: TestClient, command: str, shown: str) -> None:
    _, url, *options = shlex.split(command.replace("\\\n", ""))
    given = dict(zip(options[::2], options[1::2], strict=True))
    headers = dict([given["-H"].split(": ")]) if "-H" in given else {}
    answer = fresh.request(
        "POST" if "-d" in given else "GET",
        url.removeprefix("localhost:8001"),
        headers=headers,
        content=given.get("-d"),
    )
    assert answer.is_success
    assert_shows(json.loads(shown), answer.json())


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_to_files(document: Path) -> None:
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
        assert (document.parent / link).exists(), link


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_that_are_named_exist(document: Path) -> None:
    for name in re.findall(rf"`((?:{ROOMS})/[\w./-]*\w/?)`", document.read_text(encoding="utf-8")):
        found = (ROOT / name).exists() or (ROOT / "app" / name).exists()
        assert found or "menu" in name or "recipe_box" in name, name  # Those of guides.


def test_the_layout_names_every_room() -> None:
    rooms = {path.parent.name for path in (ROOT / "app").glob("*/__init__.py")}
    assert rooms <= set(re.findall(r"^app/(\w+) ", README, re.MULTILINE))
