"""The contract under Schemathesis: all that it allows, and much that it does not, is asked.

`CONTRACT_SEED=random` asks something else each time; a number asks the same again.
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
EXAMPLES = {"nobody": 5, "a user": 10, "a superuser": 10}


@pytest.fixture
def tokens(client: TestClient) -> list[str]:
    """Of accounts enough: some requests end the account or the token that they are sent with."""
    accounts = [create_user(client) for _ in range(ACCOUNTS)]
    create_recipe(client, accounts[0], servings=4)
    return [account.token for account in accounts]


def test_no_answer_is_outside_the_contract(
    settings: Settings,
    tokens: list[str],
    tmp_path: Path,
    subtests: pytest.Subtests,
    in_full: bool,
) -> None:
    cases = 0
    quiet = settings.model_copy(update={"log_level": "WARNING"})
    halves = {"nobody": list[str](), "a user": tokens[::2], "a superuser": tokens[1::2]}
    with server.uvicorn(quiet, tmp_path) as running:
        for who, own in halves.items():
            if who == "a superuser":
                execute(settings.database_url, 'UPDATE "user" SET is_superuser = :yes', yes=True)
            with subtests.test(who):
                output, report = _ask(
                    quiet, running.url, tmp_path, own, EXAMPLES[who] if in_full else 2
                )
                cases += report["test_cases"]["generated"]
                assert report["exit_code"] == 0, output
                assert report["errors"] == [], output
                assert report["operations"]["tested"] == report["operations"]["total"]
    assert cases >= (10_000 if in_full else 3_000)


def _ask(
    settings: Settings, url: str, folder: Path, tokens: list[str], examples: int
) -> tuple[str, dict[str, Any]]:
    """What Schemathesis prints and reports, when it asks as one of those that the tokens are of."""
    printed, reported, known = folder / "printed", folder / "reported.json", folder / "tokens"
    known.write_text("\n".join(tokens))
    command = [sys.executable, "-m", "schemathesis.cli"]
    command += [
        "--config-file",
        "tests/faults/schemathesis.toml",
        "run",
        f"{url}{API}/openapi.json",
    ]
    command += ["--no-color", "--max-examples", str(examples), *_seed()]
    # Ours takes the place of positive_data_acceptance: see tests/faults/contract.py.
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
