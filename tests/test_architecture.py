"""Rules of the code base that linters do not check: see the name of each test."""

import ast
import inspect
import json
import re
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any, get_args

import pytest
import sqlalchemy
from fastapi import FastAPI, params
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel
from sqlalchemy import JSON, Column, DateTime, Enum, String, Table
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Mapper
from sqlalchemy.schema import CreateTable

import app.models  # noqa: F401 - importing the models fills the metadata
from app import crud
from app.api.problems import STATUS
from app.core import errors
from app.core.config import ROOT, Settings
from app.crud import deletions, retention
from app.crud.base import CRUDBase
from app.db.base import Base, Versioned
from app.db.reader import SqliteReader
from app.observability import request_log
from tests.client import Client
from tests.documents import WHOLE
from tests.factories import create_recipe, create_user
from tests.processes import run

POSTGRES_NAME_LENGTH = 63

SQLITE, POSTGRESQL = (
    make_url(f"{name}://").get_dialect()() for name in ("sqlite", "postgresql+psycopg")
)

APP = ROOT / "app"
SOURCES = sorted(APP.rglob("*.py"))

TABLES = list(Base.metadata.tables.values())
COLUMNS = [column for table in TABLES for column in table.columns]
MAPPERS: list[Mapper[Base]] = list(Base.registry.mappers)
REPOSITORIES: list[CRUDBase[Any, Any, Any]] = [
    each for each in vars(crud).values() if isinstance(each, CRUDBase)
]

ENTITIES = [table for table in TABLES if any(each.local_table is table for each in MAPPERS)]
"""The others are indexes, whose rows are known by what they connect."""

each_entity = pytest.mark.parametrize("table", ENTITIES, ids=lambda table: table.name)
each_table = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
each_source = pytest.mark.parametrize(
    "source", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix()
)


def table_of(repository: CRUDBase[Any, Any, Any]) -> Table:
    table: Table = repository.model.__table__
    return table


def calls(source: Path) -> Iterator[str]:
    """Yield the last name of each call in a module."""
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func).rpartition(".")[2]


def imports(source: Path) -> Iterator[str]:
    """Yield the full names of all imports of a module."""
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{name.name}" for name in node.names)


# --- Files ---------------------------------------------------------------------------------------


def test_the_tests_mirror_the_application() -> None:
    def packages(root: Path) -> set[str]:
        return {path.parent.relative_to(root).as_posix() for path in root.rglob("__init__.py")}

    # What attackers try, what browsers make of it, and what faults do to it goes through all of it.
    assert packages(ROOT / "tests") <= packages(APP) | {"owasp", "browser", "faults"}


def test_each_lint_exception_is_followed_by_its_reason() -> None:
    # A code in its brackets or after its colon, then at least two words.
    reasoned = re.compile(r"# (type: ignore\[[\w, -]+\]|(ruff: )?noqa: [A-Z]+\d+)\W+\S+ \S+")
    bare = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for folder in ("app", "tests", "benchmarks", "alembic")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for line in path.read_text().splitlines()
        if re.search(r"# (ruff: )?noqa|# type: ?ignore", line) and not reasoned.search(line)
    ]
    # This file holds the patterns themselves.
    assert [line for line in bare if not line.startswith("tests/test_architecture.py")] == []


def test_links_between_pages_lead_to_files() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    assert pages
    lost = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert lost == []


def test_each_setting_is_in_the_example_with_its_default() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    given = dict(line.lstrip("#").split("=", 1) for line in lines if re.match(r"#?[A-Z_]+=", line))
    assert {name.upper() for name in Settings.model_fields} <= given.keys()
    default = dict(Settings.model_construct())
    example = {name: given[name.upper()] for name in default if given[name.upper()]}
    assert Settings.model_validate(default | example) == Settings.model_validate(default)


def test_each_setting_is_explained_and_passed_to_the_container() -> None:
    names = {name.upper() for name in Settings.model_fields}
    table = re.findall(
        r"^\| `([A-Z_]+)` \|", (ROOT / "docs/operations.md").read_text(), re.MULTILINE
    )
    assert names <= set(table)
    passed = re.findall(r"^      ([A-Z_]+): ", (ROOT / "compose.yaml").read_text(), re.MULTILINE)
    # The image has a volume for data.
    assert names - set(passed) == {"DATA_DIR"}


