"""The API under Schemathesis, which sends what the document allows and much that it does not.

`CONTRACT_SEED=random` sends other requests each time; a number sends the same ones again.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.core.config import Settings
from tests import server
from tests.databases import execute
from tests.factories import API, create_recipe, create_user
from tests.processes import started

CONFIG = Path(__file__).with_name("schemathesis.toml")
ACCOUNTS = 400
SECONDS = 900
CALLERS = {"anonymous": 5, "user": 10, "superuser": 10}
"""How many examples the full run makes up for each operation."""
COVERED = {"sqlite": "superuser", "postgresql": "user"}
"""The caller whose requests also go through the phase `coverage`, nine tenths of the time, in a
short run: the bounds of each parameter and member, and beyond them."""


@pytest.fixture
def tokens(caller: str, client: TestClient, database_url: str) -> list[str]:
    """Tokens of enough accounts: some requests end the account or the token they are sent with."""
    accounts = [create_user(client) for _ in range(ACCOUNTS if caller != "anonymous" else 1)]
    create_recipe(client, accounts[0], servings=4)
    if caller == "superuser":
        execute(database_url, 'UPDATE "user" SET is_superuser = :yes', yes=True)
    return [account.token for account in accounts] if caller != "anonymous" else []


@pytest.mark.parametrize("caller", CALLERS)
def test_every_answer_is_within_the_contract(
    settings: Settings,
    tokens: list[str],
    tmp_path: Path,
    backend: str,
    caller: str,
    in_full: bool,
) -> None:
    quiet = settings.model_copy(update={"log_level": "WARNING"})
    covered = in_full or COVERED[backend] == caller
    options = ["--max-examples", str(CALLERS[caller] if in_full else 2)]
    if not covered:
        options += ["--phases", "examples,fuzzing,stateful"]
    with server.uvicorn(quiet, tmp_path) as running:
        output, report = _run(quiet, running.url, tmp_path, tokens, *options)
    assert report["exit_code"] == 0, output
    assert report["errors"] == [], output
    total = report["operations"]["total"]
    assert report["operations"]["tested"] == total
    assert report["test_cases"]["generated"] >= (100 if covered else 2) * total


def _run(
    settings: Settings, url: str, folder: Path, tokens: list[str], *options: str
) -> tuple[str, dict[str, Any]]:
    """Run Schemathesis as the owners of `tokens`; return its output and its report."""
    printed, reported, known = folder / "printed", folder / "reported.json", folder / "tokens"
    known.write_text("\n".join(tokens))
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG)]
    command += ["run", f"{url}{API}/openapi.json", "--no-color", *options, *_seed()]
    # Ours takes the place of positive_data_acceptance: see tests/faults/schemathesis_hooks.py.
    command += ["--checks", "all", "--exclude-checks", "positive_data_acceptance"]
    command += ["--report", "json", "--report-json-path", str(reported)]
    variables = {"CONTRACT_TOKENS": str(known) if tokens else ""}
    with (
        printed.open("wb") as output,
        started(settings, *command, variables=variables, output=output) as process,
    ):
        process.wait(SECONDS)
    report: dict[str, Any] = json.loads(reported.read_text())
    return printed.read_text(), report


def _seed() -> list[str]:
    seed = os.environ.get("CONTRACT_SEED", "1")
    return [] if seed == "random" else ["--seed", seed]
