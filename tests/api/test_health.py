"""Whether the process lives, and whether it can serve."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.main import VERSION, create_app
from tests.databases import execute
from tests.factories import API
from tests.postgres import free_port
from tests.problems import assert_problem
from tests.processes import make_settings


@pytest.fixture
def without_database(backend: str, tmp_path: Path) -> Iterator[TestClient]:
    """The application while its database is away: nobody listens, or the file is none."""
    (tmp_path / "folder").mkdir()
    url = {
        "sqlite": f"sqlite:///{tmp_path / 'folder'}",
        "postgresql": f"postgresql://nobody@127.0.0.1:{free_port()}/recipes",
    }[backend]
    app = create_app(make_settings(url, tmp_path / "data"))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def test_a_process_that_lives_says_so(client: TestClient) -> None:
    answer = client.get("/livez")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_a_process_that_can_serve_says_what_with(client: TestClient, database_url: str) -> None:
    answer = client.get("/readyz")
    ((revision,),) = execute(database_url, "SELECT version_num FROM alembic_version")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "checks": {"database": "ok", "migration": revision, "version": VERSION},
    }


def test_another_revision_is_not_ready_until_it_is_migrated(
    client: TestClient, database_url: str
) -> None:
    ((revision,),) = execute(database_url, "SELECT version_num FROM alembic_version")
    execute(database_url, "UPDATE alembic_version SET version_num = 'another'")
    document = assert_problem(client.get("/readyz"), 503)
    assert "another" in document["detail"]
    assert revision in document["detail"]
    assert "of a newer version of the application" in document["detail"]
    execute(database_url, "UPDATE alembic_version SET version_num = 'db407088c7b8'")
    document = assert_problem(client.get("/readyz"), 503)
    assert "run ./prestart.sh first" in document["detail"]
    execute(database_url, "UPDATE alembic_version SET version_num = :old", old=revision)
    assert client.get("/readyz").status_code == 200


def test_a_database_before_its_first_migration_is_not_ready(
    empty_database_url: str, tmp_path: Path
) -> None:
    app = create_app(make_settings(empty_database_url, tmp_path))
    with TestClient(app, raise_server_exceptions=False) as client:
        document = assert_problem(client.get("/readyz"), 503)
        assert "table" in document["detail"] or "migrat" in document["detail"]
        assert_problem(client.get(f"{API}/recipes"), 503)


def test_without_its_database_the_process_lives(without_database: TestClient) -> None:
    assert without_database.get("/livez").status_code == 200


def test_without_its_database_the_process_is_not_ready(without_database: TestClient) -> None:
    document = assert_problem(without_database.get("/readyz"), 503)
    assert "database" in document["detail"]
    assert "127.0.0.1" not in document["detail"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", f"{API}/recipes"), ("GET", "/recipes/1"), ("POST", f"{API}/auth/signup")],
)
def test_without_its_database_it_says_when_to_come_again(
    without_database: TestClient, method: str, path: str
) -> None:
    body = {"email": "ann@example.com", "password": "seven wooden spoons"}
    answer = without_database.request(method, path, json=body if method == "POST" else None)
    assert_problem(answer, 503)


def test_health_is_not_kept(client: TestClient) -> None:
    assert "etag" not in client.get("/livez").headers