# --- Tables --------------------------------------------------------------------------------------


def test_a_table_is_named_by_its_class() -> None:
    snake_case = {
        mapper.class_.__name__: re.sub(r"(?<!^)(?=[A-Z])", "_", mapper.class_.__name__).lower()
        for mapper in MAPPERS
        if mapper.local_table in TABLES
    }
    assert {"User": "user", "Recipe": "recipe"}.items() <= snake_case.items()
    assert {table.name for table in ENTITIES} == set(snake_case.values())


@each_entity
def test_an_id_is_never_used_again_and_has_64_bits(table: Table) -> None:
    assert [column.name for column in table.primary_key] == ["id"]
    on_sqlite = str(CreateTable(table).compile(dialect=SQLITE))
    assert "id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT" in on_sqlite
    on_postgresql = str(CreateTable(table).compile(dialect=POSTGRESQL))
    assert "id BIGSERIAL NOT NULL" in on_postgresql


@each_table
def test_each_constraint_and_index_is_named_by_the_convention(table: Table) -> None:
    kinds: dict[type[sqlalchemy.Constraint | sqlalchemy.Index], str] = {
        sqlalchemy.PrimaryKeyConstraint: "pk",
        sqlalchemy.ForeignKeyConstraint: "fk",
        sqlalchemy.UniqueConstraint: "uq",
        sqlalchemy.CheckConstraint: "ck",
        sqlalchemy.Index: "ix",
    }
    items: list[sqlalchemy.Constraint | sqlalchemy.Index] = [*table.constraints, *table.indexes]
    for item in items:
        name = str(item.name)
        assert re.fullmatch(rf"{kinds[type(item)]}_{table.name}(_\w+)?", name), name
        assert len(name) <= POSTGRES_NAME_LENGTH


@each_table
def test_each_foreign_key_begins_an_index(table: Table) -> None:
    # PostgreSQL makes none by itself, and deleting a parent looks for its children.
    beginnings = {next(iter(index.columns)).name for index in table.indexes}
    beginnings |= {
        next(iter(constraint.columns)).name
        for constraint in table.constraints
        if isinstance(constraint, sqlalchemy.UniqueConstraint | sqlalchemy.PrimaryKeyConstraint)
    }
    for key in table.foreign_keys:
        assert key.parent.name in beginnings


@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_a_column_means_the_same_on_both_databases(column: Column[object]) -> None:
    # Values are made in Python: the clocks and the defaults of SQL differ.
    assert column.server_default is None
    # A native enumeration cannot be taken back by a migration.
    assert not isinstance(column.type, Enum)
    assert not isinstance(column.type, DateTime), "take UtcDateTime"
    if isinstance(column.type, JSON):
        assert type(column.type) is JSON, "JSONB forgets the order of members"
        assert column.type.none_as_null
    if column.name.endswith("_key"):
        assert isinstance(column.type, String)
        on_postgresql = column.type.dialect_impl(POSTGRESQL)
        assert getattr(on_postgresql, "collation", None) == "C", "take binary_string"


def test_what_people_change_has_a_version_and_its_times() -> None:
    for mapper in MAPPERS:
        if issubclass(mapper.class_, Versioned):
            assert mapper.version_id_col is mapper.local_table.c.version
    # Tags are made and counted by the recipes that have them.
    changed = [repository for repository in REPOSITORIES if repository is not crud.tag]
    for table in (table_of(repository) for repository in changed):
        assert {"created_at", "updated_at", "version"} <= set(table.c.keys())


# --- The data layer ------------------------------------------------------------------------------


@each_source
def test_only_the_writer_and_its_scripts_end_a_transaction(source: Path) -> None:
    # Elsewhere a commit would part one request into two transactions.
    if source.parent not in (APP / "db", APP / "ops/backup"):
        assert not {"commit", "rollback", "begin", "sessionmaker"} & set(calls(source))


@each_source
def test_routes_and_pages_write_on_behalf_of_their_viewer(source: Path) -> None:
    # The application's own writer compares no credentials; `transactions_for` gives one that does.
    if source not in (APP / "main.py", APP / "api" / "deps.py"):
        assert "state.transactions" not in source.read_text()


def test_a_sort_is_by_a_column_with_an_index() -> None:
    assert REPOSITORIES
    for repository in REPOSITORIES:
        indexes = table_of(repository).indexes
        indexed = {tuple(column.name for column in index.columns) for index in indexes}
        for column in (each for each in repository.sorts.values() if each.key != "id"):
            # A list may always be of one owner, whose column then comes first.
            fits = any(columns[-2:] == (column.key, "id") for columns in indexed)
            assert fits, f"{repository.model.__name__}.{column.key}"


def test_conflicts_name_existing_constraints() -> None:
    names = {str(constraint.name) for table in TABLES for constraint in table.constraints}
    for repository in REPOSITORIES:
        assert repository.conflicts.keys() <= names


# --- HTTP ----------------------------------------------------------------------------------------


@each_source
def test_the_routes_raise_the_errors_of_the_domain(source: Path) -> None:
    # What is a 404 in the API is a page for a browser: app.api.errors decides, not the route.
    may = source.is_relative_to(APP / "api") and not source.is_relative_to(APP / "api" / "v1")
    if not may:
        assert not [name for name in imports(source) if name.endswith(".HTTPException")]


@each_source
def test_nothing_is_used_that_slows_each_request(source: Path) -> None:
    slow = {"BaseHTTPMiddleware", "RedirectResponse"} - (
        {"RedirectResponse"} if source.is_relative_to(APP / "web") else set()
    )
    assert not {name.rpartition(".")[2] for name in imports(source)} & slow


def routes_of(app: FastAPI) -> list[APIRoute]:
    routes = [each.original_route for each in iter_route_contexts(app.routes)]
    return [route for route in routes if isinstance(route, APIRoute)]


@each_source
def test_only_documented_names_of_the_frameworks_are_used(source: Path) -> None:
    for name in imports(source):
        library, *rest = name.split(".")
        if library in ("fastapi", "starlette"):
            assert not any(each.startswith("_") for each in rest), name
            assert rest[0] not in ("dependencies", "concurrency", "utils"), name


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_routes_and_what_they_need_run_on_the_event_loop(app: FastAPI) -> None:
    # A thread for a plain function would take longer than most reads.
    routes = routes_of(app)
    assert len(routes) > 15
    for route in routes:
        for function in functions_of(inspect.unwrap(route.endpoint)):
            assert inspect.iscoroutinefunction(function), f"{route.path}: {function}"


def functions_of(function: Callable[..., object]) -> Iterator[Callable[..., object]]:
    """A function and its dependencies."""
    yield function
    for parameter in inspect.signature(function, eval_str=True).parameters.values():
        for each in get_args(parameter.annotation):
            if isinstance(each, params.Depends) and each.dependency is not None:
                yield from functions_of(each.dependency)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_each_operation_has_a_model_a_summary_and_a_name_of_its_own(app: FastAPI) -> None:
    names = []
    for route in routes_of(app):
        if route.path.startswith("/api/"):
            assert route.response_model is not None or route.status_code == 204, route.path
            assert route.description, route.path
            names.append(route.operation_id)
    assert len(names) == len(set(names))


def test_no_public_schema_has_the_name_of_a_model() -> None:
    models = {mapper.class_.__name__ for mapper in MAPPERS}

    def heirs(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
        for heir in kind.__subclasses__():
            yield heir
            yield from heirs(heir)

    schemas = [heir for heir in heirs(BaseModel) if heir.__module__.startswith("app.")]
    assert schemas
    assert not models & {schema.__name__ for schema in schemas}


def test_each_error_is_in_the_tree_on_top_of_its_module_and_has_a_status() -> None:
    tree = errors.__doc__ or ""
    kinds = [
        kind
        for kind in vars(errors).values()
        if inspect.isclass(kind) and issubclass(kind, errors.AppError)
    ]
    assert len(kinds) > 5
    for kind in kinds:
        assert re.search(rf"\b{kind.__name__}\b", tree)
        if kind is not errors.AppError:
            assert any(parent in STATUS for parent in kind.__mro__)


# --- Pages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "template", sorted((APP / "web" / "templates").iterdir()), ids=lambda path: path.name
)
def test_a_template_escapes_all_and_has_no_script_or_style_in_it(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"\|\s*safe\b|autoescape|Markup", text)
    # A script is one of our files, and a page is whole without it.
    text = re.sub(r'<script src="\{\{ asset\("\w+\.js"\) \}\}" defer></script>', "", text)
    text = re.sub(r'<script type="application/ld\+json">\{\{ json_ld \}\}</script>', "", text)
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", text, re.IGNORECASE)
    # Nothing of others is loaded: what the page needs lies here.
    assert not re.search(r"""(src|href)=["'](https?:)?//""", text)


# --- The path of a request -----------------------------------------------------------------------

# It runs in the server, before the application.
SERVER = "serving/protocol.py"


def files_passed(request: Callable[[], object]) -> set[str]:
    """The files of `app` that run code during `request`, in this thread and those of `app`."""
    CALLED.clear()
    sys.setprofile(profile)
    try:
        request()
    finally:
        sys.setprofile(None)
    return {Path(name).relative_to(APP).as_posix() for name in CALLED if name.startswith(f"{APP}/")}


CALLED: set[str] = set()


def profile(frame: FrameType, event: str, _: object) -> None:
    if event == "call":
        CALLED.add(frame.f_code.co_filename)


def files_listed(title: str) -> set[str]:
    """The files that a numbered list of docs/architecture.md names."""
    text = (ROOT / "docs" / "architecture.md").read_text()
    section = text.partition(f"## {title}\n")[2].partition("\n## ")[0]
    steps = "".join(re.findall(r"^(?:\d\.|   ).*\n", section, re.MULTILINE))
    return set(re.findall(r"`([a-z_0-9/]+\.py)`", steps))


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_the_files_of_a_read_and_of_a_write_are_documented_and_few(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What happens now and then is on the path of no request in particular.
    for background in (deletions, retention):
        monkeypatch.setattr(background, "START_SECONDS", 3600)
    monkeypatch.setattr(request_log, "FLUSH_SECONDS", 3600)
    monkeypatch.setattr(SqliteReader, "LOOK_SECONDS", 3600)
    threading.setprofile(profile)
    try:
        with Client(app) as client:
            request_log.note_slower_than(float("inf"))
            user = create_user(client)
            recipe = {**WHOLE, "visibility": "public"}

            def read() -> None:
                assert client.get("/api/v1/recipes/1").status_code == 200

            def write() -> None:
                create_recipe(client, user, **recipe)

            write()
            read()
            read_passed, write_passed = files_passed(read), files_passed(write)
    finally:
        threading.setprofile(None)
    named_in_passing = {"api/route.py", "db/pool.py"}
    assert files_listed("The life of a read") - named_in_passing == read_passed | {SERVER}
    assert files_listed("The life of a write") == write_passed | {SERVER}
    assert len(read_passed) <= 14
    assert len(write_passed) <= 33


# --- Processes -----------------------------------------------------------------------------------

STARTED_AND_READ = """
import json, sys
from fastapi.testclient import TestClient
from app.main import create_app

with TestClient(create_app()) as client:
    assert client.get("/").status_code == 200
    assert client.get("/readyz").status_code == 200
print(json.dumps(sorted(sys.modules)))
"""


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_web_process_on_sqlite_loads_nothing_that_it_does_not_need(settings: Settings) -> None:
    done = run(settings, sys.executable, "-c", STARTED_AND_READ)
    assert done.returncode == 0, done.stdout
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}
    assert "sqlalchemy" in loaded
    unneeded = {"alembic", "psycopg", "psycopg_pool", "rich", "typer", "pyromark", "nh3"}
    assert not unneeded & loaded
